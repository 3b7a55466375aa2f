"""How what is fitted to a till stands, since when, and what waits for the printer: what the cloud is told of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edge_agent.devices.state import State
from edge_agent.rules.text import clean_name
from edge_agent.wire.limits import FITTING_WORDS
from edge_agent.wire.messages import Fitting, Fittings

TOLD = ("printer", "drawer", "scanner", "scale", "fiscal device")
"""What the owner hears of; what else speaks at the till is no device."""
SLOW_S = 20.0
"""A printer that is well may take so long for a printout; one that is still there then waits."""
DOWN: frozenset[State] = frozenset({"fault", "gone"})


@dataclass(frozen=True)
class _Said:
    """The last word of a device; `since` counts seconds, and `first` is what holds since the program began."""

    state: State
    words: str
    since: float
    first: bool


class Condition:
    """Remembers what devices say (any thread), for the cloud; `now_s` counts seconds, whatever the clock is set to."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.now_s = now_s
        self._waiting: Callable[[], Sequence[str]] = tuple
        self._said: dict[str, _Said] = {}
        self._first, self._first_since = "", 0.0

    def expects_printer(self, waiting: Callable[[], Sequence[str]]) -> None:
        """A printer is fitted, and has not spoken yet; `waiting` gives the names of what waits for it, in order."""
        self._waiting = waiting
        self._said.setdefault("printer", _Said("unknown", "", self.now_s(), first=True))

    def said(self, device: str, state: State, words: str) -> None:
        """How a device stands now. One that stays out of order keeps its moment, whatever is wrong next."""
        if device not in TOLD:
            return
        known = self._said.get(device)
        if known is not None and _sort(known.state) == _sort(state):
            self._said[device] = replace(known, state=state, words=words)
        else:
            unheard = known is None or (known.first and known.state == "unknown")
            self._said[device] = _Said(state, words, self.now_s(), first=unheard)

    def told(self) -> str:
        """All of it as the cloud is told; empty where nothing is fitted."""
        now, said = self.now_s(), dict(self._said)
        some = tuple(_fitting(name, said[name], now) for name in TOLD if name in said)
        waiting, waits_s = self._stuck(now)
        stand = Fittings(fittings=some, waiting=waiting, waiting_s=waits_s)
        return stand.model_dump_json(exclude_defaults=True) if some else ""

    def _stuck(self, now: float) -> tuple[int, int]:
        """How many printouts wait, and for how many seconds the first of them was seen; not those that come out now."""
        waiting = self._waiting()
        first = waiting[0] if waiting else ""
        if first != self._first:
            self._first, self._first_since = first, now
        for_s = max(0.0, now - self._first_since)
        printer = self._said.get("printer")
        is_down = printer is not None and printer.state in DOWN
        return (len(waiting), int(for_s)) if waiting and (is_down or for_s >= SLOW_S) else (0, 0)


def _sort(state: State) -> str:
    return "down" if state in DOWN else state


def _fitting(name: str, said: _Said, now: float) -> Fitting:
    words, for_s = clean_name(said.words, FITTING_WORDS), int(max(0.0, now - said.since))
    return Fitting(fitting=name, state=said.state, words=words, for_s=for_s, at_least=said.first)
