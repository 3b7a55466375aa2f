"""F2: find an item while typing a part of its name, number or code; choose one, or note that it was asked for."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from textual.strip import Strip

from edge_agent.errors import DropshelfError
from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.rules.sale import Article
    from edge_agent.till.front import Front

FOUND = 30
FIGURES = 13


class FindView(View):
    """Answers every key; `price` in minor units finds by price instead, until something is typed."""

    title = "find"

    def __init__(self, till: "Front", price: int | None = None, words: str = "") -> None:
        super().__init__(till)
        self.entry = words
        self._price = price
        self._found: list[Article] = []
        self._selected = 0
        self._look()
        if till.shop.finder.is_stale:
            till.app.work(till.shop.finder.make, self._made)

    def _made(self, done: "Future[Any]") -> None:
        error = done.exception()
        if error is not None:
            self.note = said(error)
            return
        done.result()()
        self._look()

    def _look(self) -> None:
        shop, at = self.till.shop, self.till.app.clock.now()
        if self._price is not None and not self.entry:
            skus: list[str] | None = shop.reading.at_price(self._price, FOUND)
        else:
            skus = shop.finder.search(self.entry, FOUND)
        self._reading = skus is None
        self._found = [article for sku in skus or () if (article := shop.reading.article(sku, at))]
        self._selected = 0

    def typed(self, char: str) -> None:
        if char == "-":
            self._asked()
        elif char in "/+*":
            self._move(-1 if char == "/" else 1)
        else:
            super().typed(char)
            self._look()

    def pressed(self, key: str) -> None:
        if key in ("up", "down", "pageup", "pagedown"):
            self._move({"up": -1, "down": 1, "pageup": -8, "pagedown": 8}[key])
        elif key == "enter" and self.entry == MENU_CODE:
            self.till.open_menu()
        elif key == "enter":
            self._choose()
        elif key == "f2":
            self.till.sell()
        elif not self.till.open_screen(key):
            super().pressed(key)
            self._look()

    def _move(self, by: int) -> None:
        self._selected = min(max(self._selected + by, 0), max(len(self._found) - 1, 0))

    def _choose(self) -> None:
        if self._found:
            self.till.sell().chosen(self._found[self._selected].sku)
        else:
            self.note = "nothing is called that: Esc, then another word"

    def _asked(self) -> None:
        """Somebody wanted it and it was not there: of what is marked, or of the words that nothing is called."""
        article = self._found[self._selected] if self._found and (self.entry or self._price) else None
        asked = article.name if article else self.entry
        try:
            self.till.shop.asked.not_in_stock(article.sku if article else "", self.entry, by=self.till.by)
        except DropshelfError as error:
            self.note = said(error)
            return
        sale = self.till.sell()
        sale.say(say("noted: asked for, not in stock: {asked}", asked=asked))

    def keys(self) -> list[Key]:
        some = [("Enter", "sell it"), ("Up Down", "another")] if self._found else []
        return [*some, ("-", "asked for, none in stock"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("letters", "a part of the name, number or code; several parts in any order"),
            ("Up Down", "another one (/ and + on a number pad)"),
            ("Enter", "sell it, in the quantity typed before"),
            ("-", "asked for and not in stock: noted, with nothing found the words are"),
            ("Esc  F2", "clear what was typed, then back to the sale"),
            ("a scan", "sells"),
        ]

    def draw(self, bands: Bands) -> None:
        width, height = bands.width, bands.height
        what = (
            say("at {price}", price=written(self._price, self.till.decimals)) if self._price is not None else "an item"
        )
        rows = [heading(width, say("FIND {what}", what=say(what)), "price   in stock")]
        top = max(0, self._selected - height + 2)
        shown = self._found[top : top + height - 1]
        rows += [self._row(one, width, chosen=place == self._selected) for place, one in enumerate(shown, start=top)]
        if not shown:
            words = "reading the catalogue" if self._reading else "nothing found"
            rows.append(row(width, (f"  {say(words)}", PLAIN)))
        bands.lines.put(rows)
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note, loud=True)])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))

    def _row(self, article: "Article", width: int, *, chosen: bool) -> Strip:
        style = BOLD if chosen else PLAIN
        left = quantity(self.till.shop.reading.stock(article.sku).on_hand)
        price = written(article.price, self.till.decimals)
        names = width - 2 - 2 * FIGURES - 1
        return row(
            width,
            ("> " if chosen else "  ", style),
            (fit(article.name, names), style),
            (fit(price, FIGURES, right=True), style),
            (fit(left, FIGURES, right=True), style),
        )
