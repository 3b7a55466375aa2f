"""What is asked of any hub. What is said twice under one reference counts once, so that all may be repeated."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from edge_agent.rules.hub import Held
from edge_agent.rules.imports_hubs import Charge, Tracked


class HubPort(Protocol):
    """Each act ends well, or with Refused (surely not done), or with NotHeard (nobody knows: say it again)."""

    def stock(self) -> Sequence[Held]:
        """What is there."""
        ...

    def reserve(self, reference: str, lines: Mapping[str, int]) -> None:
        """Keep {SKU: pieces} for an order; Refused when they are not there."""
        ...

    def release(self, reference: str) -> None:
        """Keep them no longer; Refused once they have left."""
        ...

    def ship(self, reference: str) -> None:
        """Send what is kept."""
        ...

    def track(self, reference: str) -> Tracked:
        """Where it is; Refused for a reference that the hub does not know."""
        ...

    def charges(self, first: int, last: int) -> Sequence[Charge]:
        """What the hub asks for the ordinal days from `first` to `last`."""
        ...
