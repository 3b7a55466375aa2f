"""A card payment that waits for an answer: the cashier keys in what the terminal beside the till says."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from edge_agent.till.basket import beside
from edge_agent.till.figures import written
from edge_agent.till.paint import PLAIN, row
from edge_agent.till.speech import say
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import count, said
from edge_agent.wire.events.cards import CardResult

if TYPE_CHECKING:
    from edge_agent.journal.views.cards import Attempt
    from edge_agent.till.front import Front

Told = Callable[[CardResult, int], None]
"""Hears what was answered, and the seq of the answer in the journal."""
ANSWERS: dict[str, CardResult] = {"-": "declined", "*": "unknown"}


class CardView(View):
    """Shows the amount for the terminal; Enter, - and * are its answer. Scans wait for the next sale."""

    title = "a card payment"

    def __init__(self, till: "Front", attempt: "Attempt", told: Told, waiting: list[str]) -> None:
        super().__init__(till)
        self._attempt, self._told, self._waiting = attempt, told, waiting
        self._busy = self._taken = False

    def scanned(self, code: str) -> None:
        self._waiting.append(code)

    def typed(self, char: str) -> None:
        self._taken = False
        if char in ANSWERS:
            self._answer(ANSWERS[char])

    def pressed(self, key: str) -> None:
        self._taken = key == "enter"
        if key == "f1":
            self.till.open_screen(key)

    def enter_rested(self, *, single: bool) -> None:
        taken, self._taken = self._taken, False
        if taken and single:
            self._answer("approved")

    def _answer(self, result: CardResult) -> None:
        if self._busy:
            return
        self._busy = True
        future = self.till.shop.cards.answer(self._attempt.attempt, result, self.till.by)
        self.till.after(future, lambda done: self._answered(done, result))

    def _answered(self, done: "Future[int]", result: CardResult) -> None:
        self._busy = False
        error = done.exception()
        if error is not None:
            self.till.stop(["THE ANSWER WAS NOT STORED", f"{said(error)}."])
        else:
            self._told(result, done.result())

    def keys(self) -> list[Key]:
        return [("Enter", "approved"), ("-", "declined"), ("*", "no answer: decide later with F12")]

    def all_keys(self) -> list[Key]:
        return [
            ("Enter", "the terminal says approved: paid"),
            ("-", "the terminal says declined: nothing was taken"),
            ("*", "nobody knows: no other card payment until F12 decides it"),
        ]

    def draw(self, bands: Bands) -> None:
        from edge_agent.till.pay import figure_panel

        width, amount = bands.width, written(self._attempt.amount, self.till.decimals)
        panel = figure_panel("ON THE TERMINAL", amount, ["", "What does the terminal say?"], bands.height)
        told = ("Enter   approved", "-       declined", "*       no answer")
        rows = [heading(width, "CARD"), row(width), *(row(width, (f"    {say(text)}", PLAIN)) for text in told)]
        rows += [row(width)] * (len(panel) - len(rows))
        bands.lines.put([beside(rows[y], panel[y], width) for y in range(len(panel))])
        bands.totals.put(self.till.sale.total_rows(width))
        waits = (
            say("{number} waiting for the next sale", number=count(len(self._waiting), "scan")) if self._waiting else ""
        )
        bands.entry.put([entry_row(width, "", "storing" if self._busy else waits)])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
