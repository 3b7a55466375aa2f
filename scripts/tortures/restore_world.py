"""A shop for the torture of copies: real tills and their real sync over a door without a socket, a cloud in files."""

import random
import secrets
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp, Message

from cloud_sync.accounts.pairing import make_code
from cloud_sync.app import create_app
from cloud_sync.backups import back_up, put_back
from cloud_sync.founding import NewShop, found
from cloud_sync.ingest.project import project
from cloud_sync.settings import Settings
from cloud_sync.tables.house import Shop
from edge_agent.journal import backup as stick
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.marker import read_set_back
from edge_agent.sync.catch_up import catch_up
from edge_agent.sync.connection import Answer, Headers
from edge_agent.sync.http import Door
from edge_agent.sync.keys import Keys, Pairing, load_keys, own_key, save_pairing
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from edge_agent.wire.messages import PairRequest
from scripts.tortures.order_shop import StepClock

SUNDAY = 739_678
TRIES = 60
"""Steps without rest after which a till counts as wedged."""


class InsideDoor(Door):
    """The till's own client; what it asks goes straight into the application."""

    def __init__(self, app: ASGIApp, credential: str = "") -> None:
        super().__init__("http://127.0.0.1", credential)
        self._app = app

    def carry(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Headers | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Answer:
        query = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        return self._runner.run(_asked(self._app, method, path, query, [*self._headers, *(headers or [])], content))


async def _asked(app: ASGIApp, method: str, path: str, query: str, headers: Headers, content: bytes) -> Answer:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            *((name.lower().encode(), value.encode()) for name, value in headers),
            (b"content-length", str(len(content)).encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    await app(scope, receive, send)
    start = said[0]
    kind = dict(start["headers"]).get(b"content-type", b"").decode().partition(";")[0]
    body = b"".join(message.get("body", b"") for message in said[1:])
    return Answer(start["status"], kind, body, dict(start["headers"]).get(b"retry-after", b"").decode())


@dataclass
class World:
    """The cloud, the tills, and what the rig itself saw: sales that were paid, orders that left."""

    folder: Path
    chance: random.Random
    clock: StepClock
    shop: Shop
    settings: Settings
    paid: set[str] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)
    tills: list["Till"] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    words: str = "twelve letters and more"
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.serve()

    def serve(self) -> None:
        """Start the service anew on the files that are there."""
        self.app = create_app(self.settings, self.clock)
        self.service = self.app.state.service

    def id(self) -> str:
        return f"{self.chance.getrandbits(64):016x}"

    def till(self, name: str = "") -> "Till":
        """A new till, paired."""
        made = Till(self, self.folder / f"till{len(self.tills)}", name or f"Till {len(self.tills) + 1}")
        made.open()
        made.pair()
        self.tills.append(made)
        return made

    def clone(self, till: "Till") -> "Till":
        """The card copied, keys and all, while the till stands still."""
        till.close()
        other = Till(self, self.folder / f"till{len(self.tills)}", till.name)
        shutil.copytree(till.data, other.data)
        for one in (till, other):
            one.open()
        self.tills.append(other)
        return other

    def count(self) -> None:
        """Count what came in."""
        project(self.service.database, self.clock.now())

    def heals(self) -> None:
        """Everybody syncs until nothing is new, with no new sale."""
        for _ in range(3):
            for till in self.tills:
                till.sync()
            self.count()

    def backup(self) -> Path:
        """The cloud's backup, made and proved."""
        self.tick()
        return back_up(self.service.database, self.folder / f"backup-{secrets.token_hex(4)}.db", self.clock.now()).file

    def restore(self, file: Path) -> None:
        """The cloud put back to a backup."""
        self.tick()
        self.service.database.close()
        put_back(self.settings, file, self.clock.now(), force=True)
        self.serve()

    def begin_empty(self) -> None:
        """Another cloud: nothing of the first is left, tills pair again."""
        self.service.database.close()
        shutil.rmtree(self.settings.data)
        self.shop = found(self.settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=self.clock.now())
        self.serve()
        for till in self.tills:
            till.pair()

    def tick(self) -> None:
        self.clock.at += 60_000

    def close(self) -> None:
        for till in self.tills:
            till.close()
        self.service.database.close()


class Till:
    """One till: its folder, its journal, and the real sync loop run until it rests."""

    def __init__(self, world: World, data: Path, name: str) -> None:
        self.world, self.data, self.name = world, data, name

    def open(self, *, waits: bool = False) -> None:
        self.journal = Journal.open(self.data, self.world.clock, self.world.id, waits=waits)

    def close(self) -> None:
        self.journal.close()

    def pair(self) -> None:
        """With a fresh code; a journal that was put back gets the rest of its events first."""
        world = self.world
        with world.service.database.writing() as session:
            code = make_code(session, tenant=world.shop.tenant, shop=world.shop.shop, now=world.clock.now())
        public = own_key(self.data).public_key().public_bytes_raw().hex()
        with InsideDoor(world.app) as door:
            paired = door.pair(PairRequest(code=code, public_key=public, till=self.name))
        save_pairing(self.data, Pairing(url="http://127.0.0.1", ca="", paired=paired))
        if read_set_back(self.data) is not None:
            with self._door(self._keys()) as door:
                self.journal.settle_set_back(as_new=not catch_up(self.journal, door, self._keys()))
        kept = paired.model_dump(include={"tenant", "shop", "device", "audience"})
        self.record(DevicePaired(**kept, catalogue_to=0))

    def _keys(self) -> Keys:
        keys = load_keys(self.data)
        assert keys is not None
        return keys

    def _door(self, keys: Keys) -> Door:
        return InsideDoor(self.world.app, keys.pairing.paired.credential)

    def record(self, *bodies: Contract) -> None:
        self.journal.record(lambda _: [Draft(body) for body in bodies]).result()

    def sell(self, times: int = 0) -> None:
        """So many sales (0: one to four), each of them paid."""
        for _ in range(times or self.world.chance.randint(1, 4)):
            done = self.journal.record(lambda memory: [Draft(_sale(memory.next_receipt()))]).result()
            self.world.paid.add(done[-1].event.id)
            self.world.done["sales"] += 1

    def sync(self) -> None:
        """Talk with the cloud until there is rest."""
        steps = [0]

        def wait(_event: threading.Event, seconds: float) -> bool:
            steps[0] += 1
            if seconds > 0 or steps[0] > TRIES:
                loop.stop()
            return True

        loop = SyncLoop(self.journal, self.data, chance=lambda: 0.0, door=self._door, wait=wait)
        loop.run(self._keys())
        if steps[0] > TRIES:
            self.world.wrong.append(f"{self.name} is wedged: {loop.state().words}")

    def backup(self, file: Path) -> None:
        """Sealed onto a stick."""
        stick.back_up(self.data, file, self.world.words, secrets.token_bytes(23))

    def put_back(self, file: Path) -> None:
        """The card is lost; the stick goes back into an empty folder."""
        self.close()
        shutil.rmtree(self.data)
        stick.put_back(file, self.data, self.world.words)
        self.open(waits=True)

    def copy_database(self) -> bytes:
        """The database alone, as somebody copies a file while the till stands still."""
        self.close()
        copy = (self.data / "journal.db").read_bytes()
        self.open()
        return copy

    def replace_database(self, copy: bytes | None) -> None:
        """The database file alone is put back (None: it is gone); keys and marker stay where they are."""
        self.close()
        for file in self.data.glob("journal.db*"):
            file.unlink()
        if copy is not None:
            (self.data / "journal.db").write_bytes(copy)
        self.open()


def _sale(receipt: int) -> SaleCompleted:
    line = SoldLine(sku="milk", name="Milk", qty=1000, price=100, gross=100, rate=0, tax=0)
    return SaleCompleted(
        receipt=receipt,
        day=SUNDAY,
        currency="GBP",
        lines=(line,),
        total=100,
        taxes=(TaxTotal(rate=0, gross=100, tax=0),),
        tenders=(Tender(kind="cash", amount=100, given=100),),
        change=0,
    )


def founded(folder: Path, at: int) -> tuple[Settings, Shop]:
    """A cloud's files with one shop, to be copied for each run."""
    settings = Settings(data=folder)
    return settings, found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=at)


Play = Callable[[World], None]
