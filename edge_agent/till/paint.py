"""The sink of the till: every text becomes plain cells here, and rows of cells are painted only where they changed."""

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Offset, Region, Size
from textual.strip import Strip
from textual.widget import Widget

from edge_agent.rules.text import for_paper
from edge_agent.till.messages import Nudged

PLAIN = Style.null()
BOLD = Style(bold=True)
DIM = Style(dim=True)
ACCENT = Style(color="cyan", bold=True)
WARN = Style(color="yellow", bold=True)
LOUD = Style(reverse=True, bold=True)
"""Reverse video: readable on every screen, with or without colour."""

Piece = tuple[str, Style]


def plain(text: str) -> str:
    """The text as it may reach a terminal: nothing that is not a printable character survives."""
    return text if text.isascii() and text.isprintable() else for_paper(text)


# What is painted again and again is kept, but no more than a few screens of it: a row takes some 5 KB with its caches.
@lru_cache(maxsize=512)
def fit(text: str, width: int, *, right: bool = False) -> str:
    """Plain text cut or filled to exactly `width` cells; what is cut ends in a point."""
    text = plain(text[: 4 * max(width, 0)])
    wide = cell_len(text)
    if wide > width:
        return set_cell_size(text, width - 1) + "." if width > 1 else set_cell_size(text, width)
    return " " * (width - wide) + text if right else text + " " * (width - wide)


@lru_cache(maxsize=256)
def row(width: int, *pieces: Piece) -> Strip:
    """One row of `width` cells out of pieces from left to right."""
    segments = [Segment(plain(text), style) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, PLAIN)


def sides(width: int, left: Sequence[Piece], right: Sequence[Piece]) -> Strip:
    """One row with pieces on the left and on the right; the right side wins when there is no room."""
    return _sides(width, tuple(left), tuple(right))


@lru_cache(maxsize=64)
def _sides(width: int, left: tuple[Piece, ...], right: tuple[Piece, ...]) -> Strip:
    ends = sum(cell_len(plain(text)) for text, _ in right)
    start = row(max(width - ends, 0), *left)
    return Strip([*start, *row(min(ends, width), *right)], width)


@lru_cache(maxsize=8)
def rule(width: int) -> Strip:
    """A line across the screen."""
    return row(width, ("-" * width, DIM))


class Rows(Widget):
    """A band of the screen: a list of rows, of which only those are sent to the terminal that differ.

    The toolkit paints whole pictures (the first, a new size) through `render_lines`; a change between two of them is
    written to its cells straight away, several times cheaper than composing all rows between two changed ones.
    """

    can_focus = False

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.cells = Size(0, 0)
        self._rows: list[Strip] = []
        self._changed: set[int] = set()
        self._corner: Offset | None = None

    def on_resize(self, event: Resize) -> None:
        self.cells, self._corner = event.size, None
        self.app.post_message(Nudged())

    @property
    def rows(self) -> list[Strip]:
        """What is shown now."""
        return self._rows

    def put(self, rows: Sequence[Strip]) -> None:
        """Show these rows from the top; the rest of the band is empty."""
        before, self._rows = self._rows, list(rows)
        for y in range(max(len(before), len(rows))):
            old = before[y] if y < len(before) else None
            new = rows[y] if y < len(rows) else None
            if old is not new and old != new:
                self._changed.add(y)

    def render_line(self, y: int) -> Strip:
        width = self.cells.width
        if y < len(self._rows):
            return self._rows[y].adjust_cell_length(width, PLAIN)
        return Strip.blank(width, PLAIN)

    def render_lines(self, crop: Region) -> list[Strip]:
        """What the toolkit asks for: the rows as they are now, past its cache of earlier ones."""
        return [self._in_colour(self.render_line(y)).crop(crop.x, crop.right) for y in crop.line_range]

    def _in_colour(self, strip: Strip) -> Strip:
        return Strip(Segment.remove_color(strip), strip.cell_length) if self.app.no_color else strip

    def changes(self, console: Console) -> str:
        """What the terminal must be sent for the rows that changed since the last call."""
        if not self._changed:
            return ""
        left, top = self._corner = self._corner or self.region.offset
        texts = []
        for y in sorted(self._changed):
            if y < self.cells.height:
                strip = self._in_colour(self.render_line(y))
                texts.append(f"\x1b[{top + y + 1};{left + 1}H{strip.render(console)}")
        self._changed.clear()
        return "".join(texts)
