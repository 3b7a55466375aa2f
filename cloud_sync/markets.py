"""Marketplaces: orders made elsewhere, taken in once under their own reference, from the one pool of stock."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.catalogue import items
from cloud_sync.channels import ALWAYS, channels, open_channel
from cloud_sync.feed import held_shop
from cloud_sync.reservations import Kept, Wish, close_channel, kept, left, release, reserve
from cloud_sync.tables.reservations import Market, Reservation
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.imports_market import MarketOrder
from edge_agent.rules.reservation import mark_of

PIECE = 1_000
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
RESERVED_NAMES = ("web", "live")
DAYS = range(1, 61)


class Changed(BadInput):
    """The reference is known with other lines."""


@dataclass(frozen=True)
class Taken:
    """An order as it is kept; `new` when it was not known before."""

    kept: Kept
    new: bool


def key_hash(key: str) -> str:
    """What is stored of a marketplace's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def put_market(
    session: Session, *, tenant: str, shop: str, name: str, skus: Iterable[str], days: int, key: str, at: int
) -> Market:
    """Describe a marketplace, or describe it anew; a `key` lets it in (empty: the one before stays good). Orders wait
    `days` for their customers. BadInput; NotKnown for a SKU that is not in the catalogue."""
    if not NAME.fullmatch(name) or name in RESERVED_NAMES:
        raise BadInput("A marketplace's name is a short word of small letters, digits and hyphens.")
    if days not in DAYS:
        raise BadInput("Orders are kept one day at least and sixty at most.")
    row = session.get(Market, (tenant, shop, name))
    if row is None:
        row = Market(tenant=tenant, shop=shop, market=name, days=days, key_hash="", made_at=at)
    row.days, row.key_hash = days, key_hash(key) if key else row.key_hash
    session.add(row)
    wanted = sorted(set(skus))
    gone = {one.sku for one in channels(session, tenant=tenant, shop=shop, channel=name)} - set(wanted)
    if gone:
        close_channel(session, tenant=tenant, shop=shop, channel=name, skus=sorted(gone), at=at)
    kept_ = dict.fromkeys(wanted, 0)
    open_channel(session, tenant=tenant, shop=shop, channel=name, kept=kept_, until=ALWAYS, at=at)
    return row


def markets(session: Session, *, tenant: str, shop: str) -> list[Market]:
    """A shop's marketplaces by name."""
    mine = select(Market).where(Market.tenant == tenant, Market.shop == shop)
    return list(session.exec(mine.order_by(Market.market)))


def market(session: Session, *, tenant: str, shop: str, name: str) -> Market:
    """The marketplace of that name; NotKnown when there is none."""
    row = session.get(Market, (tenant, shop, name))
    if row is None:
        raise NotKnown(f"there is no marketplace {name}")
    return row


def take(session: Session, seller: Market, order: MarketOrder, number: str, at: int) -> Taken:
    """Keep an order's goods under the code `number`, which belongs to its reference. Said again it is as it stands;
    Changed when it is said with other lines, NoneLeft when there are not so many."""
    held_shop(session, seller.tenant, seller.shop)
    lines = _named(session, seller, order)
    known = session.get(Reservation, (seller.tenant, seller.shop, mark_of(number)))
    if known is not None:
        return Taken(_same(kept(session, known), order, {sku: qty for sku, (qty, _) in lines.items()}), new=False)
    wish = Wish(
        mark=mark_of(number),
        channel=seller.market,
        lines={sku: qty for sku, (qty, _) in lines.items()},
        until=at + seller.days * DAY_MS,
        prices={sku: price for sku, (_, price) in lines.items() if price is not None},
        reference=order.reference,
        spot=order.spot,
        paid=order.paid,
    )
    return Taken(reserve(session, tenant=seller.tenant, shop=seller.shop, wish=wish, at=at), new=True)


def cancel(session: Session, seller: Market, reference: str, at: int) -> Kept:
    """The order is no longer wanted; once is as good as twice. Changed when it was handed over already."""
    found = order_of(session, seller, reference)
    if found.row.state == "handed":
        raise Changed(f"Order {reference} was handed over already.")
    release(session, tenant=seller.tenant, shop=seller.shop, marks=[found.row.reservation], at=at)
    return order_of(session, seller, reference)


def order_of(session: Session, seller: Market, reference: str) -> Kept:
    """The order under that reference; NotKnown when there is none."""
    mine = select(Reservation).where(Reservation.tenant == seller.tenant, Reservation.shop == seller.shop)
    mine = mine.where(Reservation.channel == seller.market, Reservation.reference == reference)
    row = session.exec(mine.order_by(col(Reservation.number)).limit(1)).first()
    if row is None:
        raise NotKnown(f"There is no order {reference}.")
    return kept(session, row)


def there(session: Session, seller: Market, at: int) -> dict[str, int]:
    """{SKU: pieces that it may still sell}."""
    where = {"tenant": seller.tenant, "shop": seller.shop}
    skus = [one.sku for one in channels(session, **where, channel=seller.market)]
    found = left(session, **where, channel=seller.market, skus=skus, at=at)
    return {sku: qty // PIECE for sku, qty in found.items()}


def _named(session: Session, seller: Market, order: MarketOrder) -> dict[str, tuple[int, int | None]]:
    """{SKU: (milli-units, price)} of its lines, each named by SKU or barcode; BadInput for one that nobody knows."""
    known = items(session, tenant=seller.tenant, shop=seller.shop)
    codes = {code: sku for sku, item in known.items() for code in item.codes}
    found: dict[str, tuple[int, int | None]] = {}
    for line in order.lines:
        sku = line.sku if line.sku in known else codes.get(line.sku, "")
        if not sku:
            raise BadInput(f"{line.sku} is not in the catalogue.")
        found[sku] = (found.get(sku, (0, None))[0] + line.pieces * PIECE, line.price)
    return found


def _same(known: Kept, order: MarketOrder, lines: Mapping[str, int]) -> Kept:
    stands = {line.sku: line.qty for line in known.lines}
    if stands != dict(lines) or known.row.paid != order.paid:
        told = ", ".join(f"{qty // PIECE} {sku}" for sku, qty in sorted(stands.items()))
        paid = "paid" if known.row.paid else "not paid"
        raise Changed(f"Order {order.reference} is known with {told}, {paid}. Cancel it and give it another reference.")
    return known
