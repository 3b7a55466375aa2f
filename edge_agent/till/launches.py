"""The drops as the till's line shows them: the open one that ends first, else the next one of the coming day."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_agent.journal.reading import Reading
    from edge_agent.wire.events.drops import DropSet

AHEAD_MS = 24 * 3_600_000


@dataclass(frozen=True)
class Launches:
    """Drops that matter today, each with the milli-units that this till may still sell of it, as read at one moment."""

    drops: "tuple[tuple[DropSet, int], ...]" = ()

    def line(self, now: int) -> str:
        """What the till says of them; empty: nothing."""
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
    return Launches(tuple((drop, left_of(memory, drop)) for drop in drops))
