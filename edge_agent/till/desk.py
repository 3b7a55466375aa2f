"""What stands on the counter: the sale, its selected line, the quantity for the next scan; no screen in it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.money import read
from edge_agent.rules.sale import Article, Line, Sale
from edge_agent.till.figures import percent as per_cent
from edge_agent.till.figures import quantity, written
from edge_agent.till.speech import say

if TYPE_CHECKING:
    from edge_agent.counter.refunding import Credit
    from edge_agent.counter.selling import Scanned, Selling

PIECE = 1000
LONGEST_PRICE = 7
MOST_WEIGHT = 99_999
"""A hundred kilograms in grams: more is a code that went astray."""
LONGEST_QUANTITY = 4
"""More digits than this are no quantity: a code that went astray is refused."""


@dataclass
class Desk:
    """The counter as the cashier sees it; every act sets `note` to what there is to say about it, or to nothing."""

    selling: "Selling"
    decimals: int = 2
    selected: int = -1
    qty: int | None = None
    checking: bool = False
    note: str = ""
    totalled: bool = False
    """The customer has been told what is due."""
    credit: "Credit | None" = None
    """Goods that come back in exchange for this sale."""
    guest: str = ""
    """The customer of this sale as the screen shows them."""
    taken: int = 0
    """What a card has paid of this sale already."""

    @property
    def sale(self) -> Sale:
        return self.selling.sale

    def scan(self, code: str) -> "Scanned | Literal['checked']":
        """A code: sold in the quantity that was typed before it, or only shown when a price check was asked for."""
        if self.checking:
            return self._check(code)
        found = self.selling.scan(code, self.qty)
        if found.kind in ("added", "reservation"):
            self.sold(found.index)
        if found.kind == "reservation":
            self.note = "reserved goods: the reservation is in this sale"
        elif found.kind == "card":
            self.note = "the customer's card holds for this sale"
        elif found.kind in ("gift", "customer"):
            self.qty = None
        return found

    @property
    def quantity(self) -> int:
        """Milli-units of what is scanned next."""
        return PIECE if self.qty is None else self.qty

    def sold(self, index: int) -> None:
        """The line that was just sold is marked, and its quantity used up."""
        self.qty, self.note, self.selected = None, "", index

    def _check(self, code: str) -> "Scanned | Literal['checked']":
        from edge_agent.counter.selling import Scanned

        article = self.selling.look_up(code)
        self.checking = False
        if article is None:
            return Scanned("unknown", code)
        self.note = f"{article.name}: {written(article.price, self.decimals)}{_each(article)}"
        return "checked"

    @property
    def marked(self) -> Line:
        """The marked line; BadInput when there is none."""
        if self.selected < 0:
            raise BadInput("there is no line: scan first")
        return self.sale.lines[self.selected]

    def discount(self, percent: int) -> None:
        """So many basis points off the marked line."""
        name = self.marked.name
        self.selling.discount(self.selected, percent)
        self.note = say("{percent} off {name}; % again: off all", percent=per_cent(percent), name=name[:20])

    def discount_all(self, percent: int) -> None:
        """So many basis points off the whole sale."""
        self.selling.discount_all(percent)
        self.note = (
            say("{percent} off the whole sale", percent=per_cent(percent))
            if percent
            else "no discount on the whole sale"
        )

    def set_quantity(self, text: str) -> None:
        """`n *`: the quantity of the next scan; BadInput when it is none."""
        self.qty = self._quantity(text)
        self.note = say("{quantity} of what is scanned next", quantity=quantity(self.qty))

    def change(self, text: str, sign: int) -> None:
        """`n +` and `n -`: more or less of the selected line; without a number, one."""
        if self.selected < 0:
            raise BadInput("there is no line to change: scan first")
        by = self._quantity(text) if text else PIECE
        self.selected = self.selling.change(self.selected, sign * by)
        self.note = ""

    def repeat(self) -> None:
        """`*` alone: the last item once more."""
        again = self.selling.repeat()
        if again is None:
            raise BadInput("there is no item to repeat: scan first")
        self.selected, self.note = again, ""

    def void(self) -> None:
        """Take the selected line off; where there is none, the gift card that was to be sold, or the exchange."""
        if self.selected < 0 and self.sale.loads:
            tail = self.sale.loads[-1].tail
            self.selling.unload(last=True)
            self.note = say("no gift card is sold: card {tail} is taken off", tail=tail)
            return
        if self.selected < 0 and self.credit:
            self.credit, self.note = None, "the exchange is given up: nothing comes back"
            return
        if self.selected < 0:
            raise BadInput("there is no line to take off: scan first")
        gone = self.sale.lines[self.selected]
        self.selected = self.selling.void(self.selected)
        self.note = say("taken off: {name}", name=gone.name)

    def move(self, by: int) -> None:
        """Select another line."""
        if self.sale.lines:
            self.selected = min(max(self.selected + by, 0), len(self.sale.lines) - 1)

    def forget(self) -> bool:
        """Esc: drop what was begun for the next scan; False when there was nothing."""
        begun = self.checking or self.qty is not None or bool(self.note)
        self.qty, self.checking, self.note = None, False, ""
        return begun

    def next_customer(self) -> None:
        """An empty sale."""
        self.selling.clear()
        self.selected, self.credit, self.guest, self.totalled, self.taken = -1, None, "", False, 0
        self.forget()

    def _quantity(self, text: str) -> int:
        try:
            qty = read(text, 3)
        except DropshelfError:
            qty = 0
        if qty <= 0 or len(text.partition(".")[0]) > LONGEST_QUANTITY:
            raise BadInput(say("{text} is not a quantity: such as 2 or 0.5, then the key", text=text))
        return qty


def _each(article: Article) -> str:
    """ " a kg, with 0.25 deposit": what a price does not say by itself."""
    return f" a {article.unit}" if article.unit else ""


def percent_of(text: str) -> int:
    """ "10" or "2.5" as basis points; BadInput for what is no percentage."""
    try:
        percent = read(text, 2)
    except DropshelfError:
        percent = -1
    if not 0 <= percent <= 10_000:
        raise BadInput(say("{text} is not a percentage: 0 to 100, then %", text=text))
    return percent


def weight_of(text: str) -> int:
    """ "742" (grams, or thousandths of the unit) or "0.742" as milli-units; BadInput for what is no weight."""
    qty = int(text) if text.isascii() and text.isdigit() else read(text, 3)
    if not 0 < qty <= MOST_WEIGHT:
        raise BadInput(say("{text} can't be a weight", text=text))
    return qty


def price_of(text: str, decimals: int) -> int:
    """ "149" or "1.49" as minor units; BadInput for what is no price."""
    if len(text.replace(".", "")) > LONGEST_PRICE:
        raise BadInput(say("{text} is a code, not a price", text=text))
    price = int(text) if text.isascii() and text.isdigit() else read(text, decimals)
    if price <= 0:
        raise BadInput(say("{text} is not a price", text=text))
    return price
