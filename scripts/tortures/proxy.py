"""Faulted requests of 16 kinds between real tills and a real cloud, over a bad wire; what heals converges by itself."""

import contextlib
import io
import random
import statistics
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, select

from cloud_sync.accounts.pairing import make_code
from cloud_sync.database import Database
from cloud_sync.feed import page
from cloud_sync.founding import opened
from cloud_sync.ingest.verify import verify
from cloud_sync.service import stamp
from cloud_sync.settings import load_settings
from cloud_sync.tables.events import JournalRow, RawEvent
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop
from edge_agent.clock import SystemClock
from edge_agent.commands import pair
from edge_agent.errors import DropshelfError
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.sync.loop import SyncLoop
from edge_agent.sync.patience import Patience
from edge_agent.wire.envelope import canonical
from edge_agent.wire.messages import FeedEntry
from scripts.house_ import House
from scripts.tortures import Report
from scripts.tortures.bad_wire import BadWire, Line, address_of, shuffled
from scripts.tortures.wire_faults import KINDS
from tests.shop import CAST, sold

SUMMARY = "faulted requests of 16 kinds between real tills and a real cloud; each heal converges with no new sale"
FULL = {"requests": 10_000}
SHORT = {"requests": 192}
TILLS = 4
HEAL_EVERY = 100
HEALS_S = 30.0
PACE_S = 0.02
PATIENCE = Patience(connect_s=0.3, bytes_s=0.3, whole_s=0.5)
"""What a till waits in this rig: the usual times would make ten thousand faults take a day."""
PAUSE = 0.002
SKUS = ("milk", "bread", "choc")


@dataclass
class Tally:
    """What the faults came to."""

    seed: int
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    said: dict[str, bytes] = field(default_factory=dict)
    heals: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wedged: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing lost, nothing doubled, every heal in time."""
        return not (self.lost or self.doubled or self.wedged)

    def lines(self) -> list[str]:
        """The report as it is printed."""
        kinds, doors = Counter[str](), Counter[str]()
        for (kind, door), times in self.faults.items():
            kinds[kind] += times
            doors[door] += times
        heals = [f"median {statistics.median(self.heals):.2f} s, slowest {max(self.heals):.2f} s"] if self.heals else []
        return [
            f"{kinds.total()} faulted requests of {len(kinds)} kinds: {_counted(kinds)}; {_counted(doors)}",
            f"{len(self.said)} sales said to be paid meanwhile; lost {len(self.lost)}, doubled {len(self.doubled)}",
            f"{len(self.heals) + len(self.wedged)} heals, {len(self.heals)} converged within {HEALS_S:.0f} s "
            f"with no new sale{': ' if heals else ''}{''.join(heals)}",
            *self.lost[:10], *self.doubled[:10], *self.wedged[:10],
        ]  # fmt: skip


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{times} {what}" for what, times in sorted(counts.items()))


class Till:
    """A journal with its sync loop on a line of its own; sells when it is told."""

    def __init__(self, folder: Path, line: Line, code: str, *, stocked: bool) -> None:
        self.line = line
        journal = Journal.open(folder, SystemClock(), random_id)
        if stocked:
            journal.record(lambda _: [Draft(body) for body in CAST]).result()
        journal.close()
        with contextlib.redirect_stdout(io.StringIO()):
            pair.run(Namespace(url=line.url, code=code, ca=None, data=folder, json=False))
        self.journal = Journal.open(folder, SystemClock(), random_id)
        self.born = self.journal.id
        self.memory = self.journal.reading()
        self.loop = SyncLoop(self.journal, folder, chance=lambda: PAUSE, patience=PATIENCE)

    def sell(self, chance: random.Random) -> tuple[str, bytes]:
        """One sale: its event's id and its line, once it is durable."""
        skus = chance.choices(SKUS, k=chance.randint(1, 5))
        (done,) = self.journal.record(lambda memory: [Draft(sold(memory.next_receipt(), *skus))]).result()
        return done.event.id, done.line

    def close(self) -> None:
        self.loop.stop()
        self.memory.close()
        self.journal.close()


class Office:
    """The cloud's own side, read beside its process."""

    def __init__(self, data: Path) -> None:
        self.database: Database = opened(load_settings(data))
        with self.database.reading() as session:
            self.shop = session.exec(select(Shop)).one()
            self.generation = stamp(session, "generation")

    def code(self) -> str:
        """A pairing code."""
        with self.database.writing() as session:
            return make_code(session, tenant=self.shop.tenant, shop=self.shop.shop, now=SystemClock().now())

    def behind(self, session: Session, till: Till, after: int) -> tuple[FeedEntry, ...]:
        """What the cloud would send this till behind a cursor."""
        tenant, shop = self.shop.tenant, self.shop.shop
        journal, generation = till.journal.id, self.generation
        return page(session, tenant=tenant, shop=shop, journal=journal, after=after, generation=generation).entries

    def missing(self, till: Till) -> str:
        """What is not yet the same on both sides, in words; empty when they have converged."""
        head, mark, state = till.memory.head(), till.memory.mark(), till.loop.state()
        if state.waiting or not state.online or mark.received != head.seq:
            return f"{state.waiting} wait, acknowledged {mark.received} of {head.seq}: {state.words or 'no words'}"
        with self.database.reading() as session:
            key = (self.shop.tenant, till.journal.id)
            row, position = session.get(JournalRow, key), session.get(Position, key)
            if row is None or (row.seq, row.hash) != (head.seq, head.hash):
                return f"the till believes that {head.seq} arrived, the cloud has {row.seq if row else 'nothing'}"
            if position is None or position.seq != row.seq:
                return f"{position.seq if position else 0} of {row.seq} are counted"
            if self.behind(session, till, mark.feed):
                return f"the feed behind {mark.feed} was not taken"
        return ""


def run(folder: Path, *, seed: int, requests: int) -> Report:
    """Play the row."""
    tally = play(folder, seed=seed, requests=requests)
    return Report(tally.ok, tally.lines())


def play(
    folder: Path,
    *,
    seed: int,
    requests: int,
    kinds: Sequence[str] = KINDS,
    tills: int = TILLS,
    heal_every: int = HEAL_EVERY,
    heals_s: float = HEALS_S,
) -> Tally:
    """Sell over a bad wire, heal after every `heal_every` faults, judge."""
    tally, chance = Tally(seed), random.Random(seed)
    house = House(folder / "house", None)
    house.cloud_data.mkdir(parents=True)
    (house.cloud_data / "cloud.toml").write_text("idle_s = 1\n", encoding="utf-8")
    house.found_cloud()
    wire, office = BadWire(address_of(house.url)), Office(house.cloud_data)
    lines = [wire.open_line([], random.Random(chance.random())) for _ in range(tills)]
    shop = [Till(folder / f"till{n}", line, office.code(), stocked=n == 0) for n, line in enumerate(lines)]
    for line, share in zip(lines, _shares(requests, tills), strict=True):
        line.deck += shuffled(kinds, share, line.chance)
    try:
        for till in shop:
            till.loop.start()
        while not tally.wedged and any(line.deck for line in lines):
            _bad_phase(shop, chance, tally, heal_every)
            wire.deliver_late(lines)
            _heal(office, shop, tally, heals_s)
        _judge(office, shop, tally)
    finally:
        for till in shop:
            till.close()
        wire.close()
        office.database.close()
        house.close()
    return tally


def _shares(whole: int, parts: int) -> list[int]:
    return [whole // parts + (number < whole % parts) for number in range(parts)]


def _bad_phase(shop: Sequence[Till], chance: random.Random, tally: Tally, faults: int) -> None:
    """Sell until so many faults were played; then nobody sells any more."""
    for till, share in zip(shop, _shares(faults, len(shop)), strict=True):
        till.line.due = min(share, len(till.line.deck))
    while any(till.line.due for till in shop):
        identity, line = chance.choice(shop).sell(chance)
        tally.said[identity] = line
        time.sleep(PACE_S * chance.random())
    tally.faults = sum((till.line.done for till in shop), Counter())


def _heal(office: Office, shop: Sequence[Till], tally: Tally, heals_s: float) -> None:
    """Wait for every till, with no new sale and without a word to any of them."""
    began = time.monotonic()
    while any(missing := {till.born[:8]: office.missing(till) for till in shop}.values()):
        if time.monotonic() - began > heals_s:
            tally.wedged.append(f"heal {len(tally.heals) + 1} did not converge: {missing}")
            return
        time.sleep(0.05)
    tally.heals.append(time.monotonic() - began)


def _judge(office: Office, shop: Sequence[Till], tally: Tally) -> None:
    """What the cloud's database holds against what was said, sale for sale; chains, sums and feeds as they must be."""
    with office.database.reading() as session:
        held = session.exec(select(RawEvent.id, RawEvent.line)).all()
        for till in shop:
            _judge_feed(office, session, till, tally)
    times, lines = Counter(identity for identity, _ in held), dict(held)
    missing = [one for one, line in tally.said.items() if lines.get(one) != line]
    tally.lost += [f"sale {one} was said to be paid, the cloud has not its line" for one in missing]
    tally.doubled += [f"event {one} stands {count} times" for one, count in times.items() if count > 1]
    tally.wedged += [f"till {till.born[:8]} left its journal" for till in shop if till.journal.id != till.born]
    try:
        verify(office.database)
    except DropshelfError as error:
        tally.lost.append(error.message)


def _judge_feed(office: Office, session: Session, till: Till, tally: Tally) -> None:
    """The till keeps what the cloud publishes to it, byte for byte."""
    kept = dict(till.memory.db.execute("SELECT cursor, line FROM feed"))
    after = 0
    while entries := office.behind(session, till, after):
        wrong = [entry.cursor for entry in entries if kept.get(entry.cursor) != canonical(entry.model_dump())]
        tally.lost += [f"till {till.born[:8]}: entry {cursor} of the feed is another" for cursor in wrong]
        after = entries[-1].cursor
