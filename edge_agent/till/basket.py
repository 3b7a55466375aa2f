"""The lines of the sale: a paged list that repaints one row a scan and jumps half a page when it is full."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, count
from operator import add, attrgetter

from rich.segment import Segment
from textual.strip import Strip

from edge_agent.rules.sale import Line
from edge_agent.rules.tongue import cut_in
from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import BOLD, DIM, PLAIN, Rows, fit, row
from edge_agent.till.speech import say, spoken

TOTAL_CELLS = 12
PRICE_CELLS = 12
HEAD_CELLS = 14
"""Marker, number and quantity, which stand before the name."""
WEIGHT_CELLS = 2
NARROW = 60
REMARKS = attrgetter("remarks")
MOST_NOTES = 8
"""Rows under a line: its own discount, promotions, the discount on all, a price by hand, a deposit."""


@lru_cache(maxsize=128)
def line_row(line: Line, number: int, width: int, decimals: int, *, selected: bool) -> Strip:
    """One line: number, quantity, name, unit price and total, both right-aligned on their decimals."""
    prices, totals = (0, TOTAL_CELLS - 3) if width < NARROW else (PRICE_CELLS, TOTAL_CELLS)
    # A weight is longer than a count, and must not touch the line's number: 10.742 kg is not 1 and 0.742 kg.
    wider = WEIGHT_CELLS if line.unit else 0
    names = max(width - HEAD_CELLS - wider - prices - totals - 2, 1)
    count = f"{quantity(line.qty)} x" if line.qty != 1000 else ""
    unit = fit(written(line.price, decimals), prices, right=True) if prices else ""
    style = BOLD if selected else PLAIN
    if line.unit:
        count = f"{quantity(line.qty)} {line.unit}"
    return row(
        width,
        ("> " if selected else "  ", style),
        (f"{number:>3}", style),
        (fit(count, 8 + wider, right=True) + " ", style),
        (fit(line.name, names), style),
        (unit, style),
        (fit(written(line.goods, decimals), totals, right=True), style),
    )


@lru_cache(maxsize=128)
def note_row(words: str, amount: int, width: int, decimals: int) -> Strip:
    """What stands under a line: what came off it, or its deposit."""
    totals = TOTAL_CELLS - 3 if width < NARROW else TOTAL_CELLS
    names = max(width - HEAD_CELLS - totals - 2, 1)
    figure = fit(written(amount, decimals), totals, right=True) if amount else " " * totals
    return row(width, (" " * HEAD_CELLS + fit(words, names), DIM), (figure, PLAIN))


def notes_of(line: Line, decimals: int) -> list[tuple[str, int]]:
    """(words, minor units) for each row under a line."""
    notes = [(cut_in(spoken(), cut.kind, cut.name), -cut.amount) for cut in line.cuts]
    if line.override:
        notes.insert(
            0,
            (say("{reason}: was {was}", reason=say(line.override.reason), was=written(line.override.was, decimals)), 0),
        )
    if line.deposit:
        notes.append((say("deposit"), line.deposits))
    return notes


def beside(left: Strip, right: Strip, width: int) -> Strip:
    """Two rows next to each other in `width` cells; the right one keeps its cells."""
    start = left.adjust_cell_length(max(width - right.cell_length, 0), PLAIN)
    return Strip([*start, *right], width)


class Basket(Rows):
    """Shows a page of the sale's lines around the selected one, and a panel at its right when there is one.

    `show` may be called at any time with the whole sale; only rows that differ are painted.
    """

    def __init__(self) -> None:
        super().__init__("basket")
        self._top = 0

    def show(self, lines: Sequence[Line], selected: int, decimals: int, panel: Sequence[Strip] = ()) -> None:
        """Draw the page that holds `selected`; `panel` takes its cells away from the right edge of every row."""
        width, height = self.cells
        ends = panel[0].cell_length if panel else 0
        if any(map(REMARKS, lines)):
            page = self._noted(lines, selected, width - ends, decimals)
        else:
            self._turn_page(len(lines), selected, height)
            page = [
                line_row(line, self._top + y + 1, width - ends, decimals, selected=self._top + y == selected)
                for y, line in enumerate(lines[self._top : self._top + height])
            ]
        self.put(self._with_panel(page, panel, width) if panel else page)

    def _noted(self, lines: Sequence[Line], selected: int, width: int, decimals: int) -> list[Strip]:
        """The page where lines have rows under them: the marked line stands with all of its rows if there is room."""
        height = self.cells.height
        # Where each line begins; the last is where the next one would.
        starts = list(map(add, accumulate(map(REMARKS, lines), initial=0), count()))
        if 0 <= selected < len(lines):
            self._turn_page(starts[-1], starts[selected + 1] - 1, height)
            self._turn_page(starts[-1], starts[selected], height)
        page: list[Strip] = []
        first = bisect_left(starts, self._top - MOST_NOTES, hi=len(lines))
        for place in range(first, bisect_left(starts, self._top + height, hi=len(lines))):
            line, start = lines[place], starts[place]
            rows = [line_row(line, place + 1, width, decimals, selected=place == selected)]
            rows += [note_row(words, amount, width, decimals) for words, amount in notes_of(line, decimals)]
            page += rows[max(self._top - start, 0) : max(self._top + height - start, 0)]
        return page

    def _turn_page(self, count: int, selected: int, height: int) -> None:
        """Half a page forward or back when the selected line is off the page: never a scroll by one."""
        half = max(height // 2, 1)
        if count <= height:
            self._top = 0
        while selected >= self._top + height > 0:
            self._top += half
        while self._top > 0 and selected < self._top:
            self._top = max(self._top - half, 0)

    def _with_panel(self, page: Sequence[Strip], panel: Sequence[Strip], width: int) -> list[Strip]:
        blank = Strip.blank(width - panel[0].cell_length, PLAIN)
        edge = Strip([Segment(" " * panel[0].cell_length, PLAIN)])
        tall = max(len(page), len(panel))
        return [
            beside(page[y] if y < len(page) else blank, panel[y] if y < len(panel) else edge, width)
            for y in range(tall)
        ]
