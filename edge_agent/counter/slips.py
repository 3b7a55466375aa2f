"""Ordering by hand: the one named till writes a supplier's order slip before the cut-off; recorded before the paper, so
that nobody else orders it again."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from edge_agent.clock import Clock
from edge_agent.counter.paper import Spool
from edge_agent.errors import BadInput, NotAllowed, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.orders import Order
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.money import Currency, written
from edge_agent.rules.reasons import clock
from edge_agent.rules.slip import Slip, SlipLine, render
from edge_agent.wire.events.orders import OrderPlacedByHand, OutcomeLine

log = logging.getLogger(__name__)
BEFORE_MS = 30 * 60_000
"""So long before the cut-off the slip is printed: somebody has to ring up."""
PRINTED_KEPT = 200

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


class Slips:
    """Orders by hand what is due, and prints what was ordered; asked about once a minute (`tick`).

    What is due is read from the orders and the clock: what the owner approved, and what goes by itself, of suppliers
    that this till orders from, shortly before the cut-off. `printed` is a file with the numbers that the printer took:
    a slip whose paper is missing after a stop is printed then.
    """

    def __init__(
        self, journal: Journal, spool: Spool, clock: Clock, memory: Callable[[], Reading], printed: Path
    ) -> None:
        self._journal, self._spool, self._clock, self._memory = journal, spool, clock, memory
        self._printed = printed

    def tick(self) -> int:
        """Place what is due and print what was placed; the number of slips printed."""
        now = self._clock.now()
        with self._memory() as memory:
            if self._clock.quality() != "floor":
                for order in due(memory, now):
                    place_by_hand(self._journal, order.key).result()
            known, placed = self._known(), memory.placed_since(now - DAY_MS)
            waiting = [order for order in placed if order.number not in known and is_mine(memory, order)]
            for order in waiting:
                self._spool.print_job(f"order-{order.number}", render(slip_of(memory, order, now), self._spool.profile))
                self._note(order.number)
        return len(waiting)

    def _known(self) -> list[str]:
        try:
            known = json.loads(self._printed.read_text())
        except (FileNotFoundError, ValueError):
            return []
        return [str(number) for number in known] if isinstance(known, list) else []

    def _note(self, number: str) -> None:
        fresh = self._printed.with_suffix(".next")
        try:
            fresh.write_text(json.dumps([*self._known(), number][-PRINTED_KEPT:]))
            fresh.replace(self._printed)
        except OSError as error:
            log.warning("what the printer was given cannot be noted", extra={"error": str(error)})


def due(memory: Reading, now: int) -> list[Order]:
    """What this till is to order by hand now."""
    soon = [one for one in memory.orders(("approved", "proposed")) if one.cutoff_at - BEFORE_MS <= now < one.cutoff_at]
    return [order for order in soon if is_mine(memory, order) and _goes(memory, order)]


def is_mine(memory: Reading, order: Order) -> bool:
    """True when this till is the one that orders from that supplier by hand."""
    supplier, paired = memory.suppliers().get(order.supplier), memory.paired()
    return bool(supplier and supplier.ordered_from == "shop" and paired and supplier.till == paired.device)


def _goes(memory: Reading, order: Order) -> bool:
    """Approved, or decided at this till as one that goes by itself."""
    if not any(line.packs for line in order.lines):
        return False
    return order.state == "approved" or (not order.author and bool(memory.event(order.seq).body.get("auto")))


def slip_of(memory: Reading, order: Order, now: int) -> Slip:
    """What is printed of an order."""
    shop, supplier = memory.shop(), memory.suppliers().get(order.supplier)
    zone, currency = (shop.zone, Currency(shop.currency, shop.symbol, shop.decimals)) if shop else ("UTC", Currency())
    names = memory.names(line.sku for line in order.lines)
    wanted = [line for line in order.lines if line.packs]
    lines = [SlipLine(line.packs, line.qty // line.packs, names.get(line.sku, line.sku)) for line in wanted]
    return Slip(
        shop_lines=(shop.name, *shop.address) if shop else (),
        number=order.number,
        supplier=supplier.name if supplier else order.supplier,
        before=clock(order.cutoff_at, now, zone),
        arrives=clock(order.arrives_at, now, zone),
        lines=tuple(lines),
        value=currency.symbol + written(order.value, currency.decimals),
    )
