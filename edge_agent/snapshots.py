"""What the memory knows of a SKU and its shop at the moment of deciding, in the shapes that the rules take."""

from edge_agent.demand.presence import WHOLE, short_days
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.stock import Stock
from edge_agent.rules.calendar import calendar_of, next_cutoffs
from edge_agent.rules.day import DAY_MS, business_day, moment
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.guard import usual
from edge_agent.rules.guess import GONE_AFTER, Guess, Spoken, spoken
from edge_agent.rules.money import divided
from edge_agent.rules.newcomer import newcomer
from edge_agent.rules.plan import hours_of
from edge_agent.rules.reorder import Incoming, Known, Lot, Policy, Snapshot, Terms
from edge_agent.rules.rush import Second
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet

NEWCOMER_DAYS = 28
PAST_ORDERS = 12
REFUSED_MS = 28 * DAY_MS
BOXES_MS = 14 * DAY_MS
"""A box to or from a pop-up that nobody opened for so long is lost."""
SET_ASIDE_MS = DAY_MS
"""A sale that was set aside longer ago is forgotten: nobody waits for its goods."""
REMEMBERED_DAYS = 2 * 182


def shop_name(memory: Reading) -> str:
    """What orders are keyed by: the shop's id once it is paired, until then the journal's."""
    paired = memory.paired()
    return paired.shop if paired else memory.journal_id()


def policy_of_shop(shop: ShopSet) -> Policy:
    """The owner's policy as the shop's record has it; the rest are the house's values."""
    return Policy(hours=hours_of(shop), floor=shop.reorder_floor)


def snapshot_of(
    memory: Reading, item: ItemSet, shop: ShopSet, now: int, supplier: SupplierSet | None = None, late_ms: int = 0
) -> Snapshot:
    """Stock, what of it is kept for customers, goods on their way, expiry dates and terms of one SKU; with its
    `supplier` (and how late that usually is) the second source, and what ordering without the owner looks at."""
    stock = memory.stock(item.sku)
    article = memory.article(item.sku, now)
    return Snapshot(
        sku=item.sku,
        # What is in boxes to and from a pop-up is the shop's, and will be sold or come back.
        on_hand=stock.on_hand + memory.in_boxes(item.sku, now - BOXES_MS),
        counted=stock.counted,
        terms=Terms(
            pack=item.pack,
            pack_cost=item.pack_cost,
            price=article.price if article else item.price,
            rate=item.rate,
            life_days=item.shelf_life_days or 0,
        ),
        reserved=memory.reserved(item.sku) + memory.held_of(item.sku, now - SET_ASIDE_MS),
        incoming=tuple(Incoming(one.order[:8], one.eta_at, one.qty) for one in memory.incoming(item.sku)),
        lots=_lots(memory, item.sku, stock.on_hand, shop, now),
        late_ms=late_ms,
        refused=memory.refused(item.sku, now - REFUSED_MS),
        second=_second(memory, item, supplier, shop, now) if supplier and supplier.second else None,
        known=_known(memory, item, stock, shop, now) if supplier and supplier.auto else None,
        spoken=_spoken(memory, item, shop, now),
    )


def _spoken(memory: Reading, item: ItemSet, shop: ShopSet, now: int) -> Spoken | None:
    """Who speaks for it on the evening that its forecast was learnt on: up to yesterday."""
    today = business_day(now, shop.zone, shop.day_closes)
    first = memory.first_sold(item.sku, today - REMEMBERED_DAYS)
    days = max(0, today - first) if first is not None else 0
    if days >= GONE_AFTER:
        return None
    sold = sum(qty for day, qty in memory.demand_days(item.sku, today - days) if day < today) if days else 0
    return spoken(Guess(*item.expects) if item.expects else None, sold, days)


def _second(memory: Reading, item: ItemSet, supplier: SupplierSet, shop: ShopSet, now: int) -> Second | None:
    other = memory.suppliers().get(supplier.second)
    if other is None:
        return None
    arrives = next_cutoffs(calendar_of(other), shop.zone, now, 1)[0].arrives_ms
    cost = divided(item.pack_cost * (10_000 + supplier.dearer), 10_000)
    return Second(other.supplier, arrives, cost, supplier.call_fee)


def _known(memory: Reading, item: ItemSet, stock: Stock, shop: ShopSet, now: int) -> Known:
    before = memory.ordered_before(item.sku, PAST_ORDERS)
    middle, spread = usual([qty for _, qty in before])
    counted = (now - stock.counted_at) // DAY_MS if stock.counted else -1
    return Known(
        counted,
        _stocked_days(memory, item.sku, shop, now),
        middle,
        spread,
        _cost_was(memory, item.sku, [seq for seq, _ in before if seq]),
    )


def _stocked_days(memory: Reading, sku: str, shop: ShopSet, now: int) -> int:
    """Days on which the shop was open and it was there, since its first sale up to yesterday; parts of days add up."""
    today = business_day(now, shop.zone, shop.day_closes)
    first = memory.first_sold(sku, today - REMEMBERED_DAYS)
    if first is None:
        return 0
    hours = hours_of(shop)
    special = {day: (opens, closes) for day, opens, closes in hours.other if closes}
    away = memory.absences(moment(first, 0, shop.zone), sku).get(sku, ())
    profile = tuple(tuple(row) for row in memory.hour_profile())
    short = short_days(away, profile, shop.zone, shop.day_closes, first=first, now=now, special=special)
    return sum(short.get(day, WHOLE) for day in range(first, today) if hours.on(day)) // WHOLE


def _cost_was(memory: Reading, sku: str, seqs: list[int]) -> int:
    """What a piece cost when this till ordered it last, in thousandths of a minor unit; 0 when it never did."""
    for seq in seqs[:1]:
        for line in memory.event(seq).body["lines"]:
            if line["sku"] == sku and line["qty"]:
                return int(line["cost"]) * 1_000_000 // int(line["qty"])
    return 0


def forecast_of(memory: Reading, sku: str, shop: ShopSet, now: int) -> Forecast:
    """The stored forecast; for a SKU that none is stored for, or that it expects nothing of, what its own sales say.

    What moves it (`signals.Moving`) is not in it yet.
    """
    stored = memory.forecast(sku)
    if stored and any(stored.day_means):
        return stored
    hours = hours_of(shop)
    today = business_day(now, shop.zone, shop.day_closes)
    sold = memory.demand_days(sku, today - NEWCOMER_DAYS)
    return stored if stored and not sold else newcomer(sku, sold, hours, today=today, at=now)


def _lots(memory: Reading, sku: str, on_hand: int, shop: ShopSet, now: int) -> tuple[Lot, ...]:
    """What is left of the dated deliveries if the oldest is sold first; a date that has passed says nothing more."""
    today = business_day(now, shop.zone, shop.day_closes)
    left, lots = max(0, on_hand), []
    for day, qty in reversed(memory.expiries(sku)):
        here = min(qty, left)
        if day >= today and here > 0:
            lots.append(Lot(moment(day + 1, 0, shop.zone), here))
        left -= here
    return tuple(reversed(lots))
