"""Projection: purchase orders, from the proposal that saw most, the last command, and what came."""

import json
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.projections.fact import Fact
from cloud_sync.tables.events import OrderCommand
from cloud_sync.tables.orders import Order, OrderLineRow, OrderReceipt
from edge_agent.rules.order import Rank, rank
from edge_agent.wire.events.orders import OutcomeLine
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.stock import StockReceived

Judged = tuple[str, int]
"""The event (journal, seq) that a command spoke of."""


class Proposals:
    """The proposal of each order that holds among those that came since the last `write`: what a command judged, else
    the best; a sale's next one replaces it."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[Rank, Fact, ReorderDecided]] = {}
        self._judged: dict[tuple[str, str], Judged | None] = {}

    def add(self, session: Session, fact: Fact, body: ReorderDecided) -> None:
        """Let a proposal wait, unless a better one of its order does."""
        key = (fact.tenant, body.order)
        if key not in self._judged:
            self._judged[key] = judged_by(last_command(session, *key))
        ours, waits = rank(body.saw, body.revision, fact.journal, fact.event.seq), self._held.get(key)
        if waits is None or self._judged[key] == _place(fact) or (not self._is_judged(key) and waits[0] < ours):
            self._held[key] = (ours, fact, body)

    def _is_judged(self, key: tuple[str, str]) -> bool:
        return self._judged[key] == _place(self._held[key][1])

    def write(self, session: Session) -> None:
        """Fold those that wait, in one order for all writers."""
        for key in sorted(self._held):
            _proposed(session, self._judged[key], *self._held[key])
        self._held.clear()
        self._judged.clear()


def apply(session: Session, proposals: Proposals, fact: Fact) -> None:
    """Fold one fact; what came of an order and its proposals may be folded in any order."""
    match fact.body:
        case ReorderDecided():
            proposals.add(session, fact, fact.body)
        case StockReceived(order=order) if order:
            _received(session, fact, fact.body)


def refresh(session: Session, order: Order) -> None:
    """Set state and approved lines from the proposal, the last command, and whether goods came."""
    last = last_command(session, order.tenant, order.order)
    came = session.exec(
        select(OrderReceipt.seq).where(OrderReceipt.tenant == order.tenant, OrderReceipt.order == order.order).limit(1)
    ).first()
    order.state = "received" if came is not None else last.command if last else order.proposal
    if promised := promised_by(last):
        order.arrives_at = promised
    owners = _owners(session, order, last)
    if last:
        order.version, order.reason = last.version, last.reason
        order.by, order.decided_at = (owners or last).by, (owners or last).at
    session.add(order)
    _approve_lines(session, order, last, owners)


def last_command(session: Session, tenant: str, order: str) -> OrderCommand | None:
    """The newest command on an order."""
    return session.exec(_newest_first(), params={"tenant": tenant, "order": order}).first()


@cache
def _newest_first() -> SelectOfScalar[OrderCommand]:
    mine = select(OrderCommand).where(OrderCommand.tenant == bindparam("tenant"))
    return mine.where(OrderCommand.order == bindparam("order")).order_by(col(OrderCommand.version).desc())


def judged_by(command: OrderCommand | None) -> Judged | None:
    """The proposal that a command judged: whatever a till that was away proposes later, that one holds."""
    said = json.loads(command.lines) if command else []
    return (str(said["journal"]), int(said["seq"])) if isinstance(said, dict) else None


def ordered_by(command: OrderCommand | None) -> list[OutcomeLine]:
    """The lines as a command said them."""
    said = json.loads(command.lines) if command else []
    return [OutcomeLine.model_validate(line) for line in (said["lines"] if isinstance(said, dict) else said)]


def answered_by(command: OrderCommand | None) -> dict[str, Any]:
    """What the supplier answered by a command (`said`, `arrives_at`, `note`, `costs`); empty when it was another's."""
    said = json.loads(command.lines) if command else {}
    return dict(said.get("answer", {})) if isinstance(said, dict) else {}


def promised_by(command: OrderCommand | None) -> int:
    """When the supplier said that the goods come (UTC ms); 0: it did not say."""
    return int(answered_by(command).get("arrives_at", 0))


def lines_of(session: Session, order: Order) -> list[OrderLineRow]:
    """The lines of an order as they were proposed, in that order."""
    return list(session.exec(_in_place(), params={"tenant": order.tenant, "order": order.order}))


@cache
def _in_place() -> SelectOfScalar[OrderLineRow]:
    mine = select(OrderLineRow).where(OrderLineRow.tenant == bindparam("tenant"))
    return mine.where(OrderLineRow.order == bindparam("order")).order_by(col(OrderLineRow.position))


def _approve_lines(session: Session, order: Order, last: OrderCommand | None, owners: OrderCommand | None) -> None:
    approved = last is not None and last.command in ("approved", "sent")
    given = {line.sku: (line.packs, line.qty) for line in ordered_by(last)} if approved else {}
    chosen = {line.sku: line.packs for line in ordered_by(owners)}
    order.edited, order.total, order.lines = False, 0, 0
    for line in lines_of(session, order):
        line.approved_packs, line.approved_qty = given.get(line.sku, (0, 0)) if approved else (None, None)
        order.edited |= approved and chosen.get(line.sku, 0) != line.packs
        packs = line.packs if line.approved_packs is None else line.approved_packs
        order.total, order.lines = order.total + line.cost // max(1, line.packs) * packs, order.lines + 1
        session.add(line)


def _owners(session: Session, order: Order, last: OrderCommand | None) -> OrderCommand | None:
    """The last command that was no supplier's answer: what the owner ordered."""
    if last is None or not answered_by(last):
        return last
    every = session.exec(_newest_first(), params={"tenant": order.tenant, "order": order.order})
    return next((one for one in every if not answered_by(one)), None)


def _place(fact: Fact) -> Judged:
    return fact.journal, fact.event.seq


def _proposed(session: Session, judged: Judged | None, ours: Rank, fact: Fact, body: ReorderDecided) -> None:
    order = session.get(Order, (fact.tenant, body.order))
    if order and judged != _place(fact):
        better = (order.saw_total, order.revision, order.journal, order.seq) >= ours
        if better or (order.journal, order.seq) == judged:
            return
    fresh = {
        **body.model_dump(include=_COPIED),
        "shop": fact.shop,
        "journal": fact.journal,
        "seq": fact.event.seq,
        "saw_total": ours[0],
        "proposed_at": fact.event.at,
        "proposal": body.state,
        "holds": json.dumps(body.holds).encode(),
    }
    order = order or Order(tenant=fact.tenant, order=body.order, state=body.state, **fresh)
    for name, value in fresh.items():
        setattr(order, name, value)
    _replace_lines(session, order, body)
    refresh(session, order)


_COPIED = {"number", "supplier", "purpose", "cycle", "revision", "cutoff_at", "arrives_at", "next_arrives_at", "value"}


def _replace_lines(session: Session, order: Order, body: ReorderDecided) -> None:
    session.add(order)
    session.flush()
    before = {line.sku: line for line in lines_of(session, order)}
    for position, line in enumerate(body.lines):
        fresh = {"position": position, "packs": line.packs, "qty": line.qty, "cost": line.cost}
        row = before.pop(line.sku, None) or OrderLineRow(tenant=order.tenant, order=order.order, sku=line.sku, **fresh)
        for name, value in fresh.items():
            setattr(row, name, value)
        session.add(row)
    for gone in before.values():
        session.delete(gone)
    session.flush()


def _received(session: Session, fact: Fact, body: StockReceived) -> None:
    for place, line in enumerate(body.lines):
        row = OrderReceipt(
            tenant=fact.tenant,
            order=body.order,
            journal=fact.journal,
            seq=fact.event.seq,
            line=place,
            shop=fact.shop,
            sku=line.sku,
            qty=line.qty,
            damaged=line.damaged,
            at=fact.event.at,
        )
        session.add(row)
    session.flush()
    order = session.get(Order, (fact.tenant, body.order))
    if order:
        refresh(session, order)
