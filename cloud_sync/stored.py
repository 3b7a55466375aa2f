"""Gift cards and points of a shop: what is on them, told to its tills, and a task when more was paid than there was."""

from collections.abc import Collection

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.feed import publish, take_out
from cloud_sync.projections import Fact
from cloud_sync.tables.events import FeedRow, Quarantine, RawEvent
from cloud_sync.tables.house import Shop
from cloud_sync.tables.stored import StoredBalance
from edge_agent.rules.money import written
from edge_agent.rules.stored import moves
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stored import BalancesStand

PART = 1_000
"""Most accounts of one entry."""
LIVE_ROWS = 200
"""So many entries are replaced by one statement of every account."""
OVERSPENT = "overspent"


def tell_balances(
    session: Session, shop: Shop, accounts: Collection[str], saw: dict[str, int], *, journal: str, skip: str, now: int
) -> None:
    """Publish what is on these accounts, as the journals up to `saw` moved it."""
    if not accounts:
        return
    amounts = dict.fromkeys(accounts, 0) | _amounts(session, shop, accounts)
    _publish(session, shop, amounts, saw, journal, skip, now)
    session.flush()
    told = select(FeedRow).where(FeedRow.tenant == shop.tenant, FeedRow.shop == shop.shop)
    told = told.where(FeedRow.kind == "balances_stand")
    if session.exec(select(func.count()).select_from(told.where(FeedRow.key != "sum").subquery())).one() >= LIVE_ROWS:
        old = [row.cursor for row in session.exec(told)]
        tell_all_balances(session, shop, saw, now)
        take_out(session, shop, old)


def tell_all_balances(session: Session, shop: Shop, saw: dict[str, int], now: int) -> None:
    """Publish what is on every account of a shop."""
    _publish(session, shop, _amounts(session, shop), saw, "", "", now, key="sum")


def _amounts(session: Session, shop: Shop, accounts: Collection[str] | None = None) -> dict[str, int]:
    """{account: what is on it} (None: of all)."""
    mine = select(StoredBalance.account, StoredBalance.amount).where(StoredBalance.tenant == shop.tenant)
    mine = mine.where(StoredBalance.shop == shop.shop)
    if accounts is not None:
        mine = mine.where(col(StoredBalance.account).in_(sorted(accounts)))
    return dict(session.exec(mine).all())


def _publish(
    session: Session,
    shop: Shop,
    amounts: dict[str, int],
    saw: dict[str, int],
    journal: str,
    skip: str,
    now: int,
    key: str = "",
) -> None:
    balances = sorted(amounts.items())
    for first in range(0, len(balances), PART):
        body = BalancesStand(saw=saw, balances=tuple(balances[first : first + PART]))
        publish(session, shop, body, key=key or journal, at=now, author=journal, skip=skip)


def note_overspent(session: Session, shop: Shop, fact: Fact) -> str:
    """What was counted moved gift cards or points: words for the owner's task where a sale paid with more than there
    was, else empty. A task whose card has enough again, because a till was heard later, is settled."""
    amounts = _amounts(session, shop, {account for account, _ in moves(fact.event.kind, fact.event.body)})
    filled = {account for account, amount in amounts.items() if amount >= 0}
    if filled:
        _settle(session, shop, filled)
    if not isinstance(fact.body, SaleCompleted):
        return ""
    words = []
    for tender in fact.body.tenders:
        less = min(amounts.get(tender.account, 0), 0)
        if tender.kind == "gift" and less:
            words.append(f"gift card {tender.tail}: {written(-less, shop.decimals)} {shop.currency}")
        elif tender.kind == "points" and less:
            words.append(f"a customer's points: {-less}")
    paid = ", ".join(words)
    return (
        f"Receipt {fact.body.receipt}: tills away from the cloud paid with more than there was, {paid}."
        if words
        else ""
    )


def _settle(session: Session, shop: Shop, accounts: Collection[str]) -> None:
    mine = select(Quarantine).where(Quarantine.tenant == shop.tenant, Quarantine.shop == shop.shop)
    for odd in session.exec(mine.where(Quarantine.why == OVERSPENT, Quarantine.state == "open")).all():
        raw = session.get(RawEvent, (odd.tenant, odd.journal, odd.seq))
        event = event_of(raw.line) if raw else None
        paid = {one for one, amount in moves(event.kind, event.body) if amount < 0} if event else set()
        if paid and paid <= set(accounts):
            odd.state = "settled"
            session.add(odd)


def pays_with_accounts(fact: Fact) -> bool:
    """Whether a gift card or points paid in it, or were put on; what a customer earned makes nothing short."""
    return isinstance(fact.body, SaleCompleted | RefundMade) and any(one.account for one in fact.body.tenders)
