"""A PIN that is chosen at the till by a code of the owner's page, and typed twice."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.till.ask import Answer, AskView, Question, no_answer
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.counter.people import Person
    from edge_agent.till.front import Front

Chosen = Callable[[str], None]
Left = Callable[[], None]


def ask_pin(till: "Front", name: str, chosen: Chosen, left: Left = no_answer, note: str = "") -> None:
    """Ask for a new PIN twice."""

    def same(pin: str, second: str) -> None:
        if pin != second:
            raise BadInput("that was another PIN: type the same twice")
        chosen(pin)

    def again(pin: str) -> None:
        _ask(till, "The same PIN once more and Enter.", lambda second: same(pin, second), left)

    _ask(till, say("A new PIN for {name}, 4 to 8 digits, and Enter.", name=name[:20]), again, left, note)


def _ask(till: "Front", words: str, then: Answer, left: Left, note: str = "") -> None:
    view = AskView(till, Question([words], then, left=left, secret=True))
    view.note = note
    till.show(view)


def choose(till: "Front", word: str, person: "Person", chosen: Chosen, left: Left = no_answer, note: str = "") -> None:
    """The owner's code `word` was typed: ask for the person's new PIN, and hand it on once it holds."""
    lets = till.shop.approvals

    def take(pin: str) -> None:
        def taken(done: "Future[None]") -> None:
            error = done.exception()
            if error is None:
                chosen(pin)
            elif isinstance(error, DropshelfError):
                choose(till, word, person, chosen, left, said(error))
            else:
                left()
                till.stop([said(error)])

        till.app.work(lambda: lets.choose_pin(word, person.id, pin), taken)

    ask_pin(till, person.name, take, left, note)
