"""What the memory knows of a SKU and its shop at the moment of deciding, in the shapes that the rules take."""

from edge_agent.journal.reading import Reading
from edge_agent.rules.day import business_day, moment
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.newcomer import newcomer
from edge_agent.rules.plan import hours_of
from edge_agent.rules.reorder import Incoming, Lot, Policy, Snapshot, Terms
from edge_agent.wire.events.catalogue import ItemSet, ShopSet

NEWCOMER_DAYS = 28


def shop_name(memory: Reading) -> str:
    """What orders are keyed by: the shop's id once it is paired, until then the journal's."""
    paired = memory.paired()
    return paired.shop if paired else memory.journal_id()


def policy_of_shop(shop: ShopSet) -> Policy:
    """The owner's policy as the shop's record has it; the rest are the house's values."""
    return Policy(hours=hours_of(shop), floor=shop.reorder_floor)


def snapshot_of(memory: Reading, item: ItemSet, shop: ShopSet, now: int) -> Snapshot:
    """Stock, goods on their way, expiry dates and terms of one SKU."""
    stock = memory.stock(item.sku)
    article = memory.article(item.sku, now)
    return Snapshot(
        sku=item.sku,
        on_hand=stock.on_hand,
        counted=stock.counted,
        terms=Terms(
            pack=item.pack,
            pack_cost=item.pack_cost,
            price=article.price if article else item.price,
            rate=item.rate,
            life_days=item.shelf_life_days or 0,
        ),
        incoming=tuple(Incoming(one.order[:8], one.eta_at, one.qty) for one in memory.incoming(item.sku)),
        lots=_lots(memory, item.sku, stock.on_hand, shop, now),
    )


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
