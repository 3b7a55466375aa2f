"""The demand model in the device's runtime against the library that it was trained with: one row, and their parity."""

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from cloud_sync.fleet import PARITY, Settings, convert, grow, lessons, parity
from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ALWAYS_OPEN, Opening, ShopHistory, sku_histories
from scripts.benches import Figure, median, pairs, ratio_of
from scripts.benches.planning import measure_planning
from scripts.demo_shop.moved import ZONE, moved_receipts

Floats = NDArray[np.float64]
CALLS = 100


def measure(folder: Path) -> list[Figure]:
    """One row through ONNX against scikit-learn (both forests), their difference, and the device's work."""
    shop = _history()
    lesson = lessons(shop, Settings())
    settings = Settings(least=200)
    means, spreads = grow([lesson], settings)
    trained = convert([lesson], means, spreads, settings)
    (folder / "model.onnx").write_bytes(trained.onnx)
    model = DemandModel(folder / "model.onnx")
    rows = lesson.features[:1000]
    measured = pairs(
        lambda: _one_row(rows, lambda row: (means.predict(row), spreads.predict(row))),
        lambda: _one_row(rows, model.answers),
        rounds=7,
    )
    ratio, spread = ratio_of(measured)
    ours = median([onnx for _, onnx in measured]) * 1000
    worst = max(trained.parity, parity(trained.onnx, means, spreads, rows.astype(np.float32)))
    return [
        Figure("model, one row: times faster", ours, "ms", "scikit-learn predict", ratio, 20, 100, spread, True),
        Figure("model parity", worst, "rel.", "scikit-learn", None, PARITY, 1e-6),
        *measure_planning(shop),
    ]


def _history() -> ShopHistory:
    """Twelve months of real receipts of the demo shop."""
    sold = moved_receipts(date(2026, 3, 1))
    days = sku_histories((line.sku, line.at.date().toordinal(), line.qty) for line in sold)
    today = max(line.at.date().toordinal() for line in sold) + 1
    return ShopHistory(str(ZONE), Opening(ALWAYS_OPEN), today, days, ((1,) * 24,) * 7)


def _one_row(rows: Floats, answer: Callable[[Floats], object]) -> float:
    took = []
    for row in rows[:CALLS]:
        one = row.reshape(1, -1)
        began = time.perf_counter()
        answer(one)
        took.append(time.perf_counter() - began)
    return median(took)
