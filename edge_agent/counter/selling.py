"""The growing sale at one till: scan, quantity, price, discount, void; on the screen's thread, waiting for nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from edge_agent.clock import Clock
from edge_agent.counter import collecting, drops
from edge_agent.counter.quotas import check
from edge_agent.counter.shop import terms_of
from edge_agent.errors import BadInput
from edge_agent.journal.reading import Reading
from edge_agent.rules import sale as rules
from edge_agent.rules.barcode import normalise
from edge_agent.rules.card import is_card
from edge_agent.rules.day import local
from edge_agent.rules.drop_window import price_in
from edge_agent.rules.gs1 import Elements, elements
from edge_agent.rules.inside import Inside, Pattern, inside
from edge_agent.rules.money import divided, line_total
from edge_agent.rules.offers import Offers
from edge_agent.rules.pricing import priced
from edge_agent.rules.reservation import mark_of
from edge_agent.rules.sale import NOTHING_READ, Article, Line, Load, Read, Sale
from edge_agent.rules.sample import code_of
from edge_agent.rules.stock import unmatched
from edge_agent.rules.stored import card_of, is_like_card

PIECE = 1000
SHORTEST_ELEMENTS = 14
"""A GS1 element string is longer than its article's number."""
CUSTOMERS = "customer"
"""The card of promotions that hold for every customer who is known."""
MOST_LOADS = 4
ALWAYS_FIT = 60
"""So many lines are an event whatever they are called."""


@dataclass(frozen=True)
class Scanned:
    """What came of a scan; `code` as it was read, `index` the line that shows it (of a `reservation` its
    last one). Of an article that needs an age, a
    price or a weight nothing is sold yet, and nothing is done with a `gift` card, a `customer`'s or a
    `sample`'s code."""

    kind: Literal[
        "added", "unknown", "card", "gift", "customer", "sample", "reservation", "needs age", "needs price",
        "needs weight",
    ]  # fmt: skip
    code: str
    article: Article | None = None
    index: int = -1


@dataclass(frozen=True)
class Said:
    """What a code said: its article (None: not known), milli-units and the whole line's price where they are in it."""

    article: Article | None
    qty: int | None = None
    fixed: int | None = None
    read: Read = NOTHING_READ


class Selling:
    """One till's basket. Codes are looked up in the catalogue as committed, at the price of this moment.

    `inside` is the shop's table of codes with a price or weight in them. `told_void` hears what is taken off: a line
    and milli-units of it; `told_begun` that the first line was rung up, `told_cleared` that
    the sale left the counter.
    """

    def __init__(self, reading: Reading, clock: Clock, inside: tuple[Pattern, ...] = ()) -> None:
        self._reading, self._clock, self._inside = reading, clock, inside
        self._offers, self._stale = Offers((), 0), True
        self._of_customer: frozenset[str] = frozenset()
        self.told_begun: Callable[[], None] = lambda: None
        self.told_void: Callable[[Line, int], None] = lambda _line, _qty: None
        self.told_cleared: Callable[[], None] = lambda: None
        self.sale = Sale()

    def promotions_changed(self) -> None:
        """From the next sale on others hold (any thread)."""
        self._stale = True

    def _begin(self) -> None:
        """What is promoted now; it holds until the sale is done."""
        now = self._clock.now()
        if self._stale or now >= self._offers.until:
            self._stale = False
            self._offers = Offers(self._reading.promotions().values(), now)

    def scan(self, code: str, qty: int | None = None) -> Scanned:
        """Add what a code (or typed SKU) stands for, in `qty` milli-units where that was said; BadInput beyond the
        limits of a sale, of what this till may sell of a limited item, and for what has expired."""
        if not self.sale.lines:
            self._begin()
        card = self._card(code.strip())
        if card is not None:
            return Scanned(card, code)
        mark = mark_of(code)
        return self._collect(code, mark) if mark else self._scan(code, qty)

    def _scan(self, code: str, qty: int | None) -> Scanned:
        said = self.said(code)
        article = said.article
        if article is None and is_card(code.strip()):
            raise BadInput("that is a payment card's number, never kept: Enter pays, F9 by card")
        if article is None:
            return Scanned("unknown", code)
        if article.age > self.sale.age:
            return Scanned("needs age", code, article)
        if article.asks:
            return Scanned("needs price", code, article)
        if article.unit and said.qty is None and qty is None:
            return Scanned("needs weight", code, article)
        self._not_twice(article, said.read)
        much = _times(said, qty)
        fixed = said.fixed if said.fixed is None or qty is None else line_total(said.fixed, qty)
        self._take(rules.add(self.sale, article, much, fixed=fixed, read=said.read))
        return Scanned("added", code, article, len(self.sale.lines) - 1)

    def _card(self, code: str) -> "Literal['card', 'gift', 'customer', 'sample'] | None":
        """What card it is, if it is one; that of a promotion holds at once."""
        card = card_of(code)
        if card is not None:
            return card.kind
        if code_of(code) is not None:
            return "sample"
        if is_like_card(code):
            raise BadInput("that card's number was misread: scan it again")
        if code not in self._offers.cards:
            return None
        self._take(replace(self.sale, cards=tuple(sorted({*self.sale.cards, code}))), checked=False)
        return "card"

    def _not_twice(self, article: Article, read: Read) -> None:
        if read.serial and any((line.sku, line.read.serial) == (article.sku, read.serial) for line in self.sale.lines):
            raise BadInput(f"{article.name}: number {read.serial} is in the sale already; scan another piece")

    def look_up(self, code: str) -> Article | None:
        """Price check: what a code stands for, without selling it."""
        return self.said(code).article

    def said(self, code: str) -> Said:
        """What a code says: a label's price or weight, a GS1 code's measure and batch, or the article alone."""
        said = self._said(code)
        return (
            said
            if said.article is None or not said.article.limited
            else replace(said, article=self._dropped(said.article))
        )

    def _dropped(self, article: Article) -> Article:
        """At the price that it has in a drop's window."""
        now = self._clock.now()
        drop = self._reading.drop_of(article.sku, now)
        price = price_in(drop, article.sku, now) if drop else 0
        return replace(article, price=price) if price else article

    def _said(self, code: str) -> Said:
        word, at = code.strip(" \t\r\n"), self._clock.now()
        if not word:
            return Said(None)
        label = inside(word, self._inside) if self._inside else None
        if label is not None:
            found = next((one for key in label.spellings if (one := self._reading.by_code(key, at))), None)
            if found is not None:
                return _of_label(label, found)
        if len(word) > SHORTEST_ELEMENTS:
            said = self._of_gs1(word, at)
            if said is not None:
                return said
        return Said(self._reading.by_code(normalise(word), at) or self._reading.by_code(word, at))

    def _of_gs1(self, word: str, at: int) -> Said | None:
        shop = self._reading.shop()
        today = local(at, shop.zone if shop else "UTC").date()
        read = elements(word, shop.decimals if shop else 2, today)
        article = self._reading.by_code(read.gtin, at) if read else None
        if read is None or article is None:
            return None
        if read.expires is not None and read.expires < today and self._clock.quality() != "floor":
            raise BadInput(f"{article.name}: expired on {read.expires:%d.%m.%Y}, not to be sold: set it aside")
        return _of_elements(read, article)

    def sell_at(self, article: Article, price: int, qty: int = PIECE) -> int:
        """An article whose price is asked, at the price that was typed; its line."""
        self._take(rules.add(self.sale, replace(article, price=_price(price)), qty))
        return len(self.sale.lines) - 1

    def sell_unknown(self, code: str, price: int, qty: int = PIECE, name: str = "") -> int:
        """What nobody knows, at the price that was typed, at the highest VAT rate, until it is matched; its line, of
        that name (empty: its code)."""
        article = Article(unmatched(code), (name or code)[:80], _price(price), self._reading.highest_rate())
        self._take(rules.add(self.sale, article, qty, read=Read(code=code)))
        return len(self.sale.lines) - 1

    def attach(self, account: str, group: str = "") -> None:
        """This customer's sale from now on (empty: nobody's any more), with the promotions that hold for customers and
        for their group."""
        if not self.sale.lines:
            self._begin()
        groups = {CUSTOMERS, group} & self._offers.cards if account else set()
        cards = tuple(sorted(({*self.sale.cards} - self._of_customer) | groups))
        self._of_customer = frozenset(groups)
        self._take(replace(self.sale, customer=account, cards=cards), checked=False)

    def load(self, load: Load) -> None:
        """So much is put onto a gift card with this sale. BadInput for what is no amount."""
        if not 0 < load.amount <= rules.MOST_PRICE:
            raise BadInput("that is no amount for a gift card: such as 2000, then F6")
        if len(self.sale.loads) >= MOST_LOADS or load.account in {one.account for one in self.sale.loads}:
            raise BadInput("that card is in the sale already" if self.sale.loads else "no more cards in one sale")
        self._take(replace(self.sale, loads=(*self.sale.loads, load)), checked=False)

    def unload(self, *, last: bool = False) -> None:
        """No gift card is loaded with this sale, or all but the last. BadInput where none was."""
        if not self.sale.loads:
            raise BadInput("there is no gift card in this sale: n F6 sells one of n")
        self._take(replace(self.sale, loads=self.sale.loads[:-1] if last else ()), checked=False)

    def use_sample(self, sample: str, percent: int) -> None:
        """A sample's code is used with this sale: so many basis points off the whole of it. BadInput for a second."""
        if self.sale.sample:
            raise BadInput("a sample's code is in this sale already: Enter pays")
        self._take(replace(rules.discount_all(self.sale, percent), sample=sample), checked=False)

    def _collect(self, code: str, mark: str) -> Scanned:
        """What a reservation keeps for its customer comes into the sale, at the prices that were agreed."""
        body, now = collecting.wanted(self._reading, mark), self._clock.now()
        goods = collecting.goods(self._reading, body, now)
        oldest = max(goods, key=lambda one: one.age)
        if oldest.age > self.sale.age:
            return Scanned("needs age", code, oldest)
        self._take(collecting.collected(self.sale, body, goods))
        return Scanned("reservation", code, oldest, len(self.sale.lines) - 1)

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
            drops.check(self._reading, sale, self._clock)
            check(self._reading, sale)
        if not self.sale.lines:
            sale = replace(sale, terms=terms_of(self._reading.shop()))
        fresh = priced(sale, self._offers)
        if len(fresh.lines) > ALWAYS_FIT and fresh.size > max(rules.MOST_BYTES, self.sale.size):
            raise BadInput("this sale is as long as one may be: finish it and start another")
        begun = not self.sale.lines and bool(fresh.lines)
        self.sale = fresh
        if begun:
            self.told_begun()

    def void(self, index: int) -> int:
        """Take a line off; the index that stays selected (-1: empty)."""
        line = self.sale.lines[index]
        self._take(rules.void(self.sale, index), checked=False)
        self.told_void(line, line.qty)
        return min(index, len(self.sale.lines) - 1)

    def put_back(self, sale: Sale) -> None:
        """Go on with a sale that was held; what was scanned meanwhile comes behind its lines."""
        since = self.sale
        self._begin()
        lines, age = (*sale.lines, *since.lines), max(sale.age, since.age)
        whose = sale.customer or since.customer
        self._take(replace(sale, lines=lines, age=age, customer=whose, loads=since.loads), checked=False)

    def clear(self) -> None:
        """Begin the next sale."""
        self.sale, self._of_customer = Sale(), frozenset()
        self.told_cleared()


def _of_label(label: Inside, article: Article) -> Said:
    if label.price is None:
        return Said(article, label.grams)
    return Said(article, _worth(label.price, article), label.price)


def _of_elements(read: Elements, article: Article) -> Said:
    kept = Read(lot=read.lot, serial=read.serial)
    qty = read.qty if read.qty is not None or read.price is None else _worth(read.price, article)
    return Said(article, qty, read.price, kept)


def _worth(price: int, article: Article) -> int:
    """How much of an article a label's price pays for; one piece of what has no price for a unit."""
    return max(divided(price * PIECE, article.price), 1) if article.unit and article.price else PIECE


def _times(said: Said, qty: int | None) -> int:
    """Milli-units to sell: so many labels of the same, or what was typed."""
    if said.qty is None:
        return PIECE if qty is None else qty
    return said.qty if qty is None else line_total(said.qty, qty)


def _price(price: int) -> int:
    if not 0 < price <= rules.MOST_PRICE:
        raise BadInput("that can't be a price: type it again, 149 or 1.49")
    return price
