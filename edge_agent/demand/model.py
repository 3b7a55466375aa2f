"""The ONNX model itself: loads a file, refuses what is not ours, answers questions (only in the child and in tools)."""

import hashlib
import os
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from edge_agent.errors import Broken
from edge_agent.rules.forecast import Forecast

from .blend import Corrections, blended, corrections
from .earning import EARNED_WEEKS, earn
from .expecting import doubt
from .features import SCHEMA, Floats
from .forecasting import DAYS_AHEAD, STORED, daily_means, stored
from .habits import HORIZONS, Habits
from .lattice import JUDGED_WEEKS
from .lattices import learned, studied
from .rows import Rows, past_rows, present_rows
from .series import WEEK, ShopHistory
from .stakes import Stakes

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1_000_000
METADATA_SCHEMA = "feature_schema"
CHUNK = 1_000
"""SKUs forecast at once: more would only take more memory."""


class DemandModel:
    """A loaded model file; `sha256` names it. Errors: `Broken` for a missing, oversized or foreign file.

    `otherwise`: the graph as it stands, on two threads, so that other sums of the runtime are tried.
    """

    def __init__(self, path: "Path | str", *, otherwise: bool = False) -> None:
        name = os.path.basename(path)  # noqa: PTH119  (pathlib would take its time of the child's start)
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise Broken(f"the model {name} cannot be read: {error.strerror}") from None
        if len(data) > MAX_BYTES:
            raise Broken(f"the model {name} is larger than {MAX_BYTES} bytes")
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._session = _session(name, data, otherwise=otherwise)

    def answers(self, features: Floats) -> Floats:
        """(rows, 2): factors on the base's mean and on its dispersion; `features` (rows, len(features.NAMES))."""
        outputs: list[Floats] = self._session.run(None, {"features": features.astype(np.float32)})
        return np.column_stack([one.reshape(-1) for one in outputs]).astype(np.float64)

    def corrects(self, rows: Rows) -> Corrections:
        """What it says of one evening's questions."""
        return corrections(self.answers(rows.features), len(rows.skus))


def _session(name: str, data: bytes, *, otherwise: bool) -> Any:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 2 if otherwise else 1
    if otherwise:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  the runtime's errors share no base class of its own
        raise Broken(f"the model {name} is not a model: {type(error).__name__}") from None
    schema = session.get_modelmeta().custom_metadata_map.get(METADATA_SCHEMA, "none")
    if schema != SCHEMA:
        raise Broken(f"the model {name} was made for features {schema}, this program makes {SCHEMA}")
    return session


def learn_with(model: DemandModel, shop: ShopHistory) -> Habits:
    """The base's habits, and what the model and the shop's own lean earned on its last weeks."""
    habits, studies = learned(shop, EARNED_WEEKS + JUDGED_WEEKS)
    weeks = min(EARNED_WEEKS, _weeks_lived(shop) - 4)
    past = [past_rows(studies, ago) for ago in range(1, weeks + 1)]
    earned = earn([(rows, model.corrects(rows)) for rows in past if rows.skus], Stakes(shop.facts))
    return replace(habits, blend=earned, model=model.sha256)


def _weeks_lived(shop: ShopHistory) -> int:
    first = min((one.days[0] for one in shop.skus.values() if one.days), default=shop.today)
    return (shop.today - first) // WEEK


def evening_rows(shop: ShopHistory, skus: Collection[str], habits: Habits | None = None) -> Rows:
    """The questions about these SKUs on the evening before `shop.today`."""
    habits = habits or learned(shop)[0]
    return present_rows(studied(shop.skus, skus, habits, JUDGED_WEEKS), habits, shop.opening)


def mixed_with(model: DemandModel, shop: ShopHistory, habits: Habits, skus: Collection[str]) -> tuple[Floats, Floats]:
    """(skus, 7) daily means after `habits.until` and (skus, horizons) phi of the mix that has been earned."""
    rows = evening_rows(shop, skus, habits)
    return blended(rows, model.corrects(rows), habits.blend)


def forecast_with(
    model: DemandModel, shop: ShopHistory, habits: Habits, skus: Collection[str], at: int
) -> dict[str, Forecast]:
    """Forecasts of the mix that has been earned; the last segment's correction holds for the days after it."""
    wanted, found = list(skus), {}
    for start in range(0, len(wanted), CHUNK):
        found.update(_forecasts(model, shop, habits, wanted[start : start + CHUNK], at))
    return found


def _forecasts(model: DemandModel, shop: ShopHistory, habits: Habits, skus: list[str], at: int) -> dict[str, Forecast]:
    studies = studied(shop.skus, skus, habits, JUDGED_WEEKS)
    rows = present_rows(studies, habits, shop.opening)
    mixed, phis = blended(rows, model.corrects(rows), habits.blend)
    known = (rows.base > 0.0) & studies.sold.any(axis=1, keepdims=True)
    factors = np.where(known, mixed / np.maximum(rows.base, 1e-12), 1.0)
    factors = factors[:, np.minimum(np.arange(DAYS_AHEAD), WEEK - 1)]
    found = {}
    for row, sku in enumerate(skus):
        week, recent = tuple(studies.weeks[0, row].tolist()), float(studies.recent[row])
        base = daily_means(shop, habits, shop.skus[sku], week, recent, at)
        means = [mean * factor for mean, factor in zip(base, factors[row].tolist(), strict=True)]
        phi = float(phis[row, STORED]) + doubt(shop.skus[sku], habits.until, HORIZONS[STORED])
        made = stored(sku, at, shop.today, means, habits, phi, model=model.sha256)
        found[sku] = replace(made, mix=habits.blend.thousandths())
    return found
