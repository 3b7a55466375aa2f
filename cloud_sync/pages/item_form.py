"""An item as the owner's form says it: read over the item that holds, so that what the form has no field for stays."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from edge_agent.rules import imports_cells as cell
from edge_agent.rules.day import local, zone_of
from edge_agent.rules.imports import EXPECTED, ITEMS, item_row
from edge_agent.rules.imports_made import parts_of
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.money import quantity, written
from edge_agent.wire.events.catalogue import ItemSet


def item_of(cells: Cells, known: ItemSet | None, *, decimals: int, zone: str, now: int) -> ItemSet:
    """The item that the form's fields make of `known` (None: a new one). BadRow names the field that is not right.

    A changed price holds from `starts` (the shop's time) on, or at once; an unchanged one keeps its beginning.
    """
    row = item_row(_priced(cells), decimals)
    same = known is not None and known.price == row.price_minor and not cells.text("starts")
    said = {
        "sku": row.sku,
        "item": row.item,
        "name": row.name,
        "category": row.category,
        "price": row.price_minor,
        "rate": row.rate_bp,
        "codes": row.codes,
        "pack": row.pack_milli,
        "pack_cost": cell.amount(cells, "pack_cost", decimals),
        "supplier": row.supplier,
        "shelf_life_days": row.shelf_life_days,
        "from_at": known.from_at if known and same else _starts(cells, zone, now if known else 0),
        "unit": row.unit,
        "deposit": row.deposit_minor,
        "age": row.age,
        "asks": row.asks,
        "expects": row.expects,
        "bundle": parts_of(row),
    }
    return known.model_copy(update=said) if known else ItemSet.model_validate(said)


def fields_of(item: ItemSet, decimals: int) -> dict[str, str]:
    """The same item as the form's fields."""
    return {
        "sku": item.sku,
        "item": item.item,
        "name": item.name,
        "category": item.category,
        "price": written(item.price, decimals),
        "vat": quantity(item.rate * 10),
        "codes": " ".join(item.codes),
        "pack": quantity(item.pack),
        "pack_cost": written(item.pack_cost, decimals),
        "supplier": item.supplier,
        "shelf_life_days": "" if item.shelf_life_days is None else str(item.shelf_life_days),
        "unit": item.unit,
        "deposit": written(item.deposit, decimals) if item.deposit else "",
        "age": str(item.age) if item.age else "",
        "asks": "yes" if item.asks else "",
        "bundle": ", ".join(f"{part.sku} {quantity(part.qty)}" for part in item.bundle),
        **dict(zip(EXPECTED, map(quantity, item.expects) if item.expects else ("",) * len(EXPECTED), strict=True)),
    }


def columns_of(item: ItemSet, decimals: int) -> dict[str, str]:
    """The same item by the columns of our own files: there a piece's cost stands, with four decimals more."""
    each = written((item.pack_cost * 10_000 * 1000 + item.pack // 2) // item.pack, decimals + 4)
    said = fields_of(item, decimals) | {"cost": each}
    return {column: said[column] for column in ITEMS.known}


def codes_free(cells: Cells, item: ItemSet, others: Iterable[ItemSet]) -> None:
    """BadRow when one of the item's codes, or its SKU, already leads to another item."""
    mine = {*item.codes, item.sku}
    for other in others:
        taken = mine & {*other.codes, other.sku} if other.sku != item.sku else None
        if taken:
            raise cells.bad("codes", f"{min(taken)} belongs to {other.name} already")


def parts_known(cells: Cells, item: ItemSet, others: Iterable[ItemSet]) -> None:
    """BadRow when a bundle holds what is not in the catalogue, or another bundle."""
    known = {other.sku: other for other in others}
    for part in item.bundle:
        if part.sku not in known:
            raise cells.bad("bundle", f"{part.sku} is not in the catalogue")
        if known[part.sku].bundle:
            raise cells.bad("bundle", f"{part.sku} is a bundle itself")


def _priced(cells: Cells) -> Cells:
    """With the column that a file has and the form has not: there a piece's cost stands, here a pack's."""
    return replace(cells, values={**cells.values, "cost": "0"})


def _starts(cells: Cells, zone: str, now: int) -> int:
    text = cells.text("starts")
    if not text:
        return now
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise cells.bad("starts", f"{text[:40]!r} is not a time like 2026-03-09T07:00") from None
    if not local(now, zone).year <= found.year <= cell.LAST_YEAR:
        raise cells.bad("starts", f"{text[:40]} lies too far away")
    at = int((found if found.tzinfo else found.replace(tzinfo=zone_of(zone))).timestamp() * 1000)
    return max(at, now)
