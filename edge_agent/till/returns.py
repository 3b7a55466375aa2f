"""What comes back, as it is scanned: pieces of a receipt's lines, or items without one; no screen in it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_agent.errors import BadInput
from edge_agent.rules.money import line_total
from edge_agent.rules.refund import Back, backs_of, lines_back
from edge_agent.rules.sale import Article
from edge_agent.till.figures import quantity
from edge_agent.till.speech import say
from edge_agent.till.tally import PIECE, quantity_of
from edge_agent.wire.events.refunds import Goes

if TYPE_CHECKING:
    from edge_agent.counter.refunding import Original, Unproved

GOES: dict[Goes, str] = {"shelf": "shelf", "damaged": "damaged", "supplier": "supplier"}


@dataclass(frozen=True)
class Shown:
    """A line as the screen shows it; `amount` is 0 or less."""

    name: str
    left: int
    back: int
    goes: Goes
    amount: int


class Returns:
    """Of a receipt: how much of each line comes back, and where it goes. `selected` is the marked line (-1: none)."""

    def __init__(self, known: "Original") -> None:
        self.known = known
        self.chosen: dict[int, int] = {}
        self.goes: dict[int, Goes] = {}
        self.selected = 0
        self.heading = say("REFUND OF RECEIPT {receipt:06d}", receipt=known.of.receipt)

    def scan(self, article: Article) -> None:
        """One piece more of the first line of that item of which something is left; BadInput when none is."""
        places = [place for place, line in enumerate(self.known.lines) if line.sku == article.sku]
        if not places:
            raise BadInput(say("{name} is not on this receipt", name=article.name))
        for place in places:
            left = self.known.lines[place].left - self.chosen.get(place, 0)
            if left > 0:
                self.selected = place
                self.chosen[place] = self.chosen.get(place, 0) + min(PIECE, left)
                return
        self.selected = places[0]
        raise BadInput(say("{name}: no more of it can come back", name=article.name))

    def set_qty(self, text: str) -> None:
        """So much of the marked line; BadInput for more than is left of it."""
        qty, line = quantity_of(text), self.known.lines[self.selected]
        if qty > line.left:
            raise BadInput(
                say("{name}: only {quantity} of it can come back", name=line.name, quantity=quantity(line.left))
            )
        self.chosen[self.selected] = qty

    def take_all(self) -> None:
        """Everything that is left of every line."""
        self.chosen = {place: line.left for place, line in enumerate(self.known.lines)}
        if not any(self.chosen.values()):
            raise BadInput("all of it has come back already")

    def send(self, goes: Goes) -> None:
        """The marked line's goods go there; the same again: back to the shelf."""
        if not self.chosen.get(self.selected):
            raise BadInput("scan an item first")
        self.goes[self.selected] = "shelf" if self.goes.get(self.selected) == goes else goes

    def drop(self) -> None:
        """Nothing of the marked line."""
        self.chosen.pop(self.selected, None)

    def move(self, by: int) -> None:
        self.selected = min(max(self.selected + by, 0), max(len(self.lines()) - 1, 0))

    def backs(self) -> list[Back]:
        """What was chosen; BadInput for nothing."""
        return backs_of(self.chosen, self.goes)

    @property
    def total(self) -> int:
        """What is given back, 0 or less."""
        return sum(line.amount for line in self.lines())

    def lines(self) -> list[Shown]:
        """Every line as it is now."""
        chosen = lines_back(self.known.lines, self.backs()) if any(self.chosen.values()) else ()
        amounts = {line.line: line.gross for line in chosen}
        return [
            Shown(line.name, line.left, self.chosen.get(place, 0), self.goes.get(place, "shelf"), amounts.get(place, 0))
            for place, line in enumerate(self.known.lines)
        ]


class Unproven(Returns):
    """Without a receipt: any item at today's price."""

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.chosen, self.goes, self.selected = {}, {}, -1
        self.heading = "REFUND WITHOUT A RECEIPT"

    def scan(self, article: Article) -> None:
        """One piece more of the item."""
        place = next((place for place, one in enumerate(self.articles) if one.sku == article.sku), len(self.articles))
        if place == len(self.articles):
            self.articles.append(article)
        self.selected = place
        self.chosen[place] = self.chosen.get(place, 0) + PIECE

    def set_qty(self, text: str) -> None:
        if self.selected < 0:
            raise BadInput("scan an item first")
        self.chosen[self.selected] = quantity_of(text)

    def take_all(self) -> None:
        raise BadInput("without a receipt each item is scanned")

    def items(self) -> list["Unproved"]:
        """What comes back."""
        from edge_agent.counter.refunding import Unproved

        return [
            Unproved(self.articles[place], qty, self.goes.get(place, "shelf"))
            for place, qty in sorted(self.chosen.items())
            if qty
        ]

    def lines(self) -> list[Shown]:
        return [
            Shown(one.name, 0, qty, self.goes.get(place, "shelf"), -line_total(one.price, qty))
            for place, one in enumerate(self.articles)
            for qty in (self.chosen.get(place, 0),)
        ]
