"""A wrong tender is put right: the last receipt of this shift, or another, was paid by card, or in cash after all."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from edge_agent.errors import DropshelfError
from edge_agent.rules.closing_paper import TENDERS
from edge_agent.till.figures import written
from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.till.front import Front
    from edge_agent.wire.events.sales import TenderKind

TO: "dict[str, TenderKind]" = {"1": "cash", "2": "card"}
LONGEST_NUMBER = 8


class RetenderView(View):
    """Shows how a receipt was paid; 1 or 2 says how it really was. A number and Enter shows another receipt."""

    title = "a wrong tender"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._busy = False
        last = till.shop.reading.last_receipt()
        self._number = last.number if last else 0
        self._asking = False

    def typed(self, char: str) -> None:
        if self._busy:
            return
        if char == "*" and not self._asking:
            self._asking = True
        elif self._asking and char.isdigit():
            super().typed(char)
        elif char in TO and not self._asking:
            self._store(TO[char])

    def pressed(self, key: str) -> None:
        if key == "enter" and self.entry == MENU_CODE:
            self.till.open_menu()
        elif key == "enter" and self._asking:
            text = self.take_entry()
            self._asking = False
            self._number = int(text) if text and len(text) <= LONGEST_NUMBER else self._number
        else:
            super().pressed(key)

    def _store(self, to: "TenderKind") -> None:
        try:
            future = self.till.shop.shifts.retender(self._number, to, self.till.by)
        except DropshelfError as error:
            self.note = said(error)
            return
        self._busy = True
        self.till.after(future, self._stored)

    def _stored(self, done: "Future[Any]") -> None:
        self._busy = False
        error = done.exception()
        if error is None:
            self.till.sell().desk.note = say("receipt {number:06d}: its tender is put right", number=self._number)
        else:
            self.note = said(error)

    def keys(self) -> list[Key]:
        if self._asking:
            return [("n Enter", "that receipt"), ("Esc", "back")]
        return [("1", "it was cash"), ("2", "it was a card"), ("*", "another receipt"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("1", "it was paid in cash: put right"),
            ("2", "it was paid by card: put right"),
            ("* n Enter", "receipt n of this shift instead of the last one"),
            ("Esc", "back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        rows = [heading(width, say("RECEIPT {number:06d} WAS PAID", number=self._number)), row(width)]
        for kind, amount in self.till.shop.reading.kept(self._number).items():
            words = fit(written(amount, self.till.decimals), 14, right=True)
            rows.append(row(width, (f"    {fit(say(TENDERS[kind]), 20)}", PLAIN), (words, BOLD)))
        bands.lines.put(
            [*rows, row(width), row(width, (f"    1   {say('it was cash')}     2   {say('it was a card')}", PLAIN))]
        )
        bands.totals.put(self.till.sale.total_rows(width))
        note = self.note or ("storing" if self._busy else "the receipt's number, then Enter" if self._asking else "")
        bands.entry.put([entry_row(width, self.entry, note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
