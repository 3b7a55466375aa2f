"""Drops in the cloud: the owner plans and calls off, tills close, everything goes through the shop's feed.

The feed is their only table: the newest entry of a key holds, on the tills and on the owner's page alike.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from cloud_sync.catalogue import items, set_item, shop_card, suppliers
from cloud_sync.feed import bodies, entries, held_shop, publish
from cloud_sync.projections.fact import Fact
from cloud_sync.returns import seen, seen_key
from cloud_sync.samples import sampled
from cloud_sync.tables.events import FeedRow
from cloud_sync.tables.house import Shop
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.calendar import calendar_of
from edge_agent.rules.cross_border import check
from edge_agent.rules.day import business_day
from edge_agent.rules.drop_report import ALL, Coming, Proposal, Report, proposal, report
from edge_agent.rules.drop_window import check_plan, order_by, warnings
from edge_agent.wire.envelope import canonical
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.drops import DropClosed, DropSet

PLANNED, CLOSED = "drop_set", "drop_closed"


@dataclass(frozen=True)
class Planned:
    """A drop as it is set in the feed, and what the planner should know."""

    drop: DropSet
    warnings: tuple[str, ...]


def key_of(body: DropSet | DropClosed) -> str:
    """What an entry is the last word on."""
    named = [body.drop] if isinstance(body, DropSet) else [body.drop, body.journal]
    return hashlib.sha256(canonical(named)).hexdigest()


def drops(session: Session, *, tenant: str, shop: str) -> list[DropSet]:
    """Every drop by its start, called off ones too."""
    found = {body.drop: body for body in map(DropSet.model_validate_json, bodies(session, tenant, shop, PLANNED))}
    return sorted(found.values(), key=lambda one: (one.start, one.drop))


def drop(session: Session, *, tenant: str, shop: str, drop: str) -> DropSet:
    """The drop of that id; NotKnown when there is none."""
    found = next((one for one in drops(session, tenant=tenant, shop=shop) if one.drop == drop), None)
    if found is None:
        raise NotKnown(f"there is no drop {drop}")
    return found


def prepared(session: Session, *, tenant: str, shop: str, drop: DropSet, at: int) -> Planned:
    """The drop with its suppliers' last cut-off, and what the planner should know; BadInput: it can't be."""
    card = shop_card(session, tenant=tenant, shop=shop)
    if card is None:
        raise BadInput("Pair a till first: it brings the shop's items.")
    mine = parts_of(session, tenant=tenant, shop=shop, drop=drop)
    calendars = suppliers(session, tenant=tenant, shop=shop)
    theirs = [calendar_of(calendars[item.supplier]) for item in mine.values() if item.supplier in calendars]
    cutoff = min((order_by(one, card.zone, drop.start) for one in theirs), default=0)
    full = _knowing(session, tenant, shop, drop).model_copy(update={"order_by": cutoff})
    others = [one for one in drops(session, tenant=tenant, shop=shop) if one.end > at]
    check_plan(full, others, at, card.zone)
    return Planned(full, tuple(warnings(full, others, at, card.zone)))


def plan(session: Session, *, tenant: str, shop: str, drop: DropSet, at: int) -> Planned:
    """Plan a drop (or plan it anew) in the caller's transaction: its parts become limited, every till hears of it."""
    held = held_shop(session, tenant, shop)
    planned = prepared(session, tenant=tenant, shop=shop, drop=drop, at=at)
    for item in parts_of(session, tenant=tenant, shop=shop, drop=drop).values():
        if not item.limited:
            set_item(session, tenant=tenant, shop=shop, item=item.model_copy(update={"limited": True}), at=at)
    publish(session, held, planned.drop, key=key_of(planned.drop), at=at)
    return planned


def call_off(session: Session, *, tenant: str, shop: str, drop_: str, at: int) -> None:
    """Its parts are sold like anything else from then on. BadInput once it is over."""
    held = held_shop(session, tenant, shop)
    found = drop(session, tenant=tenant, shop=shop, drop=drop_)
    if found.end <= at:
        raise BadInput("That drop is over.")
    publish(session, held, found.model_copy(update={"called_off": True}), key=key_of(found), at=at)


def confirm(session: Session, *, tenant: str, shop: str, named: str, checked: Sequence[str], why: str, at: int) -> None:
    """Points of a drop's checklist are confirmed, or it opens all the same because of `why`. BadInput: it is over."""
    held = held_shop(session, tenant, shop)
    found = drop(session, tenant=tenant, shop=shop, drop=named)
    if found.end <= at:
        raise BadInput("That drop is over.")
    fresh = found.model_copy(update={"checked": tuple(sorted(set(checked))), "override": why})
    check(fresh)
    publish(session, held, fresh, key=key_of(found), at=at)


def fold_drop(session: Session, fact: Fact, now: int) -> None:
    """Publish what a till planned before it was paired, and what each closed with; the owner's word on a drop is not
    undone by an older one."""
    body = fact.body
    if not isinstance(body, DropSet | DropClosed):
        return
    shop, kind = held_shop(session, fact.tenant, fact.shop), PLANNED if isinstance(body, DropSet) else CLOSED
    session.flush()
    said = session.exec(entries(fact.tenant, fact.shop, kind).where(FeedRow.key == key_of(body)).limit(1)).first()
    if said is None or (said.author and said.body != body.model_dump_json().encode()):
        publish(session, shop, body, key=key_of(body), at=now, author=fact.journal, skip=fact.journal)
        if isinstance(body, DropClosed):
            _tell_returns(session, shop, body.drop, now)


def _tell_returns(session: Session, shop: Shop, named: str, now: int) -> None:
    """Once a drop is closed, the tills hear what comes back of its goods as far as all of them recorded it: the next
    size is then the same at each till and on the owner's page."""
    every = drops(session, tenant=shop.tenant, shop=shop.shop)
    planned = next((one for one in every if one.drop == named), None)
    if planned is None:
        return
    session.info.pop(seen_key(shop.tenant, shop.shop), None)
    fresh = _knowing(session, shop.tenant, shop.shop, planned)
    if fresh != planned:
        publish(session, shop, fresh, key=key_of(fresh), at=now)


def _knowing(session: Session, tenant: str, shop: str, drop: DropSet) -> DropSet:
    """The drop with what is believed to come back of it, for the tills to size with."""
    coming = _coming(session, tenant, shop, drop)
    return drop.model_copy(update={"returned": round(coming.back * ALL), "again": round(coming.again * ALL)})


def closings(session: Session, *, tenant: str, shop: str) -> dict[str, list[DropClosed]]:
    """{drop: what each journal closed it with}."""
    last = {key_of(one): one for one in map(DropClosed.model_validate_json, bodies(session, tenant, shop, CLOSED))}
    found: dict[str, list[DropClosed]] = {}
    for one in last.values():
        found.setdefault(one.drop, []).append(one)
    return found


def reports(session: Session, *, tenant: str, shop: str) -> list[Report]:
    """Every drop that a till has closed, in the order in which they ended."""
    known, closed = items(session, tenant=tenant, shop=shop), closings(session, tenant=tenant, shop=shop)
    ended = sorted(drops(session, tenant=tenant, shop=shop), key=lambda one: (one.end, one.drop))
    return [
        report(one, closed[one.drop], known)
        for one in ended
        if one.drop in closed and not one.called_off and all(part.sku in known for part in one.parts)
    ]


def sized(session: Session, *, tenant: str, shop: str, drop: DropSet, past: Sequence[Report], now: int = 0) -> Proposal:
    """Three sizes for a drop by those before it, by what came back of its goods, and by its samples."""
    card = shop_card(session, tenant=tenant, shop=shop)
    coming = _coming(session, tenant, shop, drop)
    today = business_day(now, card.zone, card.day_closes) if card and now else 0
    known = sampled(session, tenant=tenant, shop=shop, drop=drop, past=past, today=today)
    return proposal(drop, past, parts_of(session, tenant=tenant, shop=shop, drop=drop), coming, known)


def _coming(session: Session, tenant: str, shop: str, drop: DropSet) -> Coming:
    """What is believed to come back of a drop, by all the shop's tills, as exactly as a till can be told it."""
    known, skus = seen(session, tenant=tenant, shop=shop), [part.sku for part in drop.parts]
    back, again = (round(one.mean * ALL) / ALL for one in (known.rate(skus), known.again(skus)))
    return Coming(back, again, drop.handling)


def parts_of(session: Session, *, tenant: str, shop: str, drop: DropSet) -> dict[str, ItemSet]:
    """The catalogue's items of a drop's parts; BadInput names one that is missing."""
    known = items(session, tenant=tenant, shop=shop, of=[part.sku for part in drop.parts])
    missing = [part.sku for part in drop.parts if part.sku not in known]
    if missing:
        raise BadInput(f"{missing[0]} is not in the catalogue.")
    return {part.sku: known[part.sku] for part in drop.parts}
