"""The sales that wait: one row each; a digit brings one back to the counter."""

from typing import TYPE_CHECKING

from edge_agent.till.figures import written
from edge_agent.till.paint import BOLD, PLAIN, fit, row
from edge_agent.till.speech import say
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows, heading
from edge_agent.till.words import clock_time, count

if TYPE_CHECKING:
    from edge_agent.till.front import Front
    from edge_agent.wire.events.selling import SaleHeld

AT_ONCE = 9
"""Up to so many tickets one digit is enough."""


class HeldView(View):
    """Shows held sales as they were when it was opened; a scan begins the next sale."""

    title = "held sales"

    def __init__(self, till: "Front", held: "list[tuple[SaleHeld, int]]") -> None:
        super().__init__(till)
        self._held = held

    def typed(self, char: str) -> None:
        if not char.isdigit():
            return
        super().typed(char)
        if char != "0" and len(self.entry) == 1 and all(one.ticket <= AT_ONCE for one, _ in self._held):
            self._recall(self.take_entry())

    def pressed(self, key: str) -> None:
        if key == "enter":
            text = self.take_entry()
            if text == MENU_CODE:
                self.till.open_menu()
            elif text or len(self._held) == 1:
                self._recall(text or str(self._held[0][0].ticket))
            else:
                self.till.sell()
        elif key == "f3" and len(self._held) == 1:
            self._recall(str(self._held[0][0].ticket))
        elif not self.till.open_screen(key):
            super().pressed(key)

    def _recall(self, ticket: str) -> None:
        sale = self.till.sell()
        sale.try_(lambda: sale.acts.recall(ticket))

    def keys(self) -> list[Key]:
        one = [("Enter", "the only one")] if len(self._held) == 1 else []
        return [("n", "bring it back"), *one, ("Esc", "back")] if self._held else [("Esc", "back")]

    def all_keys(self) -> list[Key]:
        return [
            ("n", "the sale of that ticket is on the counter again (from ten tickets on: n Enter)"),
            ("Enter  F3", "the only one"),
            ("Esc", "back to the sale"),
            ("a scan", "begins the next sale"),
        ]

    def draw(self, bands: Bands) -> None:
        width, zone, decimals = bands.width, self.till.status.zone, self.till.decimals
        title = say("HELD: {number}", number=count(len(self._held), "sale")) if self._held else "HELD: no sale waits"
        rows = [heading(width, title, "since        total"), row(width)]
        for one, at in self._held[: bands.height - 2]:
            what = f"{count(len(one.lines), 'line')}: {', '.join(line.name for line in one.lines)}"
            total = f" {clock_time(at, zone)} {written(one.total, decimals):>12} "
            pieces = (f"  {one.ticket:>3}  ", BOLD), (fit(what, width - 7 - len(total)), PLAIN), (total, PLAIN)
            rows.append(row(width, *pieces))
        bands.lines.put(rows)
        bands.totals.put(self.till.sale.total_rows(width))
        bands.entry.put([entry_row(width, self.entry, self.note)])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
