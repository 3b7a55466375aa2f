"""Texts to people who took a sample: who may be written to, when, and what stops it; asked at the moment of sending.

All of it is folded from facts in the order in which they were heard, so that any till comes to the same answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from edge_agent.rules.day import DAY_MS, local

Step = Literal[0, 3, 7]
STEPS: tuple[Step, ...] = (0, 3, 7)
"""Days after the sample."""
LATE_MS = 2 * DAY_MS
"""What could not leave by then never does."""
FROM_HOUR, TO_HOUR = 9, 20
"""Nothing leaves before the one, or from the other on, by the shop's clock."""
STOP_WORDS = frozenset(
    {"stop", "stopall", "stopp", "unsubscribe", "cancel", "end", "quit", "abmelden", "abbestellen", "ende"}
)


@dataclass(frozen=True)
class Due:
    """A text that may leave now: to whom, of which sample, and the day of it (0, 3 or 7)."""

    contact: str
    sample: str
    step: Step


@dataclass
class Agreed:
    """Somebody's word that texts of a sample may come; `mark` is what a stop is told by."""

    contact: str
    sample: str
    mark: str
    at: int
    sent: set[int] = field(default_factory=set)


class Book:
    """Who agreed, what left, who used the code, who said stop. A stop holds against every word before it."""

    def __init__(self) -> None:
        self._agreed: dict[str, Agreed] = {}
        self._given: dict[str, int] = {}
        self._used: set[str] = set()
        self._stopped: set[str] = set()

    def given(self, sample: str, at: int) -> None:
        """A sample was handed over (UTC ms)."""
        self._given.setdefault(sample, at)

    def agreed(self, contact: str, sample: str, mark: str, at: int) -> None:
        """Somebody gave a number and agreed, knowing the words; an own act at the counter, so it holds after a stop."""
        self._stopped.discard(mark)
        self._agreed[sample] = Agreed(contact, sample, mark, at)

    def stopped(self, mark: str) -> None:
        """No more to this number, from whichever till it was said."""
        self._stopped.add(mark)
        self._agreed = {sample: one for sample, one in self._agreed.items() if one.mark != mark}

    def used(self, sample: str) -> None:
        """The code was used: nothing is left to remind of."""
        self._used.add(sample)

    def sent(self, sample: str, step: int) -> None:
        """A text left, or was about to: it never leaves again."""
        if sample in self._agreed:
            self._agreed[sample].sent.add(step)

    def reachable(self) -> int:
        """People who may be written to."""
        return len({one.contact for one in self._agreed.values()})

    def due(self, now: int, zone: str) -> list[Due]:
        """What may leave at this moment; nothing in quiet hours. Of several steps the latest alone."""
        if is_quiet(now, zone):
            return []
        found = [self._step(one, now) for one in self._agreed.values() if one.sample not in self._used]
        return [one for one in found if one is not None]

    def _step(self, one: Agreed, now: int) -> Due | None:
        begin = self._given.get(one.sample, one.at)
        ripe = [step for step in STEPS if begin + step * DAY_MS <= now < begin + step * DAY_MS + LATE_MS]
        if not ripe or one.mark in self._stopped or any(step >= ripe[-1] for step in one.sent):
            return None
        return Due(one.contact, one.sample, ripe[-1])


def is_quiet(at: int, zone: str) -> bool:
    """Whether nobody is to be disturbed at this moment, by the shop's clock."""
    return not FROM_HOUR <= local(at, zone).hour < TO_HOUR


def is_stop(text: str) -> bool:
    """Whether an answer means that no more may come: it begins with a stop word."""
    first = next(iter(_words(text)), "")
    return first in STOP_WORDS


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in f"{text.casefold()} ":
        if sign.isalpha():
            word += sign
        elif word:
            yield word
            word = ""
