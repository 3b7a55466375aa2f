"""A report as it comes out on paper, on the screen: the X of the open shift, the Z of one that was closed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge_agent.errors import BadInput
from edge_agent.rules.row import Row, as_lines
from edge_agent.till.figures import written
from edge_agent.till.paint import PLAIN, row
from edge_agent.till.speech import say
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows

if TYPE_CHECKING:
    from edge_agent.till.front import Front
    from edge_agent.wire.events.shift import ShiftClosed

COLUMNS = 44


class ReportView(View):
    """Pages through rows of paper; Enter prints them where `job` names a job that is not printed yet. `after` is what
    there is to say when it is left."""

    title = "a report"

    def __init__(self, till: "Front", rows: Sequence[Row], job: str = "", after: str = "") -> None:
        super().__init__(till)
        self._after = after
        self._rows, self._job, self._top = tuple(rows), job, 0
        # The shop's name and address are for the paper.
        title = next((place for place, one in enumerate(self._rows) if one.big), 0)
        self._lines = [line for line in as_lines(self._rows[title:], COLUMNS) if line]
        self._height = 14

    def typed(self, char: str) -> None:
        """A bare number pad pages too."""
        if char in "93":
            self._turn(1 if char == "3" else -1)

    def pressed(self, key: str) -> None:
        if key in ("pagedown", "down", "pageup", "up"):
            self._turn(1 if key in ("pagedown", "down") else -1)
        elif key == "enter":
            self._print()
        elif key == "f1":
            self.till.open_screen(key)
        elif key == "escape":
            self.till.sell().say(self._after)

    def _turn(self, by: int) -> None:
        last = max(len(self._lines) - self._height, 0)
        self._top = min(max(self._top + by * (self._height - 1), 0), last)

    def _print(self) -> None:
        if not self._job:
            self.till.sell().say(self._after)
            return
        self.till.shop.paper.print_report(self._job, self._rows)
        self._job, self.note = "", "printed"

    def keys(self) -> list[Key]:
        more = [("PgDn", "more")] if len(self._lines) > self._height else []
        return [*more, ("Enter", "print" if self._job else "back"), ("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("PgDn PgUp", "more of it (3 and 9 on a number pad)"),
            ("Enter", "print it; a Z is printed already: back"),
            ("Esc", "back to the sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width, self._height = bands.width, max(bands.height, 2)
        shown = self._lines[self._top : self._top + self._height]
        bands.lines.put([row(width, (f"    {line}", PLAIN)) for line in shown])
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, "", self.note)])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))


def x_report(till: "Front") -> ReportView:
    """The open shift as it stands; BadInput when none is open. Off the screen's thread."""
    from edge_agent.counter.paper import headed_by
    from edge_agent.counter.shift import standing
    from edge_agent.rules.closing_paper import x_rows

    with till.shop.journal.reading() as memory:
        now = standing(memory)
        if now is None:
            raise BadInput("no shift is open: the next sale opens one, or / here")
        at = till.app.clock.now()
        headed = headed_by(memory.shop(), till.shop.settings.till.name, till.status.staff, at)
    rows = x_rows(headed, now.shift.number, now.shift.opening, now.totals, now.expected)
    return ReportView(till, rows, f"x-{now.shift.number:08d}-{now.totals.last_receipt:08d}")


def z_report(till: "Front", body: "ShiftClosed", at: int) -> ReportView:
    """A closed shift, as it was printed."""
    from edge_agent.counter.paper import headed_by
    from edge_agent.rules.closing_paper import z_rows

    headed = headed_by(till.shop.reading.shop(), till.shop.settings.till.name, till.status.staff, at)
    kept = written(body.kept, till.decimals)
    after = say("shift {number} is closed; the next sale opens one with {kept}", number=body.number, kept=kept)
    return ReportView(till, z_rows(headed, body), after=after)
