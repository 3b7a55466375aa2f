"""What was sold under unknown codes: scan or find the item that it was, or name a new one."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from textual.strip import Strip

from edge_agent.till.allow import allowed
from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import clock_time, count, said

if TYPE_CHECKING:
    from edge_agent.journal.views.unmatched import Unmatched
    from edge_agent.till.front import Front


class MatchView(View):
    """The list to match, the last sold first. A typed number or a scan is the item; a typed name makes a new one."""

    title = "codes to match"

    def __init__(self, till: "Front", codes: "Sequence[Unmatched]") -> None:
        super().__init__(till)
        self._codes = list(codes)
        self._selected = 0

    def scanned(self, code: str) -> None:
        if self._codes:
            self._match(code)
        else:
            super().scanned(code)

    def typed(self, char: str) -> None:
        if char == "+" and not self.entry:
            self._move(1)
        else:
            super().typed(char)

    def pressed(self, key: str) -> None:
        if key in ("up", "down"):
            self._move(1 if key == "down" else -1)
        elif key == "enter":
            text = self.take_entry()
            if text == MENU_CODE:
                self.till.open_menu()
            elif text and self._codes:
                self._match(text)
            else:
                self.till.sell()
        elif not self.till.open_screen(key):
            super().pressed(key)

    def _move(self, by: int) -> None:
        self._selected = min(max(self._selected + by, 0), max(len(self._codes) - 1, 0))

    def _match(self, text: str) -> None:
        """An item by its code or number; letters that are no item's number are a new item's name."""
        one, shop = self._codes[self._selected], self.till.shop
        article = shop.selling.look_up(text)
        if article is not None:
            self._after(
                shop.items.match(one.code, article.sku, self.till.by),
                say("{code} is {name}", code=one.code, name=article.name),
            )
        elif any(char.isalpha() for char in text):
            self.attempt(lambda: allowed(self.till, "new_item", lambda by: self._name(one.code, text, by)))
        else:
            self.note = say("{text} is not known either", text=text)

    def _name(self, code: str, name: str, by: str) -> None:
        """It was an item that nobody has heard of."""
        added = self.till.shop.items.match_new(code, name, by or self.till.by)
        self._after(added, say("{code} is new: {text}", code=code, text=name))

    def _after(self, future: "Future[Any]", words: str) -> None:
        def done(stored: "Future[Any]") -> None:
            error = stored.exception()
            self.note = said(error) if error else words
            self._codes = self.till.shop.reading.unmatched()
            self._move(0)

        self.till.after(future, done)

    def keys(self) -> list[Key]:
        if not self._codes:
            return [("scan", "sells"), ("Esc", "back")]
        return [("scan", "it is this item"), ("name Enter", "a new item"), ("Up Down", "another"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("a scan", "what the marked code was: it is known from now on, and its stock put right"),
            ("n Enter", "the same by an item's number"),
            ("name Enter", "it was a new item of that name, at the price it was sold for"),
            ("Up Down", "another code (+ on a number pad)"),
            ("Esc", "back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width, height = bands.width, bands.height
        title = (
            say("TO MATCH: {number}", number=count(len(self._codes), "code")) if self._codes else "TO MATCH: nothing"
        )
        rows = [heading(width, title, "sold    at price   last")]
        top = max(0, self._selected - height + 2)
        for place, one in enumerate(self._codes[top : top + height - 1], start=top):
            rows.append(self._row(one, width, chosen=place == self._selected))
        bands.lines.put(rows)
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note, loud=True)])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _row(self, one: "Unmatched", width: int, *, chosen: bool) -> Strip:
        style = BOLD if chosen else PLAIN
        figures = f"{quantity(one.qty):>6}{written(one.price, self.till.decimals):>12}"
        figures += f"  {clock_time(one.last_at, self.till.status.zone)} "
        code = fit(one.code, width - 2 - len(figures))
        return row(width, ("> " if chosen else "  ", style), (code, style), (figures, style))
