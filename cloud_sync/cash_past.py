"""The account on days that are over, against the float that the drops of the two weeks after each called for."""

from collections.abc import Sequence

from sqlmodel import Session

from cloud_sync import cash, drops
from cloud_sync.cash_known import PIECE, Where, flows
from cloud_sync.catalogue import shop_card
from cloud_sync.tables.cash import CashEntry
from edge_agent.rules.cash_expected import Lot
from edge_agent.rules.cash_ledger import FLOAT_DAYS, Flow, float_for, ledger
from edge_agent.rules.day import business_day, local

Span = tuple[int, int]
"""First and last ordinal day."""


def below_float(session: Session, *, tenant: str, shop: str, spans: Sequence[Span], now: int) -> list[tuple[int, int]]:
    """Of each span: the days that closed below the float, and those on which the account is known: a balance that is at
    most two weeks old stands behind them."""
    found = closes(session, tenant=tenant, shop=shop, now=now)
    lots = _lots(session, tenant, shop) if found else []
    floors = {day: _floor(lots, day) for day in found}
    return [
        (sum(found[day] < floors[day] for day in mine), len(mine))
        for mine in ([day for day in found if first <= day <= last] for first, last in spans)
    ]


def closes(session: Session, *, tenant: str, shop: str, now: int) -> dict[int, int]:
    """{day that is over: what the account closed with}: each balance, and what is known to have moved since."""
    card = shop_card(session, tenant=tenant, shop=shop)
    today = business_day(now, card.zone, card.day_closes) if card else 0
    said = cash.entries(session, tenant=tenant, shop=shop)
    balances = {one.day: one for one in said if one.kind == "balance" and one.day < today}
    if not balances:
        return {}
    first = min(balances)
    every = flows(Where(session, tenant, shop, today, now), said, first + 1)
    ends = [*sorted(balances)[1:], today]
    found: dict[int, int] = {}
    for day, end in zip(sorted(balances), ends, strict=True):
        found |= _from_balance(balances[day], end, every)
    return found


def _from_balance(balance: CashEntry, end: int, every: Sequence[Flow]) -> dict[int, int]:
    """The days from a balance to the one before `end`, or as long as the balance says something."""
    first, last = balance.day + 1, min(end, balance.day + cash.OLDEST_BALANCE + 1)
    mine = [flow for flow in every if first <= flow.day < last]
    days = ledger(balance.amount, first, last - first, mine)
    return {balance.day: balance.amount} | {one.day: one.close for one in days}


def _lots(session: Session, tenant: str, shop: str) -> list[tuple[Lot, int]]:
    """Each drop as it was sized before it began, and its last day."""
    card = shop_card(session, tenant=tenant, shop=shop)
    past, zone = drops.reports(session, tenant=tenant, shop=shop), card.zone if card else "UTC"
    found = []
    for one in drops.drops(session, tenant=tenant, shop=shop):
        if not one.called_off:
            before = [each for each in past if each.drop.end <= one.start]
            sized = drops.sized(session, tenant=tenant, shop=shop, drop=one, past=before)
            pieces = sum(part.qty for part in one.parts) // PIECE
            lot = cash.lot_of(session, tenant=tenant, shop=shop, drop=one, proposal=sized, pieces=pieces)
            found.append((lot, local(one.end, zone).toordinal()))
    return found


def _floor(lots: Sequence[tuple[Lot, int]], day: int) -> int:
    return float_for(lot.volume for lot, last in lots if lot.paid < day + FLOAT_DAYS and last >= day)
