"""The account as the cloud expects it, from what it knows and what the owner says; and whether a drop fits into it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from cloud_sync import creators, drops, purchases
from cloud_sync.cash_known import DAYS, PIECE, WEEK, Where, flows, taken
from cloud_sync.catalogue import shop_card
from cloud_sync.tables.cash import CashEntry
from edge_agent.rules import cash_expected as expected
from edge_agent.rules import spread
from edge_agent.rules.cash_expected import Lot
from edge_agent.rules.cash_ledger import FLOAT_DAYS, LOW, Bound, Day, Flow, binds, float_for, largest, ledger
from edge_agent.rules.creators import a_piece
from edge_agent.rules.day import business_day, local
from edge_agent.rules.drop_report import Proposal, Report, stakes_of
from edge_agent.rules.imports_cash import Entry
from edge_agent.wire.events.drops import DropSet

OLDEST_BALANCE = 14
"""A balance that is so many days old says nothing of today."""


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
    low: int = LOW
    """Sales of the low case, in basis points of what is expected."""

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
    where = Where(session, tenant, shop, today, now)
    every = (*flows(where, said, first, ordered), *(flow for lot in lots for flow in lot.flows()))
    low = spread.low_part(spread.strays(taken(where), today))
    return _account(Account(today, balance.day, balance.amount, (), every, 0, lots, low))


def _account(plain: Account) -> Account:
    """With its days and its float."""
    first = plain.balance_day + 1
    days = ledger(plain.balance, first, plain.today + DAYS - first, plain.flows, plain.low)
    soon = [lot for lot in plain.lots if lot.paid < plain.today + FLOAT_DAYS]
    kept = tuple(day for day in days if day.day >= plain.today)
    return replace(plain, days=kept, floor=float_for(lot.volume for lot in soon))


def gate(plain: Account, lot: Lot) -> Verdict:
    """Whether so many pieces of a drop fit, and how many would."""

    def with_pieces(pieces: int) -> Account:
        if not pieces:
            return _account(plain)
        one = replace(lot, pieces=pieces)
        return _account(replace(plain, flows=(*plain.flows, *one.flows()), lots=(*plain.lots, one)))

    full = with_pieces(lot.pieces)
    most = largest(lot.pieces, 1, lambda pieces: with_pieces(pieces).bound.headroom >= 0)
    return Verdict(full.bound, most, full.floor)


def lot_of(session: Session, *, tenant: str, shop: str, drop: DropSet, proposal: Proposal, pieces: int) -> Lot:
    """A drop of so many pieces as the account sees it: paid for when it starts at the latest, its money there when that
    of a card sale at its end is."""
    mine = drops.parts_of(session, tenant=tenant, shop=shop, drop=drop)
    stakes = [stakes_of(mine[part.sku], part, drop) for part in drop.parts]
    rates = [mine[part.sku].rate for part in drop.parts]
    prices = [part.price or mine[part.sku].price for part in drop.parts]
    net, tax = expected.cost_of(max(pieces, 1), proposal.shares, [round(one.cost) for one in stakes], rates)
    gross = round(sum(price * share for price, share in zip(prices, proposal.shares, strict=True)))
    card = shop_card(session, tenant=tenant, shop=shop)
    zone = card.zone if card else "UTC"
    starts, ends = (local(at, zone).toordinal() for at in (drop.start, drop.end))
    card_rule = purchases.payout_rules(session, tenant=tenant, shop=shop)[purchases.CARD_CHANNEL]
    paid_back = card_rule.lands(ends)
    coming = proposal.coming
    shared = a_piece(drop, dict(zip((part.sku for part in drop.parts), prices, strict=True)), proposal.shares)
    told = Lot(drop.drop, drop.name, pieces, net, tax, gross, starts, paid_back, proposal.demand)
    return replace(
        told, back=coming.back, handling=coming.handling, shared=shared, shared_on=creators.due_on(drop, zone)
    )


def _lots(session: Session, tenant: str, shop: str, now: int) -> list[Lot]:
    """Drops that are planned and not over."""
    past: Sequence[Report] = drops.reports(session, tenant=tenant, shop=shop)
    found = []
    for drop in drops.drops(session, tenant=tenant, shop=shop):
        if drop.end > now and not drop.called_off:
            proposal = drops.sized(session, tenant=tenant, shop=shop, drop=drop, past=past, now=now)
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
