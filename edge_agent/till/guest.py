"""Cards of customers at the till: the sale becomes theirs, a gift card pays or is sold, points pay."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge_agent.counter.stored import UNHEARD, today_of
from edge_agent.errors import BadInput
from edge_agent.rules.sale import Load, Sale, Tendered
from edge_agent.rules.stored import Card, card_of
from edge_agent.till.figures import amount_of, written
from edge_agent.till.speech import say

if TYPE_CHECKING:
    from edge_agent.counter.customers import Customer
    from edge_agent.till.front import Front


def today(front: "Front") -> int:
    """The business day that it is now."""
    return today_of(front.shop.reading.shop(), front.app.clock.now())


def open_card(front: "Front", code: str) -> None:
    """What a card does that was scanned in the sale."""
    from edge_agent.till.gift import GiftView

    card = card_of(code)
    if card is None:
        return
    if card.kind == "customer":
        attach(front, card)
    elif front.sale.desk.sale:
        front.open_payment().scanned(code)
    else:
        front.show(GiftView(front, card))


def attach(front: "Front", card: Card) -> None:
    """The sale is this card's, known by name or not."""
    found = front.shop.customers.known(card.account, front.app.clock.now())
    attach_customer(front, found) if found else _attach(front, card.account, say("card {tail}", tail=card.tail), "")


def attach_customer(front: "Front", customer: "Customer") -> None:
    """The sale is this customer's."""
    _attach(front, customer.account, customer.name, customer.group)


def _attach(front: "Front", account: str, name: str, group: str) -> None:
    desk = front.sale.desk
    desk.selling.attach(account, group)
    desk.guest = say("{name}, {points} points", name=name[:20], points=points_of(front, account))
    front.sale.say(desk.guest)


def show_customer(front: "Front") -> None:
    """Whose sale it is, after it was held."""
    account = front.sale.desk.sale.customer
    if not account:
        return
    found = front.shop.customers.known(account, front.app.clock.now())
    attach_customer(front, found) if found else _attach(front, account, "customer", "")


def detach(front: "Front") -> None:
    """The sale is nobody's any more."""
    front.sale.desk.selling.attach("")
    front.sale.desk.guest = ""


def points_of(front: "Front", account: str) -> int:
    """A customer's points, as far as this till knows."""
    known = front.shop.reading.standing(account, today(front))
    return known.balance if known else 0


def paid_with(front: "Front", card: Card, due: int, given: Sequence[Tendered]) -> tuple[Tendered, str]:
    """All that may be paid with a gift card now, and what to say of it. BadInput when that is nothing."""
    memory, day, decimals = front.shop.reading, today(front), front.sale.desk.decimals
    if any(one.account == card.account for one in given):
        raise BadInput(say("card {tail} pays already", tail=card.tail))
    if due <= 0:
        raise BadInput("nothing is due any more: Enter")
    may = front.shop.stored.spendable(memory, card.account, day)
    known = memory.standing(card.account, day)
    on_it = max(known.balance, 0) if known else 0
    if may <= 0:
        raise BadInput(
            say("card {tail}: nothing on it", tail=card.tail)
            if not on_it
            else say("card {tail}: no more without the cloud", tail=card.tail)
        )
    amount = min(may, due)
    rest = (
        say(", {amount} stays on it", amount=written(on_it - amount, decimals))
        if may == on_it
        else ", no more without the cloud"
    )
    words = say("card {tail} pays {amount}{rest}", tail=card.tail, amount=written(amount, decimals), rest=say(rest))
    return Tendered("gift", amount, card.account, card.tail), words


def points_for(front: "Front", sale: Sale, due: int, given: Sequence[Tendered]) -> Tendered:
    """The customer's points as a tender. BadInput when there is no customer, or nothing to pay with."""
    if not sale.customer:
        raise BadInput("no customer is with this sale: scan their card (Esc, F6)")
    if any(one.kind == "points" for one in given):
        raise BadInput("the points pay already: Enter takes the rest")
    return front.shop.stored.with_points(sale.customer, front.shop.reading, today(front), min(due, sale.total))


def sell_card(front: "Front", text: str) -> None:
    """A new gift card of that amount with this sale; 0: none. BadInput for what is no amount."""
    selling = front.sale.desk.selling
    if text.strip("0.") == "":
        selling.unload()
        return
    amount = amount_of(text, front.decimals)
    card = front.shop.gifts.fresh()
    selling.load(Load(card.account, card.tail, amount, card.number))
    front.sale.say(say("a new gift card of {amount}, printed when paid", amount=written(amount, front.decimals)))


def load_card(front: "Front", card: Card, text: str) -> None:
    """So much more onto a card that somebody has. BadInput for one that was never sold, and for what is no amount."""
    if front.shop.reading.standing(card.account, today(front)) is None:
        raise BadInput(UNHEARD)
    amount = amount_of(text, front.decimals)
    front.sale.desk.selling.load(Load(card.account, card.tail, amount))
