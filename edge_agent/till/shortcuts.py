"""Acts of one key that have no screen of their own: a copy of a receipt, visitors, the way to a card's answer."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from edge_agent.errors import BadInput
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.till.front import Front
    from edge_agent.till.view import View
    from edge_agent.wire.events.cards import CardResult
    from edge_agent.wire.events.shift import ReceiptReprinted

LONGEST_NUMBER = 8
LONGEST_COUNT = 3


def reprint(till: "Front", text: str) -> None:
    """F8: a copy of the last receipt, or of the one whose number was typed."""
    if text and not (text.isdigit() and len(text) <= LONGEST_NUMBER):
        till.sale.desk.note = say("{text} is no receipt's number", text=text)
        return
    till.after(till.shop.reprints.reprint(int(text or 0), till.by), lambda done: _printed(till, done))


def count_visitors(till: "Front", text: str, *, stayed: bool = False) -> None:
    """F10 and F11 in the sale: one more came by the pop-up (or as many as were typed), or stayed."""
    till.show(till.sale)
    if text and not (text.isdigit() and len(text) <= LONGEST_COUNT):
        till.sale.refused(say("{text} is no number of visitors", text=text))
        return
    number = int(text or 1)
    future = till.shop.popups.visitors(0 if stayed else number, number if stayed else 0, till.by)
    words = say("counted: {number} stayed" if stayed else "counted: {number} came by", number=number)
    till.after(future, lambda done: _counted(till, done, words))


def _counted(till: "Front", done: "Future[Any]", words: str) -> None:
    error = done.exception()
    if error is not None:
        till.sale.refused(said(error))
    elif till.view is till.sale:
        till.sale.say(words)


def _printed(till: "Front", done: "Future[ReceiptReprinted]") -> None:
    error = done.exception()
    if error is not None:
        till.sale.desk.note = said(error)
        return
    body = done.result()
    till.sale.desk.note = till.printed(
        say(
            "copy {copy_number} of receipt {receipt:06d} is printed", copy_number=body.copy_number, receipt=body.receipt
        )
    )


def use_code(till: "Front", text: str) -> None:
    """A sample's code in the sale: what it takes off, once."""
    from edge_agent.rules.sample import code_of

    code, desk = code_of(text), till.sale.desk
    if code is None:
        return
    if not desk.sale.lines:
        raise BadInput("scan what is bought first, then the sample's code")
    percent = till.shop.samples.worth(till.shop.reading, code)
    desk.selling.use_sample(code.sample, percent)
    desk.note = say("the sample's code takes {percent} % off", percent=percent // 100)


def ask_terminal(till: "Front") -> "View":
    """F12 in the sale: decide the card payment without an answer; else the payment, and the terminal is asked."""
    from edge_agent.till.card import CardView
    from edge_agent.till.pay import PayView

    undecided = till.shop.reading.undecided()
    if undecided is not None:

        def told(result: "CardResult", _: int) -> None:
            words = {"approved": "it was taken: ring it up and press F9", "declined": "it was not taken"}
            till.sell().desk.note = words.get(result, "still undecided")

        return CardView(till, undecided, told, [])
    if not till.sale.desk.sale:
        return till.sale
    view = PayView(till, till.sale)
    view.entry = till.sale.take_entry()
    till.show(view)
    view.ask_terminal()
    return till.view
