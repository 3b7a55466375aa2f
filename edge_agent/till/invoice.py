"""An invoice of a receipt: the buyer's name, VAT number and address are typed, Enter prints it."""

from concurrent.futures import Future
from typing import TYPE_CHECKING

from edge_agent.errors import DropshelfError
from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.journal.views.invoices import Invoice
    from edge_agent.till.front import Front
    from edge_agent.wire.events.invoices import InvoiceIssued

FIELDS = ("receipt", "name", "VAT number", "address")


class InvoiceView(View):
    """Asks for one thing after the other; Enter on the last stores and prints."""

    title = "an invoice"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        last = till.shop.reading.last_receipt()
        self._said = [str(last.number) if last else ""]
        self._place, self._busy = 0, False

    def pressed(self, key: str) -> None:
        if self._busy:
            return
        if key == "enter" and self.entry == MENU_CODE:
            self.till.open_menu()
        elif key == "enter":
            self._enter()
        elif key == "escape" and self._place and not (self.entry or self.note):
            self._place -= 1
            del self._said[self._place + 1 :]
        elif key == "f1":
            self.till.open_screen(key)
        else:
            super().pressed(key)

    def _enter(self) -> None:
        text = self.take_entry().strip()
        self.note = ""
        if self._place == 0:
            if text and not (text.isdigit() and len(text) <= 8):
                self.note = say("{text} is no receipt's number", text=text)
                return
            self._said = [text or self._said[0]]
            known = self.till.shop.reading.invoice_of(int(self._said[0] or 0))
            if known is not None:
                self._print_again(known)
                return
        elif self._place == 1 and not text:
            self.note = "an invoice needs a name"
            return
        else:
            self._said.append(text)
        self._place += 1
        if self._place == len(FIELDS):
            self._issue()

    def _print_again(self, known: "Invoice") -> None:
        try:
            self.till.shop.invoicing.print_again(known)
        except DropshelfError as error:
            self.note = said(error)
            return
        word = "credit note" if known.credits else "invoice"
        self.till.sell().desk.note = say("{word} {number:06d} is printed again", word=word, number=known.number)

    def _issue(self) -> None:
        from edge_agent.counter.buyers import Buyer

        receipt, *words = self._said
        self._place = len(FIELDS) - 1
        try:
            future = self.till.shop.invoicing.issue(int(receipt or 0), Buyer(*words), self.till.by)
        except DropshelfError as error:
            self.note = said(error)
            return
        self._busy = True
        self.till.after(future, self._issued)

    def _issued(self, done: "Future[InvoiceIssued]") -> None:
        self._busy = False
        error = done.exception()
        if error is not None:
            self.note = said(error)
            del self._said[self._place :]
            return
        body = done.result()
        self.till.sell().desk.note = say(
            "invoice {number:06d} of receipt {receipt:06d} is printed", number=body.number, receipt=body.receipt
        )

    def keys(self) -> list[Key]:
        return [("Enter", "next" if self._place < len(FIELDS) - 1 else "print the invoice"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("Enter", "the last receipt; then what was typed, and at the end print"),
            ("n Enter", "receipt n instead of the last one; one with an invoice: printed again"),
            ("Esc", "one step back, then back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        rows = [heading(width, "INVOICE"), row(width)]
        for place, field in enumerate(FIELDS):
            style, mark = (BOLD, ">") if place == self._place else (PLAIN, " ")
            words = self._said[place] if place < len(self._said) else ""
            rows.append(row(width, (f"  {mark} {fit(field, 12)}", style), (words, PLAIN)))
        bands.lines.put(rows)
        bands.totals.put(self.till.sale.total_rows(width))
        ask = say("{field}, then Enter", field=say(FIELDS[self._place]))
        bands.entry.put([entry_row(width, self.entry, self.note or ask, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
