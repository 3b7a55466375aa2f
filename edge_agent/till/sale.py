"""The sale screen: the lines, the total, and the entry line; the place every other screen comes back to."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.sale import Sale
from edge_agent.till.acts import Acts
from edge_agent.till.desk import Desk, price_of
from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import ACCENT, BOLD, DIM, PLAIN, fit, row, rule, sides
from edge_agent.till.shortcuts import use_code
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count, said

if TYPE_CHECKING:
    from edge_agent.till.front import Front

TOTAL_CELLS = 20
WIDE = 110
SIDE_CELLS = 40
SHORTEST_CODE = 3
"""What has fewer digits is on no item: it was meant for the menu, or for a payment that was not open."""
MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "home": -10_000, "end": 10_000}


class SaleView(View):
    """Selling: scans and typed codes become lines; Enter on an empty entry goes to the payment."""

    title = "the sale"

    def __init__(self, till: "Front", desk: Desk) -> None:
        super().__init__(till)
        self.desk = desk
        self.loud = False
        self.acts = Acts(till, self)
        self._percent = ""
        self._voided = False

    def scanned(self, code: str) -> None:
        self._code(code, typed=False)

    def _code(self, code: str, *, typed: bool) -> None:
        self.say("")
        self._forget_last()
        try:
            found = self.desk.scan(code)
            if found != "checked" and found.kind in ("gift", "customer"):
                self.till.open_card(code)
            elif found != "checked" and found.kind == "sample":
                use_code(self.till, code)
            elif found != "checked" and found.kind not in ("added", "card", "reservation"):
                self.acts.needed(found, typed=typed)
        except DropshelfError as error:
            self.say(said(error), loud=True)

    def chosen(self, sku: str) -> None:
        """An item that was found is sold as if its number had been typed."""
        self.scanned(sku)

    def typed(self, char: str) -> None:
        if char == "," and self._is_number() and self.entry:
            char = "."
        if char == "%":
            self._per_cent()
        elif char in "*+-/" and self._is_number():
            self._forget_last()
            self._operate(char)
        else:
            self._forget_last()
            super().typed(char)
            self.say("")

    def pressed(self, key: str) -> None:
        voided = self._voided
        self._forget_last()
        if key in MOVES:
            self.desk.move(MOVES[key])
        elif key == "delete" or (key == "f5" and not voided):
            self.try_(self.desk.void)
            self._voided = key == "f5"
        elif key == "f5":
            self.try_(self.acts.ask_void_sale)
        elif key == "enter":
            self._enter()
        elif key == "f2":
            self.try_(self.find)
        elif key == "f3":
            self.hold_or_recall()
        elif key == "f9":
            self.till.pay_by_card()
        elif key == "escape":
            if not self.entry:
                self.desk.forget()
            self.entry = ""
            self.say("")
        elif not self.till.open_screen(key):
            super().pressed(key)

    def _is_number(self) -> bool:
        return not self.entry or self._is_amount(self.entry)

    def _operate(self, char: str) -> None:
        text = self.take_entry()
        if char == "*":
            self.try_((lambda: self.desk.set_quantity(text)) if text else self.desk.repeat)
        elif char in "+-":
            self.try_(lambda: self.desk.change(text, 1 if char == "+" else -1))
        elif text:
            self.try_(lambda: self.acts.price(text))
        else:
            self.desk.checking = True
            self.say("price check: scan or type a code, nothing is sold")

    def _per_cent(self) -> None:
        """`n %` is off the marked line; another % makes it off all; without a number it is asked for."""
        text, before = self.take_entry(), self._percent
        self._forget_last()
        if text:
            self.try_(lambda: self.acts.discount(text))
            self._percent = text if self.desk.selected >= 0 else ""
        elif before:
            self.desk.selling.discount(self.desk.selected, 0)
            self.try_(lambda: self.acts.discount_all(before))
        else:
            self.try_(self.acts.ask_discount)

    def find(self) -> None:
        """F2: by what is typed there, or was typed before; a number before it finds by that price."""
        number, text = self._is_number(), self.take_entry()
        if number:
            self.till.open_find(price_of(text, self.desk.decimals) if text else None)
        else:
            self.till.open_find(words=text)

    def hold_or_recall(self) -> None:
        """F3: sets the sale aside; with an empty one the list of those that wait; with a number that one."""
        text = self.take_entry()
        if text:
            self.try_(lambda: self.acts.recall(text))
        elif self.desk.sale.lines:
            self.try_(self.acts.hold)
        else:
            self.till.open_held()

    def _forget_last(self) -> None:
        """What only means something right behind the key that began it."""
        self._percent, self._voided = "", False

    def _enter(self) -> None:
        text = self.take_entry()
        if text == MENU_CODE:
            self.till.open_menu()
        elif text:
            self.try_(lambda: self._by_hand(text))
        elif self.desk.sale and not self.desk.checking and self.desk.qty is None:
            self.till.open_payment()

    def _by_hand(self, text: str) -> None:
        """A code or number that was typed; words are looked for, and an amount is no code."""
        known = self.desk.selling.look_up(text) is not None
        if not known and "." in text and self._is_amount(text):
            raise BadInput(say("{text} is a price, not a code: the item first, then its price and /", text=text))
        if not known and text.isdigit() and len(text) < SHORTEST_CODE:
            raise BadInput(say("there is no item {text}: F2 finds one; 00 Enter first for the menu", text=text))
        if not known and self._is_words(text):
            self.till.open_find(words=text)
        else:
            self._code(text, typed=True)

    def _is_words(self, text: str) -> bool:
        """Words, among which a size may be ("lemon 2l"); a code has no space in it."""
        return not any(char.isdigit() for char in text) or (" " in text and any(char.isalpha() for char in text))

    def _is_amount(self, text: str) -> bool:
        return text.replace(".", "", 1).isdigit()

    def try_(self, act: Callable[[], None]) -> None:
        """Do it; what will not do is said beside the entry line."""
        self.say("")
        try:
            act()
        except DropshelfError as error:
            self.say(said(error), loud=True)

    def refused(self, words: str) -> None:
        self.say(words, loud=True)

    def say(self, note: str, *, loud: bool = False) -> None:
        """Say this beside the entry line."""
        self.desk.note, self.loud = note, loud

    @property
    def shown(self) -> str:
        return self.entry if self.desk.qty is None else f"{quantity(self.desk.qty)} * {self.entry}"

    def keys(self) -> list[Key]:
        if not self.desk.sale:
            return [("*", "quantity"), ("/", "price"), ("F2", "find"), ("00 Enter", "menu"), ("F1", "all keys")]
        return [
            ("Enter", "pay"),
            ("*", "quantity"),
            ("/", "price"),
            ("%", "off"),
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
            ("n /", "unit price n for the marked line, with a reason; 9: for good"),
            ("n %", "n per cent off the marked line; % again: off all of the sale"),
            ("Up Down", "mark another line"),
            ("Del  F5", "take the marked line off; F5 again: void the whole sale"),
            ("letters Enter", "find an item by a part of its name, F2 too; n F2: by price n"),
            ("F3", "hold the sale; with none open the held ones; n F3 ticket n"),
            ("F9", "card: the whole sale, done; n F9: n of it by card"),
            ("Esc", "clear what was typed; never cancels a sale"),
            ("F6", "customer: by name or phone, or a new one; n F6: a new gift card of n (0 F6: none)"),
            ("F4", "refund: scan the receipt, then the items; n F4: receipt n"),
            ("F8", "a copy of the last receipt; n F8: of receipt n"),
            ("F12", "card, noted before the terminal is asked; or what became of one without an answer"),
            ("F10 F11", "at a pop-up: one more came by; one of them stayed (n F10: n)"),
            ("F7", "drawer: n F7 cash in or out, F7 no sale; there * is X, / is Z"),
            ("Ins", "orders: what runs out and what is ordered"),
            ("Ctrl+L", "lock, or another cashier: PIN and Enter; a badge changes at once"),
            ("Ctrl+T", "practise on a till of its own; again: back to the real one"),
            ("00 Enter", "menu: every screen from a bare number pad"),
        ]

    def draw(self, bands: Bands) -> None:
        self.draw_lines(bands, self.side(bands))
        bands.totals.put(self.total_rows(bands.width))
        bands.entry.put([entry_row(bands.width, self.shown, self.desk.note, loud=self.loud)])
        line, hint = self.till.order_line()
        bands.foot.put(foot_rows(bands.width, line, self.keys(), hint=hint))

    def draw_lines(self, bands: Bands, panel: list[Strip]) -> None:
        """The lines of the sale with a panel at their right."""
        bands.lines.show(self.desk.sale.lines, self.desk.selected, self.desk.decimals, panel)

    def total_rows(self, width: int, under: Strip | None = None) -> list[Strip]:
        """Counts and total of the sale; `under` stands in the place of the double line."""
        sale = self.desk.sale
        decimals = self.desk.decimals
        words = [
            counts(sale),
            *(say("card {tail} +{amount}", tail=one.tail, amount=written(one.amount, decimals)) for one in sale.loads),
        ]
        words += [self.desk.guest] if sale.customer else []
        credit = self.desk.credit
        words += [say("{total} comes back", total=written(credit.total, decimals))] if credit else []
        return total_rows(width, ", ".join(filter(None, words)), written(sale.to_pay, decimals), under)

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
    items = say("1 item") if sale.items == 1000 else say("{quantity} items", quantity=quantity(sale.items))
    return f"{count(len(sale.lines), 'line')}, {items}" if sale.lines else ""


def total_rows(width: int, left: str, total: str, under: Strip | None = None) -> list[Strip]:
    """Rule, total with words at its left, and under it a double line (or what stands there instead)."""
    figure = fit(total, TOTAL_CELLS - 5, right=True)
    line = sides(width, [(f"  {say(left)}", PLAIN)], [(say("TOTAL"), BOLD), (figure, ACCENT), ("  ", PLAIN)])
    double = sides(width, [], [("=" * TOTAL_CELLS, DIM), ("  ", PLAIN)])
    return [rule(width), line, under or double]
