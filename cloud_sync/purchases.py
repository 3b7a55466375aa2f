"""Suppliers' invoices and channels' payouts as the owner says them; in the caller's transaction."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from cloud_sync.tables.purchases import PayoutRule, PurchaseInvoice
from edge_agent.rules.payout import CARD, MARKETPLACE, Rule
from edge_agent.rules.purchases import Invoice

CARD_CHANNEL = "card"


def enter(session: Session, *, tenant: str, shop: str, rows: Iterable[Invoice], by: str, at: int) -> int:
    """Keep invoices; how many say something new."""
    done = 0
    for row in rows:
        known = session.get(PurchaseInvoice, (tenant, shop, row.supplier, row.number))
        if known is not None and _said(known) == row:
            continue
        told = {name: getattr(row, name) for name in ("supplier", "number", "day", "due", "net", "tax", "order")}
        session.merge(
            PurchaseInvoice(tenant=tenant, shop=shop, **told, paid=row.paid, eu=row.eu, gone=row.gone, by=by, at=at)
        )
        session.flush()
        done += 1
    return done


def invoices(session: Session, *, tenant: str, shop: str, since: int = 0, until: int = 2**31 - 1) -> list[Invoice]:
    """Those that hold, of the ordinal days from `since` to `until`, by day."""
    one = PurchaseInvoice
    mine = select(one).where(one.tenant == tenant, one.shop == shop, col(one.gone).is_(False))
    ranged = mine.where(one.day >= since, one.day <= until)
    ordered = ranged.order_by(col(one.day), col(one.supplier), col(one.number))
    return [_said(row) for row in session.exec(ordered)]


def _said(row: PurchaseInvoice) -> Invoice:
    who = (row.supplier, row.number, row.day, row.due)
    return Invoice(*who, row.net, row.tax, row.order, row.paid, row.eu, row.gone)


def set_rule(session: Session, *, tenant: str, shop: str, channel: str, rule: Rule, by: str, at: int) -> None:
    """Say how a channel pays out."""
    session.merge(
        PayoutRule(
            tenant=tenant,
            shop=shop,
            channel=channel,
            fee=rule.fee,
            days=rule.days,
            working=rule.working,
            reserve=rule.reserve,
            reserve_days=rule.reserve_days,
            by=by,
            at=at,
        )
    )


def payout_rules(session: Session, *, tenant: str, shop: str) -> dict[str, Rule]:
    """{channel: how it pays out}; the card's is always among them."""
    mine = select(PayoutRule).where(PayoutRule.tenant == tenant, PayoutRule.shop == shop)
    said = {
        row.channel: Rule(row.fee, row.days, row.working, row.reserve, row.reserve_days)
        for row in session.exec(mine.order_by(col(PayoutRule.channel)))
    }
    return {CARD_CHANNEL: CARD, **said}


def rule_for(rules: dict[str, Rule], channel: str) -> Rule:
    """The rule of a channel that nobody described: a week after the fulfilment, without a fee."""
    return rules.get(channel.lower(), MARKETPLACE)
