"""The owner's commands on purchase orders: approve (as proposed or with other packs), reject; and expiry at cut-off.

One command is one transaction: the audit line, the order's new state, and the feed entry that tells the tills.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session, col, select

from cloud_sync.database import Database
from cloud_sync.feed import held_shop, publish, take_out
from cloud_sync.projections.orders import lines_of, ordered_by, promised_by, refresh
from cloud_sync.question import Row
from cloud_sync.quotas import is_shared
from cloud_sync.tables.events import FeedRow, OrderCommand, RawEvent
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order, OrderLineRow, OrderReceipt
from edge_agent.errors import BadInput, DropshelfError, NotKnown
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.orders import OrderOutcome, OrderStands, OutcomeLine
from edge_agent.wire.events.reorder import ReorderDecided

State = Literal["proposed", "held", "withdrawn", "approved", "rejected", "expired", "sent", "received"]
OPEN: tuple[State, ...] = ("proposed", "held")
COMING = ("approved", "sent")
MOST_PACKS = 100_000
NOT_DELIVERED = "the supplier can't deliver"

Word = Literal["approved", "rejected", "expired", "sent"]


class Conflict(DropshelfError):
    """The order is not as the owner saw it; `order` is how it stands now."""

    def __init__(self, order: Order, words: str) -> None:
        super().__init__(words)
        self.order = order


@dataclass(frozen=True)
class By:
    """Who gives a command: the owner's id and the name that the till shows; both empty for the cloud itself."""

    owner: str = ""
    name: str = ""


def version_of(order: Order | Row) -> str:
    """What an owner saw, as a word: it changes with every command and with every new proposal."""
    return f"{order.version}.{order.revision}.{order.journal[:8]}"


def listed(session: Session, *, tenant: str, shop: str, states: tuple[str, ...] = OPEN) -> list[Order]:
    """Orders of a shop in these states, the soonest cut-off first."""
    wanted = select(Order).where(Order.tenant == tenant, Order.shop == shop, col(Order.state).in_(states))
    return list(session.exec(wanted.order_by(col(Order.cutoff_at), col(Order.order))))


def order_of(session: Session, *, tenant: str, order: str) -> Order:
    """One order by its key; NotKnown when the tenant has none of that key."""
    row = session.get(Order, (tenant, order))
    if row is None:
        raise NotKnown("there is no such order")
    return row


def held_order(session: Session, *, tenant: str, order: str) -> Order:
    """The order for a command on it. Its shop is held first, as counting does, so that the two never wait crosswise."""
    row = order_of(session, tenant=tenant, order=order)
    held_shop(session, tenant, row.shop)
    session.refresh(row)
    return row


def proposal_of(session: Session, order: Order) -> ReorderDecided:
    """The proposal that holds, whole, with its decisions and what-if tables (see `rules.record`, `rules.reasons`)."""
    raw = session.get(RawEvent, (order.tenant, order.journal, order.seq))
    assert raw is not None, "an order names the event that proposed it"
    return ReorderDecided.model_validate(event_of(raw.line).body)


def received_of(session: Session, order: Order) -> dict[str, tuple[int, int]]:
    """What came of an order: {SKU: (good, damaged)} in milli-units."""
    came: dict[str, tuple[int, int]] = {}
    wanted = select(OrderReceipt).where(OrderReceipt.tenant == order.tenant, OrderReceipt.order == order.order)
    for row in session.exec(wanted):
        good, damaged = came.get(row.sku, (0, 0))
        came[row.sku] = good + row.qty, damaged + row.damaged
    return came


def as_seen(order: Order, version: str, now: int) -> None:
    """Conflict when the order is not as the owner saw it, was decided already or its cut-off has passed."""
    if order.state not in OPEN:
        raise Conflict(order, f"This order is {order.state} already.")
    if version != version_of(order):
        raise Conflict(order, "The till has changed this order meanwhile. Look at it again.")
    if order.cutoff_at <= now:
        raise Conflict(order, "The supplier's cut-off has passed.")


def approve(
    session: Session,
    *,
    tenant: str,
    order: str,
    version: str,
    by: By,
    now: int,
    packs: Mapping[str, int] | None = None,
) -> Order:
    """Approve an order as proposed, or with other `packs` for the SKUs named (0 leaves one out).

    Conflict when it is not as the owner saw it, was decided already or its cut-off has passed; BadInput for packs that
    no line has, or when nothing would be ordered.
    """
    row = _open_order(session, tenant, order, version, now)
    lines = _as_ordered(lines_of(session, row), packs or {})
    if not any(line.packs for line in lines):
        raise BadInput("Nothing would be ordered. Reject the order instead.")
    return _command(session, row, "approved", lines, by=by, reason="", now=now)


def reject(session: Session, *, tenant: str, order: str, version: str, by: By, now: int, reason: str = "") -> Order:
    """Reject an order, with a reason that the till shows. Conflict as for `approve`."""
    row = _open_order(session, tenant, order, version, now)
    return _command(session, row, "rejected", [], by=by, reason=reason[:80], now=now)


def expire_due(database: Database, now: int) -> int:
    """Let every open order end whose cut-off has passed; returns how many. What was not approved is not sent."""
    due = select(Order.tenant, Order.order).where(col(Order.state).in_(OPEN), Order.cutoff_at <= now)
    with database.service().reading() as session:
        keys = session.exec(due).all()
    for tenant, order in keys:
        with database.of(tenant).writing() as session:
            row = held_order(session, tenant=tenant, order=order)
            if row.state in OPEN and row.cutoff_at <= now:
                _command(session, row, "expired", [], by=By(), reason="not approved before the cut-off", now=now)
    return len(keys)


def approved_lines(session: Session, order: Order) -> list[OutcomeLine]:
    """What the owner approved, as the command said it: a till's later proposal changes nothing of it."""
    mine = select(OrderCommand).where(OrderCommand.tenant == order.tenant, OrderCommand.order == order.order)
    last = session.exec(
        mine.where(OrderCommand.command == "approved").order_by(col(OrderCommand.version).desc())
    ).first()
    return [line for line in ordered_by(last) if line.packs]


def note_answer(
    session: Session, order: Order, lines: list[OutcomeLine], answer: Mapping[str, object], *, by: By, now: int
) -> Order:
    """What the supplier says of an order that was sent: `lines` are what comes. When nothing does, the order expires: a
    rejected one would be the owner's word against its items."""
    word: Word = "sent" if lines else "expired"
    reason = "" if lines else NOT_DELIVERED
    return _command(session, order, word, lines, by=by, reason=reason, now=now, answer=answer)


def note_sent(session: Session, order: Order, lines: list[OutcomeLine], *, by: By, reason: str, now: int) -> Order:
    """The order goes to its supplier, by the cloud or by hand; `sending` sees that it does so once."""
    return _command(session, order, "sent", lines, by=by, reason=reason, now=now)


def _open_order(session: Session, tenant: str, order: str, version: str, now: int) -> Order:
    row = held_order(session, tenant=tenant, order=order)
    as_seen(row, version, now)
    return row


def _as_ordered(lines: list[OrderLineRow], packs: Mapping[str, int]) -> list[OutcomeLine]:
    unknown = set(packs) - {line.sku for line in lines}
    if unknown:
        raise BadInput(f"The order has no line for {', '.join(sorted(unknown))}.")
    for sku, number in packs.items():
        if not 0 <= number <= MOST_PACKS:
            raise BadInput(f"{sku}: packs are a number from 0 to {MOST_PACKS}, not {number}.")
    wanted = [(line, packs.get(line.sku, line.packs)) for line in lines]
    return [OutcomeLine(sku=line.sku, packs=number, qty=_qty(line, number)) for line, number in wanted]


def _qty(line: OrderLineRow, packs: int) -> int:
    """Milli-units of so many packs of this line's pack size."""
    return line.qty // line.packs * packs if line.packs else 0


def _command(
    session: Session,
    order: Order,
    word: Word,
    lines: list[OutcomeLine],
    *,
    by: By,
    reason: str,
    now: int,
    answer: Mapping[str, object] | None = None,
) -> Order:
    """Write the audit line, the new state and the feed entry, in the caller's transaction."""
    shop = held_shop(session, order.tenant, order.shop)
    if is_shared(session, shop):
        # Who hears what became of an order must know the order.
        tell_order(session, shop, order, now)
    judged: dict[str, object] = {"journal": order.journal, "seq": order.seq}
    if answer:
        judged["answer"] = dict(answer)
    row = OrderCommand(
        tenant=order.tenant,
        order=order.order,
        version=order.version + 1,
        shop=order.shop,
        command=word,
        by=by.name[:80],
        owner=by.owner,
        at=now,
        revision=order.revision,
        reason=reason,
        lines=json.dumps(judged | {"lines": [line.model_dump() for line in lines]}).encode(),
    )
    session.add(row)
    session.flush()
    refresh(session, order)
    outcome = OrderOutcome(
        order=order.order,
        number=order.number,
        revision=order.revision,
        version=row.version,
        state=word,
        by=row.by,
        reason=row.reason,
        lines=tuple(line for line in lines if line.packs),
        arrives_at=promised_by(row),
    )
    publish(session, shop, outcome, key=order.order, at=now)
    return order


def tell_order(session: Session, shop: Shop, order: Order, now: int) -> None:
    """The proposal that holds, to all who did not make it; what was published of this order before says less."""
    mine = select(FeedRow).where(FeedRow.tenant == shop.tenant, FeedRow.shop == shop.shop)
    before = session.exec(mine.where(FeedRow.kind == "order_stands", FeedRow.key == order.order)).all()
    stands = _stands(session, order)
    if any(OrderStands.model_validate_json(row.body) == stands for row in before):
        return
    take_out(session, shop, [row.cursor for row in before])
    publish(session, shop, stands, key=order.order, at=now, author=order.journal, skip=order.journal)


def _stands(session: Session, order: Order) -> OrderStands:
    saw = proposal_of(session, order).saw
    lines = tuple(OutcomeLine(sku=line.sku, packs=line.packs, qty=line.qty) for line in lines_of(session, order))
    copied = order.model_dump(include=set(OrderStands.model_fields) - {"saw", "state", "lines"})
    return OrderStands.model_validate({**copied, "saw": saw, "state": order.proposal, "lines": lines})
