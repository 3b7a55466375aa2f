"""An act beyond the right of who stands at the till: somebody who has it allows it by PIN or badge, over the screen."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge_agent.errors import DropshelfError
from edge_agent.till.ask import AskView, Question
from edge_agent.till.new_pin import choose
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.rules.rights import Role
    from edge_agent.till.front import Front

Then = Callable[[str], None]
ACTS = {
    "void_sale": "To void the whole sale",
    "price": "For a price by hand",
    "price_for_good": "For a new price for good",
    "new_item": "For a new item",
    "discount": "For this discount",
    "refund": "For a refund",
    "refund_without_receipt": "For a refund without a receipt",
    "cash_in": "For cash into the drawer",
    "cash_out": "For cash out of the drawer",
    "no_sale": "To open the drawer without a sale",
    "wrong_tender": "To correct a tender",
    "open_shift": "To open the shift",
    "close_shift": "To close the shift",
    "training": "To practise",
    "audit": "To see who did what",
    "people": "To change who works here",
}
"""The acts of `rules/rights` as the question says them."""


def allowed(till: "Front", act: str, then: Then) -> None:
    """Do `then` with the id of who allowed the act; empty when who stands here may do it alone."""
    least = till.shop.approvals.needs(act, till.proven)
    if least is None:
        then("")
    else:
        _ask(till, act, least, then)


def _ask(till: "Front", act: str, least: "Role", then: Then, note: str = "") -> None:
    words = [say("{act}: the PIN of a {least} and Enter,", act=say(ACTS[act]), least=say(least)), "or their badge."]
    question = Question(words, lambda word: _try(till, act, least, then, word), secret=True, badges=True)
    view = AskView(till, question)
    view.note = note
    till.show(view)


def _try(till: "Front", act: str, least: "Role", then: Then, word: str) -> None:
    from edge_agent.counter.approval import OwnersCode

    by = till.by

    def tried(done: "Future[str]") -> None:
        error = done.exception()
        if error is None:
            _do(till, lambda: then(done.result()))
        elif isinstance(error, OwnersCode):
            choose(till, word, error.person, lambda pin: _try(till, act, least, then, pin))
        elif isinstance(error, DropshelfError):
            _ask(till, act, least, then, said(error))
        else:
            till.stop([said(error)])

    till.app.work(lambda: till.shop.approvals.approve(word, act, by), tried)


def _do(till: "Front", act: Callable[[], None]) -> None:
    try:
        act()
    except DropshelfError as error:
        till.view.refused(said(error))
