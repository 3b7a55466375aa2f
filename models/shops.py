"""A history's folder read whole: its daily sales, and what its receipts say of the items (name, category)."""

from dataclasses import replace
from pathlib import Path

from edge_agent.commands.histories import shop_from_files
from edge_agent.demand.series import Facts, ShopHistory

RECEIPTS = "transactions.parquet"
CATEGORIES = ("category", "product_category")


def shop_of(path: Path) -> ShopHistory:
    """The shop of a sales file; receipts beside a file of day totals add what they say of an item first."""
    shop = shop_from_files(path)
    receipts = path.parent / RECEIPTS
    if path.name != "daily.parquet" or not receipts.exists():
        return shop
    told = _told(receipts)
    known = {sku: _with(shop.facts.get(sku, Facts()), told[sku]) for sku in shop.skus if sku in told}
    return replace(shop, facts={**shop.facts, **known})


def _with(facts: Facts, told: tuple[str, str]) -> Facts:
    return replace(facts, name=told[0], category=told[1])


def _told(receipts: Path) -> dict[str, tuple[str, str]]:
    """(name, category) by SKU, as its first line has them."""
    import pyarrow.parquet as parquet  # noqa: PLR0402  (pyarrow has no such attribute before this import)

    table = parquet.read_table(receipts)
    columns = [next((one for one in wanted if one in table.column_names), "") for wanted in (("name",), CATEGORIES)]
    skus = table.column("sku").to_pylist()
    words = [table.column(one).to_pylist() if one else [""] * len(skus) for one in columns]
    found: dict[str, tuple[str, str]] = {}
    for sku, name, category in zip(skus, *words, strict=True):
        found.setdefault(str(sku), (str(name or ""), str(category or "")))
    return found
