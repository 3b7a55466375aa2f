"""Reservations: pieces of a limited item kept in the cloud for a customer who comes with a code, never more than are
there. They fall free at their time, at the close of their channel, and when they are handed over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.catalogue import item, items
from cloud_sync.channels import shut
from cloud_sync.database import Database
from cloud_sync.drops import drops
from cloud_sync.feed import entries, held_shop, publish, take_out
from cloud_sync.projections.fact import Fact
from cloud_sync.quotas import share_out
from cloud_sync.split import GONE, selling_journals, split_of
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import FeedRow, JournalRow
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop
from cloud_sync.tables.reservations import Channel, Reservation, ReservedLineRow
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.drop_window import MINUTE_MS, price_in
from edge_agent.rules.live import LIVE
from edge_agent.rules.money import line_total, quantity
from edge_agent.wire.events.reservations import MOST_LINES, ReservationSet, ReservedLine
from edge_agent.wire.events.sales import SaleCompleted

KIND = "reservation_set"
UNHEARD_MS = 30 * MINUTE_MS
"""Past its time a reservation is kept so long for a till that may have handed it over and was not heard of since."""
TWICE = "handed_twice"
"""Why a sale needs a look: its reservation had been handed over already, or was kept no longer."""


class NoneLeft(BadInput):
    """There are not so many to reserve: `left` says how many milli-units of the SKU there are."""

    def __init__(self, name: str, sku: str, left: int) -> None:
        words = f"only {quantity(left)} left" if left else "none left"
        super().__init__(f"{name}: {words}.")
        self.sku, self.left = sku, left


@dataclass(frozen=True)
class Wish:
    """What is to be kept: milli-units by SKU, through a channel, until then (UTC ms), under the `mark` of a code.
    `prices` are unit prices that were agreed there; without one the price of the moment holds."""

    mark: str
    channel: str
    lines: Mapping[str, int]
    until: int
    prices: Mapping[str, int] = field(default_factory=dict)
    reference: str = ""
    drop: str = ""
    spot: str = ""
    paid: bool = False


@dataclass(frozen=True)
class Kept:
    """A reservation with its lines."""

    row: Reservation
    lines: tuple[ReservedLine, ...]

    @property
    def total(self) -> int:
        """What is to be paid for it, in minor units."""
        return sum(line_total(line.price, line.qty) for line in self.lines)


def reserve(session: Session, *, tenant: str, shop: str, wish: Wish, at: int) -> Kept:
    """Keep all of it or nothing, in the caller's transaction. NoneLeft; BadInput for what is no wish; NotKnown for a
    SKU that is not in the catalogue. A mark that is taken already is the same reservation, as it stands."""
    held = held_shop(session, tenant, shop)
    known = session.get(Reservation, (tenant, shop, wish.mark))
    if known is not None:
        return kept(session, known)
    lapse(session, held, at)
    if not 0 < len(wish.lines) <= MOST_LINES or any(qty <= 0 for qty in wish.lines.values()) or wish.until <= at:
        raise BadInput("That can't be reserved.")
    lines = _priced(session, tenant, shop, wish, at)
    tills = selling_journals(session, held)
    for line in lines:
        free = split_of(session, held, line.sku, tills, at).free(wish.channel)
        if free < line.qty:
            raise NoneLeft(item(session, tenant=tenant, shop=shop, sku=line.sku).name, line.sku, free)
    row = _row(session, held, wish, at)
    session.add(row)
    session.add_all(
        ReservedLineRow(tenant=tenant, shop=shop, reservation=wish.mark, **line.model_dump()) for line in lines
    )
    session.flush()
    return _tell(session, held, Kept(row, lines), at)


def release(session: Session, *, tenant: str, shop: str, marks: Iterable[str], at: int) -> int:
    """These are kept no longer; returns how many were until now."""
    held, done = held_shop(session, tenant, shop), 0
    for mark in marks:
        row = session.get(Reservation, (tenant, shop, mark))
        if row is not None and row.state == "open":
            _end(session, held, row, "released", at)
            done += 1
    return done


def move_to(session: Session, *, tenant: str, shop: str, mark: str, spot: str, at: int) -> Kept:
    """Where it waits from now on (empty: at the counter). NotKnown for one that waits no longer."""
    held = held_shop(session, tenant, shop)
    row = session.get(Reservation, (tenant, shop, mark))
    if row is None or row.state != "open":
        raise NotKnown("There is no such reservation.")
    row.spot = spot
    session.add(row)
    session.flush()
    return _tell(session, held, kept(session, row), at)


def close_channel(session: Session, *, tenant: str, shop: str, channel: str, skus: Sequence[str], at: int) -> int:
    """The channel sells these SKUs no longer: what was reserved through it is free, what was set aside goes back to
    everybody. Returns how many reservations ended so."""
    held = held_shop(session, tenant, shop)
    mine = _open(tenant, shop).where(Reservation.channel == channel)
    here = select(ReservedLineRow.reservation).where(ReservedLineRow.tenant == tenant, ReservedLineRow.shop == shop)
    marks = session.exec(
        mine.where(col(Reservation.reservation).in_(here.where(col(ReservedLineRow.sku).in_(list(skus)))))
    )
    done = release(session, tenant=tenant, shop=shop, marks=[row.reservation for row in marks.all()], at=at)
    shut(session, held, channel, skus)
    share_out(session, held, list(skus), at)
    return done


def lapse(session: Session, shop: Shop, at: int) -> int:
    """End what is past its time, and shut channels that are; the caller's transaction holds `shop`. What a till that
    was not heard of since may have handed over is kept for half an hour more."""
    done, heard = 0, _heard_at(session, shop)
    due = session.exec(_open(shop.tenant, shop.shop).where(Reservation.until <= at)).all()
    for row in due:
        if row.until <= heard or row.until + UNHEARD_MS <= at:
            _end(session, shop, row, "released", at)
            done += 1
    over = select(Channel).where(Channel.tenant == shop.tenant, Channel.shop == shop.shop, Channel.until <= at)
    for one in session.exec(over).all():
        if one.channel.startswith(LIVE):
            shut(session, shop, one.channel, [one.sku])
            share_out(session, shop, [one.sku], at)
        else:
            close_channel(session, tenant=shop.tenant, shop=shop.shop, channel=one.channel, skus=[one.sku], at=at)
    return done


def lapse_due(database: Database, now: int) -> int:
    """End what is past its time in every shop; returns how many reservations. Level-triggered: call it at any time."""
    due = select(Reservation.tenant, Reservation.shop).where(Reservation.state == "open", Reservation.until <= now)
    over = select(Channel.tenant, Channel.shop).where(Channel.until <= now)
    with database.service().reading() as session:
        shops = sorted({*session.exec(due.distinct()), *session.exec(over.distinct())})
    done = 0
    for tenant, shop in shops:
        with database.of(tenant).writing() as session:
            done += lapse(session, held_shop(session, tenant, shop), now)
    return done


def fold_collected(session: Session, fact: Fact, now: int) -> str:
    """The reservations that a sale handed over; words for the owner's task where one was no longer to be had."""
    body = fact.body
    if not isinstance(body, SaleCompleted) or not body.collected:
        return ""
    shop, odd = held_shop(session, fact.tenant, fact.shop), []
    session.flush()
    for mark in body.collected:
        row = session.get(Reservation, (fact.tenant, fact.shop, mark))
        if row is None or (row.state == "handed" and row.receipt == fact.event.id):
            continue
        if row.state == "open":
            row.receipt = fact.event.id
            _end(session, shop, row, "handed", now, skip=fact.journal)
        else:
            odd.append(row)
    return " ".join(_odd_words(row, body.receipt) for row in odd)


def _odd_words(row: Reservation, receipt: int) -> str:
    if row.state == "handed":
        return (
            f"Receipt {receipt}: reservation {row.number} was handed over a second time; the tills had not heard of "
            f"each other. The sale stands: look whether a piece is missing."
        )
    return (
        f"Receipt {receipt}: reservation {row.number} was handed over when it was kept no longer; the till had not "
        f"heard so. The sale stands: somebody else may have reserved the piece meanwhile."
    )


def reservation(session: Session, *, tenant: str, shop: str, mark: str) -> Kept:
    """The reservation of that mark; NotKnown when there is none."""
    row = session.get(Reservation, (tenant, shop, mark))
    if row is None:
        raise NotKnown("There is no such reservation.")
    return kept(session, row)


def reservations(session: Session, *, tenant: str, shop: str, drop: str = "", since: int = 0) -> list[Kept]:
    """Those that are open, and those made since then; the oldest first."""
    mine = select(Reservation).where(Reservation.tenant == tenant, Reservation.shop == shop)
    mine = mine.where((col(Reservation.state) == "open") | (col(Reservation.at) >= since))
    mine = mine.where(Reservation.drop == drop) if drop else mine
    rows = session.exec(mine.order_by(col(Reservation.number))).all()
    lines = _lines(session, tenant, shop, [row.reservation for row in rows])
    return [Kept(row, tuple(lines.get(row.reservation, ()))) for row in rows]


def kept(session: Session, row: Reservation) -> Kept:
    """A row with its lines."""
    return Kept(row, tuple(_lines(session, row.tenant, row.shop, [row.reservation]).get(row.reservation, ())))


def totals(session: Session, *, tenant: str, shop: str, marks: Sequence[str]) -> dict[str, int]:
    """{mark: what its goods come to, in minor units}."""
    lines = _lines(session, tenant, shop, marks)
    return {mark: sum(line_total(one.price, one.qty) for one in mine) for mark, mine in lines.items()}


def _lines(session: Session, tenant: str, shop: str, marks: Sequence[str]) -> dict[str, list[ReservedLine]]:
    mine = select(ReservedLineRow).where(ReservedLineRow.tenant == tenant, ReservedLineRow.shop == shop)
    rows = session.exec(mine.where(col(ReservedLineRow.reservation).in_(list(marks))).order_by(ReservedLineRow.sku))
    found: dict[str, list[ReservedLine]] = {}
    for row in rows:
        found.setdefault(row.reservation, []).append(ReservedLine(sku=row.sku, qty=row.qty, price=row.price))
    return found


def _open(tenant: str, shop: str) -> SelectOfScalar[Reservation]:
    mine = select(Reservation).where(Reservation.tenant == tenant, Reservation.shop == shop)
    return mine.where(Reservation.state == "open")


def _priced(session: Session, tenant: str, shop: str, wish: Wish, at: int) -> tuple[ReservedLine, ...]:
    """Its lines at the price that was agreed, that of an open drop, or the catalogue's."""
    known = items(session, tenant=tenant, shop=shop, of=wish.lines)
    prices = {sku: one.price for sku, one in known.items()}
    for drop in drops(session, tenant=tenant, shop=shop):
        if not drop.called_off and drop.start <= at < drop.end:
            prices |= {part.sku: price_in(drop, part.sku, at) or prices.get(part.sku, 0) for part in drop.parts}
    prices |= dict(wish.prices)
    missing = sorted(set(wish.lines) - set(known))
    if missing:
        raise NotKnown(f"{missing[0]} is not in the catalogue.")
    return tuple(ReservedLine(sku=sku, qty=qty, price=prices[sku]) for sku, qty in sorted(wish.lines.items()))


def _row(session: Session, shop: Shop, wish: Wish, at: int) -> Reservation:
    last = select(func.max(Reservation.number)).where(Reservation.tenant == shop.tenant, Reservation.shop == shop.shop)
    return Reservation(
        tenant=shop.tenant,
        shop=shop.shop,
        reservation=wish.mark,
        number=(session.exec(last).one() or 0) + 1,
        channel=wish.channel,
        reference=wish.reference,
        drop=wish.drop,
        spot=wish.spot,
        paid=wish.paid,
        at=at,
        until=wish.until,
    )


def _end(session: Session, shop: Shop, row: Reservation, state: str, at: int, skip: str = "") -> None:
    row.state, row.ended_at = state, at
    session.add(row)
    session.flush()
    ended = _tell(session, shop, kept(session, row), at, skip)
    share_out(session, shop, [line.sku for line in ended.lines], at)


def _tell(session: Session, shop: Shop, one: Kept, at: int, skip: str = "") -> Kept:
    """One entry a reservation stays in the feed, its last word."""
    row = one.row
    old = session.exec(entries(shop.tenant, shop.shop, KIND).where(FeedRow.key == row.reservation)).all()
    take_out(session, shop, [entry.cursor for entry in old])
    body = ReservationSet.model_validate(
        {
            **row.model_dump(include={"reservation", "number", "channel", "until", "state", "drop", "spot", "paid"}),
            "lines": one.lines,
        }
    )
    publish(session, shop, body, key=row.reservation, at=at, author=skip, skip=skip)
    return one


def _heard_at(session: Session, shop: Shop) -> int:
    """Up to when it is known what every till of the shop handed over: all that they did was counted since."""
    mine = select(Device).where(Device.tenant == shop.tenant, Device.shop == shop.shop)
    tills = session.exec(mine.where(col(Device.state).not_in(GONE))).all()
    here = (col(Position.tenant) == JournalRow.tenant) & (col(Position.journal) == JournalRow.journal)
    behind = select(JournalRow.journal).join(Position, here, isouter=True).where(JournalRow.tenant == shop.tenant)
    behind = behind.where(JournalRow.shop == shop.shop, func.coalesce(Position.seq, 0) < JournalRow.seq)
    if any(one.backlog for one in tills) or session.exec(behind.limit(1)).first() is not None:
        return 0
    return min((one.last_seen_at or 0 for one in tills), default=2**62)


def left(session: Session, *, tenant: str, shop: str, channel: str, skus: Sequence[str], at: int) -> dict[str, int]:
    """{SKU: milli-units that may still be reserved through a channel}, as it stands."""
    house = session.get(Shop, (tenant, shop))
    if house is None:
        raise NotKnown(f"there is no shop {shop}")
    tills = selling_journals(session, house)
    return {sku: split_of(session, house, sku, tills, at).free(channel) for sku in skus}
