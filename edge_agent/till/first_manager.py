"""The way to the people of this till: by the right to change them; while nobody has it, to the first manager alone."""

from typing import TYPE_CHECKING

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.till.allow import allowed
from edge_agent.till.ask import AskView, Question
from edge_agent.till.new_pin import ask_pin
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.till.front import Front


def open_staff(till: "Front") -> None:
    """Show who works here to whoever has the right. While nobody has it, only a first manager can be made: before the
    first receipt, and afterwards by a code of the owner's page. Else whoever stands there could make themselves one."""
    lets = till.shop.approvals
    if not lets.nobody_may("people"):
        allowed(till, "people", lambda _: _show(till))
    elif till.status.training:
        raise BadInput("end the practice first: Ctrl+T")
    elif till.shop.reading.last_receipt() is None:
        _ask_name(till)
    elif lets.awaits_first_manager():
        words = ["No manager yet: the code of the owner's page and Enter."]
        till.show(AskView(till, Question(words, lambda word: _try(till, word), secret=True)))
    else:
        if not till.status.paired:
            raise BadInput("no manager yet, and no cloud: edge-agent people add NAME --role manager")
        raise BadInput("no manager yet: the owner's page People gives a code")


def _show(till: "Front") -> None:
    from edge_agent.till.staff import StaffView

    till.show(StaffView(till))


def _try(till: "Front", word: str) -> None:
    def tried(done: "Future[bool]") -> None:
        error = done.exception()
        if error is not None:
            till.view.refused(said(error))
        elif done.result():
            _ask_name(till)
        else:
            till.view.refused("that is not the code")

    till.app.work(lambda: till.shop.approvals.is_first_managers_code(word), tried)


def _ask_name(till: "Front") -> None:
    words = ["The first manager of this till.", "Type the name and Enter."]
    till.show(AskView(till, Question(words, lambda name: _ask_pin(till, name), letters=True)))


def _ask_pin(till: "Front", name: str, note: str = "") -> None:
    def made(done: "Future[object]") -> None:
        error = done.exception()
        if error is None:
            _show(till)
        elif isinstance(error, DropshelfError):
            _ask_pin(till, name, said(error))
        else:
            till.stop([said(error)])

    lets = till.shop.approvals
    ask_pin(till, name, lambda pin: till.app.work(lambda: lets.first_manager(name, pin), made), note=note)
