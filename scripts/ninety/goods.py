"""What the shop of the experiment sells: everyday goods of two suppliers, and the mugs that the experiment is about."""

from dataclasses import dataclass

from edge_agent.wire.events.catalogue import ItemSet, SupplierSet

TERMS = {"mill": 14, "works": 7}
"""Days after which each supplier is paid."""
MUGS = ("mug-s", "mug-m", "mug-l")


@dataclass(frozen=True)
class Good:
    """A SKU: price, VAT in per cent, pieces of a pack and what one costs, its supplier, and pieces that sell a day."""

    sku: str
    price: int
    rate: int
    pack: int
    cost: int
    supplier: str
    daily: int

    def item(self) -> ItemSet:
        return ItemSet(
            sku=self.sku,
            item="mugs" if self.sku in MUGS else "",
            name=self.sku,
            category="",
            price=self.price,
            rate=100 * self.rate,
            codes=(self.sku,),
            pack=1000 * self.pack,
            pack_cost=self.cost,
            supplier=self.supplier,
            shelf_life_days=None,
            from_at=0,
        )


EVERYDAY = (
    Good("tea", 325, 0, 6, 1_200, "mill", 9),
    Good("oats", 185, 0, 12, 1_300, "mill", 9),
    Good("choc", 129, 20, 12, 800, "mill", 8),
    Good("soap", 219, 20, 6, 700, "works", 8),
    Good("candle", 900, 20, 6, 2_700, "works", 6),
)
PIECES = (
    Good("mug-s", 1_200, 20, 1, 480, "", 0),
    Good("mug-m", 1_500, 20, 1, 600, "", 0),
    Good("mug-l", 1_999, 20, 1, 800, "", 0),
)
GOODS = {one.sku: one for one in (*EVERYDAY, *PIECES)}


def supplier(name: str) -> SupplierSet:
    """It takes orders every day until five, and brings them the next morning."""
    return SupplierSet(
        supplier=name,
        name=name,
        email="",
        ordered_from="cloud",
        calendar=1,
        valid_from=739_000,
        order_days=tuple(range(7)),
        cutoff=17 * 60,
        lead_days=1,
        working_days=tuple(range(7)),
        delivery_days=(),
        arrives=7 * 60,
        min_order=0,
        terms_days=TERMS[name],
    )
