"""Stock acts at the counter: goods in (with or without an order), a count, and one SKU put right with a reason."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.wire.events.stock import CountedLine, ReceivedLine, StockAdjusted, StockCounted, StockReceived

Reason = Literal["waste", "own_use", "found"]
RECEIVABLE = ("approved", "sent", "proposed")


@dataclass(frozen=True)
class Came:
    """What is in the box: good milli-units of a SKU, damaged ones beside them, and its date as an ordinal day where
    there is one."""

    sku: str
    qty: int
    expires: int | None = None
    damaged: int = 0


class StockRoom:
    """Records stock; each act is one transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def receive(self, came: Sequence[Came], *, order: str = "", by: str = "") -> "Future[tuple[Recorded, ...]]":
        """Goods in. With `order` (its key) each line keeps what was ordered, and what did not come is 0. NotKnown,
        BadInput: nothing is changed."""
        return self._journal.record(lambda memory: [Draft(_received(memory, came, order), by)])

    def receive_as_ordered(self, order: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """Everything on the order, as ordered."""

        def compose(memory: Reading) -> list[Draft]:
            known = memory.order(order)
            if known is None:
                raise NotKnown(f"there is no order {order}")
            return [Draft(_received(memory, [Came(line.sku, line.qty) for line in known.lines], order), by)]

        return self._journal.record(compose)

    def count(self, counted: Sequence[tuple[str, int]], by: str = "") -> "Future[tuple[Recorded, ...]]":
        """What is on the shelf now, as (SKU, milli-units)."""

        def compose(memory: Reading) -> list[Draft]:
            _known(memory, [sku for sku, _ in counted])
            lines = tuple(CountedLine(sku=sku, counted=qty, expected=memory.here(sku)) for sku, qty in counted)
            return [Draft(StockCounted(lines=lines, saw=memory.vector()), by)]

        return self._journal.record(compose)

    def adjust(self, sku: str, qty: int, reason: Reason, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """Waste and own use take off, found adds; `qty` in milli-units is how many, above 0."""
        if qty <= 0:
            raise BadInput("how many? a quantity is more than nothing: type it, then the key")

        def compose(memory: Reading) -> list[Draft]:
            _known(memory, [sku])
            signed = qty if reason == "found" else -qty
            return [Draft(StockAdjusted(sku=sku, qty=signed, reason=reason), by)]

        return self._journal.record(compose)


def _known(memory: Reading, skus: Sequence[str]) -> None:
    twice = [sku for sku in set(skus) if list(skus).count(sku) > 1]
    if twice:
        raise BadInput(f"{twice[0]} stands there twice")
    for sku in skus:
        if memory.item(sku) is None:
            raise NotKnown(f"{sku} is not in the catalogue: scan another item")


def _received(memory: Reading, came: Sequence[Came], order: str) -> StockReceived:
    _known(memory, [line.sku for line in came])
    box = {line.sku: line for line in came}
    lines = {sku: _line(line, None) for sku, line in box.items()}
    supplier = ""
    if order:
        known = memory.order(order)
        if known is None:
            raise NotKnown(f"there is no order {order}")
        if known.state not in RECEIVABLE:
            raise BadInput(f"order {known.number} is {known.state}; goods without an order can be received without it")
        order, supplier = known.key, known.supplier
        for line in known.lines:
            lines[line.sku] = _line(box.get(line.sku, Came(line.sku, 0)), line.qty)
    if not lines:
        raise BadInput("nothing was scanned: scan an item first")
    return StockReceived(order=order, supplier=supplier, lines=tuple(lines.values()))


def _line(came: Came, ordered: int | None) -> ReceivedLine:
    return ReceivedLine(sku=came.sku, qty=came.qty, ordered=ordered, expires=came.expires, damaged=came.damaged)
