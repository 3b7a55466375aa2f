"""The payment screen: what is still due, four likely amounts, exact cash on Enter, and the card."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Literal

from textual.strip import Strip

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.money import read, written
from edge_agent.rules.sale import Tendered, suggested
from edge_agent.till.digits import big
from edge_agent.till.paint import ACCENT, BOLD, PLAIN, fit, row, sides
from edge_agent.till.sale import SIDE_CELLS, SaleView, framed
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.counter.paying import Paid
    from edge_agent.till.front import Front

TENDER_KEYS = "/*-+"
MOST_DIGITS = 7
"""More digits than this are a code that went astray, not money."""
NOTES = (100, 500, 1000, 2000, 5000)
"""Coins and notes by which amounts are suggested, in hundredths of the currency's unit."""


def too_much(amount: int, due: int, decimals: int) -> bool:
    """True for an amount that nobody hands over for this: a slip of the finger, or a code read as money."""
    most: int = 10 * due + 500 * 10**decimals
    return amount > most


def cash_typed(text: str, due: int, decimals: int) -> int:
    """Typed cash in minor units: "2000" and "20.00" are 20.00; so is "20" when 0.20 would not pay. BadInput if none."""
    if not text.isdigit():
        return read(text, decimals)
    amount = int(text)
    return amount * 10**decimals if len(text) <= decimals and amount < due else amount


class PayView(View):
    """Paying keeps the sale's lines and turns the right side; the completing Enter waits until the key is at rest."""

    title = "the payment"

    def __init__(self, till: "Front", sale: SaleView) -> None:
        super().__init__(till)
        self._sale = sale
        self._given: list[Tendered] = []
        self._ready: list[Tendered] | None = None
        self._busy = False
        self.waiting: list[str] = []

    @property
    def due(self) -> int:
        """Minor units that are still to be paid."""
        return self._sale.desk.sale.total - sum(tender.amount for tender in self._given)

    def scanned(self, code: str) -> None:
        """One more item: back to the sale; while the sale is being stored it waits for the next one."""
        if self._busy:
            self.waiting.append(code)
        else:
            self.till.sell().scanned(code)

    def typed(self, char: str) -> None:
        self._ready = None
        if self._busy:
            return
        if char in TENDER_KEYS and not self.entry:
            self._suggested(TENDER_KEYS.index(char))
        elif char.isdigit() or (char in ".," and "." not in self.entry):
            super().typed("." if char == "," else char)

    def pressed(self, key: str) -> None:
        self._ready = None
        if self._busy:
            return
        self.note = ""
        if key == "enter":
            self._enter()
        elif key == "f9":
            self.card()
        elif key == "escape" and self._given and not self.entry:
            self._given.clear()
        elif key == "f1":
            self.till.open_screen(key)
        else:
            super().pressed(key)

    def enter_rested(self, *, single: bool) -> None:
        ready, self._ready = self._ready, None
        if ready is not None and single:
            self._complete(ready)
        elif ready is not None:
            self.note = "Enter was held or sent twice: nothing is paid. Press it once"

    def card(self) -> None:
        """The rest by card, as the card terminal beside the till has taken it."""
        if self.entry:
            self.note = "a card takes all that is due: Esc, then F9"
        elif not self._busy:
            self._complete([*self._given, Tendered("card", self.due)])

    def _enter(self) -> None:
        if self.entry == MENU_CODE:
            self.till.sell()
            return
        if not self.entry:
            self._ready = [*self._given, Tendered("cash", self.due)]
            return
        try:
            self._typed_cash(self.take_entry())
        except DropshelfError as error:
            self.note = error.message

    def _typed_cash(self, text: str) -> None:
        decimals = self._sale.desk.decimals
        if len(text.replace(".", "")) > MOST_DIGITS:
            raise BadInput(f"{text} is a code, not money: scan it in the sale (Esc)")
        amount = cash_typed(text, self.due, decimals)
        if amount <= 0 or too_much(amount, self.due, decimals):
            raise BadInput(f"{written(amount, decimals)} for {written(self.due, decimals)} can't be right")
        given = Tendered("cash", amount)
        if amount < self.due:
            self._given.append(given)
            self.note = f"{written(amount, decimals)} taken, the rest is due"
        else:
            self._ready = [*self._given, given]

    def _suggested(self, place: int) -> None:
        amounts = self._amounts()
        if place < len(amounts):
            self._complete([*self._given, Tendered("cash", amounts[place])])

    def _amounts(self) -> tuple[int, ...]:
        decimals = self._sale.desk.decimals
        return suggested(self.due, tuple(note * 10**decimals // 100 for note in NOTES))

    def _complete(self, tenders: list[Tendered]) -> None:
        self._busy, self.entry, self.note = True, "", ""
        try:
            future = self.till.store_sale(self._sale.desk.sale, tenders)
        except DropshelfError as error:
            self._failed(error)
            return
        self.till.after(future, self._answered)

    def _answered(self, future: "Future[Paid]") -> None:
        error = future.exception()
        if error is None:
            self.till.paid(future.result(), self.waiting)
        else:
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        waiting, self.waiting = self.waiting, []
        words = ["THE SALE WAS NOT STORED", f"{said(error)}.", "Nothing was paid, no receipt exists. Then pay again."]
        self.till.stop(words, waiting)

    def keys(self) -> list[Key]:
        decimals = self._sale.desk.decimals
        notes = [(key, written(a, decimals)) for key, a in zip(TENDER_KEYS, self._amounts(), strict=False)]
        return [("Enter", "exact"), *notes, ("F9", "card"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("Enter", "exact cash, done"),
            ("/ * - +", "cash: one of the four amounts shown"),
            ("n Enter", "cash received: 2000 or 20.00; less than is due leaves the rest open"),
            ("F9", "card: all that is due, done"),
            ("Esc", "clears what was typed, then takes cash back, then back to the sale"),
            ("00 Enter", "back to the sale"),
            ("a scan", "one more item: back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        desk = self._sale.desk
        self._sale.draw_lines(bands, self._panel(bands.height))
        due = fit(written(self.due, desk.decimals), 15, right=True)
        under = sides(bands.width, [], [("due  ", BOLD), (due, BOLD), ("  ", PLAIN)])
        bands.totals.put(self._sale.total_rows(bands.width, under))
        note = self.note or ("storing the sale" if self._busy else self._cash_words())
        bands.entry.put([entry_row(bands.width, self.entry, note, loud=bool(self.note))])
        waits = f"{len(self.waiting)} scans wait for the next sale" if self.waiting else self.till.order_line()[0]
        bands.foot.put(foot_rows(bands.width, waits, self.keys()))

    def _cash_words(self) -> str:
        """What a typed amount will be taken as, before Enter takes it."""
        decimals = self._sale.desk.decimals
        try:
            return f"cash {written(cash_typed(self.entry, self.due, decimals), decimals)}" if self.entry else ""
        except DropshelfError:
            return ""

    def _panel(self, height: int) -> list[Strip]:
        decimals = self._sale.desk.decimals
        amounts = [f"{key} {written(a, decimals):>10}" for key, a in zip(TENDER_KEYS, self._amounts(), strict=False)]
        amounts += [""] * (4 - len(amounts))
        choices = [f"{amounts[0]:<18}{amounts[1]}", f"{amounts[2]:<18}{amounts[3]}"]
        after = ["", *choices, "", "Enter exact        F9 card"]
        return figure_panel("TO PAY", written(self.due, decimals), after, height)


def figure_panel(
    title: str, figure: str, after: list[str], height: int, kind: Literal["due", "change"] = "due"
) -> list[Strip]:
    """The one big figure of this moment with a title over it and rows of text under it."""
    width = SIDE_CELLS - 3
    digits = big(figure, width - 2)
    style = ACCENT if kind == "due" else BOLD
    rows = [row(width, (title, BOLD)), row(width), *(row(width, (text, style)) for text in digits)]
    rows += [row(width, (fit(text, width), PLAIN)) for text in after]
    return framed(rows, height, SIDE_CELLS)
