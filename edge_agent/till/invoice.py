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
BACK = 20
"""So many receipts are looked through for the last sale."""


class InvoiceView(View):
    """Asks for one thing after the other; Enter on the last stores and prints."""

    title = "an invoice"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._said = [_last_sale(till)]
        self._place, self._busy = 0, False

    def pressed(self, key: str) -> None:
        if self._busy:
            return
        if key == "enter" and self.entry == MENU_CODE:
            self.till.open_menu()
        elif key == "enter":
            self._enter()
        elif key == "escape" and self._place and not self.entry:
            self.note = ""
            self._place -= 1
            del self._said[self._place + 1 :]
        else:
            super().pressed(key)

    def _enter(self) -> None:
        text = self.take_entry().strip()
        self.note = ""
        if self._place == 0:
            if text and not (text.isdigit() and len(text) <= 8):
                self.note = say("{text} is no receipt's number", text=text)
                return
            if not self._begin(int(text or self._said[0] or 0)):
                return
        elif self._place == 1 and not text:
            self.note = "an invoice needs a name: type it, then Enter"
            return
        else:
            self._said.append(text)
        self._place += 1
        if self._place == len(FIELDS):
            self._issue()

    def _begin(self, number: int) -> bool:
        """Whether an invoice of this receipt can be asked for; one that there is already is printed."""
        memory = self.till.shop.reading
        self._said = [str(number) if number else ""]
        known, found = memory.invoice_of(number), memory.receipt(number)
        if known is not None:
            self._print_again(known)
        elif found is None:
            self.note = say("there is no receipt {number}: type another number", number=number)
        elif found.refund:
            self.note = "a refund has no invoice: type the sale's receipt number"
        return known is None and found is not None and not found.refund

    def _print_again(self, known: "Invoice") -> None:
        try:
            self.till.shop.invoicing.print_again(known)
        except DropshelfError as error:
            self.note = said(error)
            return
        word = "credit note" if known.credits else "invoice"
        words = say("{word} {number:06d} is printed again", word=say(word), number=known.number)
        self.till.sell().desk.note = self.till.printed(words)

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
        words = say(
            "invoice {number:06d} of receipt {receipt:06d} is printed", number=body.number, receipt=body.receipt
        )
        self.till.sell().desk.note = self.till.printed(words)

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
            rows.append(row(width, (f"  {mark} {fit(say(field), 12)}", style), (words, PLAIN)))
        bands.lines.put(rows)
        bands.totals.put(self.till.sale.total_rows(width))
        ask = say("{field}, then Enter", field=say(FIELDS[self._place]))
        bands.entry.put([entry_row(width, self.entry, self.note or ask, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))


def _last_sale(till: "Front") -> str:
    """The number of the last receipt that is no refund."""
    memory = till.shop.reading
    last = memory.last_receipt()
    for number in range(last.number, max(last.number - BACK, 0), -1) if last else ():
        found = memory.receipt(number)
        if found is not None and not found.refund:
            return str(number)
    return ""
