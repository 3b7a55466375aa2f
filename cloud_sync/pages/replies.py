"""What the supplier answered to an order, as the owner reads it, and the new costs that it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from sqlmodel import Session

from cloud_sync.catalogue import items, names, set_item
from cloud_sync.orders import approved_lines, held_order
from cloud_sync.pages.guard import Doer, see_other
from cloud_sync.pages.shown import Shown
from cloud_sync.post.answers import Answered, answers, coming
from cloud_sync.service import service_of
from cloud_sync.speech import say, told
from cloud_sync.tables.orders import Order
from edge_agent.errors import NotKnown

router = APIRouter()
SAID = {
    "confirmed": "confirmed it",
    "changed": "confirmed it otherwise",
    "shipped": "says that it is on its way",
    "refused": "can't deliver it",
}

Key = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class NewCost:
    """What a pack costs by the supplier's answer, and by the catalogue (minor units)."""

    sku: str
    name: str
    asked: int
    held: int


@dataclass(frozen=True)
class Reply:
    """One answer in words; `costs` are those that the catalogue does not have yet."""

    at: int
    words: str
    is_bad: bool
    costs: tuple[NewCost, ...]


def replies(session: Session, shop: Shown, order: Order) -> list[Reply]:
    """The supplier's answers, the newest first; what comes less stands with the newest."""
    found = answers(session, order)
    less = _less(session, shop, order) if found else ""
    return [_reply(session, shop, one, less if place == 0 else "") for place, one in enumerate(found)]


def _reply(session: Session, shop: Shown, one: Answered, less: str) -> Reply:
    words = [say("The supplier {said}, {when}", said=told(SAID[one.said]), when=shop.when(one.at))]
    if one.arrives_at:
        words.append(say("it comes {when}", when=shop.when(one.arrives_at)))
    if less:
        words.append(less)
    if one.note:
        words.append(f"“{one.note}”")
    bad = bool(one.arrives_at or less or one.said == "refused")
    return Reply(one.at, f"{'; '.join(words)}.", bad, _costs(session, shop, one))


def _less(session: Session, shop: Shown, order: Order) -> str:
    named = names(session, tenant=shop.tenant, shop=shop.shop)
    comes = {line.sku: line.packs for line in coming(session, order)}
    short = [
        say(
            "{come} of {packs} packs of {name}",
            come=comes.get(line.sku, 0),
            packs=line.packs,
            name=named.get(line.sku, line.sku),
        )
        for line in approved_lines(session, order)
        if comes.get(line.sku, 0) < line.packs
    ]
    return say("only {some}", some=", ".join(short)) if short and comes else ""


def _costs(session: Session, shop: Shown, one: Answered) -> tuple[NewCost, ...]:
    if not one.costs:
        return ()
    known = items(session, tenant=shop.tenant, shop=shop.shop)
    asked = [(sku, cost) for sku, cost in sorted(one.costs.items()) if sku in known]
    return tuple(
        NewCost(sku, known[sku].name, cost, known[sku].pack_cost) for sku, cost in asked if known[sku].pack_cost != cost
    )


@router.post("/orders/{key}/costs")
def take_costs(request: Request, owner: Doer, key: Key, at: Annotated[int, Form()] = 0) -> Response:
    """Put the costs of one answer into the catalogue."""
    service = service_of(request)
    with service.database.writing() as session:
        order, now = held_order(session, tenant=owner.tenant, order=key), service.clock.now()
        known = items(session, tenant=order.tenant, shop=order.shop)
        for sku, cost in _asked(answers(session, order), at).items():
            if sku in known and known[sku].pack_cost != cost:
                changed = known[sku].model_copy(update={"pack_cost": cost})
                set_item(session, tenant=order.tenant, shop=order.shop, item=changed, at=now)
    return see_other(f"/orders/{key}")


def _asked(every: Sequence[Answered], at: int) -> dict[str, int]:
    found = next((one for one in every if one.at == at), None)
    if found is None:
        raise NotKnown("there is no such answer")
    return dict(found.costs)
