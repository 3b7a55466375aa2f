"""Card payments at the counter: the wish is stored before the terminal is asked; an unknown answer blocks the next."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from edge_agent.errors import BadInput
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.cards import Attempt
from edge_agent.wire.events.cards import CardAnswered, CardAsked, CardResult


class Cards:
    """Records attempts; `ids` gives their random ids."""

    def __init__(self, journal: Journal, ids: Callable[[], str]) -> None:
        self._journal, self._ids = journal, ids

    def ask(self, amount: int, by: str = "") -> "Future[Attempt]":
        """Store that the terminal will be asked; only then may it be. BadInput while another one is undecided."""
        if amount <= 0:
            raise BadInput("a card pays an amount above nothing: type it, then F9")
        attempt = self._ids()

        def compose(memory: Reading) -> list[Draft]:
            refuse_undecided(memory)
            return [Draft(CardAsked(attempt=attempt, amount=amount), by)]

        asked: Future[Attempt] = Future()
        self._journal.record(compose).add_done_callback(
            lambda done: _pass(done, asked, lambda: Attempt(attempt, amount, done.result()[0].event.at))
        )
        return asked

    def answer(self, attempt: str, result: CardResult, by: str = "") -> "Future[int]":
        """Store what the terminal said; the seq of the answer. BadInput when it was decided before."""

        def compose(memory: Reading) -> list[Draft]:
            open_ = memory.undecided()
            if open_ is None or open_.attempt != attempt:
                raise BadInput("this card payment is decided already: Esc goes on")
            return [Draft(CardAnswered(attempt=attempt, result=result), by)]

        answered: Future[int] = Future()
        self._journal.record(compose).add_done_callback(
            lambda done: _pass(done, answered, lambda: done.result()[0].event.seq)
        )
        return answered


def refuse_undecided(memory: Reading) -> None:
    """BadInput while it is not known whether a card payment was taken."""
    if memory.undecided() is not None:
        raise BadInput("a card payment is undecided: look at the terminal, then F12")


def _pass(done: "Future[Any]", to: "Future[Any]", value: Callable[[], object]) -> None:
    error = done.exception()
    if error is not None:
        to.set_exception(error)
    else:
        to.set_result(value())
