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
from edge_agent.wire.events.refunds import Goes, Why

if TYPE_CHECKING:
    from edge_agent.counter.refunding import Original, Unproved

GOES: dict[Goes, str] = {
    "shelf": "shelf",
    "damaged": "damaged",
    "supplier": "supplier",
    "repair": "mending",
    "empty": "deposit",
}
WHYS: dict[Why, str] = {
    "unwanted": "not wanted",
    "faulty": "faulty",
    "size": "wrong size",
    "other_than_told": "not as told",
    "late": "came late",
    "other": "other",
}


@dataclass(frozen=True)
class Shown:
    """A line as the screen shows it; `amount` is 0 or less."""

    name: str
    left: int
    back: int
    goes: Goes
    amount: int
    why: str = ""


class Returns:
    """Of a receipt: how much of each line comes back, and where it goes. `selected` is the marked line (-1: none)."""

    def __init__(self, known: "Original") -> None:
        self.known = known
        self.chosen: dict[int, int] = {}
        self.goes: dict[int, Goes] = {}
        self.whys: dict[int, Why] = {}
        self.selected = 0
        self.heading = say("REFUND OF RECEIPT {receipt:06d}", receipt=known.of.receipt)

    def scan(self, article: Article) -> None:
        """One piece more of the first line of that item of which something is left, of a bundle one more of all that is
        in it; BadInput when none is."""
        if article.parts and all(line.sku != article.sku for line in self.known.lines):
            self._scan_parts(article)
            return
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

    def _scan_parts(self, whole: Article) -> None:
        before = dict(self.chosen)
        try:
            for part in whole.parts:
                for _ in range(part.qty // PIECE):
                    self.scan(Article(part.sku, part.name, part.price, part.rate))
        except BadInput:
            self.chosen = before
            raise

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
            raise BadInput("all of it has come back already: Esc, another receipt")

    def send(self, goes: Goes) -> None:
        """The marked line's goods go there; the same again: back to the shelf, damaged ones to be mended first."""
        if not self.chosen.get(self.selected):
            raise BadInput("scan an item first")
        now = self.goes.get(self.selected)
        if goes == "damaged" and now == "damaged":
            self.goes[self.selected] = "repair"
        else:
            self.goes[self.selected] = "shelf" if now in (goes, "repair") else goes

    def empty(self) -> None:
        """BadInput: packaging alone comes back without a receipt."""
        raise BadInput("packaging alone comes back without a receipt: Esc, *, F8")

    def say_why(self, why: Why) -> None:
        """Why the marked line comes back."""
        self.whys[self.selected] = why

    def drop(self) -> None:
        """Nothing of the marked line."""
        self.chosen.pop(self.selected, None)

    def move(self, by: int) -> None:
        self.selected = min(max(self.selected + by, 0), max(len(self.lines()) - 1, 0))

    def backs(self) -> list[Back]:
        """What was chosen; BadInput for nothing."""
        return backs_of(self.chosen, self.goes, self.whys)

    @property
    def total(self) -> int:
        """What is given back, 0 or less."""
        return sum(line.amount for line in self.lines())

    def lines(self) -> list[Shown]:
        """Every line as it is now."""
        chosen = lines_back(self.known.lines, self.backs()) if any(self.chosen.values()) else ()
        amounts = {line.line: line.gross for line in chosen}
        return [
            Shown(
                line.name,
                line.left,
                self.chosen.get(place, 0),
                self.goes.get(place, "shelf"),
                amounts.get(place, 0),
                self.said(place),
            )
            for place, line in enumerate(self.known.lines)
        ]

    def said(self, place: int) -> str:
        """Why a line comes back, in words; empty where nobody said."""
        why = self.whys.get(place)
        return say(WHYS[why]) if why else ""


class Unproven(Returns):
    """Without a receipt: any item at today's price."""

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.chosen, self.goes, self.whys, self.selected = {}, {}, {}, -1
        self.heading = "REFUND WITHOUT A RECEIPT"

    def scan(self, article: Article) -> None:
        """One piece more of the item."""
        if article.parts:
            raise BadInput("a bundle comes back with its receipt, or piece by piece")
        place = next((place for place, one in enumerate(self.articles) if one.sku == article.sku), len(self.articles))
        if place == len(self.articles):
            self.articles.append(article)
        self.selected = place
        self.chosen[place] = self.chosen.get(place, 0) + PIECE

    def set_qty(self, text: str) -> None:
        if self.selected < 0:
            raise BadInput("scan it first, then n * for n of it")
        self.chosen[self.selected] = quantity_of(text)

    def take_all(self) -> None:
        raise BadInput("without a receipt each item is scanned: scan it")

    def empty(self) -> None:
        """The marked line is packaging alone, and its deposit comes back; again: the goods themselves."""
        if self.selected < 0:
            raise BadInput("scan an item first")
        article = self.articles[self.selected]
        if not article.deposit:
            raise BadInput(say("{name}: there is no deposit on it", name=article.name))
        self.goes[self.selected] = "shelf" if self.goes.get(self.selected) == "empty" else "empty"

    @property
    def only_empties(self) -> bool:
        """Whether nothing but packaging comes back: then nobody need say why, nor allow it."""
        return all(item.goes == "empty" for item in self.items())

    def items(self) -> list["Unproved"]:
        """What comes back."""
        from edge_agent.counter.refunding import Unproved

        return [
            Unproved(self.articles[place], qty, self.goes.get(place, "shelf"), self.whys.get(place, ""))
            for place, qty in sorted(self.chosen.items())
            if qty
        ]

    def lines(self) -> list[Shown]:
        return [
            Shown(one.article.name, 0, one.qty, one.goes, -line_total(one.each, one.qty), self.said(place))
            for place, one in enumerate(self._all())
        ]

    def _all(self) -> list["Unproved"]:
        """Also what was taken out again."""
        from edge_agent.counter.refunding import Unproved

        return [
            Unproved(one, self.chosen.get(place, 0), self.goes.get(place, "shelf"))
            for place, one in enumerate(self.articles)
        ]
