"""A shelf that lives: what comes, sells oldest first, spoils; and what it all costs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Lot:
    """Pieces of one delivery; the last day on which they may be sold (0: they keep)."""

    pieces: int
    last_day: int


@dataclass
class Shelf:
    """One SKU's stock, oldest first."""

    lots: list[Lot] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        return sum(lot.pieces for lot in self.lots)

    def receive(self, pieces: int, last_day: int) -> None:
        if pieces > 0:
            self.lots.append(Lot(pieces, last_day))
            self.lots.sort(key=lambda lot: lot.last_day or 10**9)

    def sell(self, wanted: int) -> int:
        """How many of the wanted pieces there were."""
        left = wanted
        while left and self.lots:
            taken = min(left, self.lots[0].pieces)
            self.lots[0].pieces -= taken
            left -= taken
            if not self.lots[0].pieces:
                self.lots.pop(0)
        return wanted - left

    def spoil(self, day: int) -> int:
        """Throw away, in the evening of `day`, what may not be sold tomorrow."""
        gone = sum(lot.pieces for lot in self.lots if lot.last_day and lot.last_day <= day)
        self.lots = [lot for lot in self.lots if not lot.last_day or lot.last_day > day]
        return gone


@dataclass
class Tally:
    """What came of a run, in pieces and in minor units of money."""

    wanted: int = 0
    lost: int = 0
    wasted: int = 0
    lost_cost: float = 0.0
    waste_cost: float = 0.0
    holding_cost: float = 0.0
    fee_cost: float = 0.0
    """What suppliers asked for orders below their minimum."""
    small: dict[str, int] = field(default_factory=dict)
    """How often an order fell below the minimum, by what was done about it: `top_up`, `fee`, `wait`."""
    stock_value: float = 0.0
    days: int = 0
    orders: int = 0
    again: int = 0
    """Lines that would have been ordered a second time by the same rule, asked again with the order on its way."""

    evenings: list[tuple[float, float, float]] = field(default_factory=list)
    """Each evening: lost so far, wasted so far, tied up then; in minor units."""

    @property
    def total(self) -> float:
        return self.lost_cost + self.waste_cost + self.holding_cost + self.fee_cost

    @property
    def lost_share(self) -> float:
        return self.lost / max(1, self.wanted)

    @property
    def wasted_share(self) -> float:
        return self.wasted / max(1, self.wanted)

    @property
    def mean_stock(self) -> float:
        """Money tied up, on an average evening."""
        return self.stock_value / max(1, self.days)
