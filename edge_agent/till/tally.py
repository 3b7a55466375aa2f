"""What has been scanned in the stock room: items with quantities, dates and what was ordered; no screen in it."""

from dataclasses import dataclass, field, replace
from datetime import date

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.money import read
from edge_agent.rules.sale import Article
from edge_agent.till.figures import quantity
from edge_agent.till.speech import say

PIECE = 1000
LONGEST_QUANTITY = 5


@dataclass(frozen=True)
class TallyLine:
    """One SKU; quantities in milli-units, `expires` an ordinal day, `ordered` None for goods without an order.

    Of `qty`, all that came, `damaged` can't be sold.
    """

    sku: str
    name: str
    qty: int
    ordered: int | None = None
    expected: int = 0
    expires: int | None = None
    damaged: int = 0


@dataclass
class Tally:
    """The lines as they are scanned; `selected` is the line that a typed number means (-1: none)."""

    lines: list[TallyLine] = field(default_factory=list)
    selected: int = -1

    def scan(self, article: Article, *, expected: int = 0, adds: bool = True) -> None:
        """Select an item's line. Its first scan makes it one piece; the next add a piece when `adds`."""
        for place, line in enumerate(self.lines):
            if line.sku == article.sku:
                self.selected = place
                if adds:
                    self.change(PIECE)
                return
        self.lines.append(TallyLine(article.sku, article.name, PIECE, expected=expected))
        self.selected = len(self.lines) - 1

    def set_qty(self, text: str) -> None:
        """What was typed is how many there are; BadInput when it is no quantity."""
        self._came(quantity_of(text))

    def change(self, by: int) -> None:
        """More or less of the selected line; never below nothing."""
        self._came(max(self._line().qty + by, 0))

    def set_damaged(self, text: str) -> None:
        """So many of what came are damaged; BadInput when it is no quantity, or more than came."""
        damaged, line = quantity_of(text), self._line()
        if damaged > line.qty:
            raise BadInput(say("only {number} came: type how many came first", number=quantity(line.qty)))
        self._put(damaged=damaged)

    def set_expiry(self, text: str, today: date) -> None:
        """ "1503" or "150326": the date on the goods; BadInput when it is none, or has passed long ago."""
        self._put(expires=day_of(text, today).toordinal())

    def drop(self) -> str:
        """Take the selected line off; its name."""
        gone = self.lines.pop(self._place())
        self.selected = min(self.selected, len(self.lines) - 1)
        return gone.name

    def move(self, by: int) -> None:
        if self.lines:
            self.selected = min(max(self.selected + by, 0), len(self.lines) - 1)

    def _came(self, qty: int) -> None:
        self._put(qty=qty, damaged=min(qty, self._line().damaged))

    def _put(self, **changed: int) -> None:
        self.lines[self._place()] = replace(self._line(), **changed)  # type: ignore[arg-type]

    def _line(self) -> TallyLine:
        return self.lines[self._place()]

    def _place(self) -> int:
        if self.selected < 0:
            raise BadInput("scan an item first")
        return self.selected


def quantity_of(text: str) -> int:
    """Typed pieces as milli-units; nothing at all is a quantity too. BadInput for what is none."""
    try:
        qty = read(text, 3)
    except DropshelfError:
        qty = -1
    if qty < 0 or len(text.partition(".")[0]) > LONGEST_QUANTITY:
        raise BadInput(say("{text} is not a quantity", text=text))
    return qty


def day_of(text: str, today: date) -> date:
    """A typed day: ddmm (the next one to come) or ddmmyy; BadInput when there is no such day."""
    try:
        if len(text) == 6:
            return date(2000 + int(text[4:]), int(text[2:4]), int(text[:2]))
        if len(text) != 4:
            raise ValueError
        soon = date(today.year, int(text[2:]), int(text[:2]))
        return soon if soon >= today else soon.replace(year=today.year + 1)
    except ValueError:
        raise BadInput(say("{text} is not a day like 1503 or 150326", text=text)) from None
