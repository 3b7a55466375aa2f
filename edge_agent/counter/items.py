"""The catalogue at the till: a price changed for good, a new item, and what an unknown code turned out to be."""

from concurrent.futures import Future

from edge_agent.clock import Clock
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.badge import is_badge
from edge_agent.rules.barcode import normalise
from edge_agent.rules.sale import MOST_PRICE
from edge_agent.rules.sheet import is_command
from edge_agent.rules.text import clean_name
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.selling import CodeMatched

PIECE = 1000


class Items:
    """Each act is one transaction and holds at this till at once; the cloud folds it field by field."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock

    def set_price(self, sku: str, price: int, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """The item's price from now on. NotKnown; BadInput for what is no price."""
        _price(price)
        now = self._clock.now()

        def compose(memory: Reading) -> list[Draft]:
            item = memory.item(sku)
            if item is None:
                raise NotKnown(f"{sku} is not in the catalogue: scan another item")
            return [Draft(item.model_copy(update={"price": price, "from_at": now}), by)]

        return self._journal.record(compose)

    def add(self, code: str, name: str, price: int, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """A new item under this code, with the catalogue's highest VAT rate until the owner says another."""
        _price(price)
        if is_badge(code) or is_command(code):
            raise BadInput("that code is a badge's or a command's, never an item's: Esc")
        return self._journal.record(lambda memory: [Draft(_new(memory, code, name, price), by)])

    def match(self, code: str, sku: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """An unknown code is this item: it is known from now on, and what was sold under it has left that shelf."""

        def compose(memory: Reading) -> list[Draft]:
            item = memory.item(sku)
            if item is None:
                raise NotKnown(f"{sku} is not in the catalogue: scan another item")
            codes = tuple(dict.fromkeys((*item.codes, normalise(code))))
            return [
                Draft(body, by) for body in (item.model_copy(update={"codes": codes}), *_matched(memory, code, sku))
            ]

        return self._journal.record(compose)

    def match_new(self, code: str, name: str, by: str = "") -> "Future[tuple[Recorded, ...]]":
        """An unknown code is an item that was in no list: it is added at the price it was last sold for."""

        def compose(memory: Reading) -> list[Draft]:
            price = next((one.price for one in memory.unmatched() if one.code == code), None)
            if price is None:
                raise NotKnown(f"{code} was not sold unknown: mark another code")
            item = _new(memory, code, name, price)
            return [Draft(body, by) for body in (item, *_matched(memory, code, item.sku))]

        return self._journal.record(compose)


def _price(price: int) -> None:
    if not 0 < price <= MOST_PRICE:
        raise BadInput("that can't be a price: type it again, 149 or 1.49")


def _new(memory: Reading, code: str, name: str, price: int) -> ItemSet:
    spelt = normalise(code)
    sku = spelt[:64]
    if memory.item(sku) is not None:
        raise BadInput(f"{sku} is in the catalogue already: scan it")
    return ItemSet(
        sku=sku,
        item="",
        name=clean_name(name) or f"New item {code}"[:40],
        category="",
        price=price,
        rate=memory.highest_rate(),
        codes=(spelt,),
        pack=PIECE,
        pack_cost=0,
        supplier="",
        shelf_life_days=None,
        from_at=0,
    )


def _matched(memory: Reading, code: str, sku: str) -> list[Contract]:
    return [CodeMatched(code=code, sku=sku, qty=one.qty) for one in memory.unmatched() if one.code == code]
