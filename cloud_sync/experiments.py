"""Experiments in the cloud: begun and ended by the owner, their steps and figures looked up in what was recorded.

The feed is their only table.
"""

from sqlmodel import Session, col, select

from cloud_sync import drops, popups
from cloud_sync.before_after import before_after
from cloud_sync.catalogue import items, shop_card
from cloud_sync.feed import bodies, held_shop, publish
from cloud_sync.hubs.book import Shelf
from cloud_sync.tables.orders import Order
from edge_agent.errors import NotKnown
from edge_agent.rules.before_after import BeforeAfter
from edge_agent.rules.day import moment
from edge_agent.rules.experiment import Facts, check
from edge_agent.wire.events.experiments import ExperimentSet

SET = "experiment_set"


def experiments(session: Session, *, tenant: str, shop: str) -> list[ExperimentSet]:
    """Every experiment, the latest first."""
    every = map(ExperimentSet.model_validate_json, bodies(session, tenant, shop, SET))
    found = {one.experiment: one for one in every}
    return sorted(found.values(), key=lambda one: (one.first_day, one.experiment), reverse=True)


def experiment(session: Session, *, tenant: str, shop: str, named: str) -> ExperimentSet:
    """The one of that id; NotKnown when there is none."""
    for one in experiments(session, tenant=tenant, shop=shop):
        if one.experiment == named:
            return one
    raise NotKnown(f"there is no experiment {named}")


def begin(session: Session, *, tenant: str, shop: str, plan: ExperimentSet, at: int) -> None:
    """Begin one, or say anew what it is, in the caller's transaction."""
    held = held_shop(session, tenant, shop)
    check(plan, experiments(session, tenant=tenant, shop=shop))
    publish(session, held, plan, key=plan.experiment, at=at)


def end(session: Session, *, tenant: str, shop: str, named: str, day: int, at: int) -> None:
    """It ends with ordinal `day`, and not later."""
    found = experiment(session, tenant=tenant, shop=shop, named=named)
    last = max(found.first_day, min(day, found.last_day))
    begin(session, tenant=tenant, shop=shop, plan=found.model_copy(update={"last_day": last}), at=at)


def figures(session: Session, *, tenant: str, shop: str, plan: ExperimentSet, now: int, today: int) -> BeforeAfter:
    """Its days beside as many before."""
    days = plan.last_day - plan.first_day + 1
    return before_after(session, tenant=tenant, shop=shop, day=plan.first_day, days=days, now=now, today=today)


def facts(session: Session, *, tenant: str, shop: str, plan: ExperimentSet, known_days: int) -> Facts:
    """What was recorded of its steps; `known_days` are those of its days on which the account is known."""
    card = shop_card(session, tenant=tenant, shop=shop)
    zone = card.zone if card else "UTC"
    since, until = moment(plan.first_day, 0, zone), moment(plan.last_day + 1, 0, zone)
    known = items(session, tenant=tenant, shop=shop, of=plan.skus)
    priced = sum(sku in known and known[sku].price > 0 and known[sku].pack_cost > 0 for sku in plan.skus)
    closed = [
        one
        for one in drops.reports(session, tenant=tenant, shop=shop)
        if one.drop.product == plan.product and since <= one.drop.start < until
    ]
    held = _popups(session, tenant, shop, plan)
    return Facts(
        priced=priced,
        at_hub=_at_hub(session, tenant, shop, plan, since),
        decided=_decided(session, tenant, shop, since, until),
        known_days=known_days,
        drops=len(closed),
        drop_pieces=sum(one.sold for one in closed),
        popups=len(held),
        popup_sales=sum(one.tally.orders for one in held),
    )


def _at_hub(session: Session, tenant: str, shop: str, plan: ExperimentSet, since: int) -> int:
    """SKUs of which a hub has told its stock since then; of several hubs the one that told of most."""
    shelf = Shelf(session, tenant, shop)
    told = [hub for hub in shelf.hubs() if shelf.row(hub).asked_at >= since]
    return max((len({one.sku for one in shelf.stock(hub)} & set(plan.skus)) for hub in told), default=0)


def _decided(session: Session, tenant: str, shop: str, since: int, until: int) -> int:
    mine = select(Order.order).where(Order.tenant == tenant, Order.shop == shop)
    return len(session.exec(mine.where(col(Order.proposed_at) >= since, col(Order.proposed_at) < until)).all())


def _popups(session: Session, tenant: str, shop: str, plan: ExperimentSet) -> list[popups.Outing]:
    """Those of its days from which every till that opened them has come back."""
    closed = popups.closed(session, tenant=tenant, shop=shop)
    planned = [
        one
        for one in popups.popups(session, tenant=tenant, shop=shop)
        if plan.first_day <= one.first_day <= plan.last_day and not one.called_off and one.popup in closed
    ]
    return popups.outings(session, tenant=tenant, shop=shop, planned=planned)
