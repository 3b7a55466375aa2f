"""What rows of imported files make, at a till and in the cloud alike: items whole, a count and a history in parts."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from edge_agent.rules.imports import ItemRow, SaleRow
from edge_agent.wire.envelope import canonical
from edge_agent.wire.events.catalogue import BundlePart, HistoryImported, ItemSet
from edge_agent.wire.events.stock import CountedLine, StockCounted

BODY_BYTES = 48 * 1024
T = TypeVar("T")


def source_of(content: bytes) -> str:
    """What a file is known by: the SHA-256 of its unpacked bytes."""
    return hashlib.sha256(content).hexdigest()


def item_of(row: ItemRow, known: ItemSet | None, now: int) -> ItemSet:
    """The item that a row makes of `known` (None: a new one), whole; a changed price starts at `now`."""
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
        bundle=parts_of(row) or (known.bundle if known else ()),
    )


def parts_of(row: ItemRow) -> tuple[BundlePart, ...]:
    """What is in one of a bundle."""
    return tuple(BundlePart(sku=sku, qty=qty) for sku, qty in row.bundle)


def counts_of(lines: Iterable[CountedLine], saw: dict[str, int]) -> Iterator[StockCounted]:
    """The bodies of a count, each short enough for one line of a journal."""
    for part in _parts(lines, lambda line: len(canonical(line.model_dump())) + 1):
        yield StockCounted(lines=tuple(part), saw=saw)


def history_of(source: str, rows: Sequence[SaleRow]) -> Iterator[HistoryImported]:
    """The bodies of past sales, each short enough for one line of a journal."""
    parts = [
        (daily, part)
        for daily in (False, True)
        for part in _parts([(row.hour_utc, row.sku, row.qty_milli) for row in rows if row.day_only is daily], _bytes_of)
    ]
    for place, (daily, part) in enumerate(parts, start=1):
        yield HistoryImported(source=source, part=place, parts=len(parts), daily=daily, rows=tuple(part))


def _bytes_of(row: tuple[int, str, int]) -> int:
    return len(canonical(row)) + 1


def _parts(rows: Iterable[T], bytes_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Rows in order, in parts that fit into one journal line each."""
    part: list[T] = []
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
