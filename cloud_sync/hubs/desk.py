"""The desk: places an order at a hub, asks it, brings an order on. No transaction is open while a hub is asked.

An order is kept as `asking` before the hub hears of it, and its own reference is said at each try: whatever is lost on
the way is said again, and nothing is sent twice.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from cloud_sync.database import Database
from cloud_sync.hubs.book import OPEN, Shelf, card_of, lines_of
from cloud_sync.hubs.port import HubPort
from cloud_sync.hubs.rest import RestHub
from cloud_sync.hubs.sheet import SheetHub
from cloud_sync.post.talk import NotHeard, Refused
from cloud_sync.post.webhook import Web
from cloud_sync.tables.hubs import HubOrder
from edge_agent.errors import BadInput
from edge_agent.rules.hub import Held, order_cost, order_grams, promised
from edge_agent.rules.imports_hubs import HubCard, Told, Tracked

CHARGED_DAYS = 62
Port = Callable[[Shelf, HubCard], HubPort]


@dataclass(frozen=True)
class Asked:
    """A hub of a shop, who asks and when: `day` is the shop's business day, `zone` the one that its clock shows."""

    tenant: str
    shop: str
    hub: str
    by: str
    now: int
    day: int
    zone: str


@dataclass(frozen=True)
class Desk:
    """Speaks to hubs by `port`."""

    database: Database
    port: Port

    def send(self, asked: Asked, reference: str, lines: Mapping[str, int]) -> HubOrder:
        """Have {SKU: pieces} sent under a reference. Said again with the same lines it goes on where it stands;
        BadInput with others."""
        with self.database.reading() as session:
            port = self._port(session, asked)
            known = session.get(HubOrder, _key(asked, reference))
        held = self._there(asked, port) if known is None else {}
        with self.database.writing() as session:
            card = card_of(Shelf(session, asked.tenant, asked.shop).row(asked.hub))
            known = session.get(HubOrder, _key(asked, reference))
            if known is not None and lines_of(known) != dict(lines):
                raise BadInput(f"{reference} is another order already.")
            if known is None:
                session.add(_new(asked, card, reference, lines, held))
        return self.go_on(asked, reference)

    def go_on(self, asked: Asked, reference: str) -> HubOrder:
        """Bring an order on from where it stands until it has left the hub, is refused, or nobody answers."""
        with self.database.reading() as session:
            port = self._port(session, asked)
            order = Shelf(session, asked.tenant, asked.shop).order(asked.hub, reference)
        state = order.state
        try:
            if state == "asking":
                port.reserve(reference, lines_of(order))
                order = self._stands(asked, reference, "reserved")
            if state in OPEN:
                port.ship(reference)
                order = self._stands(asked, reference, "shipped")
        except Refused as error:
            return self._stands(asked, reference, "refused" if state == "asking" else state, error.message)
        except NotHeard as error:
            return self._stands(asked, reference, state, f"{error.message} Try again: nothing is sent twice.")
        return order

    def release(self, asked: Asked, reference: str) -> HubOrder:
        """Keep the pieces no longer."""
        port = self._reached(asked)
        try:
            port.release(reference)
        except (Refused, NotHeard) as error:
            return self._stands(asked, reference, "", error.message)
        return self._stands(asked, reference, "released")

    def ask(self, asked: Asked) -> str:
        """Stock, where open orders are, charges; what went wrong in words, empty when nothing did."""
        port = self._reached(asked)
        with self.database.reading() as session:
            open_ = [
                one.reference
                for one in Shelf(session, asked.tenant, asked.shop).orders(asked.hub)
                if one.state in (*OPEN, "shipped")
            ]
        words, tracked = "", list[Tracked]()
        try:
            self._stock(asked, port)
            for reference in open_:
                tracked += _tracked(port, reference)
            charges = tuple(port.charges(asked.day - CHARGED_DAYS, asked.day))
        except (Refused, NotHeard) as error:
            words, charges = error.message, ()
        with self.database.writing() as session:
            shelf = Shelf(session, asked.tenant, asked.shop)
            shelf.take(asked.hub, Told(tracked=tuple(tracked), charges=charges), asked.day, asked.now)
            shelf.row(asked.hub).words = words[:200]
        return words

    def _there(self, asked: Asked, port: HubPort) -> dict[str, Held]:
        """{SKU: what is there now}; a hub that does not say promises nothing."""
        try:
            return {one.sku: one for one in self._stock(asked, port)}
        except (Refused, NotHeard):
            return {}

    def _stock(self, asked: Asked, port: HubPort) -> list[Held]:
        """What is there now, and kept; what a hub told before stays when it does not say."""
        found = list(port.stock())
        if not isinstance(port, SheetHub):
            with self.database.writing() as session:
                Shelf(session, asked.tenant, asked.shop).take(asked.hub, Told(stock=tuple(found)), asked.day, asked.now)
        return found

    def _reached(self, asked: Asked) -> HubPort:
        with self.database.reading() as session:
            return self._port(session, asked)

    def _port(self, session: Session, asked: Asked) -> HubPort:
        shelf = Shelf(session, asked.tenant, asked.shop)
        return self.port(shelf, card_of(shelf.row(asked.hub)))

    def _stands(self, asked: Asked, reference: str, state: str, words: str = "") -> HubOrder:
        """Note where it stands now (empty: where it stood); the order as it is then."""
        with self.database.writing() as session:
            shelf = Shelf(session, asked.tenant, asked.shop)
            order = shelf.order(asked.hub, reference)
            order.words = words[:200]
            if state == "refused":
                order.state = state
            elif state:
                shelf.move(asked.hub, Tracked(reference, state), asked.day)
            session.add(order)
        return order


def _key(asked: Asked, reference: str) -> tuple[str, str, str, str]:
    return asked.tenant, asked.shop, asked.hub, reference


def _tracked(port: HubPort, reference: str) -> list[Tracked]:
    """Nothing of an order that the hub never heard of: it is still to be asked."""
    try:
        return [port.track(reference)]
    except Refused:
        return []


def _new(asked: Asked, card: HubCard, reference: str, lines: Mapping[str, int], held: Mapping[str, Held]) -> HubOrder:
    days = [promised(asked.now, asked.zone, card.rounds, held.get(sku), pieces) for sku, pieces in lines.items()]
    return HubOrder(
        tenant=asked.tenant,
        shop=asked.shop,
        hub=asked.hub,
        reference=reference,
        lines=json.dumps(dict(lines), sort_keys=True).encode(),
        state="asking",
        words="",
        promised=max(days) if all(days) else 0,
        shipped=0,
        delivered=0,
        cost=order_cost(sum(lines.values()), card.tariff),
        grams=order_grams(card.route_m, card.km_g, card.stops, card.box_g),
        by=asked.by,
        at=asked.now,
    )


def ports(web: Web, now_s: Callable[[], int]) -> Port:
    """The way to speak to a hub that its card names."""

    def port(shelf: Shelf, card: HubCard) -> HubPort:
        if card.adapter == "rest":
            turn = shelf.row(card.hub).turn
            secret = web.seal("hub", shelf.tenant, shelf.shop, card.hub, turn)
            return RestHub(web, card.url, secret, now_s)
        return _sheet(shelf, card.hub)

    return port


def _sheet(shelf: Shelf, hub: str) -> SheetHub:
    orders, asked_at = shelf.orders(hub), shelf.row(hub).asked_at
    kept: dict[str, int] = {}
    for order in orders:
        if order.state in ("reserved", "shipped") and order.at > asked_at:
            for sku, pieces in lines_of(order).items():
                kept[sku] = kept.get(sku, 0) + pieces
    tracked = {
        one.reference: Tracked(one.reference, one.state) for one in orders if one.state not in ("asking", "refused")
    }
    return SheetHub(shelf.stock(hub), kept, tracked, shelf.charges(hub, 0, 2**31 - 1))
