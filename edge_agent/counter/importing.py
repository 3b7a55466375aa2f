"""What an imported file changes in this shop's memory: the events to record, and what to tell about them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from edge_agent.errors import BadInput, BadRow
from edge_agent.journal.reading import Reading
from edge_agent.rules.day import HOUR_MS, local
from edge_agent.rules.imports import ItemRow, SaleRow, StockRow, SupplierRow
from edge_agent.rules.terms import supplier_of
from edge_agent.wire.envelope import Contract, canonical
from edge_agent.wire.events.catalogue import HistoryImported, ItemSet, ShopSet
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.stock import CountedLine, StockCounted

BODY_BYTES = 48 * 1024
Row = TypeVar("Row")


@dataclass(frozen=True)
class Plan:
    """What a file would change: bodies to record, how many of its rows are new, changed or the same, and notes."""

    bodies: tuple[Contract, ...]
    new: int = 0
    changed: int = 0
    same: int = 0
    notes: tuple[str, ...] = ()


def plan_items(memory: Reading, file: str, rows: Sequence[ItemRow], now: int) -> Plan:
    """Items that are new or differ, each whole; a changed price starts at `now`. BadRow for a code of another item."""
    ours = {row.sku: row for row in rows}
    codes = {code: row for row in rows for code in row.codes}
    held: set[str] = set()
    differing: dict[str, ItemSet] = {}
    for known in memory.items():
        row = ours.get(known.sku)
        if row is None:
            _codes_are_free(file, codes, known)
            continue
        held.add(known.sku)
        if (wanted := _item(row, known, now)) != known:
            differing[known.sku] = wanted
    fresh = {row.sku: _item(row, None, now) for row in rows if row.sku not in held}
    merged = fresh | differing
    bodies = tuple(merged[row.sku] for row in rows if row.sku in merged)
    return Plan(bodies, len(fresh), len(differing), len(held) - len(differing), _unknown_suppliers(memory, rows))


def _codes_are_free(file: str, codes: Mapping[str, ItemRow], known: ItemSet) -> None:
    for code in (*known.codes, known.sku):
        if code in codes:
            raise BadRow(file, codes[code].line, "codes", f"{code} belongs to {known.sku} already")


def _unknown_suppliers(memory: Reading, rows: Sequence[ItemRow]) -> tuple[str, ...]:
    names = {row.supplier for row in rows if row.supplier} - set(memory.suppliers())
    return tuple(f"supplier {name} is not known yet: import suppliers next" for name in sorted(names))


def _item(row: ItemRow, known: ItemSet | None, now: int) -> ItemSet:
    from_at = 0 if known is None else known.from_at if known.price == row.price_minor else now
    return ItemSet(
        sku=row.sku,
        item=row.item,
        name=row.name,
        category=row.category,
        price=row.price_minor,
        rate=row.rate_bp,
        codes=row.codes,
        pack=row.pack_milli,
        pack_cost=row.cost_per_pack_minor,
        supplier=row.supplier,
        shelf_life_days=row.shelf_life_days,
        from_at=from_at,
        limited=known is not None and known.limited,
        unit=row.unit,
        deposit=row.deposit_minor,
        age=row.age,
        asks=row.asks,
        expects=row.expects or (known.expects if known else ()),
    )


def plan_promotions(memory: Reading, file: str, rows: Sequence[tuple[int, PromotionSet]]) -> Plan:
    """Promotions that are new or differ; BadRow for an item that is not in the catalogue."""
    known = memory.promotions()
    for line, one in rows:
        for column, skus in (("skus", one.members), ("others", one.others)):
            missing = next((sku for sku in skus if memory.item(sku) is None), None)
            if missing is not None:
                raise BadRow(file, line, column, f"{missing} is not in the catalogue; import items first")
    bodies = tuple(one for _, one in rows if known.get(one.promotion) != one)
    fresh = sum(one.promotion not in known for _, one in rows)
    return Plan(bodies, fresh, len(bodies) - fresh, len(rows) - len(bodies))


def plan_suppliers(memory: Reading, rows: Sequence[SupplierRow], zone: str, now: int) -> Plan:
    """Suppliers that are new or differ, each whole; a changed calendar starts after the cycle that is open at `now`."""
    known = memory.suppliers()
    wanted = [supplier_of(row, known.get(row.supplier), zone, now) for row in rows]
    bodies = tuple(supplier for supplier in wanted if known.get(supplier.supplier) != supplier)
    fresh = sum(supplier.supplier not in known for supplier in wanted)
    return Plan(bodies, fresh, len(bodies) - fresh, len(rows) - len(bodies))


def plan_stock(memory: Reading, file: str, rows: Sequence[StockRow]) -> Plan:
    """A count of every SKU of the file; one that was counted and still stands at that number is not counted again."""
    lines, new, same = [], 0, 0
    for row in rows:
        if memory.item(row.sku) is None:
            raise BadRow(file, row.line, "sku", f"{row.sku} is not in the catalogue; import items first")
        stock = memory.stock(row.sku)
        if stock.counted and stock.on_hand == row.qty_milli:
            same += 1
            continue
        new += not stock.counted
        lines.append(CountedLine(sku=row.sku, counted=row.qty_milli, expected=stock.on_hand))
    saw = memory.vector()
    bodies = tuple(StockCounted(lines=tuple(part), saw=saw) for part in _parts(lines, _bytes_of_line))
    return Plan(bodies, new, len(lines) - new, same)


def _bytes_of_line(line: CountedLine) -> int:
    return len(canonical(line.model_dump())) + 1


def source_of(content: bytes) -> str:
    """What a sales file is known by: the SHA-256 of its unpacked bytes."""
    return hashlib.sha256(content).hexdigest()


def plan_sales(
    memory: Reading, file: str, source: str, rows: Sequence[SaleRow], shop: ShopSet, *, on_top: bool
) -> Plan:
    """Past sales for the forecast alone. The same file changes nothing; one that overlaps what is known is refused,
    unless `on_top` says that both are true (two tills' exports of the same days)."""
    if memory.has_imported(source):
        return Plan((), same=len(rows), notes=("this very file was imported before: nothing is counted twice",))
    if not on_top:
        _no_overlap(memory, file, rows, shop)
    skus = {row.sku for row in rows}
    strangers = skus - {item.sku for item in memory.items()}
    notes = (f"not in the catalogue, sales kept: {len(strangers)} of {len(skus)} SKUs",) if strangers else ()
    return Plan(tuple(_history(source, rows)), new=len(rows), notes=notes)


def _no_overlap(memory: Reading, file: str, rows: Sequence[SaleRow], shop: ShopSet) -> None:
    days = {(row.sku, _day(row, shop)) for row in rows}
    first = min((day for _, day in days), default=0)
    both = {(sku, day) for sku, day, _ in memory.all_demand_days(first)} & days
    if both:
        dates = [date.fromordinal(day) for day in (min(day for _, day in both), max(day for _, day in both))]
        skus = len({sku for sku, _ in both})
        raise BadInput(
            f"{file}: sales between {dates[0]} and {dates[1]} are known already (SKUs: {skus}); "
            "nothing was recorded (--on-top adds them up)"
        )


def _day(row: SaleRow, shop: ShopSet) -> int:
    when = local(row.hour_utc * HOUR_MS, shop.zone)
    return (when if row.day_only else when - timedelta(minutes=shop.day_closes)).date().toordinal()


def _history(source: str, rows: Sequence[SaleRow]) -> Iterator[HistoryImported]:
    parts = [
        (daily, part)
        for daily in (False, True)
        for part in _parts([(row.hour_utc, row.sku, row.qty_milli) for row in rows if row.day_only is daily], _bytes_of)
    ]
    for place, (daily, part) in enumerate(parts, start=1):
        yield HistoryImported(source=source, part=place, parts=len(parts), daily=daily, rows=tuple(part))


def _bytes_of(row: tuple[int, str, int]) -> int:
    return len(canonical(row)) + 1


def _parts(rows: Iterable[Row], bytes_of: Callable[[Row], int]) -> Iterator[list[Row]]:
    """Rows in order, in parts that fit into one journal line each."""
    part: list[Row] = []
    left = BODY_BYTES
    for row in rows:
        size = bytes_of(row)
        if part and size > left:
            yield part
            part, left = [], BODY_BYTES
        part.append(row)
        left -= size
    if part:
        yield part
