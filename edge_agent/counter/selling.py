"""The growing sale at one till: scan, quantity, void, price check; on the screen's thread, waiting for nothing."""

from dataclasses import dataclass
from typing import Literal

from edge_agent.clock import Clock
from edge_agent.counter.quotas import check
from edge_agent.journal.reading import Reading
from edge_agent.rules import sale as rules
from edge_agent.rules.barcode import normalise
from edge_agent.rules.sale import Article, Sale

PIECE = 1000


@dataclass(frozen=True)
class Scanned:
    """What came of a scan; `code` as it was read, `index` the line that shows it."""

    kind: Literal["added", "unknown"]
    code: str
    article: Article | None = None
    index: int = -1


class Selling:
    """One till's basket. Codes are looked up in the catalogue as committed, at the price of this moment."""

    def __init__(self, reading: Reading, clock: Clock) -> None:
        self._reading, self._clock = reading, clock
        self.sale = Sale()

    def scan(self, code: str, qty: int = PIECE) -> Scanned:
        """Add `qty` milli-units of what a code (or typed SKU) stands for; BadInput beyond the limits of a sale, or of
        what this till may sell of a limited item."""
        article = self.look_up(code)
        if article is None:
            return Scanned("unknown", code)
        self._take(rules.add(self.sale, article, qty))
        return Scanned("added", code, article, len(self.sale.lines) - 1)

    def look_up(self, code: str) -> Article | None:
        """Price check: what a code stands for, without selling it."""
        at = self._clock.now()
        word = code.strip()
        return self._reading.by_code(normalise(word), at) or self._reading.by_code(word, at) if word else None

    def repeat(self, qty: int = PIECE) -> int | None:
        """The last line's article again; its line's index, or None with an empty basket."""
        if not self.sale.lines:
            return None
        return self.change(len(self.sale.lines) - 1, qty)

    def change(self, index: int, by: int) -> int:
        """Add `by` milli-units to a line (at nothing it goes); the index that stays selected."""
        changed = rules.change_qty(self.sale, index, by)
        if by > 0:
            self._take(changed)
        else:
            self.sale = changed
        return min(index, len(self.sale.lines) - 1)

    def _take(self, sale: Sale) -> None:
        check(self._reading, sale)
        self.sale = sale

    def void(self, index: int) -> int:
        """Take a line off; the index that stays selected (-1: empty)."""
        self.sale = rules.void(self.sale, index)
        return min(index, len(self.sale.lines) - 1)

    def clear(self) -> None:
        """Begin the next sale."""
        self.sale = Sale()
