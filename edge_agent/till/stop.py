"""What stops the sale out loud: an unknown code or an act that failed; scans that arrive meanwhile wait in sight."""

from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.till.paint import LOUD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count

if TYPE_CHECKING:
    from edge_agent.till.front import Front

LEAST_CELLS = 38


class StopView(View):
    """A panel over the screen below: `words` says what happened and to what; Esc or Enter goes on with what waited."""

    def __init__(self, till: "Front", below: View, words: list[str]) -> None:
        super().__init__(till)
        self._below, self._words = below, words
        self._pressed = False
        self.waiting: list[str] = []

    def scanned(self, code: str) -> None:
        self.waiting.append(code)
        self.till.app.bell()

    def typed(self, char: str) -> None:
        """Typing is not for a stop: only Esc or Enter goes on."""

    def pressed(self, key: str) -> None:
        self._pressed = key == "enter"
        if key == "escape":
            self._go_on()

    def enter_rested(self, *, single: bool) -> None:
        """An Enter that was pressed here, and not the one that led here."""
        if single and self._pressed:
            self._go_on()

    def _go_on(self) -> None:
        self.till.show(self._below)
        for code in self.waiting:
            self.till.view.scanned(code)

    def keys(self) -> list[Key]:
        return [("Esc", "go on"), ("Enter", "go on")]

    def draw(self, bands: Bands) -> None:
        self._below.draw(bands)
        said = [*self._words, "", self._wait_words(), "Esc or Enter goes on."]
        bands.lines.put(laid_over(bands.lines.rows, said, bands.width, bands.height))
        bands.entry.put([entry_row(bands.width, "", "stopped: Esc or Enter goes on", loud=True)])
        bands.foot.put(foot_rows(bands.width, self._wait_words(), self.keys()))

    def _wait_words(self) -> str:
        return say("{number} waiting", number=count(len(self.waiting), "scan")) if self.waiting else ""


def laid_over(rows: list[Strip], said: list[str], width: int, height: int) -> list[Strip]:
    """A reversed panel of text in the middle of the rows, as high as its text needs."""
    said = [say(text) for text in said]
    cells = min(width - 4, max(LEAST_CELLS, *(len(text) for text in said)) + 4)
    wrapped = [part for text in said for part in wrap(text, cells - 4)]
    while len(wrapped) > max(height - 2, 1):
        wrapped.remove("") if "" in wrapped else wrapped.pop(-2)
    box = ["", *wrapped, ""][: max(height, 1)]
    top, left = max((height - len(box)) // 2, 0), (width - cells) // 2
    blank = Strip.blank(width, PLAIN)
    over = [(rows[y] if y < len(rows) else blank).adjust_cell_length(width, PLAIN) for y in range(height)]
    for y, text in enumerate(box, start=top):
        panel = row(cells, (fit(f"  {text}", cells), LOUD))
        over[y] = Strip([*over[y].crop(0, left), *panel, *over[y].crop(left + cells, width)], width)
    return over


def wrap(text: str, width: int) -> list[str]:
    """The text in rows of at most `width` characters, broken at spaces where there are some; a text that fits stays."""
    if len(text) <= width:
        return [text]
    rows: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if len(joined) > width and line:
            rows.append(line)
            joined = word
        while len(joined) > width:
            rows.append(joined[:width])
            joined = joined[width:]
        line = joined
    return [*rows, line]
