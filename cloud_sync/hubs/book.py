"""The book of hubs: cards, what each told, its orders; in the caller's transaction, and nothing is asked of anybody."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlmodel import Session, col, select

from cloud_sync.tables.hubs import Hub, HubCharge, HubDayRow, HubOrder, HubStock, ShopPlace
from edge_agent.errors import NotKnown
from edge_agent.rules.hub import Held, HubDay, Kind, Point, Rounds, Tariff, accrued
from edge_agent.rules.imports_hubs import Charge, HubCard, Told, Tracked

OPEN = ("asking", "reserved")
OUT = ("shipped", "delivered")


@dataclass(frozen=True)
class Shelf:
    """A shop's hubs, in one session."""

    session: Session
    tenant: str
    shop: str

    def place(self) -> Point | None:
        """Where the shop is; None until somebody said."""
        row = self.session.get(ShopPlace, (self.tenant, self.shop))
        return Point(row.lat, row.lon) if row else None

    def put_place(self, place: Point) -> None:
        self.session.merge(ShopPlace(tenant=self.tenant, shop=self.shop, lat=place.lat, lon=place.lon))

    def hubs(self) -> dict[str, HubCard]:
        """{id: card}."""
        mine = select(Hub).where(Hub.tenant == self.tenant, Hub.shop == self.shop).order_by(col(Hub.hub))
        return {row.hub: card_of(row) for row in self.session.exec(mine)}

    def row(self, hub: str) -> Hub:
        """The row of a hub; NotKnown when there is none."""
        found = self.session.get(Hub, (self.tenant, self.shop, hub))
        if found is None:
            raise NotKnown(f"there is no hub {hub}")
        return found

    def put(self, card: HubCard, by: str, at: int) -> None:
        """Describe a hub anew; what it told stays."""
        row = self.session.get(Hub, (self.tenant, self.shop, card.hub))
        body = json.dumps(asdict(card)).encode()
        row = row or Hub(tenant=self.tenant, shop=self.shop, hub=card.hub, body=b"", by=by, at=at)
        row.body, row.by, row.at = body, by, at
        self.session.add(row)

    def stock(self, hub: str) -> list[Held]:
        """What it told last."""
        mine = select(HubStock).where(HubStock.tenant == self.tenant, HubStock.shop == self.shop, HubStock.hub == hub)
        rows = self.session.exec(mine.order_by(col(HubStock.sku)))
        return [Held(row.sku, row.on_hand, row.committed, row.exceptions) for row in rows]

    def take(self, hub: str, told: Told, day: int, at: int) -> None:
        """Keep what a hub told on a day. Stock is told whole; orders and charges line by line."""
        where = {"tenant": self.tenant, "shop": self.shop, "hub": hub}
        if told.stock:
            self._put_stock(hub, {one.sku: one for one in told.stock})
            self.session.merge(HubDayRow(**where, day=day, on_hand=sum(one.on_hand for one in told.stock)))
            self.row(hub).asked_at = at
        for track in told.tracked:
            self.move(hub, track, day)
        for charge in told.charges:
            key = {"invoice": charge.invoice, "kind": charge.kind}
            self.session.merge(HubCharge(**where, **key, day=charge.day, amount=charge.amount))

    def _put_stock(self, hub: str, told: Mapping[str, Held]) -> None:
        """The whole stock; a row is written when it changed, for a hub tells all of it at each order."""
        mine = select(HubStock).where(HubStock.tenant == self.tenant, HubStock.shop == self.shop, HubStock.hub == hub)
        rows = {row.sku: row for row in self.session.exec(mine)}
        for sku in rows.keys() - told.keys():
            self.session.delete(rows[sku])
        for sku, one in told.items():
            key = {"tenant": self.tenant, "shop": self.shop, "hub": hub, "sku": sku}
            row = rows.get(sku) or HubStock(**key, on_hand=0, committed=0, exceptions=0)
            row.on_hand, row.committed, row.exceptions = one.on_hand, one.committed, one.exceptions
            self.session.add(row)

    def move(self, hub: str, told: Tracked, day: int) -> None:
        """Where an order is now; one that is known to be farther stays there."""
        order = self.session.get(HubOrder, (self.tenant, self.shop, hub, told.reference))
        ranks = ("asking", "refused", "reserved", "released", "shipped", "delivered")
        if order is None or ranks.index(told.state) < ranks.index(order.state):
            return
        order.state = told.state
        if told.state in OUT and not order.shipped:
            order.shipped = told.day or day
        if told.state == "delivered" and not order.delivered:
            order.delivered = told.day or day
        self.session.add(order)

    def orders(self, hub: str) -> list[HubOrder]:
        """The newest first."""
        mine = select(HubOrder).where(HubOrder.tenant == self.tenant, HubOrder.shop == self.shop, HubOrder.hub == hub)
        return list(self.session.exec(mine.order_by(col(HubOrder.at).desc(), col(HubOrder.reference))))

    def order(self, hub: str, reference: str) -> HubOrder:
        """NotKnown for a reference that nobody gave."""
        found = self.session.get(HubOrder, (self.tenant, self.shop, hub, reference))
        if found is None:
            raise NotKnown(f"there is no order {reference}")
        return found

    def charges(self, hub: str, first: int, last: int) -> list[Charge]:
        """What the hub asked for those days."""
        one = HubCharge
        mine = select(one).where(one.tenant == self.tenant, one.shop == self.shop, one.hub == hub)
        ranged = mine.where(one.day >= first, one.day <= last).order_by(col(one.day), col(one.kind))
        return [Charge(row.day, row.kind, row.amount, row.invoice) for row in self.session.exec(ranged)]

    def accrual(self, hub: str, first: int, last: int) -> dict[Kind, int]:
        """What is owed for those days by the tariff; a day without news has the stock of the one before."""
        one, card = HubDayRow, card_of(self.row(hub))
        mine = select(one).where(one.tenant == self.tenant, one.shop == self.shop, one.hub == hub, one.day <= last)
        told = {row.day: row.on_hand for row in self.session.exec(mine)}
        before = told[max(day for day in told if day < first)] if any(day < first for day in told) else 0
        out = [order for order in self.orders(hub) if first <= order.shipped <= last]
        return accrued(_days(told, before, out, first, last), before, card.piece_ml, card.tariff)


def _days(told: dict[int, int], before: int, out: Iterable[HubOrder], first: int, last: int) -> list[HubDay]:
    left: dict[int, list[int]] = {}
    for order in out:
        left.setdefault(order.shipped, []).append(sum(lines_of(order).values()))
    found, held = list[HubDay](), before
    for day in range(first, last + 1):
        held = told.get(day, held)
        found.append(HubDay(day, held, tuple(left.get(day, ()))))
    return found


def lines_of(order: HubOrder) -> dict[str, int]:
    """{SKU: pieces}."""
    found: dict[str, int] = json.loads(order.lines)
    return found


def card_of(row: Hub) -> HubCard:
    """The card that was kept."""
    said = json.loads(row.body)
    rounds = Rounds(**{**said["rounds"], "days": tuple(said["rounds"]["days"])})
    return HubCard(**{**said, "place": Point(**said["place"]), "rounds": rounds, "tariff": Tariff(**said["tariff"])})
