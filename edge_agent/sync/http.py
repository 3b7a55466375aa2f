"""The cloud's door for devices: one request at a time to the paired cloud, bounded in time and size, TLS verified."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlencode, urlsplit

import certifi
from pydantic import ValidationError

from edge_agent.errors import BadInput, NotAllowed, Unreachable
from edge_agent.sync.connection import Answer, Connection, Headers
from edge_agent.sync.patience import USUAL, Patience
from edge_agent.wire.envelope import Contract
from edge_agent.wire.messages import (
    Ack,
    FeedPage,
    JournalPage,
    ModelPart,
    Paired,
    PairRequest,
    Refusal,
    Session,
    SessionRequest,
)

FOREIGN_WAIT_S = 300.0
"""How long a gateway that is not the cloud itself may ask us to wait."""
BUSY = (429, 503)
Message = TypeVar("Message", bound=Contract)
JSON: Headers = [("Content-Type", "application/json")]
LINES: Headers = [("Content-Type", "application/x-ndjson"), ("Content-Encoding", "zstd")]


class Refused(NotAllowed):
    """The cloud says no in its own words; `wait_s` is what it asks to wait."""

    def __init__(self, refusal: Refusal, wait_s: float) -> None:
        super().__init__(refusal.words or refusal.error)
        self.refusal, self.wait_s = refusal, wait_s


def checked_address(url: str) -> str:
    """The address without its last slash; BadInput unless it is https, or http to this machine itself."""
    parts = _parts(url)
    if not parts or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise BadInput(f"{url!r} is no address of a cloud; an example is https://shop.example")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return url.rstrip("/")
    raise BadInput(f"{url!r}: only https is safe on a network; http works on this machine itself alone")


def _parts(url: str) -> SplitResult | None:
    """The address taken apart; None when its host or port could be no host or port."""
    try:
        parts = urlsplit(url)
        return parts if parts.netloc.encode("idna") and parts.port != 0 else None
    except ValueError:
        return None


def _trusted(ca: str) -> ssl.SSLContext:
    """Who may sign the cloud's certificate: the usual authorities, or those of an own file."""
    try:
        return ssl.create_default_context(cafile=ca or certifi.where())
    except OSError as error:
        raise BadInput(f"the certificate authority in {ca} cannot be read: {error}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Door:
    """The cloud's devices' door. Used by one thread; every error closes the connection, so none is used half-open.

    A call either gives the message that belongs to it, or raises Refused (the cloud's own no) or Unreachable (anything
    else: no network, a time-out, a sign-in page of some network, another server's JSON).
    """

    def __init__(self, url: str, credential: str = "", ca: str = "", *, patience: Patience = USUAL) -> None:
        parts, self._patience = urlsplit(checked_address(url)), patience
        secure = parts.scheme == "https"
        self._host, self._port, self._path = parts.hostname or "", parts.port or (443 if secure else 80), parts.path
        # A file that is named is looked into in any case: one that is gone must not be noticed on another day.
        trusted = _trusted(ca) if secure or ca else None
        self._tls = trusted if secure else None
        self._headers: Headers = [("Host", parts.netloc.encode("idna").decode()), ("Accept-Encoding", "identity")]
        if credential:
            self._headers.append(("Authorization", f"Bearer {credential}"))
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        self._asking: asyncio.Task[Answer] | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> "Door":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._runner.run(self._hang_up())
        self._runner.close()

    def interrupt(self) -> None:
        """Give up the request in hand, from any thread: it ends as Unreachable."""
        with contextlib.suppress(RuntimeError):  # It has hung up already.
            self._loop.call_soon_threadsafe(self._give_up)

    def _give_up(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    def pair(self, request: PairRequest) -> Paired:
        return self._ask(Paired, "POST", "/v1/pair", content=request.model_dump_json().encode(), headers=JSON)

    def open_session(self, request: SessionRequest) -> Session:
        return self._ask(Session, "POST", "/v1/session", content=request.model_dump_json().encode(), headers=JSON)

    def push(self, packed: bytes) -> Ack:
        return self._ask(Ack, "POST", "/v1/push", content=packed, headers=LINES)

    def feed(self, *, journal: str, after: int, generation: str, head: int, fittings: str = "") -> FeedPage:
        asked: dict[str, str | int] = {"journal": journal, "after": after, "generation": generation, "head": head}
        if fittings:
            asked["fittings"] = fittings
        return self._ask(FeedPage, "GET", "/v1/feed", params=asked)

    def own_lines(self, *, journal: str, after: int) -> JournalPage:
        return self._ask(JournalPage, "GET", "/v1/journal", params={"journal": journal, "after": after})

    def model_part(self, *, sha256: str, after: int) -> ModelPart:
        return self._ask(ModelPart, "GET", "/v1/model", params={"sha256": sha256, "after": after})

    def _ask(self, message: type[Message], method: str, path: str, **request: Any) -> Message:
        answer = self.carry(method, path, **request)
        if answer.status in BUSY:
            raise _busy(answer)
        if answer.kind != "application/json":
            raise Unreachable(f"the cloud's address answers with {answer.kind or 'nothing'} ({answer.status})")
        if answer.status == 200:
            return _read(message, answer)
        raise _refusal(answer)

    def carry(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Headers | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """One request and its whole answer; Unreachable when none comes."""
        target = f"{self._path}{path}?{urlencode(params)}" if params else self._path + path
        return self._runner.run(self._answer(method, target, [*self._headers, *(headers or [])], content))

    async def _answer(self, method: str, target: str, headers: Headers, content: bytes) -> Answer:
        self._asking = asyncio.create_task(self._exchange(method, target, headers, content))
        try:
            async with asyncio.timeout(self._patience.whole_s):
                return await self._asking
        except (OSError, UnicodeError, asyncio.CancelledError) as error:
            await self._hang_up()
            raise Unreachable(f"the cloud does not answer ({_plain(error)})") from error

    async def _exchange(self, method: str, target: str, headers: Headers, content: bytes) -> Answer:
        if self._connection is not None and not self._connection.is_fresh():
            await self._hang_up()
        if self._connection is None:
            self._connection = await Connection.open(self._host, self._port, self._tls, self._patience)
        return await self._connection.ask(method, target, headers, content)

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _read(message: type[Message], answer: Answer) -> Message:
    try:
        return message.model_validate_json(answer.body)
    except ValidationError as error:
        raise Unreachable("the cloud's address answers with something else's JSON") from error


def _refusal(answer: Answer) -> Refused | Unreachable:
    try:
        return Refused(Refusal.model_validate_json(answer.body), min(_asked_s(answer), 3600.0))
    except ValidationError:
        return Unreachable(f"the cloud's address answers {answer.status}")


def _busy(answer: Answer) -> Refused:
    """Too many at once: the cloud's own word, or that of a gateway before it, which is obeyed only so far."""
    refusal = _refusal(answer)
    if isinstance(refusal, Refused):
        return refusal
    words = f"the cloud's address answers {answer.status}"
    return Refused(Refusal(error="BUSY", words=words), min(_asked_s(answer), FOREIGN_WAIT_S))


def _asked_s(answer: Answer) -> float:
    return float(answer.retry_after) if answer.retry_after.isdecimal() else 0.0


def _plain(error: BaseException) -> str:
    return str(error) or type(error).__name__
