"""What the tills of a simulated world record: a catalogue, sales, and lines that no cloud of today can count."""

from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet, ShopSet
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from edge_agent.wire.events.selling import AgeChecked

DAY = 739_678


class SomethingNewer(Contract):
    """What a till of a newer version records: no kind that this program knows."""

    words: str


NEWER = {SomethingNewer: ("something_newer", 1)}

CARD = ShopSet(
    name="Corner Shop",
    address=(),
    vat_number="",
    currency="GBP",
    symbol="",
    decimals=2,
    zone="Europe/London",
    hours=((540, 1140),) * 7,
    day_closes=0,
    receipt_words=(),
    reorder_floor=9000,
)


def item(sku: str, price: int) -> ItemSet:
    """An item at a price."""
    return ItemSet(
        sku=sku,
        item="",
        name=sku,
        category="",
        price=price,
        rate=0,
        codes=(),
        pack=6000,
        pack_cost=600,
        supplier="",
        shelf_life_days=None,
        from_at=0,
    )


def sale(receipt: int, sku: str, pieces: int) -> SaleCompleted:
    """Pieces of one SKU at 1.00."""
    total = 100 * pieces
    line = SoldLine(sku=sku, name=sku, qty=1000 * pieces, price=100, gross=total, rate=0, tax=0)
    return SaleCompleted(
        receipt=receipt,
        day=DAY,
        currency="GBP",
        lines=(line,),
        total=total,
        taxes=(TaxTotal(rate=0, gross=total, tax=0),),
        tenders=(Tender(kind="cash", amount=total, given=total),),
        change=0,
    )


def odd() -> Contract:
    """A body that no contract allows, of a kind that no view of the till keeps: a rebuild passes it by."""
    return AgeChecked.model_construct(sku="milk", years=-1, passed=True)


def deep() -> Contract:
    """A line that breaks the envelope's limits at the cloud and not at the till."""
    nested: object = "x"
    for _ in range(20):
        nested = [nested]
    return SomethingNewer.model_construct(words=nested)  # type: ignore[arg-type]  # That is the point of it.
