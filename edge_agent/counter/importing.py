"""What an imported file changes in this shop's memory: the events to record, and what to tell about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from edge_agent.errors import BadInput, BadRow
from edge_agent.journal.reading import Reading
from edge_agent.rules.day import HOUR_MS, local
from edge_agent.rules.imports import ItemRow, SaleRow, StockRow, SupplierRow
from edge_agent.rules.imports_made import counts_of, history_of, item_of
from edge_agent.rules.terms import supplier_of
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet, ShopSet
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.stock import CountedLine


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
        if (wanted := item_of(row, known, now)) != known:
            differing[known.sku] = wanted
    fresh = {row.sku: item_of(row, None, now) for row in rows if row.sku not in held}
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
    bodies = tuple(counts_of(lines, memory.vector()))
    return Plan(bodies, new, len(lines) - new, same)


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
    return Plan(tuple(history_of(source, rows)), new=len(rows), notes=notes)


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
