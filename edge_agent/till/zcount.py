"""The Z: count the drawer piece by piece without knowing what should be in it, see the difference, close the shift."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from textual.strip import Strip

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules import cash
from edge_agent.rules.closing_paper import signed
from edge_agent.till.figures import amount_of, written
from edge_agent.till.paint import ACCENT, BOLD, PLAIN, fit, row
from edge_agent.till.sale import total_rows
from edge_agent.till.speech import pointed, say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.counter.shift import Standing
    from edge_agent.till.front import Front

MOST_DIGITS = 4


class ZCountView(View):
    """First the count, blind; then what should be there, the difference, and what stays. Enter stores all at once."""

    title = "the Z"

    def __init__(self, till: "Front") -> None:
        super().__init__(till)
        shop = till.shop.reading.shop()
        values = cash.pieces_of(shop.currency if shop else "GBP", till.decimals)
        self._values = tuple(sorted(values, reverse=True))
        self._pieces = dict.fromkeys(self._values, 0)
        self._place = 0
        self._now: Standing | None = None
        self._kept = 0
        self._busy = self._store = False

    def typed(self, char: str) -> None:
        self._store = False
        if self._busy:
            return
        if char == "+" and self._now is None:
            self._enter_pieces()
            self._look()
        elif char.isdigit() or (char in ".," and self._now is not None):
            super().typed("." if char == "," else char)

    def pressed(self, key: str) -> None:
        self._store = False
        if self._busy:
            return
        if key == "enter" and self.entry == MENU_CODE:
            self.till.open_menu()
        elif key == "enter" and self._now is None:
            self._enter_pieces(step=1)
        elif key == "enter":
            self._enter_float()
        elif key in ("up", "down") and self._now is None:
            self._place = min(max(self._place + (1 if key == "down" else -1), 0), len(self._values) - 1)
        elif key == "escape" and self._now is not None and not self.entry:
            self._now, self._place = None, 0
        else:
            super().pressed(key)

    def enter_rested(self, *, single: bool) -> None:
        wanted, self._store = self._store, False
        if wanted and single:
            self._close()

    def _enter_pieces(self, step: int = 0) -> None:
        text = self.take_entry()
        if len(text) > MOST_DIGITS:
            self.note = say("{text} is no number of pieces", text=text)
            return
        if text:
            self._pieces[self._values[self._place]] = int(text)
        self._place += step
        if self._place >= len(self._values):
            self._look()

    def _look(self) -> None:
        """The count is done: only now is it read what should be there."""
        from edge_agent.counter.shift import standing

        self._place = 0
        self._busy = True
        self.till.app.work(lambda: self._read(standing), self._seen)

    def _read(self, standing: "Any") -> "Standing | None":
        with self.till.shop.journal.reading() as memory:
            now: Standing | None = standing(memory)
        return now

    def _seen(self, future: "Future[Standing | None]") -> None:
        self._busy = False
        error = future.exception()
        if error is not None:
            self.note = said(error)
            return
        self._now = future.result()
        if self._now is None:
            self.till.sell().desk.note = "no shift is open: F7 / opens one"
            return
        stays = cash.kept(self._pieces, self._now.shift.opening)
        self._kept = cash.counted(stays)

    def _enter_float(self) -> None:
        text = self.take_entry()
        if not text:
            self._store = True
            return
        try:
            kept = amount_of(text, self.till.decimals)
            if kept > cash.counted(self._pieces):
                raise BadInput("no more can stay than was counted: type less, or Esc counts again")
            self._kept = kept
        except DropshelfError as error:
            self.note = said(error)

    def _close(self) -> None:
        from edge_agent.counter.shift import Counted

        self._busy = True
        try:
            future = self.till.shop.shifts.close(Counted(self._pieces, self._kept), self.till.by)
        except DropshelfError as error:
            self._busy, self.note = False, said(error)
            return
        self.till.after(future, self._closed)

    def _closed(self, done: "Future[Any]") -> None:
        from edge_agent.till.report import z_report

        self._busy = False
        error = done.exception()
        if error is not None:
            self.till.stop(["THE SHIFT IS NOT CLOSED", f"{said(error)}.", "The count is still here."])
            return
        recorded = done.result()[-1]
        self.till.show(z_report(self.till, recorded.body, recorded.event.at))

    def keys(self) -> list[Key]:
        if self._now is None:
            return [
                ("n Enter", "pieces"),
                ("Enter", "none"),
                ("+", "all is counted"),
                ("Up Down", "another"),
                ("Esc", "back"),
            ]
        return [("Enter", "close the shift"), ("n Enter", "n stays as float"), ("Esc", "count again")]

    def all_keys(self) -> list[Key]:
        return [
            ("n Enter", "so many pieces of the marked coin or note; Enter alone: none, the next one"),
            ("Up Down", "another coin or note"),
            ("+", "all is counted: shows what should be there, and the difference"),
            ("n Enter", "then: n stays as the next float, the rest goes to the bank"),
            ("Enter", "then: close the shift, print the Z"),
            ("Esc", "count again; then back to the sale, nothing is stored"),
        ]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        rows = self._count_rows(width, bands.height) if self._now is None else self._result_rows(width, self._now)
        bands.lines.put(rows[: bands.height])
        whole = written(cash.counted(self._pieces), self.till.decimals)
        bands.totals.put(total_rows(width, "counted so far" if self._now is None else "counted", whole))
        note = self.note or ("one moment" if self._busy else "")
        bands.entry.put([entry_row(width, self.entry, note, loud=bool(self.note))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _count_rows(self, width: int, height: int) -> list[Strip]:
        rows = [heading(width, "Z: HOW MANY OF EACH ARE IN THE DRAWER?")]
        top = min(max(self._place - height + 3, 0), len(self._values))
        for place, value in enumerate(self._values[top:], start=top):
            style = BOLD if place == self._place else PLAIN
            mark = "> " if place == self._place else "  "
            words = f"{written(value, self.till.decimals):>10}   x {self._pieces[value] or '':>5}"
            rows.append(row(width, (f"  {mark}{words}", style)))
        return rows

    def _result_rows(self, width: int, now: "Standing") -> list[Strip]:
        decimals = self.till.decimals
        whole = cash.counted(self._pieces)
        told = [
            ("counted", written(whole, decimals), PLAIN),
            ("should be there", written(now.expected, decimals), PLAIN),
            ("DIFFERENCE", pointed(signed(whole - now.expected, decimals)), ACCENT),
            ("", "", PLAIN),
            ("stays as float", written(self._kept, decimals), BOLD),
            ("to the bank", written(whole - self._kept, decimals), BOLD),
        ]
        rows = [heading(width, say("Z: SHIFT {number}", number=now.shift.number)), row(width)]
        rows += [row(width, (f"    {fit(say(word), 20)}{figure:>14}", style)) for word, figure, style in told]
        stays = cash.kept(self._pieces, self._kept)
        if cash.counted(stays) == self._kept and stays:
            pieces = ", ".join(f"{many} x {written(value, decimals)}" for value, many in sorted(stays.items()))
            rows += [row(width), row(width, (fit(say("    leave {pieces}", pieces=pieces), width), PLAIN))]
        return rows
