"""A hub without an interface: it is told by a file of orders, and tells by files what it has, sent and asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloud_sync.post.talk import Refused
from edge_agent.rules.hub import Held
from edge_agent.rules.imports_hubs import Charge, Tracked


@dataclass(frozen=True)
class SheetHub:
    """What its last files told; `open` is what orders since then keep, by SKU. Orders leave with the next file."""

    held: Sequence[Held]
    open: Mapping[str, int]
    tracked: Mapping[str, Tracked]
    told: Sequence[Charge]

    def stock(self) -> Sequence[Held]:
        """As the last file had it, less what orders keep since."""
        return [
            Held(one.sku, one.on_hand, one.committed + self.open.get(one.sku, 0), one.exceptions) for one in self.held
        ]

    def reserve(self, reference: str, lines: Mapping[str, int]) -> None:
        """Refused for more than is there."""
        there = {one.sku: one.sellable for one in self.stock()}
        for sku, pieces in lines.items():
            if there.get(sku, 0) < pieces:
                raise Refused(f"The hub has {max(0, there.get(sku, 0))} of {sku}.", again=False)

    def release(self, reference: str) -> None:
        """Refused once its file said that it has left."""
        if self.track(reference).state in ("shipped", "delivered"):
            raise Refused("The order has left the hub already.", again=False)

    def ship(self, reference: str) -> None:
        """It stands in the next file of orders."""

    def track(self, reference: str) -> Tracked:
        """What the last file said of it."""
        return self.tracked.get(reference, Tracked(reference, "reserved"))

    def charges(self, first: int, last: int) -> Sequence[Charge]:
        """What its files told."""
        return [one for one in self.told if first <= one.day <= last]
