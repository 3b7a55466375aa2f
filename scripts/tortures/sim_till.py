"""A till of a simulated world: the production journal and sync loop in a folder, with power cuts, copies and clones."""

import io
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.journal.writer import Acts, connect
from edge_agent.sync.keys import Keys, Pairing
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.envelope import Contract
from edge_agent.wire.messages import Paired
from scripts.tortures.sim_cloud import AUDIENCE, SHOP, TENANT
from scripts.tortures.sim_hand import Asked, Call, Hand, Numbers, Pause, WorldClock, WorldDoor

MOST_WAITS = 20
LEAST_PAUSES = 0.02
"""What a random pause may be of what the protocol allows: with failures behind it a till may rest five minutes."""


@dataclass(frozen=True)
class Disk:
    """A copy of a till's folder: its database and its marker file (None: there is none)."""

    database: bytes
    marker: bytes | None


@cache
def _blank() -> bytes:
    """A database with every table and no row, made once a process."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "journal.db"
        connect(file).close()
        return file.read_bytes()


@dataclass(frozen=True)
class Name:
    """Who a till is: its name in the trace, its device in the cloud, its key."""

    name: str
    device: str
    keys: Keys


def named(name: str, seed: random.Random) -> Name:
    """A paired till's name and keys."""
    private = Ed25519PrivateKey.from_private_bytes(seed.randbytes(32))
    paired = Paired(
        tenant=TENANT, shop=SHOP, device=name, credential=f"{name}-secret", audience=AUDIENCE, shop_name="Corner"
    )
    return Name(name, name, Keys(Pairing(url="", ca="", paired=paired), private))


class DiskGone(threading.Event):
    """What a journal waits for while its disk does not answer. Here a disk is back at once: who waits again and
    again would do so for ever."""

    waits = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.waits += 1
        if self.waits > MOST_WAITS:
            raise RuntimeError("the journal does not come back after a failed commit")
        return self.is_set()


class Till:
    """One till. `start` powers it up, `cut` takes the power away; what was committed is on its disk."""

    def __init__(self, folder: Path, name: Name, clock: WorldClock, chance: random.Random, numbers: Numbers) -> None:
        self.folder, self.name, self.clock, self._chance, self._numbers = folder, name, clock, chance, numbers
        self.boots = 0
        self.heard: list[tuple[str, object]] = []
        self.due = 0
        folder.mkdir(parents=True)

    @property
    def file(self) -> Path:
        return self.folder / "journal.db"

    def put(self, disk: Disk | None = None) -> None:
        """The folder becomes this one; None: a blank one."""
        for file in self.folder.iterdir():
            file.unlink()
        self.file.write_bytes(disk.database if disk else _blank())
        if disk and disk.marker is not None:
            (self.folder / "marker").write_bytes(disk.marker)

    def start(self) -> None:
        """Power: the journal opens (or begins, or goes on in a new one), and its sync comes to its first question."""
        self.boots += 1
        self.heard = []
        opened: list[Acts] = []

        class Held(Acts):
            def __init__(self, file: Path, db: apsw.Connection) -> None:
                super().__init__(file, db)
                self._over = DiskGone()
                opened.append(self)

        seconds: Callable[[], float] = lambda: self.clock.time.now / 1000  # noqa: E731 - one clock, two readings
        self.journal = Journal(self.folder, self.clock, self._id, io.StringIO(), writer=Held, monotonic=seconds)
        self._acts = opened[0]
        self.memory: Reading = self.journal.reading()
        self.hand = Hand(self._sync)
        self._stopped(self.hand.go_on())

    def _sync(self, hand: Hand) -> None:
        self.loop = SyncLoop(
            self.journal,
            self.folder,
            boot=f"{self.name.name}-{self.boots}",
            chance=lambda: self._chance.random() * LEAST_PAUSES,
            door=lambda keys: WorldDoor(hand, keys.pairing.paired.credential, self._numbers),
            wait=lambda event, seconds: bool(hand.ask(Pause(event, seconds))) or event.is_set(),
        )
        self.loop.run(self.name.keys)

    def _id(self) -> str:
        return f"{self._chance.getrandbits(64):016x}"

    def cut(self) -> None:
        """The power goes. What only the memory held is gone: the talk with the cloud, a marker not yet written."""
        self.hand.cut()
        self.memory.close()
        self._acts.close()

    def disk(self) -> Disk:
        """A copy of the folder as it is."""
        marker = self.folder / "marker"
        return Disk(self.memory.db.serialize("main"), marker.read_bytes() if marker.exists() else None)

    def record(self, *drafts: Draft) -> tuple[Recorded, ...]:
        """Record as one act; an error of the disk comes out of it."""
        return self.journal.record(lambda _: drafts).result()

    def compose(self, body: Callable[[Reading], Contract]) -> tuple[Recorded, ...]:
        return self.journal.record(lambda memory: [Draft(body(memory))]).result()

    def breaks_next_commit(self) -> None:
        """The disk refuses the next commit of the journal."""
        once = iter((True,))
        if (db := self._acts._db) is not None:  # noqa: SLF001 - the disk is ours to break
            db.set_commit_hook(lambda: next(once, False))

    @property
    def stands(self) -> Asked:
        """What its sync waits for."""
        return self.hand.stopped_at

    @property
    def call(self) -> Call | None:
        stands = self.hand.stopped_at
        return stands if isinstance(stands, Call) else None

    def may_go_on(self) -> bool:
        """True when its sync has something to do: an answer came, a bell rang, or a pause is over."""
        match self.hand.stopped_at:
            case Call(answered=answered):
                return answered
            case Pause(event=bell):
                return bell.is_set() or self.due <= self.clock.time.now
        return False

    def go_on(self) -> Asked:
        """Let the sync go on to its next question."""
        stands = self.hand.stopped_at
        self._stopped(self.hand.go_on(stands.answer if isinstance(stands, Call) else False))
        return self.hand.stopped_at

    def _stopped(self, asked: Asked) -> None:
        if isinstance(asked, Pause):
            self.due = self.clock.time.now + round(asked.seconds * 1000)

    def sales(self) -> set[str]:
        """The ids of all sales on its disk."""
        sql = "SELECT CAST(line AS TEXT) ->> 'id' FROM {} WHERE CAST(line AS TEXT) ->> 'kind' = 'sale_completed'"
        return {row[0] for table in ("journal", "ancestor") for row in self.memory.db.execute(sql.format(table))}
