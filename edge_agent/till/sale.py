"""The sale screen: the lines, the total, and the entry line; the place every other screen comes back to."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.errors import DropshelfError
from edge_agent.rules.money import quantity, written
from edge_agent.rules.sale import Sale
from edge_agent.till.desk import Desk
from edge_agent.till.paint import ACCENT, BOLD, DIM, PLAIN, fit, row, rule, sides
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count

if TYPE_CHECKING:
    from edge_agent.till.front import Front

TOTAL_CELLS = 20
WIDE = 110
SIDE_CELLS = 40
MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "home": -10_000, "end": 10_000}


class SaleView(View):
    """Selling: scans and typed codes become lines; Enter on an empty entry goes to the payment."""

    title = "the sale"

    def __init__(self, till: "Front", desk: Desk) -> None:
        super().__init__(till)
        self.desk = desk
        self._loud = False

    def scanned(self, code: str) -> None:
        self._say("")
        try:
            if self.desk.scan(code) == "unknown":
                self.till.stop_unknown(code)
        except DropshelfError as error:
            self._say(error.message, loud=True)

    def typed(self, char: str) -> None:
        if char in "*+-/" and self._is_number():
            self._operate(char)
        else:
            super().typed(char)
            self._say("")

    def pressed(self, key: str) -> None:
        if key in MOVES:
            self.desk.move(MOVES[key])
        elif key in ("delete", "f5"):
            self._try(self.desk.void)
        elif key == "enter":
            self._enter()
        elif key == "f9":
            self.till.pay_by_card()
        elif key == "escape":
            if not self.entry:
                self.desk.forget()
            self.entry = ""
            self._say("")
        elif not self.till.open_screen(key):
            super().pressed(key)

    def _is_number(self) -> bool:
        return not self.entry or self.entry.replace(".", "", 1).isdigit()

    def _operate(self, char: str) -> None:
        text = self.take_entry()
        if char == "*":
            self._try((lambda: self.desk.set_quantity(text)) if text else self.desk.repeat)
        elif char in "+-":
            self._try(lambda: self.desk.change(text, 1 if char == "+" else -1))
        elif text:
            self.entry = text
            self._say("/ checks a price: Esc, then / and scan", loud=True)
        else:
            self.desk.checking = True
            self._say("price check: scan or type a code, nothing is sold")

    def _enter(self) -> None:
        text = self.take_entry()
        if text == MENU_CODE:
            self.till.open_menu()
        elif text:
            self.scanned(text)
        elif self.desk.sale.lines and not self.desk.checking and self.desk.qty is None:
            self.till.open_payment()

    def _try(self, act: Callable[[], None]) -> None:
        self._say("")
        try:
            act()
        except DropshelfError as error:
            self._say(error.message, loud=True)

    def _say(self, note: str, *, loud: bool = False) -> None:
        self.desk.note, self._loud = note, loud

    def keys(self) -> list[Key]:
        if not self.desk.sale.lines:
            return [("*", "quantity"), ("/", "price"), ("Ins", "orders"), ("00 Enter", "menu"), ("F1", "all keys")]
        return [
            ("Enter", "pay"),
            ("*", "quantity"),
            ("+ -", "line"),
            ("/", "price"),
            ("Del", "void"),
            ("F9", "card"),
            ("F1", "all keys"),
        ]

    def all_keys(self) -> list[Key]:
        return [
            ("Enter", "pay; Enter again: exact cash, done"),
            ("n Enter", "the item with that code or number"),
            ("n *", "quantity of the next scan"),
            ("*", "the last item once more"),
            ("+  -", "one more or less of the marked line; n + and n - by n"),
            ("/", "price check: the next scan only shows its price"),
            ("Up Down", "mark another line"),
            ("Del  F5", "take the marked line off"),
            ("F9", "card: the whole sale, done"),
            ("Esc", "clear what was typed; never cancels a sale"),
            ("F4", "refund: scan the receipt, then the items; n F4: receipt n"),
            ("F7", "drawer: n F7 cash in or out, F7 no sale; there * is X, / is Z"),
            ("Ins", "orders: what runs out and what is ordered"),
            ("00 Enter", "menu: every screen from a bare number pad"),
        ]

    def draw(self, bands: Bands) -> None:
        self.draw_lines(bands, self.side(bands))
        bands.totals.put(self.total_rows(bands.width))
        shown = f"{quantity(self.desk.qty)} * {self.entry}" if self.desk.qty is not None else self.entry
        bands.entry.put([entry_row(bands.width, shown, self.desk.note, loud=self._loud)])
        line, hint = self.till.order_line()
        bands.foot.put(foot_rows(bands.width, line, self.keys(), hint=hint))

    def draw_lines(self, bands: Bands, panel: list[Strip]) -> None:
        """The lines of the sale with a panel at their right."""
        bands.lines.show(self.desk.sale.lines, self.desk.selected, self.desk.decimals, panel)

    def total_rows(self, width: int, under: Strip | None = None) -> list[Strip]:
        """Counts and total of the sale; `under` stands in the place of the double line."""
        sale = self.desk.sale
        return total_rows(width, counts(sale), written(sale.total, self.desk.decimals), under)

    def side(self, bands: Bands) -> list[Strip]:
        """On a wide screen the orders stand beside the sale; on a small one the lines have it all."""
        if bands.width < WIDE:
            return []
        return framed(self.till.orders_beside(SIDE_CELLS - 3), bands.height, SIDE_CELLS)


def framed(rows: list[Strip], height: int, width: int) -> list[Strip]:
    """Rows as a panel with an edge at its left, as high as the band."""
    filled = [*rows, *[Strip.blank(width - 3, PLAIN)] * max(height - len(rows), 0)]
    edge = row(3, (" | ", DIM))
    return [Strip([*edge, *one.adjust_cell_length(width - 3, PLAIN)], width) for one in filled[:height]]


def counts(sale: Sale) -> str:
    """ "5 lines, 11 items"."""
    items = "1 item" if sale.items == 1000 else f"{quantity(sale.items)} items"
    return f"{count(len(sale.lines), 'line')}, {items}" if sale.lines else ""


def total_rows(width: int, left: str, total: str, under: Strip | None = None) -> list[Strip]:
    """Rule, total with words at its left, and under it a double line (or what stands there instead)."""
    figure = fit(total, TOTAL_CELLS - 5, right=True)
    line = sides(width, [(f"  {left}", PLAIN)], [("TOTAL", BOLD), (figure, ACCENT), ("  ", PLAIN)])
    double = sides(width, [], [("=" * TOTAL_CELLS, DIM), ("  ", PLAIN)])
    return [rule(width), line, under or double]
