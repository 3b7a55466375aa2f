"""Events of stock: received, counted, adjusted; and what the cloud tells of other tills (milli-units)."""

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, EventId, Whole
from edge_agent.wire.events.catalogue import Sku


class ReceivedLine(Contract):
    """What came and can be sold; `ordered` is what the order said (None: it was not on an order), `expires` an ordinal
    day or None. `damaged` came beside it: it is never stock, and the supplier owes it."""

    sku: Sku
    qty: Count
    ordered: Count | None
    expires: Count | None
    damaged: Annotated[Count, Field(exclude_if=not_)] = 0


class StockReceived(Contract):
    """A delivery; `order` is the order's key, or empty for goods without one. A receipt closes its order."""

    order: Annotated[str, Field(max_length=64)]
    supplier: Annotated[str, Field(max_length=64)]
    lines: Annotated[tuple[ReceivedLine, ...], Field(min_length=1)]


class CountedLine(Contract):
    """What is on the shelf, and what the till expected at that moment."""

    sku: Sku
    counted: Count
    expected: Whole


class StockCounted(Contract):
    """A count: becomes counted - expected at the cut `saw` (journal id -> seq)."""

    lines: Annotated[tuple[CountedLine, ...], Field(min_length=1)]
    saw: dict[str, Count]


class StockAdjusted(Contract):
    """One SKU put right by a signed quantity, with its reason."""

    sku: Sku
    qty: Whole
    reason: Literal["waste", "own_use", "found"]


class StockStands(Contract):
    """Feed entry: what the whole shop holds of some SKUs, as its journals up to `saw` (journal id -> seq) moved it.

    `stock` is (sku, milli-units, times counted), `sold` is (ordinal business day, sku, milli-units sold at the tills
    that day). Totals, not differences: of a SKU, or a day's SKU, the entry with the highest cursor holds. A till adds
    to a total what it did itself behind `saw`.
    """

    saw: dict[str, Count]
    stock: tuple[tuple[Sku, Whole, Count], ...]
    sold: tuple[tuple[Count, Sku, Whole], ...]


class ReceivedElsewhere(Contract):
    """Feed entry: another till's delivery (event `id`): it closes the order and brings its dates; `StockStands` has
    its quantities."""

    id: EventId
    received: StockReceived


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("stock_received", 1): StockReceived,
    ("stock_counted", 1): StockCounted,
    ("stock_adjusted", 1): StockAdjusted,
    ("stock_stands", 1): StockStands,
    ("received_elsewhere", 1): ReceivedElsewhere,
}
