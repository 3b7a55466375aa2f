"""What a shop's stock stands at, as entries of its feed: gathered, merged and cut to length; pure.

Entries carry totals, so that of several the last one of a SKU holds: merging loses nothing, and what a later entry says
again may be left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from edge_agent.wire.events.stock import StockStands

STOCK_ROWS = 1_000
SOLD_ROWS = 2_000
"""Most rows of one entry."""
REMEMBERED_DAYS = 2 * 182
"""What forecasts look back on; older days are not told any more."""


@dataclass
class Standing:
    """Totals of a shop: `stock` {sku: (milli-units, times counted)}, `sold` {(day, sku): milli-units}, as of `saw`."""

    saw: Mapping[str, int] = field(default_factory=dict)
    stock: dict[str, tuple[int, int]] = field(default_factory=dict)
    sold: dict[tuple[int, str], int] = field(default_factory=dict)

    def take(self, entry: StockStands) -> None:
        """A later entry."""
        self.saw = {**self.saw, **entry.saw}
        self.stock |= {sku: (qty, counts) for sku, qty, counts in entry.stock}
        self.sold |= {(day, sku): qty for day, sku, qty in entry.sold}

    def entries(self) -> Iterator[StockStands]:
        """The totals as entries that are not too long; at least one."""
        last = max((day for day, _ in self.sold), default=0)
        stock = [(sku, qty, counts) for sku, (qty, counts) in sorted(self.stock.items())]
        sold = [(*key, qty) for key, qty in sorted(self.sold.items()) if key[0] > last - REMEMBERED_DAYS]
        for part in range(max(1, -(-len(stock) // STOCK_ROWS), -(-len(sold) // SOLD_ROWS))):
            ours, theirs = (slice(part * rows, (part + 1) * rows) for rows in (STOCK_ROWS, SOLD_ROWS))
            yield StockStands(saw=dict(self.saw), stock=tuple(stock[ours]), sold=tuple(sold[theirs]))


def merged(entries: Iterable[StockStands]) -> Standing:
    """What entries in the order of their cursors say together."""
    standing = Standing()
    for entry in entries:
        standing.take(entry)
    return standing
