"""F1: the live map of the keys of the screen below."""

from typing import TYPE_CHECKING

from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows, heading

if TYPE_CHECKING:
    from edge_agent.till.front import Front

KEY_CELLS = 14


class HelpView(View):
    """Lists every key of the screen that it was opened from; any key goes back there."""

    def __init__(self, till: "Front", below: View) -> None:
        super().__init__(till)
        self._below = below

    def typed(self, char: str) -> None:
        self.till.show(self._below)
        self._below.typed(char)

    def pressed(self, key: str) -> None:
        self.till.show(self._below)

    def keys(self) -> list[Key]:
        return [("Esc", "back"), ("any key", "back")]

    def draw(self, bands: Bands) -> None:
        width = bands.width
        rows = [heading(width, f"KEYS: {self._below.title}")]
        rows += [
            row(width, (f"  {fit(key, KEY_CELLS)}", BOLD), (words, PLAIN)) for key, words in self._below.all_keys()
        ]
        bands.lines.put(rows[: bands.height])
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, "", "")])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
