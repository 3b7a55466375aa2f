"""A box for a pop-up or back from it: packed by scan and quantity, or opened and held against what was sent."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from textual.strip import Strip

from edge_agent.counter.popups import print_slip
from edge_agent.till.figures import quantity
from edge_agent.till.paint import BOLD, DIM, PLAIN, WARN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.tally import Tally, TallyLine, quantity_of
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.till.front import Front
    from edge_agent.till.popup import PopUpView

MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}
COLUMN = 13
CODE_DIGITS = 6


class BoxView(View):
    """Nothing is stored before Enter on an empty entry. `opened` is the transfer of a box that came (empty: one is
    packed); `lines` are what it should hold, or what there is to pack."""

    def __init__(
        self, till: "Front", below: "PopUpView", popup: str, lines: Sequence[TallyLine] = (), *, opened: str = ""
    ) -> None:
        super().__init__(till)
        self.title = say("a box")
        self._below, self._popup, self._opened = below, popup, opened
        self._tally = Tally(list(lines), 0 if lines else -1)
        self._busy = False

    def scanned(self, code: str) -> None:
        article = self.till.shop.selling.look_up(code)
        if article is None:
            self.till.stop([say("{code} is not known.", code=code), "It is not on this list: set the item aside."])
            return
        self._tally.scan(article, adds=not any(line.ordered is not None for line in self._tally.lines))

    def typed(self, char: str) -> None:
        if char in "+-":
            self._try(lambda: self._change(self.take_entry(), 1 if char == "+" else -1))
        elif char.isdigit() or char == ".":
            super().typed(char)

    def _change(self, text: str, sign: int) -> None:
        self._tally.change(sign * (quantity_of(text) if text else 1000))

    def pressed(self, key: str) -> None:
        if self._busy:
            return
        if key in MOVES:
            self._tally.move(MOVES[key])
        elif key in ("delete", "f5"):
            self._try(lambda: self.refused(say("taken off: {name}", name=self._tally.drop())))
        elif key == "enter":
            self._enter(self.take_entry())
        elif key == "escape" and not self.entry:
            self.till.show(self._below)
        else:
            super().pressed(key)

    def _enter(self, text: str) -> None:
        if text == MENU_CODE:
            self.till.open_menu()
        elif len(text) >= CODE_DIGITS:
            self.scanned(text)
        elif text:
            self._try(lambda: self._tally.set_qty(text))
        else:
            self._store()

    def _store(self) -> None:
        desk, by = self.till.shop.popups, self.till.by
        lines = [(line.sku, line.qty) for line in self._tally.lines]
        if self._opened:
            future = desk.receive(self._opened, dict(lines), by, self._popup)
        else:
            future = desk.send(self._popup, lines, by)
        self._busy = True
        self.till.after(future, self._stored)

    def _stored(self, done: "Future[Any]") -> None:
        self._busy, error = False, done.exception()
        if error is not None:
            self.note = said(error)
            return
        if not self._opened:
            print_slip(self.till.shop.paper, self.till.shop.reading, done.result()[0].body)
        self.till.show(self._below)
        self._below.look(say("the box is opened") if self._opened else say("the box is packed, its slip is printed"))

    def _try(self, act: Callable[[], None]) -> None:
        self.note = ""
        self.attempt(act)

    def keys(self) -> list[Key]:
        enter = "store what came" if self._opened else "packed: print its slip"
        return [("Enter", enter), ("n Enter", "how many"), ("+ -", "one"), ("Del", "off"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("a scan", "the item; again: one more (in a box that came: only marks it)"),
            ("n Enter", "so many of the marked item"),
            ("+ -", "more or less of the marked item"),
            ("Del  F5", "take the marked item off"),
            ("Enter", "store it; what is short of what was sent becomes the owner's task"),
            ("Esc", "back, nothing is stored"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        bands.lines.put(self._table(width, bands.height))
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, "storing" if self._busy else self.note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _table(self, width: int, height: int) -> list[Strip]:
        names = width - 4 - 2 * COLUMN
        words = ("A BOX THAT CAME", "sent", "in the box") if self._opened else ("PACK A BOX", "is there", "in the box")
        title, first, second = (say(word) for word in words)
        columns = fit(first, COLUMN, right=True) + fit(second, COLUMN, right=True)
        top = max(0, self._tally.selected - height + 2)
        rows = [heading(width, fit(title, names + 1) + columns)]
        for place, line in enumerate(self._tally.lines[top : top + height - 1], start=top):
            style = BOLD if place == self._tally.selected else PLAIN
            off = line.ordered is not None and line.qty != line.ordered
            known = quantity(line.ordered) if line.ordered is not None else ""
            rows.append(
                row(
                    width,
                    ("> " if place == self._tally.selected else "  ", style),
                    (fit(line.name, names), style),
                    (fit(known, COLUMN, right=True), DIM),
                    (fit(quantity(line.qty), COLUMN, right=True), WARN if off else style),
                )
            )
        return rows
