"""How an order goes to its supplier, as the owner reads it, and the owner's word where it did not or nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.orders import held_order
from cloud_sync.pages.guard import Doer, see_other
from cloud_sync.pages.shown import Shown
from cloud_sync.post.outbox import arrived, held_message, may_be_sent_again, messages_of
from cloud_sync.post.ways import send_anew, ways_of, why_it_waits
from cloud_sync.service import service_of
from cloud_sync.settings import Settings
from cloud_sync.speech import count, say, told
from cloud_sync.tables.orders import Order
from cloud_sync.tables.post import Message

router = APIRouter()
BY = {"email": "e-mail", "webhook": "webhook"}
SHORT = {
    "queued": "not sent yet",
    "leaving": "being sent",
    "handed": "being sent",
    "failed": "could not be sent",
    "unsure": "perhaps sent: ask the supplier",
}
"""States of a message that has not left, in a list of orders."""
NEEDS_YOU = ("failed", "unsure")

Key = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Word = Literal["again", "arrived", "missing"]


@dataclass(frozen=True)
class Leaving:
    """One message in words; `acts` are the words that the owner may say on it, with what stands on their buttons."""

    channel: str
    words: str
    is_bad: bool
    acts: tuple[tuple[Word, str], ...]


def leaving(session: Session, shop: Shown, order: Order, settings: Settings) -> list[Leaving]:
    """How the order goes, or why it does not."""
    messages = messages_of(session, tenant=order.tenant, order=order.order)
    found = [_said(shop, order, one) for one in messages if one.state != "given up"]
    if not found and order.state == "approved":
        words = why_it_waits(session, order, ways_of(settings))
        return [Leaving("", told(words or "It leaves within seconds."), bool(words), ())]
    return found


def unsent(session: Session, shop: Shown, states: Sequence[str] = tuple(SHORT)) -> dict[str, str]:
    """{order: state of its message} for what has not left yet."""
    rows = ask(session, _unsent(), tenant=shop.tenant, shop=shop.shop, states=list(states))
    return {row.order: row.state for row in rows}


@cache
def _unsent() -> Select[*tuple[Any, ...]]:
    mine = select(*columns(Message.order, Message.state)).where(col(Message.tenant) == bindparam("tenant"))
    here = mine.where(col(Message.shop) == bindparam("shop"))
    return here.where(col(Message.state).in_(bindparam("states", expanding=True)))


def _said(shop: Shown, order: Order, one: Message) -> Leaving:
    by, tried, problem = told(BY[one.channel]), say("not tried"), told(one.problem)
    if one.tried_at:
        tries = count(one.tries, "try", "tries")
        tried = say("{tries}, the last {when}", tries=tries, when=shop.when(one.tried_at))
    if one.state == "left":
        when, who = shop.when(one.left_at or one.made_at), one.settled_by
        if who:
            words = say("Sent by {by}, as {who} says, {when}.", by=by, who=who, when=when)
        else:
            words = say("Sent by {by} to {where}, {when}.", by=by, where=one.sent_to, when=when)
        return Leaving(one.channel, words, False, ())
    if one.state == "failed":
        words = say("Not sent: nothing has left. {problem} ({tried})", problem=problem, tried=tried)
        return Leaving(one.channel, words, True, (("again", "Send again"),))
    if one.state == "unsure":
        asked = "Nobody knows whether it was sent. {problem} Ask the supplier for order {number}."
        words = say(asked, problem=problem, number=order.number)
        acts: tuple[tuple[Word, str], ...] = (("arrived", "The supplier has it"), ("missing", "Not there: send again"))
        return Leaving(one.channel, words, True, acts)
    if one.state == "queued" and one.problem:
        when = shop.hour(one.next_at)
        words = say("Not sent yet. {problem} ({tried}; next {when})", problem=problem, tried=tried, when=when)
        return Leaving(one.channel, words, True, ())
    return Leaving(one.channel, say("Being sent by {by}.", by=by), False, ())


@router.post("/orders/{key}/sending")
def say_of_sending(
    request: Request,
    owner: Doer,
    key: Key,
    channel: Annotated[str, Form(max_length=16)] = "",
    word: Annotated[Word, Form()] = "again",
) -> Response:
    """The owner's word: send again what surely did not leave, or what the supplier says of one that may have."""
    service = service_of(request)
    with service.database.writing() as session:
        order, now = held_order(session, tenant=owner.tenant, order=key), service.clock.now()
        message = held_message(session, tenant=owner.tenant, order=order.order, channel=channel)
        if word == "arrived":
            arrived(session, message, by=owner.name, now=now)
        else:
            may_be_sent_again(message, missing=word == "missing")
            send_anew(session, order, message, ways_of(service.settings), now)
    return see_other(f"/orders/{order.order}")
