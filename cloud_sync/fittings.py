"""What a till last said of its printer, drawer and scanner: kept with the till, each with the moment since when."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from edge_agent.rules.text import clean_name
from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.limits import FITTINGS_CHARACTERS
from edge_agent.wire.messages import Fitting, Fittings

DOWN = frozenset({"fault", "gone"})
SAME_MS = 90_000
"""So far apart two tellings of one moment may be: the till counts seconds, and the way takes some."""
MOST_WAIT = 99_999
STEPS = {
    "printer": "Look at its power, paper and cable; what waits is printed by itself.",
    "drawer": "Close it, or look at its cable to the printer.",
    "scanner": "Look at its cable; codes can be typed meanwhile.",
    "scale": "Look at its power and cable; weights can be typed meanwhile.",
    "fiscal device": "Have it looked at today: until then receipts say that they are not signed.",
}
"""What to do about one that is down."""


class Kept(Contract):
    """One thing that is fitted, as it was last told; it has been so since `since` (UTC ms)."""

    fitting: str
    state: str
    words: str
    since: Count

    @property
    def is_down(self) -> bool:
        return self.state in DOWN

    @property
    def why(self) -> str:
        """What is wrong, in words."""
        return self.words or ("not there" if self.state == "gone" else "a fault")


class Fitted(Contract):
    """All that is fitted to a till; `waiting` printouts wait for the printer since `waits_since`."""

    fittings: tuple[Kept, ...] = ()
    waiting: Count = 0
    waits_since: Count = 0

    def one(self, fitting: str) -> Kept | None:
        return next((one for one in self.fittings if one.fitting == fitting), None)


@dataclass(frozen=True)
class Trouble:
    """Something fitted that is not well: what and since when, and what to do about it (empty: nothing yet)."""

    words: str
    step: str

    @property
    def is_down(self) -> bool:
        return bool(self.step)


@lru_cache(maxsize=512)
def fitted(text: str) -> Fitted:
    """What is kept in a till's row; nothing where it never said anything, or a program of another shape kept it."""
    try:
        return Fitted.model_validate_json(text) if text else Fitted()
    except ValueError:
        return Fitted()


def kept(said: str, known: str, now: int) -> str:
    """What to keep in a till's row that holds `known`, now that it `said` this: the same while nothing has changed.

    A till that says nothing has an older program or nothing fitted; what is no statement changes nothing.
    """
    if not said:
        return ""
    try:
        told = Fittings.model_validate_json(said if len(said) <= FITTINGS_CHARACTERS else "")
    except ValueError:
        return known
    before = fitted(known)
    some = {one.fitting: _kept(one, before.one(one.fitting), now) for one in told.fittings}
    since = _near(now - 1000 * told.waiting_s, before.waits_since) if told.waiting else 0
    waiting = min(told.waiting, MOST_WAIT)
    return Fitted(fittings=tuple(some.values()), waiting=waiting, waits_since=since).model_dump_json()


def _kept(one: Fitting, before: Kept | None, now: int) -> Kept:
    if before is not None and one.at_least and one.state == "unknown" and not one.words:
        # The till's program has just begun, and has not heard of it yet.
        return before
    since = max(0, now - 1000 * one.for_s)
    if before is not None and (before.state == one.state or (before.is_down and one.state in DOWN)):
        since = before.since if one.at_least else _near(since, before.since)
    return Kept(fitting=one.fitting, state=one.state, words=clean_name(one.words), since=since)


def _near(since: int, before: int) -> int:
    """The moment that was told before, when this one is the same but for how it was counted."""
    return before if abs(since - before) < SAME_MS else max(0, since)


def troubles(told: Fitted, when: Callable[[int], str]) -> list[Trouble]:
    """What is not well, what is down first, in English; `when` says a moment in words."""
    found = [_down(one, told, when) for one in told.fittings if one.is_down]
    printer = told.one("printer")
    if told.waiting and not (printer and printer.is_down):
        wait = "1 printout has" if told.waiting == 1 else f"{told.waiting} printouts have"
        found.append(Trouble(f"{wait} waited for the printer since {when(told.waits_since)}", STEPS["printer"]))
    said = [one for one in told.fittings if one.words and not one.is_down]
    return found + [Trouble(f"{one.fitting.capitalize()}: {one.words}", "") for one in said]


def _down(one: Kept, told: Fitted, when: Callable[[int], str]) -> Trouble:
    wait = f"; {printouts(told.waiting)}" if one.fitting == "printer" and told.waiting else ""
    words = f"{one.fitting.capitalize()} down since {when(one.since)}: {one.why}{wait}"
    return Trouble(words, STEPS.get(one.fitting, "Have it looked at."))


def printouts(number: int) -> str:
    """`1 printout waits`, `3 printouts wait`."""
    return "1 printout waits" if number == 1 else f"{number} printouts wait"


def well(told: Fitted) -> list[str]:
    """What works, by name."""
    return [one.fitting for one in told.fittings if one.state == "ok" and not one.words]
