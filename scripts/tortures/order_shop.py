"""A shop of several tills for the torture of orders and its tests: real journals and decisions, the real cloud's code.

Only the wire is left out: a till's lines go into the cloud's own functions and its feed comes from there, so that a
lost answer or a till that is away is one argument.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloud_sync.database import Database
from cloud_sync.feed import page
from cloud_sync.founding import NewShop, found, opened
from cloud_sync.ingest.batch import Batch
from cloud_sync.ingest.project import project
from cloud_sync.ingest.receive import open_session, receive
from cloud_sync.service import stamp
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import Device
from edge_agent.clock import Quality
from edge_agent.counter.quotas import Quotas
from edge_agent.counter.stock import StockRoom
from edge_agent.errors import BadInput
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.replenish import Replenish
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from edge_agent.wire.messages import BatchHeader, SessionRequest
from scripts.tortures.tables import lay_tables

BATCH = 500
SETTLES_S = 30.0


@dataclass
class StepClock:
    """A clock that stands until it is set; the whole shop reads it."""

    at: int
    trusted: bool = True

    def now(self) -> int:
        return self.at

    def quality(self) -> Quality:
        return "ntp" if self.trusted else "floor"


class Office:
    """The cloud of one shop, in a folder of its own."""

    def __init__(self, folder: Path, clock: StepClock, database: str = "") -> None:
        settings = Settings(data=folder / "cloud", database=database)
        self.clock = clock
        if not database:
            lay_tables(settings.data)
        self.shop = found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=clock.now())
        self.database: Database = opened(settings)
        with self.database.reading() as session:
            self.generation = stamp(session, "generation")

    def enrol(self, till: str) -> Device:
        """A paired till, without its key: nothing is signed here."""
        device = Device(
            tenant=self.shop.tenant,
            device=till,
            shop=self.shop.shop,
            till=till,
            public_key="0" * 64,
            credential_hash=till,
            paired_at=self.clock.now(),
        )
        with self.database.writing() as session:
            session.add(device)
        return device

    def count(self) -> int:
        """Count what came in."""
        return project(self.database, self.clock.now())


class Till:
    """One till: its journal, its decisions, and the way to the cloud."""

    def __init__(self, folder: Path, office: Office, name: str, ids: Callable[[], str]) -> None:
        self.name, self.office = name, office
        self.journal = Journal.open(folder / name, office.clock, ids)
        self.memory: Reading = self.journal.reading()
        self.room = StockRoom(self.journal)
        self.replenish = Replenish(self.journal, office.clock)
        self.device = office.enrol(name)
        shop = office.shop
        self.record(DevicePaired(tenant=shop.tenant, shop=shop.shop, device=name, audience="", catalogue_to=0))
        Quotas(self.journal).start()

    def record(self, *bodies: Contract) -> None:
        """Record as one act and wait for it."""
        self.journal.record(lambda _: [Draft(body) for body in bodies]).result()

    def sell(self, *skus: str, pieces: int = 1, day: int = 739_678, by: str = "") -> None:
        """Sell pieces of each SKU at 1.00; BadInput, as at the counter, when it may not by then sell so many."""
        total = 100 * pieces * len(skus)
        lines = tuple(
            SoldLine(sku=sku, name=sku, qty=1000 * pieces, price=100, gross=100 * pieces, rate=0, tax=0) for sku in skus
        )
        rest = {"lines": lines, "total": total, "taxes": (TaxTotal(rate=0, gross=total, tax=0),), "change": 0}
        tenders = (Tender(kind="cash", amount=total, given=total),)

        def compose(memory: Reading) -> list[Draft]:
            limited = [sku for sku in skus if (item := memory.item(sku)) and item.limited]
            if any(memory.may_sell(sku) < 1000 * pieces for sku in limited):
                raise BadInput("the quota is gone")
            said = {"receipt": memory.next_receipt(), "day": day, "currency": "GBP", "tenders": tenders, **rest}
            return [Draft(SaleCompleted.model_validate(said), by)]

        self.journal.record(compose).result()

    def decide(self, *, whole: bool = False) -> None:
        """Wait until nothing is left to decide; `whole`: after a look at everything, as at the turn of an hour."""
        if whole:
            self.replenish.wake_all()
        if not self.replenish.settled(SETTLES_S):
            raise RuntimeError(f"{self.name} does not come to an end with its orders")

    def push(self, *, ack_lost: bool = False, count: bool = True) -> None:
        """Send what the cloud has not acknowledged; with `ack_lost` it arrives, and the till does not hear so."""
        head, database, now = self.memory.head(), self.office.database, self.office.clock.now()
        asked = SessionRequest(
            journal=self.journal.id, head_seq=head.seq, head_hash=head.hash.hex(), boot="", version="", accept=1
        )
        standing = open_session(database, self.device, asked, now)
        for first in range(standing.seq + 1, head.seq + 1, BATCH):
            self._send(standing.session, first, min(head.seq, first + BATCH - 1), ack_lost=ack_lost)
        if count:
            self.office.count()

    def _send(self, session: int, first: int, last: int, *, ack_lost: bool) -> None:
        lines = tuple(self.memory.lines(first, last))
        header = BatchHeader(
            journal=self.journal.id,
            session=session,
            first=first,
            last=last,
            head_hash=(self.memory.hash_at(last) or b"").hex(),
            signature="0" * 128,
        )
        ack = receive(self.office.database, self.device, Batch(header, lines), self.office.clock.now())
        if not ack_lost:
            self.journal.acknowledge(ack).result()

    def pull(self) -> None:
        """Take the feed to its head."""
        generation, shop = self.office.generation, self.office.shop
        while True:
            after = self.memory.mark().feed
            with self.office.database.reading() as session:
                taken = page(
                    session,
                    tenant=shop.tenant,
                    shop=shop.shop,
                    journal=self.journal.id,
                    after=after,
                    generation=generation,
                )
            if not taken.entries:
                return
            self.journal.take_feed(generation, taken.entries).result()
            # What the feed asks for is recorded by an act of its own, behind this one: it is not left to chance
            # whether the next push has it.
            self.journal.record(lambda _: []).result()

    def sync(self, *, ack_lost: bool = False) -> None:
        """Push, then pull."""
        self.push(ack_lost=ack_lost)
        self.pull()

    def close(self) -> None:
        self.replenish.stop()
        self.memory.close()
        self.journal.close()


class SharedShop:
    """An office and its tills; the first has recorded `bodies` (the catalogue), the others have pulled it."""

    def __init__(
        self, folder: Path, bodies: Sequence[Contract], tills: int, *, at: int, seed: int = 1, database: str = ""
    ) -> None:
        self.chance = random.Random(seed)
        self.clock = StepClock(at)
        self.folder = folder
        self.office = Office(folder, self.clock, database)
        self.tills: list[Till] = []
        self.first = self.add_till()
        self.first.record(*bodies)
        self.first.sync()
        for _ in range(tills - 1):
            self.add_till().sync()
        self.settle()

    def _id(self) -> str:
        return f"{self.chance.getrandbits(64):016x}"

    def add_till(self) -> Till:
        """One more till, paired and empty."""
        till = Till(self.folder, self.office, f"till{len(self.tills) + 1}", self._id)
        self.tills.append(till)
        return till

    def settle(self, rounds: int = 3) -> None:
        """Everybody hears of everybody."""
        for _ in range(rounds):
            for till in self.tills:
                till.sync()

    def close(self) -> None:
        for till in self.tills:
            till.close()
        self.office.database.close()
