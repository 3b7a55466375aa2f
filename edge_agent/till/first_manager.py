"""The way to the people of this till: by the right to change them; while nobody has it, to the first manager alone."""

from typing import TYPE_CHECKING

from edge_agent.errors import BadInput
from edge_agent.till.allow import allowed
from edge_agent.till.ask import Answer, AskView, Question
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.till.front import Front


def open_staff(till: "Front") -> None:
    """Show who works here to whoever has the right. While nobody has it, only a first manager can be made, and only
    before the first receipt: afterwards whoever stands at the till could make themselves one."""
    if not till.shop.approvals.nobody_may("people"):
        allowed(till, "people", lambda _: _show(till))
    elif till.status.training:
        raise BadInput("end the practice first")
    elif till.shop.reading.last_receipt() is None:
        _ask_name(till)
    else:
        raise BadInput("nobody is a manager here: edge-agent people makes one")


def _show(till: "Front") -> None:
    from edge_agent.till.staff import StaffView

    till.show(StaffView(till))


def _ask_name(till: "Front") -> None:
    words = ["The first manager of this till.", "Type the name and Enter."]
    till.show(AskView(till, Question(words, lambda name: _ask_pin(till, name), letters=True)))


def _ask_pin(till: "Front", name: str) -> None:
    def again(pin: str) -> None:
        _ask_secret(till, "The same PIN once more and Enter.", lambda second: _make(till, name, pin, second))

    _ask_secret(till, say("A new PIN for {name}, 4 to 8 digits, and Enter.", name=name[:20]), again)


def _ask_secret(till: "Front", words: str, then: Answer) -> None:
    till.show(AskView(till, Question([words], then, secret=True)))


def _make(till: "Front", name: str, pin: str, second: str) -> None:
    if pin != second:
        raise BadInput("that was another PIN")
    shop = till.shop

    def made(done: "Future[object]") -> None:
        error = done.exception()
        if error is not None:
            till.view.refused(said(error))
        else:
            _show(till)

    till.app.work(lambda: shop.staff.add_first_manager(name, pin, now=shop.clock.now()), made)
