"""The line about what is on: a drop (the open one that ends first, else the next of the coming day), else a pop-up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_agent.till.speech import say

if TYPE_CHECKING:
    from edge_agent.journal.reading import Reading
    from edge_agent.wire.events.drops import DropSet

AHEAD_MS = 24 * 3_600_000


@dataclass(frozen=True)
class Launches:
    """Drops that matter today, each with the milli-units that this till may still sell of it, as read at one moment."""

    drops: "tuple[tuple[DropSet, int], ...]" = ()
    popup: str = ""
    """The pop-up at which this till stands, with who came by and bought."""

    def line(self, now: int) -> str:
        """What the till says of them; empty: nothing."""
        return self._drop(now) or self.popup

    def _drop(self, now: int) -> str:
        if not self.drops:
            return ""
        from edge_agent.rules.drop_window import line

        open_ = [one for one in self.drops if one[0].start <= now < one[0].end]
        coming = [one for one in self.drops if now < one[0].start <= now + AHEAD_MS]
        if open_:
            return line(*min(open_, key=lambda one: one[0].end), now)
        return line(*min(coming, key=lambda one: one[0].start), now) if coming else ""


def load(memory: "Reading", now: int) -> Launches:
    """Read the drops that are open or start within two days."""
    from edge_agent.counter.drops import left_of

    drops = [drop for drop in memory.drops(since=now, until=now + 2 * AHEAD_MS) if not drop.called_off]
    return Launches(tuple((drop, left_of(memory, drop)) for drop in drops), _popup(memory))


def _popup(memory: "Reading") -> str:
    here = memory.popup_here()
    if here is None:
        return ""
    planned, done = memory.popup(here.popup), memory.tally_here()
    name = planned.name if planned else here.popup
    return say("{name}: {visitors} came by, {sales} bought", name=name, visitors=done.passed, sales=done.orders)
