"""F1: the live map of the keys of the screen below."""

from typing import TYPE_CHECKING

from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows, heading

if TYPE_CHECKING:
    from edge_agent.till.front import Front

KEY_CELLS = 14
MORE = ("enter", "f1", "pagedown")


class HelpView(View):
    """Lists every key of the screen that it was opened from, page by page; any other key goes back there."""

    def __init__(self, till: "Front", below: View) -> None:
        super().__init__(till)
        self._below = below
        self._page, self._pages = 0, 1

    def typed(self, char: str) -> None:
        self.till.show(self._below)
        self._below.typed(char)

    def pressed(self, key: str) -> None:
        if key in MORE and self._page + 1 < self._pages:
            self._page += 1
        else:
            self.till.show(self._below)

    def keys(self) -> list[Key]:
        more = [("Enter", "more keys")] if self._page + 1 < self._pages else []
        return [*more, ("Esc", "back"), ("any key", "back")]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        keys, room = self._below.all_keys(), max(bands.height - 1, 1)
        self._pages = -(-len(keys) // room)
        which = say("{page} of {pages}", page=self._page + 1, pages=self._pages) if self._pages > 1 else ""
        rows = [heading(width, say("KEYS: {title}", title=say(self._below.title)), which)]
        rows += [
            row(width, (f"  {fit(say(key), KEY_CELLS)}", BOLD), (say(words), PLAIN))
            for key, words in keys[self._page * room : (self._page + 1) * room]
        ]
        bands.lines.put(rows)
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, "", "")])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
