"""A cloud within reach of a call: its own code answers the devices' door in this process, on a bad line if wanted."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from starlette.responses import Response

from cloud_sync.accounts.pairing import make_code, pair
from cloud_sync.clock import Clock
from cloud_sync.founding import NewShop, found, opened
from cloud_sync.ingest.body import unpack
from cloud_sync.ingest.project import project
from cloud_sync.service import Service
from cloud_sync.settings import Settings
from cloud_sync.tables.house import Shop
from cloud_sync.tills import answer_feed, answer_push, answer_session
from edge_agent.errors import Unreachable
from edge_agent.sync.connection import Answer, Headers
from edge_agent.sync.http import Door
from edge_agent.sync.keys import Keys, Pairing, own_key, save_pairing
from edge_agent.wire.messages import BatchHeader, Paired, PairRequest, SessionRequest

ADDRESS = "http://127.0.0.1"
Fate = Literal["", "unheard", "ack_lost", "twice", "gap"]
"""What becomes of a request: nothing odd, never arrives, its answer never arrives, arrives twice, its first line is
missing (of a push of several)."""


@dataclass
class Line:
    """The way to the cloud; what is in `fates` happens to the next requests, one each."""

    fates: list[Fate] = field(default_factory=list)


class NearCloud:
    """A founded cloud with several shops; what is pushed is counted at once."""

    def __init__(self, folder: Path, clock: Clock, shops: int) -> None:
        self.clock, settings = clock, Settings(data=folder)
        names = [NewShop(f"Shop {number + 1}", "Europe/London", "GBP") for number in range(shops)]
        self.shops: list[Shop] = [found(settings, name, now=clock.now()) for name in names]
        self.database = opened(settings)
        self.service = Service(settings, clock, self.database, self._count)

    def _count(self, _tenant: str, _journal: str) -> None:
        project(self.database, self.clock.now())

    def pair(self, data: Path, shop: Shop, till: str) -> Paired:
        """Pair the till of a data folder, as the command does."""
        now = self.clock.now()
        with self.database.writing() as session:
            code = make_code(session, tenant=shop.tenant, shop=shop.shop, now=now)
        key = own_key(data).public_key().public_bytes_raw().hex()
        paired = pair(self.database, PairRequest(code=code, public_key=key, till=till), address=data.name, now=now)
        save_pairing(data, Pairing(url=ADDRESS, ca="", paired=paired))
        return paired

    def door(self, line: Line) -> Callable[[Keys], Door]:
        """What a till's sync reaches this cloud by."""
        return lambda keys: NearDoor(self.service, keys, line)


class NearDoor(Door):
    """The till's own door, whose requests the cloud's code answers by a call instead of over HTTP."""

    def __init__(self, service: Service, keys: Keys, line: Line) -> None:
        super().__init__(ADDRESS)
        self._service, self._keys, self._line = service, keys, line
        self._authorization = f"Bearer {keys.pairing.paired.credential}"

    def carry(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Headers | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Answer:
        fate = self._line.fates.pop(0) if self._line.fates else ""
        if fate == "unheard":
            raise Unreachable("the request was lost on its way")
        if fate == "gap" and path == "/v1/push":
            content = self._without_first(content)
        for _ in range(2 if fate == "twice" else 1):
            response = self._answered(path, content, dict(params or {}))
        if fate == "ack_lost":
            raise Unreachable("the answer was lost on its way")
        return Answer(response.status_code, "application/json", bytes(response.body), "")

    def _answered(self, path: str, content: bytes, params: dict[str, Any]) -> Response:
        match path:
            case "/v1/session":
                return answer_session(self._service, self._authorization, SessionRequest.model_validate_json(content))
            case "/v1/push":
                return answer_push(self._service, self._authorization, content)
        assert path == "/v1/feed", f"the soak has no {path}"
        return answer_feed(self._service, self._authorization, **params)

    def _without_first(self, packed: bytes) -> bytes:
        head, _, *rest, end = unpack(packed).split(b"\n")
        header = BatchHeader.model_validate_json(head)
        if not rest:
            return packed
        signed = self._keys.signed(header.model_copy(update={"first": header.first + 1}))
        return gzip.compress(b"\n".join([signed.model_dump_json().encode(), *rest, end]), mtime=0)
