"""Ordering by hand: the one named till writes a supplier's order slip; recorded before the paper, so that nobody else
orders it again."""

from concurrent.futures import Future

from edge_agent.errors import BadInput, NotAllowed, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.wire.events.orders import OrderPlacedByHand, OutcomeLine

PLACEABLE = ("proposed", "held", "approved")


def place_by_hand(journal: Journal, order: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
    """Order this order (its key or number) by hand, as it stands. NotKnown; NotAllowed where the supplier is ordered
    from by the cloud or by another till; BadInput when it is settled already."""
    return journal.record(lambda memory: [Draft(_placed(memory, order), by)])


def _placed(memory: Reading, order: str) -> OrderPlacedByHand:
    known = memory.order(order)
    if known is None:
        raise NotKnown(f"there is no order {order}")
    supplier, paired = memory.suppliers().get(known.supplier), memory.paired()
    if supplier is None or supplier.ordered_from != "shop":
        raise NotAllowed(f"order {known.number} is sent by the cloud; the owner can let the shop order by hand")
    if paired is None or supplier.till != paired.device:
        raise NotAllowed(f"order {known.number} is ordered by hand at the till that the owner named, not at this one")
    if known.state not in PLACEABLE or not any(line.packs for line in known.lines):
        raise BadInput(f"order {known.number} is {known.state}; there is nothing to order")
    lines = tuple(OutcomeLine(sku=line.sku, packs=line.packs, qty=line.qty) for line in known.lines if line.packs)
    return OrderPlacedByHand(order=known.key, number=known.number, supplier=known.supplier, lines=lines)
