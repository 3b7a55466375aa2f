"""Pop-ups in the cloud: the owner plans them, tills open and close them, boxes go there and back, what each came to.

The feed is their only table; what a till did there is added up from its own lines, by the rule that it shows itself.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import ColumnElement, Select, bindparam, or_
from sqlmodel import Session, col, select

from cloud_sync.catalogue import items
from cloud_sync.database import ask, columns
from cloud_sync.feed import bodies, entries, held_shop, newest_first, publish, take_out
from cloud_sync.projections.fact import Fact
from cloud_sync.signals import enter
from cloud_sync.tables.events import FeedRow, RawEvent
from cloud_sync.tables.house import Shop
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.money import quantity
from edge_agent.rules.popup import Tally, differs
from edge_agent.wire.envelope import Event, canonical, event_of
from edge_agent.wire.events.device import Genesis
from edge_agent.wire.events.popups import PopUpClosed, PopUpOpened, PopUpSet, PopUpStands, StockCame, StockSent
from edge_agent.wire.events.signals import LocalEventAdded

SET, STANDS, SENT, CAME = "popup_set", "popup_stands", "stock_sent", "stock_came"
MISSING = "missing"
"""Why a line needs a look: goods of a pop-up that one end sent and the other end lacks."""
MOST_NAMED = 5


@dataclass(frozen=True)
class Outing:
    """A pop-up and what it came to so far; `open` while a till stands there. `on_the_way` is milli-units in boxes."""

    popup: PopUpSet
    tally: Tally
    open: bool
    on_the_way: int


def key_of(*named: str | int) -> str:
    """What an entry is the last word on."""
    return hashlib.sha256(canonical(list(named))).hexdigest()


def on_calendar(popup: PopUpSet) -> LocalEventAdded:
    """The pop-up as the calendar has it: demand of its days is learnt by its kind."""
    told = popup.model_dump(include={"name", "kind", "first_day", "last_day", "attendance", "called_off"})
    return LocalEventAdded(about="", distance=0, source="pop-up", **told)


def plan(session: Session, *, tenant: str, shop: str, popup: PopUpSet, at: int) -> None:
    """Plan a pop-up, or plan it anew, in the caller's transaction; every till hears of it, and so does the calendar."""
    if popup.last_day < popup.first_day:
        raise BadInput("It ends before it begins.")
    before = next((one for one in popups(session, tenant=tenant, shop=shop) if one.popup == popup.popup), None)
    rows = [on_calendar(popup)]
    if before and (before.name, before.first_day) != (popup.name, popup.first_day):
        rows.insert(0, on_calendar(before.model_copy(update={"called_off": True})))
    enter(session, tenant=tenant, shop=shop, rows=rows, at=at)
    publish(session, held_shop(session, tenant, shop), popup, key=key_of(popup.popup), at=at)


def call_off(session: Session, *, tenant: str, shop: str, popup: str, at: int) -> None:
    """It does not take place. BadInput while a till stands there."""
    found = outing(session, tenant=tenant, shop=shop, popup=popup)
    if found.open:
        raise BadInput("A till stands there: it has to come back first.")
    plan(session, tenant=tenant, shop=shop, popup=found.popup.model_copy(update={"called_off": True}), at=at)


def popups(session: Session, *, tenant: str, shop: str) -> list[PopUpSet]:
    """Every pop-up by its first day, the latest first; called off ones too."""
    found = {one.popup: one for one in map(PopUpSet.model_validate_json, bodies(session, tenant, shop, SET))}
    return sorted(found.values(), key=lambda one: (one.first_day, one.popup), reverse=True)


def outing(session: Session, *, tenant: str, shop: str, popup: str) -> Outing:
    """A pop-up with all that its tills did there; NotKnown when there is none."""
    planned = [one for one in popups(session, tenant=tenant, shop=shop) if one.popup == popup]
    if not planned:
        raise NotKnown(f"there is no pop-up {popup}")
    return outings(session, tenant=tenant, shop=shop, planned=planned)[0]


def outings(session: Session, *, tenant: str, shop: str, planned: Sequence[PopUpSet]) -> list[Outing]:
    """The same of several: however many they are, each question is asked once."""
    named = {one.popup for one in planned}
    stands = [one for one in _stands(session, tenant, shop) if one.popup in named]
    tallies, boxes = {popup: Tally() for popup in named}, _boxes(session, tenant, shop)
    for popup, event in _lines(session, tenant, stands):
        tallies[popup].add(event.kind, event.body)
    open_now = {one.popup for one in stands if not one.last}
    return [Outing(one, tallies[one.popup], one.popup in open_now, boxes[one.popup]) for one in planned]


def _lines(session: Session, tenant: str, stands: Sequence[PopUpStands]) -> Iterator[tuple[str, Event]]:
    """(pop-up, line) of all that came in from these stands, their closings included."""
    if not stands:
        return
    row, there = RawEvent, defaultdict(list)
    for stand in stands:
        there[stand.journal].append(stand)
    ranges = [(col(row.journal) == one.journal) & _between(one) for one in stands]
    wanted = select(row.journal, row.seq, row.line).where(row.tenant == tenant, or_(*ranges))
    for journal, seq, line in session.exec(wanted.order_by(col(row.journal), col(row.seq))):
        for stand in there[journal]:
            if stand.first < seq and (not stand.last or seq <= stand.last):
                yield stand.popup, event_of(line)


def _between(stand: PopUpStands) -> ColumnElement[bool]:
    since = col(RawEvent.seq) > stand.first
    return since & (col(RawEvent.seq) <= stand.last) if stand.last else since


def closed(session: Session, *, tenant: str, shop: str) -> set[str]:
    """Pop-ups that a till opened and that every till has left."""
    stands = _stands(session, tenant, shop)
    return {one.popup for one in stands if one.last} - {one.popup for one in stands if not one.last}


def tally_of(session: Session, tenant: str, stand: PopUpStands, until: int = 0) -> Tally:
    """What one till did while it stood there, its closing included (up to line `until`; 0: all that came in)."""
    mine = select(RawEvent.line).where(RawEvent.tenant == tenant, RawEvent.journal == stand.journal)
    mine = mine.where(RawEvent.seq > stand.first).order_by(col(RawEvent.seq))
    last, tally = stand.last or until, Tally()
    for line in session.exec(mine.where(RawEvent.seq <= last) if last else mine):
        event = event_of(line)
        tally.add(event.kind, event.body)
    return tally


def fold_popup(session: Session, fact: Fact, now: int) -> str:
    """Publish what a till said of pop-ups; words for the owner's task where goods are missing, else empty."""
    body = fact.body
    match body:
        case PopUpSet():
            _fold_plan(session, fact, body, now)
        case Genesis() if body.parent:
            _go_on(session, fact, body, now)
        case PopUpOpened():
            stand = PopUpStands(popup=body.popup, journal=fact.journal, first=fact.event.seq, last=0, stock=())
            _tell(session, fact, stand, now)
        case PopUpClosed():
            for stand in _open_stands(session, fact.tenant, fact.shop, fact.journal):
                _tell(session, fact, stand.model_copy(update={"last": fact.event.seq, "stock": ()}), now)
            short = {line.sku: line.qty for line in body.left}
            return _words(session, fact, "At the close of {popup}", body.popup, short)
        case StockSent() | StockCame():
            shop = held_shop(session, fact.tenant, fact.shop)
            publish(session, shop, body, key=body.transfer, at=now, author=fact.journal, skip=fact.journal)
            return _compared(session, fact, body)
    return ""


def tell_stand(session: Session, shop: Shop, journal: str, until: int, now: int) -> None:
    """Tell the shop's other tills what a journal that is counted to line `until` has at its pop-up."""
    for stand in _open_stands(session, shop.tenant, shop.shop, journal):
        there = tally_of(session, shop.tenant, stand, until).there
        stock = tuple((sku, qty) for sku, qty in sorted(there.items()) if qty)
        if stock != stand.stock:
            fresh = stand.model_copy(update={"stock": stock})
            _replace(session, shop, fresh, journal, now)


def _fold_plan(session: Session, fact: Fact, body: PopUpSet, now: int) -> None:
    """A till plans only what nobody planned before."""
    said = session.exec(entries(fact.tenant, fact.shop, SET).where(FeedRow.key == key_of(body.popup)).limit(1)).first()
    if said is None or said.author:
        shop = held_shop(session, fact.tenant, fact.shop)
        publish(session, shop, body, key=key_of(body.popup), at=now, author=fact.journal, skip=fact.journal)


def _go_on(session: Session, fact: Fact, born: Genesis, now: int) -> None:
    """A till that went on in a new journal stands where it stood."""
    for stand in _open_stands(session, fact.tenant, fact.shop, born.parent):
        shop = held_shop(session, fact.tenant, fact.shop)
        _replace(session, shop, stand.model_copy(update={"last": born.parent_seq, "stock": ()}), born.parent, now)
        mine = {"journal": fact.journal, "first": fact.event.seq, "stock": ()}
        _tell(session, fact, stand.model_copy(update=mine), now)


def _tell(session: Session, fact: Fact, stand: PopUpStands, now: int) -> None:
    _replace(session, held_shop(session, fact.tenant, fact.shop), stand, fact.journal, now)


def _replace(session: Session, shop: Shop, stand: PopUpStands, journal: str, now: int) -> None:
    """One entry of a stand stays: the feed is no longer for it."""
    session.flush()
    key = key_of(stand.journal, stand.first)
    old = session.exec(entries(shop.tenant, shop.shop, STANDS).where(FeedRow.key == key)).all()
    take_out(session, shop, [row.cursor for row in old])
    publish(session, shop, stand, key=key, at=now, author=journal, skip=journal)


def _open_stands(session: Session, tenant: str, shop: str, journal: str) -> list[PopUpStands]:
    return [one for one in _stands(session, tenant, shop, journal) if not one.last]


def _stands(session: Session, tenant: str, shop: str, journal: str = "") -> list[PopUpStands]:
    said = ask(session, _said_stands(), tenant=tenant, shop=shop)
    return [PopUpStands.model_validate_json(body) for body, author in said if not journal or author == journal]


@cache
def _said_stands() -> Select[*tuple[Any, ...]]:
    mine = sql.select(*columns(FeedRow.body, FeedRow.author)).where(col(FeedRow.tenant) == bindparam("tenant"))
    mine = mine.where(col(FeedRow.shop) == bindparam("shop"), col(FeedRow.kind) == STANDS)
    return mine.order_by(newest_first())


def _compared(session: Session, fact: Fact, body: StockSent | StockCame) -> str:
    """What is short once both ends of a transfer were heard, whichever comes second."""
    session.flush()
    other = CAME if isinstance(body, StockSent) else SENT
    row = session.exec(entries(fact.tenant, fact.shop, other).where(FeedRow.key == body.transfer).limit(1)).first()
    if row is None:
        return ""
    heard = (StockCame if other == CAME else StockSent).model_validate_json(row.body)
    sent, came = (body, heard) if isinstance(body, StockSent) else (heard, body)
    assert isinstance(sent, StockSent)
    assert isinstance(came, StockCame)
    short = differs({one.sku: one.qty for one in sent.lines}, {one.sku: one.came for one in came.lines})
    way = "On the way to {popup}" if body.to == "popup" else "On the way back from {popup}"
    return _words(session, fact, way, body.popup, short)


def _words(session: Session, fact: Fact, where: str, popup: str, short: dict[str, int]) -> str:
    if not short:
        return ""
    planned = {one.popup: one.name for one in popups(session, tenant=fact.tenant, shop=fact.shop)}
    known = items(session, tenant=fact.tenant, shop=fact.shop)
    named = [
        f"{known[sku].name if sku in known else sku}: {quantity(abs(qty))} {'missing' if qty > 0 else 'too many'}"
        for sku, qty in list(short.items())[:MOST_NAMED]
    ]
    more = f" and {len(short) - MOST_NAMED} more" if len(short) > MOST_NAMED else ""
    return f"{where.format(popup=planned.get(popup, popup))}: {', '.join(named)}{more}. The stock says so already."[
        :400
    ]


def _boxes(session: Session, tenant: str, shop: str) -> Counter[str]:
    """{pop-up: milli-units in boxes of it that were sent and not opened}."""
    opened = {StockCame.model_validate_json(body).transfer for body in bodies(session, tenant, shop, CAME)}
    sent = {one.transfer: one for one in map(StockSent.model_validate_json, bodies(session, tenant, shop, SENT))}
    away: Counter[str] = Counter()
    for one in sent.values():
        if one.transfer not in opened:
            away[one.popup] += sum(line.qty for line in one.lines)
    return away
