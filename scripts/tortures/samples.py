"""Texts about samples in random histories: late words from another till, stops, used codes, night and day."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import apsw

from edge_agent.journal.views import samples
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.follow_up import Due
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events import kind_of
from edge_agent.wire.events.samples import SampleGiven, SampleUsed, TextsAgreed, TextSent, TextsStopped
from edge_agent.wire.messages import FeedEntry
from scripts.tortures import Report

SUMMARY = (
    "Texts to people who took a sample: none without a yes, after a stop, in quiet hours or twice, in random days."
)
FULL = {"histories": 10_000}
SHORT = {"histories": 300}

BEGINS = 1_774_569_600_000
"""Friday 27 March 2026: the clocks go forward within the fortnight."""
DAYS, ZONE = 14, "Europe/London"
STEPS = 40
Choose = Callable[["SampleTill", int], list[Due]]


class SampleTill(samples.SampleReads):
    """The real view of samples, over a database of its own; own events and the feed come in one after the other."""

    def __init__(self) -> None:
        self.db = apsw.Connection(":memory:")
        self.db.execute(samples.SCHEMA)
        self._seq = self._cursor = 0

    def says(self, body: Contract, at: int) -> None:
        self._seq += 1
        kind, v = kind_of(body)
        said = {"seq": self._seq, "id": "0" * 16, "kind": kind, "v": v, "at": at, "clock": "ntp", "feed": self._cursor}
        samples.apply(self.db, Envelope.model_validate({**said, "because": None, "by": ""}), body)

    def hears(self, body: Contract, at: int) -> None:
        self._cursor += 1
        kind, v = kind_of(body)
        samples.apply_feed(self.db, FeedEntry(cursor=self._cursor, kind=kind, v=v, at=at, body={}), body)


@dataclass
class Person:
    """What really is so of one number: whether they said yes last, as far as their till has heard."""

    sample: str
    mark: str
    yes: bool = False
    sent: set[int] = field(default_factory=set)


@dataclass
class History:
    """One fortnight at one till, with another one far away."""

    chance: random.Random
    choose: Choose
    till: SampleTill = field(default_factory=SampleTill)
    people: dict[str, Person] = field(default_factory=dict)
    late: list[Contract] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def play(self) -> None:
        now = BEGINS
        for _ in range(STEPS):
            now += self.chance.randrange(0, DAYS * DAY_MS // STEPS * 2)
            self.chance.choice((self._give, self._stop, self._use, self._far_stop, self._hear, self._send, self._send))(
                now
            )
        self.till.db.close()

    def _give(self, now: int) -> None:
        sample, contact = f"{self.chance.getrandbits(64):016x}", f"{self.chance.randrange(4):016x}"
        mark = contact.rjust(64, "0")
        given = SampleGiven(
            sample=sample, sku="tea", qty=1000, day=now // DAY_MS, expires=now // DAY_MS + 14, percent=1000
        )
        self.till.says(given, now)
        self.people[sample] = Person(sample, mark)
        if self.chance.random() < 0.6:
            self.till.says(TextsAgreed(contact=contact, sample=sample, mark=mark, wording="1"), now)
            self.people[sample].yes = True
            self.done["agreed"] += 1

    def _silence(self, mark: str) -> None:
        for one in self.people.values():
            if one.mark == mark:
                one.yes = False

    def _somebody(self) -> Person | None:
        return self.chance.choice(list(self.people.values())) if self.people else None

    def _stop(self, now: int) -> None:
        if (one := self._somebody()) is not None:
            self.till.says(TextsStopped(mark=one.mark), now)
            self._silence(one.mark)
            self.done["stops"] += 1

    def _far_stop(self, now: int) -> None:
        """Said at the other till; heard here later, or never."""
        if (one := self._somebody()) is not None:
            self.late.append(TextsStopped(mark=one.mark))

    def _use(self, now: int) -> None:
        if (one := self._somebody()) is not None:
            self.late.append(SampleUsed(sample=one.sample, day=now // DAY_MS))

    def _hear(self, now: int) -> None:
        for body in self.late:
            self.till.hears(body, now)
            if isinstance(body, TextsStopped):
                self._silence(body.mark)
                self.done["stops from afar"] += 1
        self.late.clear()

    def _send(self, now: int) -> None:
        hour = datetime.fromtimestamp(now / 1000, ZoneInfo(ZONE)).hour
        due = self.choose(self.till, now)
        self.done["looks at night" if not 9 <= hour < 20 else "looks by day"] += 1
        for one in due:
            person = self.people[one.sample]
            self.till.says(TextSent(contact=one.contact, sample=one.sample, step=one.step), now)
            self.done["sent"] += 1
            if not person.yes:
                self.wrong.append(f"a text left to {one.contact} without a yes, or after a stop")
            if not 9 <= hour < 20:
                self.wrong.append(f"a text left at {hour} o'clock")
            if one.step in person.sent:
                self.wrong.append(f"the text of day {one.step} left twice to {one.contact}")
            person.sent.add(one.step)


def rightly(till: SampleTill, now: int) -> list[Due]:
    """As the till does it."""
    return till.texts().due(now, ZONE)


def run(folder: Path, *, seed: int, histories: int, choose: Choose = rightly) -> Report:
    """So many histories, each from a seed of its own."""
    done, wrong = Counter[str](), list[str]()
    for number in range(histories):
        history = History(random.Random(f"{seed}.{number}"), choose)
        history.play()
        done.update(history.done)
        wrong += [f"seed {seed}, history {number}: {words}" for words in history.wrong]
    told = ", ".join(f"{number} {what}" for what, number in sorted(done.items()))
    lines = [
        f"{histories} histories of {DAYS} days: {told}",
        f"{len(wrong)} texts that must not have left",
        *wrong[:10],
    ]
    seen = all(done[what] for what in ("sent", "stops", "stops from afar", "looks at night"))
    return Report(ok=not wrong and seen, lines=lines)
