"""A till whose shop grows by a hundredth a day: the base lags behind, so that a model can earn its place on it."""

import hashlib
from pathlib import Path

import numpy as np

from edge_agent.demand.schema import SCHEMA
from edge_agent.journal.log import Journal
from edge_agent.rules.day import HOUR_MS
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.models import ModelActivated, ModelTaken
from tests.model_offers import SHIPPED
from tests.shop import TUESDAY_14, open_journal, record

DAYS = 200
ITEMS = 16
GROWTH = 1.01
BETTER = 1.18
"""About how far the base's level lags behind."""
DAY_MS = 86_400_000


def grown(folder: Path, *, days: int = DAYS) -> Journal:
    """The journal of a shop with that history up to the evening before TUESDAY_14."""
    journal = open_journal(folder)
    record(journal, *history(days))
    return journal


def history(days: int = DAYS) -> list[HistoryImported]:
    """Poisson sales of `milk`, `bread` and a few more, a day a row."""
    rng = np.random.default_rng(11)
    names = ["milk", "bread", "choc", *(f"s{i}" for i in range(ITEMS - 3))]
    rows = []
    for back in range(days, 0, -1):
        hour = (TUESDAY_14 - 14 * HOUR_MS - back * DAY_MS) // HOUR_MS
        means = [(6.0 + 2 * i) * GROWTH**-back for i in range(ITEMS)]
        rows += [(hour, sku, 1000 * int(n)) for sku, n in zip(names, rng.poisson(means), strict=True) if n]
    parts = [tuple(rows[start : start + 1_000]) for start in range(0, len(rows), 1_000)]
    return [
        HistoryImported(source="ab" * 32, part=place, parts=len(parts), daily=True, rows=part)
        for place, part in enumerate(parts, start=1)
    ]


def taken(journal: Journal, file: bytes, *, version: int = 2026030301, on_shelf: bool = True, **more: object) -> str:
    """A model that was fetched and taken; its hash."""
    from edge_agent.shelf import Shelf

    sha256 = hashlib.sha256(file).hexdigest()
    if on_shelf:
        scratch = journal.file.parent / "fetched"
        scratch.write_bytes(file)
        Shelf(journal.file.parent).put(scratch)
        scratch.unlink()
    fields = {"version": version, "sha256": sha256, "features": SCHEMA, "taught_until": 0, **more}
    record(journal, ModelTaken.model_validate(fields))
    return sha256


def activated(journal: Journal, sha256: str, *, before: str = "", version: int = 2026030301) -> None:
    """That model has the place."""
    record(journal, ModelActivated(version=version, sha256=sha256, before=before))


def shipped_hash() -> str:
    """What the shipped model is called."""
    return hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
