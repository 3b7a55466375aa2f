"""The account as the cloud expects it, from what it knows and what the owner says; and whether a drop fits into it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync import drops
from cloud_sync.catalogue import items, names, shop_card
from cloud_sync.tables.cash import CashEntry
from cloud_sync.tables.figures import DemandDay, Takings, TakingsRate
from cloud_sync.tables.orders import Order, OrderLineRow
from edge_agent.rules import cash_expected as expected
from edge_agent.rules.cash_expected import Due, Lot, Taken
from edge_agent.rules.cash_ledger import FLOAT_DAYS, Bound, Day, Flow, Kind, binds, float_for, largest, ledger
from edge_agent.rules.day import business_day, local, moment
from edge_agent.rules.drop_report import Proposal, Report, stakes_of
from edge_agent.rules.imports_cash import Entry
from edge_agent.rules.money import divided
from edge_agent.rules.payout import lands
from edge_agent.rules.tax import tax_on
from edge_agent.wire.events.drops import DropSet

DAYS = 42
OLDEST_BALANCE = 14
"""A balance that is so many days old says nothing of today."""
WEEK = 7
PAST_DAYS = 8 * WEEK
COST_DAYS = 28
PIECE = 1_000
KINDS: dict[str, Kind] = {"bill": "bill", "supplier": "supplier", "wages": "wages", "rent": "rent", "vat": "vat"}
ON_ITS_WAY = ("approved", "sent")
CAME = "received"


@dataclass(frozen=True)
class Account:
    """The account from today on: its days, the float that drops need, and when the balance is of."""

    today: int
    balance_day: int
    balance: int
    days: tuple[Day, ...]
    flows: tuple[Flow, ...]
    floor: int
    lots: tuple[Lot, ...]

    @property
    def bound(self) -> Bound:
        """The day that binds."""
        return binds(self.days, self.floor)

    @property
    def weeks(self) -> list[tuple[Day, ...]]:
        """The days by sevens."""
        return [self.days[start : start + WEEK] for start in range(0, len(self.days), WEEK)]


@dataclass(frozen=True)
class Verdict:
    """Whether a drop fits: the day that binds with it, and the most pieces that fit."""

    bound: Bound
    most: int
    floor: int

    @property
    def fits(self) -> bool:
        return self.bound.headroom >= 0


def enter(session: Session, *, tenant: str, shop: str, rows: Iterable[Entry], by: str, at: int) -> int:
    """Keep what the owner says, in the caller's transaction; how many rows say something new."""
    done = 0
    for row in rows:
        key = (tenant, shop, row.kind, row.day, row.name)
        known = session.get(CashEntry, key)
        if known is None or (known.amount, known.gone) != (row.amount, row.gone):
            told = CashEntry(
                tenant=tenant,
                shop=shop,
                kind=row.kind,
                day=row.day,
                name=row.name,
                amount=row.amount,
                gone=row.gone,
                by=by,
                at=at,
            )
            session.merge(told)
            session.flush()
            done += 1
    return done


def entries(session: Session, *, tenant: str, shop: str) -> list[CashEntry]:
    """What holds, by day."""
    mine = select(CashEntry).where(CashEntry.tenant == tenant, CashEntry.shop == shop, col(CashEntry.gone).is_(False))
    return list(session.exec(mine.order_by(col(CashEntry.day), col(CashEntry.kind), col(CashEntry.name))))


def missing(session: Session, *, tenant: str, shop: str, now: int) -> str:
    """What must be said before the account is known; empty: nothing."""
    today = _today(session, tenant, shop, now)
    balance = _balance(entries(session, tenant=tenant, shop=shop), today)
    if balance is None:
        return "The bank balance is missing: enter what is on the account at the end of a day."
    if balance.day < today - OLDEST_BALANCE:
        return f"The bank balance is {today - balance.day} days old: enter a newer one."
    return ""


def account(
    session: Session, *, tenant: str, shop: str, now: int, without: str = "", ordered: str = ""
) -> Account | None:
    """The account as expected (leaving out the drop `without`, with the order `ordered` as if it were approved); None
    while something is missing."""
    if missing(session, tenant=tenant, shop=shop, now=now):
        return None
    today, said = _today(session, tenant, shop, now), entries(session, tenant=tenant, shop=shop)
    balance = _balance(said, today)
    assert balance is not None, "nothing is missing"
    first = balance.day + 1
    lots = tuple(one for one in _lots(session, tenant, shop, now) if one.drop != without)
    due = _due(session, tenant, shop, first, ordered)
    flows = (*_flows(session, tenant, shop, said, due, first, today), *(flow for lot in lots for flow in lot.flows()))
    return _account(Account(today, balance.day, balance.amount, (), flows, 0, lots))


def _account(plain: Account) -> Account:
    """With its days and its float."""
    first = plain.balance_day + 1
    days = ledger(plain.balance, first, plain.today + DAYS - first, plain.flows)
    soon = [lot for lot in plain.lots if lot.paid < plain.today + FLOAT_DAYS]
    floor = float_for(lot.volume for lot in soon)
    kept = tuple(day for day in days if day.day >= plain.today)
    return Account(plain.today, plain.balance_day, plain.balance, kept, plain.flows, floor, plain.lots)


def gate(plain: Account, lot: Lot) -> Verdict:
    """Whether so many pieces of a drop fit, and how many would."""

    def with_pieces(pieces: int) -> Account:
        one = replace(lot, pieces=pieces)
        flows = (*plain.flows, *(one.flows() if pieces else ()))
        return _account(
            Account(
                plain.today,
                plain.balance_day,
                plain.balance,
                (),
                flows,
                0,
                (*plain.lots, one) if pieces else plain.lots,
            )
        )

    full = with_pieces(lot.pieces)
    most = largest(lot.pieces, 1, lambda pieces: with_pieces(pieces).bound.headroom >= 0)
    return Verdict(full.bound, most, full.floor)


def lot_of(session: Session, *, tenant: str, shop: str, drop: DropSet, proposal: Proposal, pieces: int) -> Lot:
    """A drop of so many pieces as the account sees it: paid for when it starts at the latest, its money there two
    working days after its end."""
    mine = drops.parts_of(session, tenant=tenant, shop=shop, drop=drop)
    stakes = [stakes_of(mine[part.sku], part, drop.salvage) for part in drop.parts]
    rates = [mine[part.sku].rate for part in drop.parts]
    prices = [part.price or mine[part.sku].price for part in drop.parts]
    net, tax = expected.cost_of(max(pieces, 1), proposal.shares, [round(one.cost) for one in stakes], rates)
    gross = round(sum(price * share for price, share in zip(prices, proposal.shares, strict=True)))
    card = shop_card(session, tenant=tenant, shop=shop)
    zone = card.zone if card else "UTC"
    starts, ends = (local(at, zone).toordinal() for at in (drop.start, drop.end))
    paid_back = lands(ends, expected.CARD_DAYS)
    coming = proposal.coming
    return Lot(
        drop.drop, drop.name, pieces, net, tax, gross, starts, paid_back, proposal.demand, coming.back, coming.handling
    )


def _lots(session: Session, tenant: str, shop: str, now: int) -> list[Lot]:
    """Drops that are planned and not over."""
    past: Sequence[Report] = drops.reports(session, tenant=tenant, shop=shop)
    found = []
    for drop in drops.drops(session, tenant=tenant, shop=shop):
        if drop.end > now and not drop.called_off:
            proposal = drops.sized(session, tenant=tenant, shop=shop, drop=drop, past=past)
            pieces = sum(part.qty for part in drop.parts) // PIECE
            found.append(lot_of(session, tenant=tenant, shop=shop, drop=drop, proposal=proposal, pieces=pieces))
    return found


def _today(session: Session, tenant: str, shop: str, now: int) -> int:
    card = shop_card(session, tenant=tenant, shop=shop)
    return business_day(now, card.zone, card.day_closes) if card else business_day(now, "UTC", 0)


def _balance(said: Sequence[CashEntry], today: int) -> CashEntry | None:
    return max(
        (one for one in said if one.kind == "balance" and one.day <= today), key=lambda one: one.day, default=None
    )


def _flows(
    session: Session, tenant: str, shop: str, said: Sequence[CashEntry], due: list[Due], first: int, today: int
) -> list[Flow]:
    taken = _taken(session, tenant, shop, today)
    tax, daily_tax = _tax(session, tenant, shop, today)
    days = today + DAYS - first
    found = expected.takings(taken, first, days, today)
    found += expected.orders(due)
    found += expected.reorders(_weekly_cost(session, tenant, shop, today), due, today, DAYS)
    found += expected.vat(tax, daily_tax, today, today + DAYS - 1)
    # What the owner says of a day's tax takes the place of what is expected.
    bills = [one for one in said if one.kind in KINDS and one.day >= first]
    return found + [_bill(one) for one in bills]


def _bill(one: CashEntry) -> Flow:
    key = f"vat {one.day}" if one.kind == "vat" else f"{one.kind} {one.day} {one.name}"
    return Flow(key, one.day, -one.amount, KINDS[one.kind], one.name)


def _taken(session: Session, tenant: str, shop: str, today: int) -> dict[int, Taken]:
    sums = select(Takings.day, func.sum(Takings.cash), func.sum(Takings.card))
    mine = sums.where(Takings.tenant == tenant, Takings.shop == shop, Takings.day >= today - PAST_DAYS)
    return {day: Taken(int(cash), int(card)) for day, cash, card in session.exec(mine.group_by(col(Takings.day)))}


def _tax(session: Session, tenant: str, shop: str, today: int) -> tuple[dict[int, int], int]:
    """{day: tax} as the receipts say it, and that of a usual day."""
    sums = select(TakingsRate.day, func.sum(TakingsRate.tax))
    mine = sums.where(TakingsRate.tenant == tenant, TakingsRate.shop == shop).group_by(col(TakingsRate.day))
    found = {day: int(tax) for day, tax in session.exec(mine.where(TakingsRate.day >= today - 200))}
    recent = [tax for day, tax in found.items() if today - COST_DAYS <= day < today]
    return found, divided(sum(recent), COST_DAYS)


def _due(session: Session, tenant: str, shop: str, first: int, ordered: str) -> list[Due]:
    """Orders that are approved, sent or looked at as if they were, and those that came since the balance (ordinal day
    `first` on): paid when they arrive."""
    mine = select(Order).where(Order.tenant == tenant, Order.shop == shop)
    coming = col(Order.state).in_(ON_ITS_WAY) | (col(Order.order) == ordered)
    came = (col(Order.state) == CAME) & (col(Order.arrives_at) >= moment(first - 1, 0, "UTC"))
    known = items(session, tenant=tenant, shop=shop)
    called = names(session, tenant=tenant, shop=shop, kind="supplier_set")
    card = shop_card(session, tenant=tenant, shop=shop)
    found = []
    for order in session.exec(mine.where(coming | came)).all():
        lines = session.exec(
            select(OrderLineRow).where(OrderLineRow.tenant == tenant, OrderLineRow.order == order.order)
        ).all()
        tax = sum(tax_on(_worth(line), known[line.sku].rate) for line in lines if line.sku in known)
        day = local(order.arrives_at, card.zone if card else "UTC").toordinal()
        if day >= first or order.state != CAME:
            name = called.get(order.supplier, order.supplier)
            found.append(Due(order.order, day, sum(map(_worth, lines)), tax, name))
    return found


def _worth(line: OrderLineRow) -> int:
    packs = line.packs if line.approved_packs is None else line.approved_packs
    return line.cost * packs // max(line.packs, 1) if line.packs else 0


def _weekly_cost(session: Session, tenant: str, shop: str, today: int) -> int:
    """What a usual week sells at cost, with the tax of buying it again."""
    known = items(session, tenant=tenant, shop=shop)
    sums = select(DemandDay.sku, func.sum(DemandDay.sold)).where(DemandDay.tenant == tenant, DemandDay.shop == shop)
    rows = session.exec(
        sums.where(DemandDay.day >= today - COST_DAYS, DemandDay.day < today).group_by(col(DemandDay.sku))
    )
    total = 0
    for sku, sold in rows:
        item = known.get(sku)
        if item is not None and not item.limited:
            net = divided(int(sold) * item.pack_cost, item.pack)
            total += net + tax_on(net, item.rate)
    return divided(total * WEEK, COST_DAYS)
