"""F6: the customer of this sale: found by a part of the name or the phone's digits, or added; what they bought."""

from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.day import local
from edge_agent.rules.stored import card_of
from edge_agent.till.figures import written
from edge_agent.till.guest import attach_customer, detach, points_of
from edge_agent.till.paint import BOLD, DIM, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted

if TYPE_CHECKING:
    from edge_agent.counter.customers import Customer
    from edge_agent.till.front import Front

MOVES = {"up": -1, "down": 1}
FEWEST_DIGITS = 4
"""So many digits behind a new customer's name are their phone."""


class CustomersView(View):
    """The list is read once, when the screen opens: names lie sealed and are looked through in memory."""

    title = "the customer"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        self._all = till.shop.customers.all(till.app.clock.now())
        self._marked = 0
        self._bought: list[str] | None = None

    @property
    def _found(self) -> "list[Customer]":
        return [one for one in self._all if one.matches(self.entry)]

    def typed(self, char: str) -> None:
        if char == "*" and not self.entry:
            self._try_history()
        elif char == "+" and self.entry.strip():
            self._add()
        elif char == "-" and not self.entry:
            detach(self.till)
            self.till.sell()
        else:
            self._marked, self._bought = 0, None
            super().typed(char)

    def scanned(self, code: str) -> None:
        """A customer's card that is free becomes the one of who is added next; else it is theirs."""
        card = card_of(code)
        if card is not None and card.kind == "customer" and self.entry.strip():
            self._add(code)
        else:
            super().scanned(code)

    def pressed(self, key: str) -> None:
        if key in MOVES:
            self._marked = min(max(self._marked + MOVES[key], 0), max(len(self._found) - 1, 0))
            self._bought = None
        elif key == "enter" and self.entry == MENU_CODE:
            self.take_entry()
            self.till.open_menu()
        elif key == "enter" and self._found and (self.entry or self._bought is not None):
            attach_customer(self.till, self._found[self._marked])
            self.till.sell()
        elif key == "enter" and self.entry.strip():
            self._add()
        elif key == "enter":
            self.till.sell()
        elif key == "f6":
            self._try_history()
        else:
            super().pressed(key)

    def _add(self, code: str = "") -> None:
        """A new customer with the name that was typed, and the phone behind it."""
        name, _, last = self.take_entry().strip().rpartition(" ")
        digits = sum(sign.isdigit() for sign in last)
        name, phone = (name, last) if name and digits >= FEWEST_DIGITS else (f"{name} {last}".strip(), "")
        try:
            customer = self.till.shop.customers.add(name, phone, now=self.till.app.clock.now(), card=card_of(code))
        except DropshelfError as error:
            self.note = said(error)
            return
        attach_customer(self.till, customer)
        self.till.sell()

    def _try_history(self) -> None:
        try:
            self._bought = self._history()
        except DropshelfError as error:
            self.note = said(error)

    def _history(self) -> list[str]:
        """What the marked customer (or the one of this sale) bought last, a row each."""
        account = self.till.sale.desk.sale.customer
        if not account or self.entry:
            if not self._found:
                raise BadInput("type a part of the name first")
            account = self._found[self._marked].account
        memory, zone, decimals = self.till.shop.reading, self.till.status.zone, self.till.decimals
        name = next((one.name for one in self._all if one.account == account), "")
        rows = [name, ""] if name else []
        for seq in memory.sales_of(account):
            event = memory.event(seq)
            sold = event.kind == "sale_completed"
            body = (SaleCompleted if sold else RefundMade).model_validate(event.body)
            what = ", ".join(line.name for line in body.lines) or "a gift card"
            when = f"{local(event.at, zone):%d.%m.%y}"
            rows.append(f"{when}  {written(body.total, decimals):>10}  {'' if sold else 'back: '}{what}")
        return rows if memory.sales_of(account, 1) else [*rows, "nothing bought at this till yet"]

    def keys(self) -> list[Key]:
        if self.entry and not self._found:
            return [("Enter", "a new customer"), ("Esc", "clear")]
        return [("Enter", "this one"), ("+", "a new one"), ("F6", "what they bought"), ("-", "nobody"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("letters", "a part of the name, or digits of the phone"),
            ("Up Down", "another one"),
            ("Enter", "the sale is theirs; with nobody found a new customer of that name, phone behind it"),
            ("+", "a new customer, whoever was found"),
            ("a customer's card", "with a name typed: that card is the new customer's; else the sale is theirs"),
            ("F6  *", "what the marked one bought last at this till"),
            ("-", "the sale is nobody's"),
            ("Esc", "clear what was typed, then back to the sale"),
        ]

    def _table(self, width: int, height: int) -> list[Strip]:
        if self._bought is not None:
            return [heading(width, "BOUGHT LAST"), *(row(width, (f"  {text}", PLAIN)) for text in self._bought)][
                :height
            ]
        if not self._all:
            told = "Nobody is known yet. Type a name (and phone) and Enter: a new customer."
            return [heading(width, "CUSTOMERS"), row(width, (f"    {told}", PLAIN))]
        rows = [heading(width, f"{say('CUSTOMERS'):<40}{say('phone')}", "points")]
        for place, one in enumerate(self._found[: height - 1]):
            style = BOLD if place == self._marked else PLAIN
            mark, points = "> " if place == self._marked else "  ", str(points_of(self.till, one.account))
            pieces = (mark, style), (fit(one.name, 38), style), (fit(one.phone, max(width - 50, 1)), DIM)
            rows.append(row(width, *pieces, (fit(points, 9, right=True), style)))
        return rows

    def draw(self, bands: Bands) -> None:
        width = bands.width
        bands.lines.put(self._table(width, bands.height))
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
