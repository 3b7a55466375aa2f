"""Real histories read from files: the two inside the project, or folders of receipts and day totals."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from edge_agent.commands.histories import shop_from_files
from edge_agent.demand.series import weekday
from edge_agent.proof.history import History, Wanted
from scripts.venv_ import ROOT

OWN = (ROOT / "scripts/demo_shop/bakery.csv.gz", ROOT / "scripts/demo_shop/receipts.csv.gz")
"""The two histories inside the project: day totals of a bakery chain, receipts of a grocer."""


def own_histories() -> Iterator[History]:
    """The histories inside the project."""
    for path in OWN:
        yield history(path)


def history(path: Path) -> History:
    """From a file of day totals or receipts, or a folder with daily.parquet (and transactions.parquet)."""
    daily = path / "daily.parquet" if path.is_dir() else path
    shop = shop_from_files(daily)
    receipts = list(_receipts(path))
    own = _lines(receipts)
    minutes = _minutes(receipts or list(_receipts(OWN[1])))
    shop = replace(shop, hour_profile=_profile(minutes))
    sha = hashlib.sha256(daily.read_bytes()).hexdigest()
    return History(path.name.removesuffix(".csv.gz"), sha, shop, own, minutes)


def _receipts(path: Path) -> Iterator[tuple[str, int, int, float]]:
    """(sku, day, minute, quantity) of rows that tell a time."""
    for row in _rows(path):
        stamp = str(row["ts"])
        if len(stamp) >= 16:
            day = date.fromisoformat(stamp[:10]).toordinal()
            yield str(row["sku"]), day, int(stamp[11:13]) * 60 + int(stamp[14:16]), float(row["qty"])


def _rows(path: Path) -> Iterable[Mapping[str, Any]]:
    if not path.is_dir():
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    if not (path / "transactions.parquet").exists():
        return []
    import pyarrow.parquet as parquet  # noqa: PLR0402  (pyarrow has no such attribute before this import)

    found: list[dict[str, Any]] = parquet.read_table(
        path / "transactions.parquet", columns=["ts", "sku", "qty"]
    ).to_pylist()
    return found


def _lines(receipts: Iterable[tuple[str, int, int, float]]) -> dict[tuple[str, int], list[Wanted]]:
    lines: dict[tuple[str, int], list[Wanted]] = defaultdict(list)
    for sku, day, minute, qty in receipts:
        if qty > 0:
            lines[sku, day].append((minute, max(1, round(qty))))
    return lines


def _minutes(receipts: Iterable[tuple[str, int, int, float]]) -> list[list[int]]:
    """By weekday, the minutes at which lines were sold."""
    found: list[list[int]] = [[] for _ in range(7)]
    for _, day, minute, _ in receipts:
        found[weekday(day)].append(minute)
    return found


def _profile(minutes: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """The shop's hourly profile by weekday, in milli-units."""
    table = [[0] * 24 for _ in range(7)]
    for place, of_day in enumerate(minutes):
        for minute in of_day:
            table[place][minute // 60] += 1000
    return tuple(tuple(row) for row in table)
