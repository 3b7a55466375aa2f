"""A cloud for the tests: founded in a folder of its own, served by the real server on loopback, on a scripted clock."""

import gzip
import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete
from sqlmodel import Session

from cloud_sync.accounts.owners import add_owner
from cloud_sync.accounts.pairing import make_code
from cloud_sync.accounts.rights import Role
from cloud_sync.app import create_app
from cloud_sync.clock import FileClock
from cloud_sync.database import Database
from cloud_sync.founding import NewShop, found
from cloud_sync.ingest.project import project
from cloud_sync.service import Service
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import Attempt
from cloud_sync.tables.house import Shop, Tenant
from edge_agent.sync.keys import Keys, Pairing
from edge_agent.wire.envelope import Event, line_of, link
from edge_agent.wire.messages import BatchHeader, Paired, signed_bytes
from tests.shop import TUESDAY_14, sold

EMAIL = "ann@shop.example"
TLS = ssl.create_default_context()
"""Made once: it takes longer than a test."""


@dataclass
class Cloud:
    """A running cloud: where it is, its service, its shop, and the clock that it reads."""

    url: str
    service: Service
    shop: Shop
    clock_file: Path
    server: uvicorn.Server | None = None

    @property
    def database(self) -> Database:
        """As the service's own work sees it: every tenant's rows."""
        return self.service.database.service()

    def another(self) -> "Cloud":
        """The same server for a tenant and shop of its own, with the clock and the rate limits as at the start."""
        self.set_clock(TUESDAY_14)
        name = secrets.token_hex(8)
        with self.database.writing() as session:
            session.execute(delete(Attempt))
            session.add(Tenant(tenant=name, name="Tenant", made_at=0))
            session.flush()
            shop = Shop(tenant=name, shop=name, name="Corner Shop", zone="Europe/London", currency="GBP", made_at=0)
            session.add(shop)
        return Cloud(self.url, self.service, shop, self.clock_file)

    def second_shop(self) -> "Cloud":
        """The same tenant's other shop."""
        shop = Shop(**{**self.shop.model_dump(), "shop": secrets.token_hex(8), "name": "Other Shop", "feed_head": 0})
        with self.database.writing() as session:
            session.add(shop)
        return Cloud(self.url, self.service, shop, self.clock_file)

    def set_clock(self, at: int) -> None:
        self.clock_file.write_text(str(at))

    def code(self) -> str:
        with self.database.writing() as session:
            return make_code(session, tenant=self.shop.tenant, shop=self.shop.shop, now=self.service.clock.now())

    def owner(self, email: str = EMAIL, role: Role = "owner") -> str:
        """Make an owner, or somebody of a lesser role; the one-time password."""
        who, now = {"tenant": self.shop.tenant, "email": email, "name": "Ann"}, self.service.clock.now()
        with self.database.writing() as session:
            return add_owner(session, **who, now=now, role=role)

    def count(self) -> int:
        """Count what came in, now."""
        return project(self.database, self.service.clock.now())

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.database.reading() as session:
            yield session


@contextmanager
def serving(
    folder: Path, *, port: int = 0, shop: Shop | None = None, database: str = "", owner: str = ""
) -> Iterator[Cloud]:
    """The real server in a thread; `shop` reopens a cloud that was founded before, `database` is another's URL, `owner`
    that of who owns its tables. Its own postman rests: whoever tests what leaves sends it himself."""
    clock_file = folder / "cloud-clock"
    if not clock_file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        clock_file.write_text(str(TUESDAY_14))
    clock = FileClock(clock_file)
    settings = Settings(data=folder / "cloud", database=database, database_owner=owner, idle_s=1)
    shop = shop or found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=clock.now())
    app = create_app(settings, clock)
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.005)
    app.state.postman.stop()
    app.state.herald.stop()
    app.state.courier.stop()
    app.state.lapsing.stop()
    address = server.servers[0].sockets[0].getsockname()
    try:
        yield Cloud(f"http://127.0.0.1:{address[1]}", app.state.service, shop, clock_file, server)
    finally:
        server.should_exit = True
        thread.join(10)


class FakeTill:
    """A till without a journal: makes lines by hand, so that tests can send what no journal would write."""

    def __init__(self, cloud: Cloud, journal: str = "a" * 32, till: str = "Till 1") -> None:
        self.cloud, self.journal = cloud, journal
        self.private = Ed25519PrivateKey.generate()
        self.http = httpx.Client(base_url=cloud.url, timeout=20, trust_env=False, verify=TLS)
        public = self.private.public_key().public_bytes_raw().hex()
        answer = self.http.post("/v1/pair", json={"code": cloud.code(), "public_key": public, "till": till})
        assert answer.status_code == 200, answer.text
        self.paired = Paired.model_validate(answer.json())
        self.http.headers["Authorization"] = f"Bearer {self.paired.credential}"
        self.lines: list[bytes] = []
        self.hashes: list[bytes] = [bytes(32)]
        self.session = 0

    def keys(self) -> Keys:
        return Keys(Pairing(url=self.cloud.url, ca="", paired=self.paired), self.private)

    def says(self, kind: str, body: dict[str, object], *, v: int = 1, feed: int = 0, id_: str = "") -> int:
        """Write one more line; its seq."""
        seq = len(self.lines) + 1
        event = Event(
            seq=seq,
            id=id_ or f"{int(self.journal[:4], 16):04x}{seq:012x}",
            kind=kind,
            v=v,
            at=TUESDAY_14 + seq,
            clock="ntp",
            feed=feed,
            because=None,
            by="",
            body=body,
        )
        return self.says_raw(line_of(event))

    def says_raw(self, line: bytes) -> int:
        """Write any bytes as the next line."""
        self.lines.append(line)
        self.hashes.append(link(self.hashes[-1], line))
        return len(self.lines)

    def open(self) -> dict[str, object]:
        """Open a session."""
        asked = {
            "journal": self.journal,
            "head_seq": len(self.lines),
            "head_hash": self.hashes[-1].hex(),
            "boot": "b",
            "version": "1",
            "accept": 1,
        }
        answer = self.http.post("/v1/session", json=asked)
        assert answer.status_code == 200, answer.text
        said: dict[str, object] = answer.json()
        self.session = int(str(said["session"]))
        return said

    def batch(self, first: int, last: int, *, lines: Sequence[bytes] | None = None, audience: str = "") -> bytes:
        """A signed batch, packed."""
        header = BatchHeader(
            journal=self.journal,
            session=self.session,
            first=first,
            last=last,
            head_hash=self.hashes[last].hex(),
            signature="0" * 128,
        )
        covered = signed_bytes(audience or self.paired.audience, self.paired.tenant, header)
        signed = header.model_copy(update={"signature": self.private.sign(covered).hex()})
        sent = self.lines[first - 1 : last] if lines is None else lines
        return gzip.compress(b"\n".join([signed.model_dump_json().encode(), *sent, b""]), mtime=0)

    def push(self, first: int = 1, last: int = 0, *, packed: bytes | None = None) -> httpx.Response:
        """Send lines (default: all) and give the answer."""
        body = self.batch(first, last or len(self.lines)) if packed is None else packed
        return self.http.post("/v1/push", content=body, headers={"Content-Encoding": "gzip"})

    def sends(self) -> None:
        """Open a session, send everything, let the cloud count it."""
        said = self.open()
        if int(str(said["ack"])) < len(self.lines):
            answer = self.push(int(str(said["ack"])) + 1)
            assert answer.status_code == 200, answer.text
        self.cloud.count()

    def feed(self, after: int = 0) -> list[dict[str, object]]:
        """The entries of the feed behind `after`."""
        generation = self.open()["generation"]
        answer = self.http.get("/v1/feed", params={"after": after, "generation": str(generation)})
        assert answer.status_code == 200, answer.text
        entries: list[dict[str, object]] = json.loads(answer.text)["entries"]
        return entries

    def close(self) -> None:
        self.http.close()


def sells(till: FakeTill, receipts: int, sku: str = "milk") -> None:
    """Sell one piece so many times."""
    for receipt in range(1, receipts + 1):
        till.says("sale_completed", sold(receipt, sku).model_dump())


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and word of a refusal."""
    return answer.status_code, str(answer.json()["error"])


def proposal(order: str = "0" * 64, **changed: object) -> dict[str, object]:
    """The body of a proposal of 3 packs of milk and 2 of bread, to be decided within a day."""
    lines = [
        {"sku": "milk", "packs": 3, "qty": 18_000, "cost": 2331, "decision": {}},
        {"sku": "bread", "packs": 2, "qty": 12_000, "cost": 2856, "decision": {}},
    ]
    body: dict[str, object] = {
        "order": order,
        "number": "0000-0000",
        "shop": "",
        "supplier": "north",
        "purpose": "stock",
        "cycle": 7,
        "revision": 1,
        "saw": {"a" * 32: 1},
        "cutoff_at": TUESDAY_14 + 3_600_000,
        "arrives_at": TUESDAY_14 + 2 * 86_400_000,
        "next_arrives_at": TUESDAY_14 + 7 * 86_400_000,
        "state": "proposed",
        "holds": [],
        "value": 5187,
        "lines": lines,
    }
    return {**body, **changed}
