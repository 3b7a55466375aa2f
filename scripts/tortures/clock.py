"""Wrong clocks: boots in 1970 and in ten years, an hour back, a time server that comes and goes; sales all the time.

Every event of a boot that ever got a time server's time must be told within two seconds of the truth by the boot's own
time, as the lines say it; the others stay as recorded.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from edge_agent.clock import FIRST_TILL_MS, Quality, SureClock
from edge_agent.counter.paying import Paying
from edge_agent.counter.selling import Selling
from edge_agent.errors import Broken
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.rebuild import verify
from edge_agent.rules.day import business_day
from edge_agent.rules.sale import Tendered
from edge_agent.rules.true_time import true_times
from edge_agent.wire.envelope import Contract, Event
from edge_agent.wire.events import body_class
from edge_agent.wire.events.device import Booted
from scripts.tortures import Report
from scripts.tortures.lanes import lanes
from tests.shop import CAST, MILK, SHOP

SUMMARY = "clocks at 1970, ten years off and an hour back: order stays, true times are found once a server told one"
FULL = {"tills": 1_000}
SHORT = {"tills": 40}

SECOND, HOUR, YEAR = 1_000, 3_600_000, 366 * 86_400_000
BEGIN = FIRST_TILL_MS + YEAR
OFF = (0, 0, -HOUR, HOUR, -10 * YEAR, 10 * YEAR, -2 * SECOND, 49 * 86_400_000)
NEAR_MS = 2 * SECOND
FIFTY_DAYS_S = 49.71 * 86_400
"""Where a count of milliseconds in 32 bits begins anew."""


@dataclass
class Wall:
    """A machine's clock and its monotonic seconds, both set by hand."""

    at: int
    said: Quality = "rtc"
    ticks: float = 0.0

    def now(self) -> int:
        return self.at

    def quality(self) -> Quality:
        return self.said


@dataclass
class Told:
    """What one till's boots came to; `truths` is the true time and whether a time server was there, by seq."""

    wrong: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    truths: dict[int, tuple[int, bool]] = field(default_factory=dict)


def run(folder: Path, *, seed: int, tills: int) -> Report:
    """So many tills, each with its own boots."""
    seeds = [f"{seed}.{number}" for number in range(tills)]
    with lanes() as pool:
        told = list(pool.map(partial(_in_folder, folder), seeds, chunksize=10))
    done = sum((one.done for one in told), Counter[str]())
    wrong = [f"till {name}: {word}" for name, one in zip(seeds, told, strict=True) for word in one.wrong]
    counts = ", ".join(f"{count} {what}" for what, count in sorted(done.items()))
    return Report(not wrong, [f"{tills} tills: {counts}", f"wrong {len(wrong)}", *wrong[:10]])


def _in_folder(folder: Path, seed: str) -> Told:
    return one_till(folder / seed, seed)


def one_till(folder: Path, seed: str) -> Told:
    """Some boots of one till, and the verdict on its journal."""
    chance, told, truth = random.Random(seed), Told(), BEGIN
    for boot in range(chance.randint(3, 8)):
        truth += chance.choice((10 * SECOND, 8 * HOUR, 3 * 24 * HOUR))
        truth = _boot(folder, chance, told, truth, first=boot == 0)
    return told


def _boot(folder: Path, chance: random.Random, told: Told, truth: int, *, first: bool) -> int:
    """One life: the machine wakes up with some clock, sells, and its clock is moved meanwhile; gives the true time."""
    told.done["boots"] += 1
    wall = Wall(_woken(chance, truth), chance.choice(("rtc", "rtc", "ntp")), chance.choice((3.0, FIFTY_DAYS_S)))
    wall.at = truth if wall.said == "ntp" else wall.at
    journal = Journal.open(folder, wall, lambda: f"{chance.getrandbits(64):016x}")
    with journal.reading() as memory:
        journal.clock = SureClock(wall, memory.head().at, lambda: wall.ticks)
        if first:
            journal.record(lambda _: [Draft(body) for body in CAST]).result()
        known = memory.head().seq
        booted = Booted(boot=f"{chance.getrandbits(64):016x}", monotonic_ms=int(wall.ticks * 1000), version="0")
        journal.record(lambda _: [Draft(booted)]).result()
        paying = Paying(journal, lambda *_: None)
        for _ in range(chance.randint(1, 8)):
            step = chance.choice((SECOND, 60 * SECOND, HOUR))
            truth, wall.at, wall.ticks = truth + step, wall.at + step, wall.ticks + step / 1000
            _moved(chance, told, wall, truth)
            selling = Selling(memory, journal.clock)
            selling.scan(MILK.codes[0], 1_000)
            paid = paying.pay(selling.sale, [Tendered("cash", selling.sale.total)]).result()
            told.truths[paid.seq] = truth, wall.said == "ntp"
            told.done["sales"] += 1
        events = list(memory.events())
        _judge(told, events, known)
        _judge_true(told, events, known)
        try:
            verify(memory.db)
        except Broken as error:
            told.wrong.append(error.message)
    journal.close()
    return truth


def _woken(chance: random.Random, truth: int) -> int:
    return chance.choice((5 * SECOND, truth + chance.choice(OFF)))


def _moved(chance: random.Random, told: Told, wall: Wall, truth: int) -> None:
    """Now and then somebody sets the clock: a time server rightly, a person or a fault anyhow."""
    what = chance.random()
    if what < 0.2:
        wall.at, wall.said = truth, "ntp"
    elif what < 0.3:
        wall.said = "rtc"
    elif what < 0.45 and wall.said == "rtc":
        wall.at = _woken(chance, truth)
        told.done["jumps"] += 1


def _judge_true(told: Told, events: list[Event], known: int) -> None:
    """The sales behind `known`: all within two seconds where a time server helped one of them, else as recorded."""
    found = true_times([(event, body.model_validate(event.body)) for event in events if (body := _class_of(event))])
    sold = [event for event in events[known:] if event.seq in told.truths]
    helped = any(event.clock == "ntp" for event in events[known:])
    for event in sold:
        truth, at = told.truths[event.seq][0], found.get(event.seq)
        if not helped and at is not None:
            told.wrong.append(f"event {event.seq} is told to be of another time by a boot that had no sure one")
        if helped and (at is None or abs(at - truth) > NEAR_MS):
            told.wrong.append(
                f"event {event.seq} is not told within 2 s: {'never' if at is None else at - truth} ms off"
            )
        if helped and event.clock != "ntp" and abs(event.at - truth) > NEAR_MS:
            told.done["times set right"] += 1


def _class_of(event: Event) -> type[Contract] | None:
    return body_class(event.kind, event.v)


def _judge(told: Told, events: list[Event], known: int) -> None:
    """The events behind `known`: in order, never before tills were, right by a time server, else never going back."""
    before = events[known - 1].at if known else 0
    for place, event in enumerate(events[known:], start=known + 1):
        truth, server = told.truths.get(event.seq, (0, False))
        if event.seq != place:
            told.wrong.append(f"event {place} stands as {event.seq}")
        if event.at < FIRST_TILL_MS:
            told.wrong.append(f"event {place} is said to be of 1970")
        if server and (abs(event.at - truth) > NEAR_MS or event.clock != "ntp"):
            told.wrong.append(f"event {place} is {event.at - truth} ms off beside a time server")
        if not server and truth and event.at < before:
            told.wrong.append(f"event {place} is before the one before it, by a clock that is not sure")
        if event.kind == "sale_completed" and event.body["day"] != business_day(event.at, SHOP.zone, SHOP.day_closes):
            told.wrong.append(f"receipt {event.body['receipt']} is of another day than its sale")
        told.done[event.clock] += 1
        before = event.at
