"""Events and feed entries of the catalogue: the shop, its items, its suppliers, each whole (the newest one holds)."""

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.limits import CODE_CHARACTERS, NAME_CHARACTERS

MOST_OTHER_DAYS = 100
Sku = Annotated[str, Field(min_length=1, max_length=64)]
Label = Annotated[str, Field(max_length=NAME_CHARACTERS)]
Code = Annotated[str, Field(min_length=1, max_length=CODE_CHARACTERS)]
Minute = Annotated[int, Field(strict=True, ge=0, le=1440)]
Weekday = Annotated[int, Field(strict=True, ge=0, le=6)]


OtherHours = tuple[tuple[Count, Minute, Minute], ...]
"""Single days: (ordinal day, opens, closes) in minutes; both 0 where it is closed all day."""


class ShopSet(Contract):
    """The shop as receipts and rules need it. `hours[weekday]` (Monday first) is (opens, closes) in minutes, or None.

    `decimals` is the currency's number of decimals; `day_closes` the minute of the day at which the business day ends;
    `reorder_floor` the owner's service floor in basis points; `language` of the reasons that are told. Cash is rounded
    to `cash_step` minor units; prices are without tax where it is `tax_exclusive`. Orders of all suppliers together,
    by cut-offs within seven days, may cost `week_budget` minor units (0: no such limit). `other_hours` hold on single
    days in place of the weekday's.
    """

    name: Label
    address: tuple[Label, ...]
    vat_number: Label
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    symbol: Annotated[str, Field(max_length=8)]
    decimals: Annotated[int, Field(strict=True, ge=0, le=3)]
    zone: Annotated[str, Field(max_length=64)]
    hours: Annotated[tuple[tuple[Minute, Minute] | None, ...], Field(min_length=7, max_length=7)]
    day_closes: Minute
    receipt_words: tuple[Label, ...]
    reorder_floor: Annotated[int, Field(strict=True, ge=0, le=9_900)]
    cash_step: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 1
    tax_exclusive: bool = False
    language: Literal["en", "de"] = "en"
    week_budget: Annotated[Count, Field(exclude_if=not_)] = 0
    other_hours: Annotated[OtherHours, Field(max_length=MOST_OTHER_DAYS, exclude_if=not_)] = ()


class BundlePart(Contract):
    """So many milli-units of a SKU are in one bundle."""

    sku: Sku
    qty: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class ItemSet(Contract):
    """A SKU, whole. Price is tax-inclusive per piece in minor units; cost is per pack in minor units.

    `item` groups SKUs that share demand; `pack` is the supplier's pack in milli-units; `rate` the VAT in basis points;
    `shelf_life_days` is None for durable goods; `from_at` is when the price starts (0: at once). Of a `limited` item
    the tills together sell no more than there is, offline too: each sells its quota. The price is for one `unit`
    (empty: a piece); `deposit` comes on top of each piece (minor units); `age` is how old a buyer must be (0: any);
    of an item that `asks` the price is typed at each sale: a department. `expects`: the owner's low, likely and high of
    what it sells a week, in milli-units (empty: nothing said). A `bundle` has no stock of its own: what is in one of it
    leaves the shelf.
    """

    sku: Sku
    item: Annotated[str, Field(max_length=64)]
    name: Label
    category: Label
    price: Count
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    codes: tuple[Code, ...]
    pack: Annotated[int, Field(strict=True, ge=1)]
    pack_cost: Count
    supplier: Annotated[str, Field(max_length=64)]
    shelf_life_days: Count | None
    from_at: Count
    limited: bool = False
    unit: Annotated[str, Field(max_length=8)] = ""
    deposit: Count = 0
    age: Annotated[int, Field(strict=True, ge=0, le=99)] = 0
    asks: bool = False
    expects: Annotated[tuple[()] | tuple[Count, Count, Count], Field(exclude_if=not_)] = ()
    bundle: Annotated[tuple[BundlePart, ...], Field(max_length=12, exclude_if=not_)] = ()


class SupplierSet(Contract):
    """A supplier, whole, with its published calendar (times in the shop's zone).

    A cut-off at `cutoff` minutes on each of `order_days`; it arrives `lead_days` working days later (`working_days`),
    then on the next of `delivery_days` (empty: any working day) at `arrives` minutes. `cycle` numbers count cut-offs
    since `valid_from` (ordinal day); a change of calendar is a new `calendar` version that starts after the open cycle.
    `ordered_from` the `shop`: the one till whose device id is `till` writes the order slip; the cloud never sends.

    `closed` are ordinal days without orders, work or deliveries. Amounts in minor units, 0 for none: below `min_order`
    an order costs `fee`, if it is taken at all; one order may cost `budget`. `auto`: orders go without the owner's word
    unless a guardrail stops them, worth `most_order` each and `most_day` and `most_week` together. `second` names the
    supplier that has the same goods sooner, `dearer` basis points dearer, an order there for `call_fee`. Goods are
    paid `terms_days` after they came.
    """

    supplier: Sku
    name: Label
    email: Annotated[str, Field(max_length=254)]
    ordered_from: Literal["cloud", "shop"]
    calendar: Annotated[int, Field(strict=True, ge=1)]
    valid_from: Count
    order_days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    cutoff: Minute
    lead_days: Annotated[int, Field(strict=True, ge=0, le=60)]
    working_days: tuple[Weekday, ...]
    delivery_days: tuple[Weekday, ...]
    arrives: Minute
    min_order: Count
    till: Annotated[str, Field(max_length=32)] = ""
    closed: Annotated[tuple[Count, ...], Field(max_length=400)] = ()
    fee: Count = 0
    budget: Count = 0
    auto: bool = False
    most_order: Count = 0
    most_day: Count = 0
    most_week: Count = 0
    second: Annotated[str, Field(max_length=64)] = ""
    dearer: Annotated[int, Field(strict=True, ge=0, le=100_000)] = 0
    call_fee: Count = 0
    terms_days: Annotated[int, Field(strict=True, ge=0, le=365, exclude_if=not_)] = 0


class HistoryImported(Contract):
    """Sales from before this till: (hour as UTC ms // 3,600,000, sku, quantity in milli-units); demand only.

    `daily` says that hours are a day's first hour and carry a whole day's quantity. `source` is the file's SHA-256,
    `part`/`parts` count its chunks.
    """

    source: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    part: Annotated[int, Field(strict=True, ge=1)]
    parts: Annotated[int, Field(strict=True, ge=1)]
    daily: bool
    rows: tuple[tuple[Count, Sku, Whole], ...]


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("shop_set", 1): ShopSet,
    ("item_set", 1): ItemSet,
    ("supplier_set", 1): SupplierSet,
    ("history_imported", 1): HistoryImported,
}
