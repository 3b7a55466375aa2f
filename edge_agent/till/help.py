"""F1: the live map of the keys of the screen below."""

import re
from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.stop import wrap
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows, heading

if TYPE_CHECKING:
    from edge_agent.till.front import Front

KEY_CELLS = 14
NUMBER = re.compile(r"\bn\b")
"""What is typed before a key, as the lists of keys write it."""
TURNS = {"enter": 1, "f1": 1, "pagedown": 1, "pageup": -1}


class HelpView(View):
    """Lists every key of the screen that it was opened from, page by page; a key that is no page's works there at once.

    A number that is typed there already stands in the list in place of "n", its keys first.
    """

    def __init__(self, till: "Front", below: View) -> None:
        super().__init__(till)
        self._below = below
        self.takes_badges = below.takes_badges
        self._page, self._pages = 0, 1

    def typed(self, char: str) -> None:
        self.till.show(self._below)
        self._below.typed(char)

    def pressed(self, key: str) -> None:
        page = self._page + TURNS.get(key, 0)
        if key in TURNS and 0 <= page < self._pages:
            self._page = page
            return
        self.till.show(self._below)
        if key not in TURNS and key != "escape":
            self._below.pressed(key)

    def scanned(self, code: str) -> None:
        self.till.show(self._below)
        self._below.scanned(code)

    def badge(self, code: str) -> None:
        self.till.show(self._below)
        self._below.badge(code)

    def keys(self) -> list[Key]:
        more = [("Enter", "more keys")] if self._page + 1 < self._pages else []
        return [*more, ("Esc", "back"), ("any other key", "works at once")]

    def _listed(self) -> list[Key]:
        keys = [(say(key), say(words)) for key, words in self._below.all_keys()]
        typed = self._below.shown
        if not typed.isdigit():
            return keys
        mine = [(key, words) for key, words in keys if NUMBER.search(key)]
        rest = [one for one in keys if one not in mine]
        return [*((NUMBER.sub(typed, key), NUMBER.sub(typed, words)) for key, words in mine), *rest]

    def _paged(self, width: int, room: int) -> list[list[Strip]]:
        """The list in pages; what is said of one key is never torn apart."""
        pages: list[list[Strip]] = [[]]
        for key, words in self._listed():
            rows = key_rows(width, key, words)
            if pages[-1] and len(pages[-1]) + len(rows) > room:
                pages.append([])
            pages[-1] += rows
        return pages

    def draw(self, bands: Bands) -> None:
        width = bands.width
        pages = self._paged(width, max(bands.height - 1, 1))
        self._pages = len(pages)
        self._page = min(self._page, len(pages) - 1)
        which = say("{page} of {pages}", page=self._page + 1, pages=self._pages) if self._pages > 1 else ""
        title = heading(width, say("KEYS: {title}", title=say(self._below.title)), which)
        bands.lines.put([title, *pages[self._page]])
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self._below.shown, "")])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))


def key_rows(width: int, key: str, words: str) -> list[Strip]:
    """A key and what it does, in as many rows as that needs."""
    parts = wrap(words, max(width - KEY_CELLS - 3, 1))
    named = len(key) < KEY_CELLS
    first = [] if named else [row(width, (f"  {key}", BOLD))]
    names = [key if named else "", *[""] * len(parts)]
    return first + [
        row(width, (f"  {fit(name, KEY_CELLS)}", BOLD), (part, PLAIN)) for name, part in zip(names, parts, strict=False)
    ]
