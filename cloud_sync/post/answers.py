"""The supplier's answer to an order that was sent: as ordered, otherwise, later, on its way, or not at all.

Whoever has the order's letter may answer it: its link carries a seal of the cloud's own key, and opens this order
alone. Each answer is a command on the order, so that the tills count what comes, and when.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from sqlmodel import Session, col, select

from cloud_sync.orders import By, Conflict, approved_lines, held_order, note_answer
from cloud_sync.post.ways import Ways
from cloud_sync.post.webhook import Web
from cloud_sync.projections.orders import answered_by, ordered_by, promised_by
from cloud_sync.tables.events import OrderCommand
from cloud_sync.tables.orders import Order
from edge_agent.errors import BadInput
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.text import clean_name
from edge_agent.wire.events.orders import OutcomeLine

Said = Literal["confirmed", "changed", "shipped", "refused"]
MOST_ANSWERS = 20
MOST_COST = 10**9
LATEST_DAYS = 90
SEAL = 32
"""So many letters of the seal stand in the link: 128 bits."""


@dataclass(frozen=True)
class Answer:
    """What a supplier says. `packs` by SKU are those that come (none named: as ordered), `arrives_at` when (UTC ms,
    0: as asked for), `costs` by SKU what a pack costs now in minor units, where it is not what the shop has."""

    said: Said
    packs: Mapping[str, int] = field(default_factory=dict)
    arrives_at: int = 0
    note: str = ""
    costs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """An answer as it was taken, for the owner."""

    at: int
    said: Said
    arrives_at: int
    note: str
    costs: Mapping[str, int]


def link(ways: Ways, *, tenant: str, order: str) -> str:
    """The address that stands in the order's letter."""
    return f"{ways.address}/answer/{tenant}/{order}/{seal_of(ways.web, tenant=tenant, order=order)}"


def seal_of(web: Web, *, tenant: str, order: str) -> str:
    """What only this cloud can write into such a link."""
    return web.seal("answer", tenant, order)[:SEAL]


def is_sealed(web: Web, *, tenant: str, order: str, seal: str) -> bool:
    """True for the link of a letter of ours."""
    return hmac.compare_digest(seal_of(web, tenant=tenant, order=order).encode(), seal.encode())


def coming(session: Session, order: Order) -> list[OutcomeLine]:
    """What comes as it was last said: by the supplier, else by the owner."""
    last = next(iter(_answers(session, order)), None)
    return ordered_by(last) if last else approved_lines(session, order)


def answers(session: Session, order: Order) -> list[Answered]:
    """What the supplier answered, the newest first."""
    found = []
    for row in _answers(session, order):
        said = answered_by(row)
        found.append(Answered(row.at, said["said"], said["arrives_at"], said["note"], said["costs"]))
    return found


def take_answer(session: Session, *, tenant: str, order: str, by: str, answer: Answer, now: int) -> Order:
    """Take a supplier's answer. Conflict when the order is not on its way (any more); BadInput names what can't be."""
    row = held_order(session, tenant=tenant, order=order)
    if row.state != "sent":
        raise Conflict(row, f"This order is {row.state}: it can't be answered any more.")
    before = _answers(session, row)
    if len(before) >= MOST_ANSWERS:
        raise BadInput("This order was answered so often that the shop must be called.")
    lines = _lines(approved_lines(session, row), answer)
    _in_time(answer, now)
    told = {
        "said": answer.said,
        "arrives_at": answer.arrives_at or (promised_by(before[0]) if before else 0),
        "note": clean_name(answer.note),
        "costs": {sku: cost for sku, cost in answer.costs.items() if 0 < cost <= MOST_COST},
    }
    return note_answer(session, row, lines, told, by=By(name=by), now=now)


def _lines(ordered: list[OutcomeLine], answer: Answer) -> list[OutcomeLine]:
    if answer.said not in get_args(Said):
        raise BadInput("Say whether it comes as ordered, otherwise, is on its way, or can't be delivered.")
    if answer.said == "refused":
        return []
    found = []
    for line in ordered:
        packs = answer.packs.get(line.sku, line.packs)
        if not 0 <= packs <= line.packs:
            raise BadInput(f"{line.sku}: of {line.packs} packs that were ordered {packs} can't come.")
        if packs:
            found.append(OutcomeLine(sku=line.sku, packs=packs, qty=line.qty // line.packs * packs))
    if not found:
        raise BadInput("Nothing would come: say that it can't be delivered instead.")
    return found


def _in_time(answer: Answer, now: int) -> None:
    if answer.arrives_at and not now - DAY_MS <= answer.arrives_at <= now + LATEST_DAYS * DAY_MS:
        raise BadInput(f"The day of delivery lies in the past, or more than {LATEST_DAYS} days ahead.")


def _answers(session: Session, order: Order) -> list[OrderCommand]:
    mine = select(OrderCommand).where(OrderCommand.tenant == order.tenant, OrderCommand.order == order.order)
    every = session.exec(mine.order_by(col(OrderCommand.version).desc()))
    return [one for one in every if answered_by(one)]
