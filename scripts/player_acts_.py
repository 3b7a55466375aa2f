"""What a scripted cashier does with a sale beyond scanning and paying: prices, discounts, held sales, unknown codes."""

from typing import TYPE_CHECKING

from edge_agent.rules.money import read

if TYPE_CHECKING:
    from edge_agent.opening import OpenTill
    from scripts.day_ import Step

PATIENCE_S = 20.0


class CounterActs:
    """The steps of `tests/days/GRAMMAR.md` about an open sale; each is durable when it returns."""

    till: "OpenTill"

    def _void(self, step: "Step", what: str = "line") -> None:
        selling = self.till.selling
        if what == "sale":
            self.till.voids.sale(selling.sale).result(PATIENCE_S)
            selling.clear()
        else:
            selling.void(len(selling.sale.lines) - 1)

    def _discount(self, step: "Step", percent: str, of: str = "line") -> None:
        selling = self.till.selling
        if of == "all":
            selling.discount_all(read(percent))
        else:
            selling.discount(len(selling.sale.lines) - 1, read(percent))

    def _price(self, step: "Step", amount: str, *reason: str) -> None:
        self.till.selling.set_price(len(self.till.selling.sale.lines) - 1, read(amount), " ".join(reason))

    def _unknown(self, step: "Step", code: str, price: str) -> None:
        self.till.selling.sell_unknown(code, read(price))

    def _match(self, step: "Step", code: str, sku: str) -> None:
        self.till.items.match(code, sku).result(PATIENCE_S)

    def _hold(self, step: "Step") -> None:
        self.till.holding.hold(self.till.selling.sale).result(PATIENCE_S)
        self.till.selling.clear()

    def _recall(self, step: "Step", ticket: str) -> None:
        self.till.selling.put_back(self.till.holding.recall(int(ticket)).result(PATIENCE_S))

    def _asked(self, step: "Step", sku: str) -> None:
        self.till.asked.not_in_stock(sku)
