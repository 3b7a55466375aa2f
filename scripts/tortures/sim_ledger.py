"""What a simulated world itself knows of all that happened in it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from edge_agent.journal.log import Recorded
from edge_agent.wire.messages import Ack


@dataclass
class Ledger:
    """What the world itself knows of everything that was recorded, for the judge."""

    printed: dict[str, int] = field(default_factory=dict)
    """Sales that were said to be paid: their totals."""
    known: dict[str, Recorded] = field(default_factory=dict)
    """Everything that any till recorded, by its id."""
    odd: set[str] = field(default_factory=set)
    """What the cloud must put aside and show."""
    extinct: set[str] = field(default_factory=set)
    """Sales of which no disk holds a copy any more: the only ones were on a disk that was put back."""
    unkept: list[str] = field(default_factory=list)
    """What the cloud acknowledged and did not hold at that moment."""

    def note_promise(self, ack: Ack, hash_at: Callable[[str, int], bytes | None]) -> None:
        """An acknowledgement is a promise at the moment that it is given: a till that has it may lose its disk."""
        held = hash_at(ack.journal, ack.to)
        if held is None or held.hex() != ack.head_hash or hash_at(ack.journal, ack.received) is None:
            self.unkept.append(f"{ack.journal} to {ack.to}")
