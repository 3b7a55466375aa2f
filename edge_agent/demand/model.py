"""The ONNX model itself: loads a file, refuses what is not ours, answers questions (only in the child and in tools)."""

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edge_agent.errors import Broken
from edge_agent.rules.forecast import Forecast

from .blend import Corrections, blended, corrections, earn
from .features import SCHEMA, Floats
from .forecasting import DAYS_AHEAD, STORED, daily_means, learn_studies, stored
from .habits import Habits
from .lattice import JUDGED_WEEKS, Study, study
from .rows import Rows, past_rows, present_rows, tables
from .series import WEEK, ShopHistory

MAX_BYTES = 1_000_000
METADATA_SCHEMA = "feature_schema"


class DemandModel:
    """A loaded model file; `sha256` names it. Errors: `Broken` for a missing, oversized or foreign file."""

    def __init__(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Broken(f"the model {path.name} cannot be read: {error.strerror}") from None
        if len(data) > MAX_BYTES:
            raise Broken(f"the model {path.name} is larger than {MAX_BYTES} bytes")
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._session = _session(path.name, data)

    def answers(self, features: Floats) -> Floats:
        """(rows, 2): factors on the base's mean and on its dispersion; `features` (rows, len(features.NAMES))."""
        outputs: list[Floats] = self._session.run(None, {"features": features.astype(np.float32)})
        return np.column_stack([one.reshape(-1) for one in outputs]).astype(np.float64)

    def corrects(self, rows: Rows) -> Corrections:
        """What it says of one evening's questions."""
        return corrections(self.answers(rows.features), len(rows.skus))


def _session(name: str, data: bytes) -> Any:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
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
    """The base's habits, and what the model earned on the shop's last weeks."""
    habits, studies = learn_studies(shop, 2 * JUDGED_WEEKS)
    weeks = min(JUDGED_WEEKS, _weeks_lived(shop) - 4)
    table = tables(studies, habits, JUDGED_WEEKS)
    past = [past_rows(table, ago) for ago in range(1, weeks + 1)]
    earned = earn([(rows, model.corrects(rows)) for rows in past if rows.skus])
    return replace(habits, blend=earned, model=model.sha256)


def _weeks_lived(shop: ShopHistory) -> int:
    first = min((one.days[0] for one in shop.skus.values() if one.days), default=shop.today)
    return (shop.today - first) // WEEK


def mixed_with(model: DemandModel, shop: ShopHistory, habits: Habits, skus: Collection[str]) -> tuple[Floats, Floats]:
    """(skus, 7) daily means after `habits.until` and (skus, horizons) phi of the mix that the model has earned."""
    rows, says = _asked(model, shop, habits, {sku: study(shop.skus[sku], habits) for sku in skus})
    return blended(rows, says, habits.blend)


def _asked(
    model: DemandModel, shop: ShopHistory, habits: Habits, studies: Mapping[str, Study]
) -> tuple[Rows, Corrections]:
    rows = present_rows(tables(studies, habits, 0), habits, shop.opening)
    return rows, model.corrects(rows)


def forecast_with(
    model: DemandModel, shop: ShopHistory, habits: Habits, skus: Collection[str], at: int
) -> dict[str, Forecast]:
    """Forecasts of the mix that the model has earned; the last segment's correction holds for the days after it."""
    studies = {sku: study(shop.skus[sku], habits) for sku in skus}
    rows, says = _asked(model, shop, habits, studies)
    factors = 1.0 + habits.blend.weight * (says.means - 1.0)
    _, phis = blended(rows, says, habits.blend)
    found = {}
    for row, (sku, studied) in enumerate(studies.items()):
        base = daily_means(shop, habits, shop.skus[sku], studied, at)
        days = factors[row, np.minimum(np.arange(DAYS_AHEAD), WEEK - 1)]
        means = (days * base).tolist()
        found[sku] = stored(sku, at, shop.today, means, habits, float(phis[row, STORED]), model=model.sha256)
    return found
