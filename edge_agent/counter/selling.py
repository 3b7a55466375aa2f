"""The growing sale at one till: scan, quantity, price, discount, void; on the screen's thread, waiting for nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from edge_agent.clock import Clock
from edge_agent.counter.quotas import check
from edge_agent.errors import BadInput
from edge_agent.journal.reading import Reading
from edge_agent.rules import sale as rules
from edge_agent.rules.barcode import normalise
from edge_agent.rules.pricing import NoOffers, Offering, priced
from edge_agent.rules.sale import Article, Line, Read, Sale
from edge_agent.rules.stock import unmatched

PIECE = 1000
FREE_PERCENT = 2_000
"""A cashier gives discounts up to this (basis points); above it a manager must."""


@dataclass(frozen=True)
class Scanned:
    """What came of a scan; `code` as it was read, `index` the line that shows it. Of an article that `needs` an age or
    a price nothing is sold yet."""

    kind: Literal["added", "unknown", "needs age", "needs price"]
    code: str
    article: Article | None = None
    index: int = -1


class Selling:
    """One till's basket. Codes are looked up in the catalogue as committed, at the price of this moment.

    `told_void` hears what is taken off: a line and milli-units of it.
    """

    def __init__(self, reading: Reading, clock: Clock) -> None:
        self._reading, self._clock = reading, clock
        self._offers: Offering = NoOffers()
        self.told_void: Callable[[Line, int], None] = lambda _line, _qty: None
        self.sale = Sale()

    def scan(self, code: str, qty: int = PIECE) -> Scanned:
        """Add `qty` milli-units of what a code (or typed SKU) stands for; BadInput beyond the limits of a sale, or of
        what this till may sell of a limited item."""
        article = self.look_up(code)
        if article is None:
            return Scanned("unknown", code)
        if article.age > self.sale.age:
            return Scanned("needs age", code, article)
        if article.asks:
            return Scanned("needs price", code, article)
        self._take(rules.add(self.sale, article, qty))
        return Scanned("added", code, article, len(self.sale.lines) - 1)

    def look_up(self, code: str) -> Article | None:
        """Price check: what a code stands for, without selling it."""
        at = self._clock.now()
        word = code.strip()
        return self._reading.by_code(normalise(word), at) or self._reading.by_code(word, at) if word else None

    def sell_at(self, article: Article, price: int, qty: int = PIECE) -> int:
        """An article whose price is asked, at the price that was typed; its line."""
        self._take(rules.add(self.sale, replace(article, price=_price(price)), qty))
        return len(self.sale.lines) - 1

    def sell_unknown(self, code: str, price: int, qty: int = PIECE) -> int:
        """What nobody knows, at the price that was typed, at the highest VAT rate, until it is matched; its line."""
        article = Article(unmatched(code), code[:80], _price(price), self._reading.highest_rate())
        self._take(rules.add(self.sale, article, qty, read=Read(code=code)))
        return len(self.sale.lines) - 1

    def knows_age(self, years: int) -> None:
        """The buyer of this sale was found to be at least so old."""
        self.sale = replace(self.sale, age=max(self.sale.age, years))

    def repeat(self, qty: int = PIECE) -> int | None:
        """The last line's article again; its line's index, or None with an empty basket."""
        if not self.sale.lines:
            return None
        return self.change(len(self.sale.lines) - 1, qty)

    def change(self, index: int, by: int) -> int:
        """Add `by` milli-units to a line (at nothing it goes); the index that stays selected."""
        line = self.sale.lines[index]
        changed = rules.change_qty(self.sale, index, by)
        self._take(changed, checked=by > 0)
        if by < 0:
            self.told_void(line, min(-by, line.qty))
        return min(index, len(self.sale.lines) - 1)

    def discount(self, index: int, percent: int) -> None:
        """Take so many basis points off a line's goods."""
        self._take(rules.discount(self.sale, index, percent), checked=False)

    def discount_all(self, percent: int) -> None:
        """Take so many basis points off the whole sale."""
        self._take(rules.discount_all(self.sale, percent), checked=False)

    def set_price(self, index: int, price: int, reason: str, approved: str = "") -> None:
        """Another unit price for a line, for a reason, allowed by somebody where the shop asks for it."""
        self._take(rules.set_price(self.sale, index, price, reason, approved), checked=False)

    def _take(self, sale: Sale, *, checked: bool = True) -> None:
        if checked:
            check(self._reading, sale)
        self.sale = priced(sale, self._offers)

    def void(self, index: int) -> int:
        """Take a line off; the index that stays selected (-1: empty)."""
        line = self.sale.lines[index]
        self._take(rules.void(self.sale, index), checked=False)
        self.told_void(line, line.qty)
        return min(index, len(self.sale.lines) - 1)

    def put_back(self, sale: Sale) -> None:
        """Go on with a sale that was held; what was scanned meanwhile comes behind its lines."""
        since = self.sale
        self._take(replace(sale, lines=(*sale.lines, *since.lines), age=max(sale.age, since.age)), checked=False)

    def clear(self) -> None:
        """Begin the next sale."""
        self.sale = Sale()


def _price(price: int) -> int:
    if not 0 < price <= rules.MOST_PRICE:
        raise BadInput("that can't be a price")
    return price
