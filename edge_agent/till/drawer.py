"""F7: the drawer and the shift: cash in and out, no sale, the X, and the way to the Z."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal

from textual.strip import Strip

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.till.allow import allowed
from edge_agent.till.figures import amount_of, written
from edge_agent.till.paint import ACCENT, BOLD, PLAIN, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.till.front import Front

What = Literal["in", "out", "no_sale"]
REASONS: dict[str, tuple[What, str]] = {
    "1": ("in", "change money"),
    "2": ("in", "from the owner"),
    "3": ("in", "other, in"),
    "5": ("out", "to the bank"),
    "6": ("out", "goods paid in cash"),
    "7": ("out", "expenses"),
    "8": ("out", "other, out"),
}
RIGHTS = {"in": "cash_in", "out": "cash_out", "no_sale": "no_sale"}
NO_SALE = {"1": "change given", "2": "drawer checked", "3": "opened by mistake"}


class DrawerView(View):
    """`amount` is what was typed before F7 (minor units, 0: nothing): it goes in or out; without one it is no sale."""

    title = "the drawer"

    def __init__(self, till: "Front", amount: int = 0) -> None:
        super().__init__(till)
        self._amount = amount
        self._asking = self._busy = False
        self._shift = till.shop.reading.open_shift()

    def typed(self, char: str) -> None:
        if self._busy:
            return
        if self._asking and (char.isdigit() or char in ".,"):
            super().typed("." if char == "," else char)
        elif char == "+" and not self._amount:
            self._asking = True
        elif char == "*" and not self._asking:
            self._report()
        elif char == "-" and not self._asking:
            from edge_agent.till.retender import RetenderView

            self._try(lambda: allowed(self.till, "wrong_tender", lambda _: self.till.show(RetenderView(self.till))))
        elif char == "/" and not self._asking:
            self._try(self._open_or_close)
        elif char in self._reasons():
            what, reason = self._reasons()[char]
            self._try(lambda: allowed(self.till, RIGHTS[what], lambda _: self._move(what, reason)))

    def pressed(self, key: str) -> None:
        if self._busy:
            return
        if key == "enter" and self.entry == MENU_CODE:
            self.till.open_menu()
        elif key == "enter" and self._asking:
            self._try(self._take_amount)
        else:
            super().pressed(key)

    def _take_amount(self) -> None:
        text = self.take_entry()
        self._amount = amount_of(text, self.till.decimals) if text else 0
        self._asking = False

    def _reasons(self) -> dict[str, tuple[What, str]]:
        return REASONS if self._amount else {digit: ("no_sale", words) for digit, words in NO_SALE.items()}

    def _move(self, what: What, reason: str) -> None:
        amount = written(self._amount, self.till.decimals)
        words = (
            say("no sale: {reason}", reason=say(reason))
            if what == "no_sale"
            else f"{amount} {say(what)}: {say(reason)}"
        )
        shifts = self.till.shop.shifts
        self._act(lambda: shifts.move(what, self._amount, reason, self.till.by), words)

    def _open_or_close(self) -> None:
        if self._shift is not None:
            if self.till.sale.desk.sale:
                raise BadInput("a sale is open: Esc, then pay it, or F3 holds it; then the Z")
            from edge_agent.till.zcount import ZCountView

            allowed(self.till, "close_shift", lambda _: self.till.show(ZCountView(self.till)))
            return
        allowed(self.till, "open_shift", lambda _: self._open())

    def _open(self) -> None:
        last = self.till.shop.reading.last_shift()
        opening = self._amount or (last.kept or 0 if last else 0)
        words = say("the shift is open with {opening}", opening=written(opening, self.till.decimals))
        self._act(lambda: self.till.shop.shifts.open(opening, self.till.by), words)

    def _report(self) -> None:
        from edge_agent.till.report import x_report

        self._busy = True
        self.till.app.work(lambda: x_report(self.till), self._reported)

    def _reported(self, future: "Future[View]") -> None:
        self._busy = False
        error = future.exception()
        if error is not None:
            self.note = said(error)
        else:
            self.till.show(future.result())

    def _act(self, act: "Callable[[], Future[Any]]", words: str) -> None:
        try:
            future = act()
        except DropshelfError as error:
            self.note = said(error)
            return
        self._busy = True
        self.till.after(future, lambda done: self._acted(done, words))

    def _acted(self, done: "Future[Any]", words: str) -> None:
        self._busy = False
        error = done.exception()
        if error is None:
            self.till.sell().desk.note = words
        elif isinstance(error, BadInput):
            self.note = said(error)
        else:
            self.till.stop(["NOTHING WAS STORED", f"{said(error)}."])

    def _try(self, act: Callable[[], None]) -> None:
        self.note = ""
        self.attempt(act)

    def keys(self) -> list[Key]:
        if self._asking:
            return [("n Enter", "amount"), ("Esc", "back")]
        shift = "Z: count and close" if self._shift else "open the shift"
        first = [("1-8", "reason")] if self._amount else [("1-3", "no sale"), ("+", "an amount")]
        return [*first, ("*", "X"), ("/", shift), ("Esc", "back"), ("F1", "all keys")]

    def all_keys(self) -> list[Key]:
        return [
            ("n F7", "in the sale: n in or out; then the reason's digit"),
            ("+ n Enter", "the amount typed here, from a bare number pad"),
            ("1 to 8", "with an amount: cash in or out for that reason, done"),
            ("1 2 3", "without one: the drawer opens, no sale, for that reason"),
            ("*", "X: the shift as it stands"),
            ("-", "a wrong tender of this shift is put right"),
            ("/", "Z: count the drawer and close the shift; with none open: open one"),
            ("Esc", "back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        bands.lines.put(self._rows(width)[: bands.height])
        bands.totals.put(self.till.sale.total_rows(width))
        note = self.note or ("storing" if self._busy else "type the amount, then Enter" if self._asking else "")
        bands.entry.put([entry_row(width, self.entry, note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _rows(self, width: int) -> list[Strip]:
        amount = written(self._amount, self.till.decimals)
        title = say("DRAWER: {amount} in or out", amount=amount) if self._amount else "DRAWER: no sale"
        rows = [heading(width, title), row(width)]
        for digit, (what, words) in self._reasons().items():
            sign = {"in": f"{say('in'):<6}", "out": f"{say('out'):<6}", "no_sale": ""}[what]
            rows.append(row(width, (f"    {digit}", BOLD), (f"   {sign}{say(words)}", PLAIN)))
        rows += (
            []
            if self._amount
            else [row(width, ("    +", BOLD), (f"   {say('cash in or out: an amount first')}", PLAIN))]
        )
        rows += [row(width, ("    -", BOLD), (f"   {say('a wrong tender: it was cash, or a card')}", PLAIN))]
        rows += [row(width), row(width, ("    *", BOLD), (f"   {say('X: the shift as it stands')}", PLAIN))]
        return [*rows, row(width, ("    /", BOLD), (f"   {self._shift_words()}", ACCENT if not self._shift else PLAIN))]

    def _shift_words(self) -> str:
        if self._shift:
            return say("Z: count the drawer and close shift {number}", number=self._shift.number)
        last = self.till.shop.reading.last_shift()
        opening = self._amount or (last.kept or 0 if last else 0)
        return say(
            "no shift is open: open one with {opening} in the drawer", opening=written(opening, self.till.decimals)
        )
