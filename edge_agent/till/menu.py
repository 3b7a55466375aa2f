"""The numbered menu: every screen from a bare number pad, and the way out of the program."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.errors import DropshelfError
from edge_agent.till.allow import allowed
from edge_agent.till.help import HelpView
from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.shortcuts import count_visitors
from edge_agent.till.speech import say
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.till.front import Front
    from edge_agent.till.stock import What


def _help(front: "Front", below: View) -> View:
    return HelpView(front, below)


def _orders(front: "Front", _: View) -> View:
    from edge_agent.till.reorders import ReordersView

    return ReordersView(front)


def _drawer(front: "Front", below: View) -> View:
    from edge_agent.till.drawer import DrawerView
    from edge_agent.till.figures import amount_of

    text = below.entry
    try:
        view = DrawerView(front, amount_of(text, front.decimals) if text else 0)
    except DropshelfError as error:
        front.sale.desk.note = said(error)
        return front.sale
    below.take_entry()
    return view


def _refund(front: "Front", below: View) -> View:
    from edge_agent.till.refund import RefundView

    view, text = RefundView(front), below.take_entry()
    # An exchange that was begun is given up with this.
    front.sale.desk.credit = None
    try:
        if text:
            view.find(text)
    except DropshelfError as error:
        view.note = said(error)
    return view


def _customer(front: "Front", below: View) -> View:
    from edge_agent.till.customers import CustomersView
    from edge_agent.till.guest import sell_card

    text = below.take_entry()
    if not text:
        return CustomersView(front)
    front.sale.try_(lambda: sell_card(front, text))
    return front.sale


def _gift(front: "Front") -> View:
    from edge_agent.till.gift import GiftView

    return GiftView(front)


def _copy(front: "Front", below: View) -> View:
    from edge_agent.till.shortcuts import reprint

    reprint(front, below.take_entry())
    return front.sale


def _card(front: "Front", _: View) -> View:
    from edge_agent.till.shortcuts import ask_terminal

    return ask_terminal(front)


def _visitor(front: "Front", below: View) -> View:
    count_visitors(front, below.take_entry())
    return front.sale


def _stayed(front: "Front", below: View) -> View:
    count_visitors(front, below.take_entry(), stayed=True)
    return front.sale


SCREENS: dict[str, Callable[["Front", View], View]] = {
    "f1": _help,
    "insert": _orders,
    "f4": _refund,
    "f6": _customer,
    "f7": _drawer,
    "f8": _copy,
    "f10": _visitor,
    "f11": _stayed,
    "f12": _card,
}
"""Keys that open a screen from the sale."""


class MenuView(View):
    """Type the number of a screen; a wrong number says so."""

    def __init__(self, till: "Front", below: View) -> None:
        super().__init__(till)
        self._below = below
        self._leaving = False

    def _choices(self) -> list[tuple[str, str, Callable[[], object]]]:
        till = self.till

        def stock(what: "What") -> Callable[[], None]:
            from edge_agent.till.stock import StockView

            return lambda: till.show(StockView(till, what))

        return [
            ("1", "sale: back to the customer", till.sell),
            ("2", "orders: what runs out", lambda: till.show(_orders(till, self))),
            ("3", "goods in: receive a delivery", stock("receive")),
            ("4", "count stock", stock("count")),
            ("5", "waste, own use, found", stock("adjust")),
            ("6", "keys of the sale", lambda: till.show(HelpView(till, till.sale))),
            ("7", "drawer and shift: cash, X, Z", lambda: till.show(_drawer(till, self))),
            ("8", "refund, with a receipt or without", lambda: till.show(_refund(till, self))),
            ("9", "close the till program", self._leave),
            ("10", "lock, or another cashier", self._lock),
            ("12", "F2 find an item", till.open_find),
            ("13", "F3 held sales", lambda: till.sell().hold_or_recall()),
            ("15", "F5 void the sale", lambda: self._on_sale(till.sale.acts.ask_void_sale)),
            ("16", "F6 customer", lambda: till.show(_customer(till, till.sale))),
            ("19", "F9 card, exact", self._card),
            ("18", "F8 a copy of a receipt", lambda: till.show(_copy(till, till.sale))),
            ("22", "F12 card, asked first", lambda: till.show(_card(till, till.sale))),
            ("25", "an invoice", self._invoice),
            ("26", "a gift card", lambda: till.show(_gift(till))),
            ("31", "% discount", lambda: self._on_sale(till.sale.acts.ask_discount)),
            ("36", "codes to match", till.open_match),
            ("20", "F10 a visitor of the pop-up", lambda: count_visitors(till, "")),
            ("45", "pop-ups: go there, come back", self._popups),
            ("46", "samples: give away, stop texts", self._samples),
            ("40", "practise, and back", self._train),
            ("41", "who did what, signals", self._audit),
            ("42", "who works here", self._staff),
            ("43", "commands to scan: a sheet", self._sheet),
        ]

    def _on_sale(self, act: Callable[[], None]) -> None:
        self.till.sell().try_(act)

    def _invoice(self) -> None:
        from edge_agent.till.invoice import InvoiceView

        self.till.show(InvoiceView(self.till))

    def _sheet(self) -> None:
        from edge_agent.till.sheet import print_sheet

        print_sheet(self.till)

    def _train(self) -> None:
        self.till.sell()
        self.till.train()

    def _audit(self) -> None:
        from edge_agent.till.audit import AuditView

        sale = self.till.sell()
        sale.try_(lambda: allowed(self.till, "audit", lambda _: self.till.show(AuditView(self.till))))

    def _staff(self) -> None:
        from edge_agent.till.first_manager import open_staff

        sale = self.till.sell()
        sale.try_(lambda: open_staff(self.till))

    def _popups(self) -> None:
        from edge_agent.till.popup import PopUpView

        self.till.show(PopUpView(self.till))

    def _samples(self) -> None:
        from edge_agent.till.sample import SampleView

        self.till.show(SampleView(self.till))

    def _lock(self) -> None:
        self.till.sell()
        self.till.lock_till()

    def _card(self) -> None:
        self.till.sell()
        self.till.pay_by_card()

    def typed(self, char: str) -> None:
        if char.isdigit():
            super().typed(char)

    def pressed(self, key: str) -> None:
        if key == "enter":
            self._choose(self.take_entry())
        elif key == "escape" and not self.entry:
            self.till.show(self._below)
        else:
            self._leaving = False
            super().pressed(key)

    def _choose(self, number: str) -> None:
        if not number:
            self.till.show(self._below)
            return
        act = next((act for digit, _, act in self._choices() if digit == number.lstrip("0")), None)
        if act is None:
            self.note = say("there is no {number} in this menu", number=number)
        else:
            act()

    def _leave(self) -> None:
        open_lines = len(self.till.sale.desk.sale.lines)
        if open_lines and not self._leaving:
            self._leaving = True
            self.note = "a sale is open and will wait under F3: 9 Enter again closes"
        else:
            self.till.app.leave()

    def _listed(self, width: int, height: int) -> list[Strip]:
        """One below the other, in two columns where there are more than rows."""
        choices = sorted(self._choices(), key=lambda one: int(one[0]))
        cells = [(fit(number, 6, right=True), f"  {say(words)}") for number, words, _ in choices]
        half = max(height, 1) if len(cells) > height else len(cells)
        wide = width * 21 // 40 if len(cells) > half else width
        rows = []
        for place in range(half):
            number, words = cells[place]
            pieces = [(number, BOLD), (fit(words, wide - 6), PLAIN)]
            if place + half < len(cells):
                number, words = cells[place + half]
                pieces += [(number, BOLD), (fit(words, width - wide - 6), PLAIN)]
            rows.append(row(width, *pieces))
        return rows

    def keys(self) -> list[Key]:
        return [("n Enter", "open"), ("Enter", "back")]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        bands.lines.put([heading(width, "MENU: number and Enter"), *self._listed(width, bands.height - 1)])
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
