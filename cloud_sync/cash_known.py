"""What the cloud knows of a shop's money to come and to go: takings, orders, invoices, tax, weekly purchases."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync import drops, purchases
from cloud_sync.cash_hubs import hub_flows
from cloud_sync.cash_market import market_flows
from cloud_sync.catalogue import items, shop_card, suppliers
from cloud_sync.creators import creator_flows
from cloud_sync.hubs.book import Shelf
from cloud_sync.tables.cash import CashEntry
from cloud_sync.tables.figures import DemandDay, Takings, TakingsRate
from cloud_sync.tables.orders import Order, OrderLineRow, OrderReceipt
from edge_agent.rules import cash_expected as expected
from edge_agent.rules.cash_expected import Due, Taken
from edge_agent.rules.cash_ledger import Flow, Kind
from edge_agent.rules.day import local, moment
from edge_agent.rules.money import divided
from edge_agent.rules.payout import Rule
from edge_agent.rules.purchases import Invoice
from edge_agent.rules.spread import PAST_DAYS
from edge_agent.rules.tax import tax_on
from edge_agent.wire.events.catalogue import SupplierSet
from edge_agent.wire.events.drops import DropSet

DAYS = 42
WEEK = 7
COST_DAYS, TAX_DAYS = 28, 200
USUAL_INPUT_DAYS = 91
"""Invoices come by the month: what a usual day reclaims is that of a quarter."""
PIECE = 1_000
KINDS: dict[str, Kind] = {"bill": "bill", "supplier": "supplier", "wages": "wages", "rent": "rent", "vat": "vat"}
FULFILLED = "fulfilled"
ON_ITS_WAY = ("approved", "sent")
CAME = "received"
LONGEST_TERMS = 366


@dataclass(frozen=True)
class Where:
    """A shop, its day, and the moment (UTC ms)."""

    session: Session
    tenant: str
    shop: str
    today: int
    now: int

    @property
    def names(self) -> dict[str, str]:
        return {"tenant": self.tenant, "shop": self.shop}

    @property
    def zone(self) -> str:
        card = shop_card(self.session, tenant=self.tenant, shop=self.shop)
        return card.zone if card else "UTC"


def flows(where: Where, said: Sequence[CashEntry], first: int, ordered: str = "") -> list[Flow]:
    """Everything from ordinal day `first` on but what drops bring and cost; the order `ordered` as if it were
    approved."""
    session, today = where.session, where.today
    rules = purchases.payout_rules(session, **where.names)
    told = purchases.invoices(session, tenant=where.tenant, shop=where.shop)
    terms = suppliers(session, **where.names)
    due = _due(where, terms, first, ordered)
    past = taken(where)
    usual = expected.usual(_without_drops(where, past), today - 1)
    days = today + DAYS - first
    found = expected.takings(past, first, days, today, weekdays=usual, card=rules[purchases.CARD_CHANNEL])
    found += [flow for flow in expected.orders(due) if flow.day >= first]
    for supplier, weekly in _weekly_cost(where).items():
        mine = [one for one in due if one.supplier == supplier]
        days_later = terms[supplier].terms_days if supplier in terms else 0
        found += expected.reorders(weekly, mine, today, DAYS, later=days_later, of=supplier)
    tax, daily_tax = _tax(where, told)
    found += expected.vat(tax, daily_tax, today, today + DAYS - 1)
    found += _invoiced(where, told, terms, first, {one.number: one.order for one in due})
    found += creator_flows(session, **where.names, zone=where.zone, first=first, now=where.now)
    found += market_flows(
        session,
        **where.names,
        zone=where.zone,
        first=first,
        now=where.now,
        rules=rules,
        said={(one.name.lower(), one.day) for one in said if one.kind == FULFILLED},
    )
    found += hub_flows(Shelf(session, where.tenant, where.shop), told, first, today, DAYS)
    return [*_unless_paid(found, where, told, first), *_owners(said, first, rules)]


def _owners(said: Sequence[CashEntry], first: int, rules: dict[str, Rule]) -> list[Flow]:
    """What the owner says himself; his word on a day's tax takes the place of what is expected."""
    found = [_bill(one) for one in said if one.kind in KINDS and one.day >= first]
    for one in said:
        if one.kind == FULFILLED:
            parts = purchases.rule_for(rules, one.name).parts(one.day, one.amount)
            keyed = (f"{one.kind} {one.day} {one.name} {place}" for place in range(len(parts)))
            found += [
                Flow(key, day, amount, "payout", one.name)
                for key, (day, amount) in zip(keyed, parts, strict=True)
                if day >= first
            ]
    return found


def _bill(one: CashEntry) -> Flow:
    key = f"vat {one.day}" if one.kind == "vat" else f"{one.kind} {one.day} {one.name}"
    return Flow(key, one.day, -one.amount, KINDS[one.kind], one.name)


def _invoiced(
    where: Where, told: Sequence[Invoice], terms: dict[str, SupplierSet], first: int, orders: dict[str, str]
) -> list[Flow]:
    """Invoices in the place of the orders that they name; unpaid ones that are overdue go on the first day."""
    found = []
    for one in told:
        known = terms.get(one.supplier)
        due = one.due or one.day + (known.terms_days if known else 0)
        if one.paid and one.paid < first:
            continue
        key = f"order {orders[one.order]}" if one.order in orders else f"invoice {one.supplier} {one.number}"
        name = known.name if known else one.supplier
        found.append(Flow(key, one.paid or due, -one.gross, "supplier", f"{name}, invoice {one.number}"))
    return found


def _unless_paid(found: list[Flow], where: Where, told: Sequence[Invoice], first: int) -> list[Flow]:
    """Without orders whose invoice was paid before the balance."""
    numbers = {one.order for one in told if one.order and one.paid and one.paid < first}
    if not numbers:
        return found
    mine = select(Order.order).where(
        Order.tenant == where.tenant, Order.shop == where.shop, col(Order.number).in_(numbers)
    )
    gone = {f"order {order}" for order in where.session.exec(mine)}
    return [flow for flow in found if flow.key not in gone]


def taken(where: Where) -> dict[int, Taken]:
    """{day: takings} as far back as strays are looked at."""
    sums = select(Takings.day, func.sum(Takings.cash), func.sum(Takings.card))
    mine = sums.where(Takings.tenant == where.tenant, Takings.shop == where.shop)
    recent = mine.where(Takings.day >= where.today - PAST_DAYS).group_by(col(Takings.day))
    return {day: Taken(int(cash), int(card)) for day, cash, card in where.session.exec(recent)}


def _without_drops(where: Where, past: dict[int, Taken]) -> dict[int, Taken]:
    """What a usual day takes does not hold drops: those that are planned are counted by themselves."""
    since = where.today - expected.WEEKS * WEEK
    zone, known = where.zone, items(where.session, **where.names)
    found = dict(past)
    for drop in drops.drops(where.session, **where.names):
        first, last = (local(at, zone).toordinal() for at in (drop.start, drop.end))
        if last < since or first >= where.today or drop.called_off:
            continue
        prices = {part.sku: part.price or known[part.sku].price for part in drop.parts if part.sku in known}
        for day, worth in _sold_of(where, drop, prices, first, last).items():
            if day in found:
                found[day] = found[day].less(worth)
    return found


def _sold_of(where: Where, drop: DropSet, prices: dict[str, int], first: int, last: int) -> dict[int, int]:
    mine = select(DemandDay).where(DemandDay.tenant == where.tenant, DemandDay.shop == where.shop)
    ranged = mine.where(DemandDay.day >= first, DemandDay.day <= last, col(DemandDay.sku).in_(list(prices)))
    found: dict[int, int] = {}
    for row in where.session.exec(ranged):
        found[row.day] = found.get(row.day, 0) + divided(row.sold * prices[row.sku], PIECE)
    return found


def _tax(where: Where, told: Sequence[Invoice]) -> tuple[dict[int, int], int]:
    """{day: tax on sales less tax to reclaim}, and that of a usual day."""
    since, today = where.today - TAX_DAYS, where.today
    sums = select(TakingsRate.day, func.sum(TakingsRate.tax))
    mine = sums.where(TakingsRate.tenant == where.tenant, TakingsRate.shop == where.shop, TakingsRate.day >= since)
    output = {day: int(tax) for day, tax in where.session.exec(mine.group_by(col(TakingsRate.day)))}
    found = dict(output)
    for one in told:
        if one.day >= since and not one.eu:
            found[one.day] = found.get(one.day, 0) - one.tax
    recent = [tax for day, tax in output.items() if today - COST_DAYS <= day < today]
    reclaimed = [one.tax for one in told if today - USUAL_INPUT_DAYS <= one.day < today and not one.eu]
    return found, divided(sum(recent), COST_DAYS) - divided(sum(reclaimed), USUAL_INPUT_DAYS)


def _due(where: Where, terms: dict[str, SupplierSet], first: int, ordered: str) -> list[Due]:
    """Orders that are approved, sent or looked at as if they were, and those that came and may not be paid yet: paid by
    the supplier's terms from their arrival."""
    coming = col(Order.state).in_(ON_ITS_WAY) | (col(Order.order) == ordered)
    came_lately = (col(Order.state) == CAME) & (col(Order.arrives_at) >= moment(first - LONGEST_TERMS, 0, "UTC"))
    mine = select(Order).where(Order.tenant == where.tenant, Order.shop == where.shop)
    known, came = items(where.session, **where.names), _came(where)
    zone, found = where.zone, list[Due]()
    for order in where.session.exec(mine.where(coming | came_lately)).all():
        lines = where.session.exec(
            select(OrderLineRow).where(OrderLineRow.tenant == where.tenant, OrderLineRow.order == order.order)
        ).all()
        tax = sum(tax_on(_worth(line), known[line.sku].rate) for line in lines if line.sku in known)
        arrives = local(came.get(order.order, order.arrives_at), zone).toordinal()
        if order.order not in came:
            arrives = max(arrives, where.today)
        supplier = terms.get(order.supplier)
        pays = arrives + (supplier.terms_days if supplier else 0)
        name = supplier.name if supplier else order.supplier
        net = sum(map(_worth, lines))
        found.append(Due(order.order, pays, net, tax, name, arrives, order.supplier, order.number))
    return found


def _came(where: Where) -> dict[str, int]:
    """{order: when the first of its goods came} (UTC ms)."""
    one = OrderReceipt
    sums = select(one.order, func.min(one.at)).where(one.tenant == where.tenant, one.shop == where.shop)
    return {order: int(at) for order, at in where.session.exec(sums.group_by(col(one.order)))}


def _worth(line: OrderLineRow) -> int:
    packs = line.packs if line.approved_packs is None else line.approved_packs
    return line.cost * packs // max(line.packs, 1) if line.packs else 0


def _weekly_cost(where: Where) -> dict[str, int]:
    """{supplier: what a usual week sells at cost, with the tax of buying it again}."""
    known = items(where.session, **where.names)
    sums = select(DemandDay.sku, func.sum(DemandDay.sold)).where(DemandDay.tenant == where.tenant)
    mine = sums.where(DemandDay.shop == where.shop, DemandDay.day >= where.today - COST_DAYS)
    total: dict[str, int] = {}
    for sku, sold in where.session.exec(mine.where(DemandDay.day < where.today).group_by(col(DemandDay.sku))):
        item = known.get(sku)
        if item is not None and not item.limited:
            net = divided(int(sold) * item.pack_cost, item.pack)
            total[item.supplier] = total.get(item.supplier, 0) + net + tax_on(net, item.rate)
    return {supplier: divided(worth * WEEK, COST_DAYS) for supplier, worth in total.items()}
