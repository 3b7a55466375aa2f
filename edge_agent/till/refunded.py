"""What is given back is the biggest thing on the screen until the next scan, which begins the next sale."""

from typing import TYPE_CHECKING

from edge_agent.till.basket import beside
from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import BOLD, PLAIN, fit, row, rule, sides
from edge_agent.till.pay import figure_panel
from edge_agent.till.speech import say
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows

if TYPE_CHECKING:
    from edge_agent.counter.refunding import GivenBack
    from edge_agent.till.front import Front
    from edge_agent.till.returns import Returns

WAYS = {
    "cash": "in cash",
    "card": "onto the card",
    "exchange": "in goods",
    "gift": "onto the gift card",
    "gift_sold": "as credit",
    "points": "as points",
}
"""How what is given back last goes."""
REST_KEYS = ("enter", "escape", "up", "down", "delete", "f9")


class RefundedView(View):
    """Shows the stored refund; a scan or a typed character goes to the sale."""

    title = "the sale"

    def __init__(self, till: "Front", given: "GivenBack", returns: "Returns") -> None:
        super().__init__(till)
        self._given = given
        self._lines = [line for line in returns.lines() if line.back]

    def typed(self, char: str) -> None:
        if char not in "*+-/":
            self.till.sell().typed(char)

    def pressed(self, key: str) -> None:
        if key == "escape":
            self.till.sell()
        elif key not in REST_KEYS:
            self.till.sell().pressed(key)

    def keys(self) -> list[Key]:
        return [("scan", "next sale"), ("Esc", "the sale"), ("00 Enter", "menu"), ("F1", "all keys")]

    def all_keys(self) -> list[Key]:
        return self.till.sale.all_keys()

    def draw(self, bands: Bands) -> None:
        width, decimals = bands.width, self.till.decimals
        figure, number = (
            written(self._given.amount, decimals),
            say("receipt {receipt:06d}", receipt=self._given.receipt),
        )
        way = say(WAYS[self._given.way])
        total, back = fit(written(-self._given.total, decimals), 15, right=True), fit(figure, 15, right=True)
        panel = figure_panel("GIVE BACK", figure, ["", way, number], bands.height, "change")
        names = width - panel[0].cell_length
        left = [
            row(names, (f"{fit(quantity(one.back) + ' x', 10, right=True)} {one.name}", PLAIN)) for one in self._lines
        ]
        left += [row(names)] * (len(panel) - len(left))
        rows = [beside(left[y], panel[y], width) for y in range(len(panel))]
        bands.lines.put(rows)
        bands.totals.put(
            [
                rule(width),
                sides(width, [(f"  {number}", PLAIN)], [(say("REFUND"), PLAIN), (total, PLAIN), ("  ", PLAIN)]),
                sides(width, [], [(say("GIVE BACK"), BOLD), (back, BOLD), ("  ", PLAIN)]),
            ]
        )
        bands.entry.put([entry_row(width, "", say("refunded {way}; the next scan begins the next sale", way=way))])
        bands.foot.put(foot_rows(width, self.till.order_line()[0], self.keys()))
