"""What orders may take out of a shop's account, told to its tills: orders that go by themselves stop offline too."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from cloud_sync import cash
from cloud_sync.catalogue import shop_card, suppliers
from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.feed import entries, held_shop, publish, take_out
from cloud_sync.ingest.gate import Gate
from cloud_sync.ingest.way import Way
from cloud_sync.rounds import Rounds
from cloud_sync.tables.events import FeedRow
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order
from edge_agent.rules.cash_ledger import Day
from edge_agent.rules.day import HOUR_MS, moment
from edge_agent.wire.events.cash import CashRoom

KIND = "cash_room"
EVERY_S = 600.0
OPEN = ("proposed", "held")


class CashRooms(Rounds):
    """Looks every ten minutes at the shops that have suppliers whose orders go by themselves: an account is worked out
    anew for each order that is open."""

    def __init__(self, database: Database, clock: Clock, *, gate: Gate | None = None) -> None:
        super().__init__("cash rooms", EVERY_S, rests=True)
        self._database, self._clock = database, clock
        self._way = Way("what orders may cost", gate or Gate(), self._over)

    def go_round(self) -> int:
        """Tell what is new; returns how many suppliers of how many shops it was about."""
        if not self._way.begin():
            return 0
        with self._database.service().reading() as session:
            shops = [(row.tenant, row.shop) for row in session.exec(select(Shop).order_by(col(Shop.tenant)))]
        now, told = self._clock.now(), 0
        for tenant, shop in shops:
            told += tell(self._database.of(tenant), tenant, shop, now)
            if not self._way.give():
                return told
        self._way.through()
        return told


def tell(database: Database, tenant: str, shop: str, now: int) -> int:
    """Publish what has become less, and once an hour what has become more; how many entries."""
    with database.reading() as session:
        told = {row.key: row for row in reversed(session.exec(entries(tenant, shop, KIND)).all())}
        fresh = [one for one in rooms(session, tenant, shop, now, told) if _is_news(one, told.get(one.supplier), now)]
    if not fresh:
        return 0
    with database.writing() as session:
        held = held_shop(session, tenant, shop)
        old = [row for row in session.exec(entries(tenant, shop, KIND)) if row.key in {one.supplier for one in fresh}]
        for one in fresh:
            publish(session, held, one, key=one.supplier, at=now)
        take_out(session, held, [row.cursor for row in old])
    return len(fresh)


def _is_news(one: CashRoom, row: FeedRow | None, now: int) -> bool:
    if row is None:
        return True
    before = CashRoom.model_validate_json(row.body)
    if (one.room is None) != (before.room is None) or one.until != before.until:
        return True
    less = one.room is not None and before.room is not None and one.room < before.room
    return one.room != before.room and (less or now - row.at >= HOUR_MS)


def rooms(session: Session, tenant: str, shop: str, now: int, told: dict[str, FeedRow]) -> list[CashRoom]:
    """Of each supplier whose orders go by themselves. Nothing new where the balance is too old: what was told ends by
    itself; where the owner tells of no balance any more, that there is no limit."""
    where = {"tenant": tenant, "shop": shop}
    auto = [name for name, supplier in sorted(suppliers(session, **where).items()) if supplier.auto]
    if not auto:
        return []
    if not any(one.kind == "balance" for one in cash.entries(session, **where)):
        return [CashRoom(supplier=name, room=None, day=0, until=0) for name in auto if name in told]
    open_ = select(Order).where(Order.tenant == tenant, Order.shop == shop, col(Order.state).in_(OPEN))
    coming = {one.supplier: one.order for one in session.exec(open_.where(Order.cutoff_at > now)).all()}
    card = shop_card(session, **where)
    zone, found = card.zone if card else "UTC", dict[str, cash.Account | None]()
    for order in {coming.get(name, "") for name in auto}:
        found[order] = cash.account(session, **where, now=now, ordered=order)
    known = [(name, coming.get(name, ""), found[coming.get(name, "")]) for name in auto]
    return [_room(name, order, account, zone) for name, order, account in known if account is not None]


def _room(supplier: str, order: str, account: cash.Account, zone: str) -> CashRoom:
    """With the order that is open as it stands, what it costs and what is left; without one, what is left as it is."""
    until = moment(account.balance_day + cash.OLDEST_BALANCE + 1, 0, zone)
    paid = next((flow for flow in account.flows if order and flow.key == f"order {order}"), None)
    before = [day for day in account.days if paid and day.day < paid.day]
    after = account.days[len(before) :]
    low = _least(before, account.floor)
    left = _least(after, account.floor) - (paid.amount if paid else 0)
    room = 0 if low < 0 else max(0, left)
    return CashRoom(supplier=supplier, room=room, day=account.bound.day, until=until)


def _least(days: Sequence[Day], floor: int) -> int:
    """What the worst of these days has above the float in the low case."""
    return min((day.low - floor for day in days), default=0)
