"""The paid state: the change is the biggest thing until the next scan, which starts the next sale by itself."""

from typing import TYPE_CHECKING

from edge_agent.rules.sale import Sale
from edge_agent.till.figures import written
from edge_agent.till.paint import BOLD, PLAIN, fit, rule, sides
from edge_agent.till.pay import figure_panel
from edge_agent.till.sale import SaleView
from edge_agent.till.speech import say
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count

if TYPE_CHECKING:
    from edge_agent.counter.paying import Paid
    from edge_agent.till.front import Front

REST_KEYS = ("enter", "escape", "up", "down", "delete", "f9")
"""Keys that have nothing to do between two sales: a key still held from the payment changes nothing."""


class PaidView(View):
    """Shows the finished sale; a scan or a typed character begins the next one."""

    title = "the sale"

    def __init__(self, till: "Front", sale: SaleView, finished: Sale, paid: "Paid") -> None:
        super().__init__(till)
        self._sale, self._finished, self._paid = sale, finished, paid

    def typed(self, char: str) -> None:
        if char not in "*+-/":
            self.till.sell().typed(char)

    def pressed(self, key: str) -> None:
        if key not in REST_KEYS:
            self.till.sell().pressed(key)

    def _note(self) -> str:
        shift = self._paid.shift
        left = self._left_words()
        if shift is None:
            return left or "the next scan begins the next sale"
        opened = say(
            "shift {number} opened by itself with {opening}",
            number=shift.number,
            opening=written(shift.opening, self._sale.desk.decimals),
        )
        return f"{left}; {opened}" if left else opened

    def _left_words(self) -> str:
        """What is left on each card that was used, and the customer's points."""
        paid, decimals = self._paid, self._sale.desk.decimals
        words = [
            say("card {tail}: {amount}", tail=tail, amount=written(amount, decimals)) for tail, amount in paid.left
        ]
        return ", ".join([*words, *([count(paid.points, "point")] if paid.points is not None else [])])

    def keys(self) -> list[Key]:
        return [("scan", "next sale"), ("n Enter", "item"), ("Ins", "orders"), ("00 Enter", "menu"), ("F1", "all keys")]

    def all_keys(self) -> list[Key]:
        return self._sale.all_keys()

    def draw(self, bands: Bands) -> None:
        decimals = self._sale.desk.decimals
        change = written(self._paid.change, decimals)
        number = say("receipt {receipt:06d}", receipt=self._paid.receipt)
        panel = figure_panel("CHANGE", change, ["", "paid, thank you", number], bands.height, "change")
        bands.lines.show(self._finished.lines, -1, decimals, panel)
        total = fit(written(self._paid.to_pay, decimals), 15, right=True)
        back = fit(change, 15, right=True)
        bands.totals.put(
            [
                rule(bands.width),
                sides(
                    bands.width, [(f"  {number}", PLAIN)], [(f"{say('PAID')} ", PLAIN), (total, PLAIN), ("  ", PLAIN)]
                ),
                sides(bands.width, [], [(say("CHANGE"), BOLD), (back[1:], BOLD), ("  ", PLAIN)]),
            ]
        )
        bands.entry.put([entry_row(bands.width, "", self._note())])
        line, hint = self.till.order_line()
        bands.foot.put(foot_rows(bands.width, line, self.keys(), hint=hint))
