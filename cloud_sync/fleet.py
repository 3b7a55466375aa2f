"""The fleet's demand model: training rows from shops' histories, training, conversion behind a parity gate.

Needs the extra `train`. The rows are what the device would have asked on past evenings, by the device's own code, over
all SKUs that were active then (not those that survived). Targets: factors on the base's mean and on its dispersion.
"""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_agent.demand.features import HORIZON_OF_KIND, KINDS, NAMES, SCHEMA, Floats
from edge_agent.demand.lattice import JUDGED_WEEKS
from edge_agent.demand.lattices import learned
from edge_agent.demand.rows import Rows, past_rows
from edge_agent.demand.series import WEEK, ShopHistory
from edge_agent.errors import BadInput, Broken

SPAN = 24
"""Weeks that one look back covers: the calendar of trading days reaches two windows."""
SHIFTS = (0, 3)
"""Evenings are taken on two weekdays."""
LEARNT_DAYS = 28
"""A shop's first days teach nothing."""
ROWS_PER_SHOP = 40_000
SKUS_PER_SHOP = 1_500
PARITY = 1e-5
EXAMPLES = 12
MAX_BYTES = 1_000_000
_DUST = 1e-3
_FURTHEST = 40.0


@dataclass(frozen=True)
class Settings:
    """How the two forests are grown; deterministic in `seed`."""

    trees: int = 80
    leaves: int = 24
    rate: float = 0.06
    least: int = 1_000
    spread_trees: int = 40
    spread_leaves: int = 12
    seed: int = 20260101


@dataclass(frozen=True)
class Lessons:
    """Training rows of one shop: features (rows, NAMES), the base's sum, what came, and the base's phi (rows)."""

    features: Floats
    base: Floats
    came: Floats
    phi: Floats

    def __len__(self) -> int:
        return len(self.base)


@dataclass(frozen=True)
class Trained:
    """A converted model: the file's bytes, its SHA-256, rows learned from, the worst relative parity error.

    `examples`: a few questions with missing numbers and the forests' own answers (mean factor, phi factor) to them.
    """

    onnx: bytes
    sha256: str
    rows: int
    parity: float
    examples: tuple[tuple[tuple[float, ...], tuple[float, float]], ...]


def lessons(shop: ShopHistory, settings: Settings) -> Lessons:
    """What one shop teaches, from sales before `shop.today`; a fixed-seed sample where there is much."""
    rng = np.random.default_rng(settings.seed)
    sampled = _sampled(shop, rng)
    parts = [part for rows in _evenings(sampled) for part in _parts(rows)]
    if not parts:
        raise BadInput("the history is too short to learn from: it takes eight weeks")
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    chosen = rng.permutation(len(columns[1]))[:ROWS_PER_SHOP]
    return Lessons(*(column[chosen] for column in columns))


def _sampled(shop: ShopHistory, rng: np.random.Generator) -> ShopHistory:
    skus = sorted(sku for sku, one in shop.skus.items() if one.days)
    picked = rng.permutation(len(skus))[:SKUS_PER_SHOP]
    kept = {skus[i]: shop.skus[skus[i]] for i in sorted(picked.tolist())}
    return replace(shop, skus=kept)


def _evenings(shop: ShopHistory) -> Iterator[Rows]:
    """The questions of every past week on two weekdays, newest first."""
    first = min((one.days[0] for one in shop.skus.values()), default=shop.today) + LEARNT_DAYS
    for shift in SHIFTS:
        for today in range(shop.today - shift, first + WEEK, -WEEK * SPAN):
            then = shop.as_of(today)
            _, studies = learned(then, SPAN + JUDGED_WEEKS)
            weeks = min(SPAN, (today - 1 - first) // WEEK)
            yield from (past_rows(studies, ago) for ago in range(1, weeks + 1))


def _parts(rows: Rows) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    """Per kind of question: features, base, came, phi, of the SKUs that the base expects anything of."""
    skus = len(rows.skus)
    for kind, ((first, last), horizon) in enumerate(zip(KINDS, HORIZON_OF_KIND, strict=True)):
        came = rows.came[:, first - 1 : last]
        base = (rows.base[:, first - 1 : last] * ~np.isnan(came)).sum(axis=1)
        told = base > 0.0
        features = rows.features[kind * skus : (kind + 1) * skus]
        yield features[told], base[told], np.nansum(came, axis=1)[told], rows.phi[told, horizon]


def train(shops: Sequence[Lessons], settings: Settings) -> Trained:
    """Grows both forests and converts them."""
    return convert(shops, *grow(shops, settings), settings)


def convert(shops: Sequence[Lessons], means: Any, spreads: Any, settings: Settings) -> Trained:
    """Converts the forests that grew from these lessons into one file and checks it against them row by row.

    Raises `Broken` if any output differs by more than PARITY (relative), NaN rows included, or the file is too large.
    """
    onnx = _converted(means, spreads)
    features = np.concatenate([one.features for one in shops]).astype(np.float32)
    checked = _with_gaps(features[:: max(1, len(features) // 20_000)], settings.seed)
    worst = parity(onnx, means, spreads, checked)
    if not worst <= PARITY:
        raise Broken(f"the converted model differs from the trained one by {worst:.1e}, more than {PARITY:.0e}")
    if len(onnx) > MAX_BYTES:
        raise Broken(f"the converted model has {len(onnx)} bytes, more than {MAX_BYTES}")
    examples = _examples(means, spreads, checked[:: max(1, len(checked) // EXAMPLES)])
    return Trained(onnx, hashlib.sha256(onnx).hexdigest(), sum(map(len, shops)), worst, examples)


def grow(shops: Sequence[Lessons], settings: Settings) -> tuple[Any, Any]:
    """The two trained forests: a Poisson one for the factor on the mean, a gamma one for the factor on phi."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    features = np.concatenate([one.features for one in shops]).astype(np.float32)
    base, came, phi = (np.concatenate([getattr(one, name) for one in shops]) for name in ("base", "came", "phi"))
    common = {"learning_rate": settings.rate, "early_stopping": False, "random_state": settings.seed}
    means = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=settings.trees,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.least,
        **common,
    ).fit(features, came / base, sample_weight=_evenly(shops, base / phi))
    half = base * (1.0 + 0.5 * (means.predict(features) - 1.0))
    strayed = np.clip((came - half) ** 2 / (half * phi), _DUST, _FURTHEST)
    spreads = HistGradientBoostingRegressor(
        loss="gamma",
        max_iter=settings.spread_trees,
        max_leaf_nodes=settings.spread_leaves,
        min_samples_leaf=settings.least,
        **common,
    ).fit(features, strayed, sample_weight=_evenly(shops, half / (half + 1.0)))
    return means, spreads


def _evenly(shops: Sequence[Lessons], weights: Floats) -> Floats:
    """Each shop teaches as much as another, however large it is."""
    ends = np.cumsum([0, *map(len, shops)])
    parts = [weights[a:b] / weights[a:b].mean() for a, b in pairwise(ends)]
    return np.concatenate([part * len(weights) / len(shops) / len(part) for part in parts])


def _converted(means: Any, spreads: Any) -> bytes:
    """One ONNX file: input `features`, outputs `mean_factor` and `phi_factor`.

    The converter leaves out the inverse of the log link (both losses have one), so an Exp node is appended to each.
    """
    from onnx import compose, helper
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    parts = []
    for prefix, forest in (("mean_", means), ("phi_", spreads)):
        with warnings.catch_warnings():  # the converter hands numpy's booleans to protobuf as integers
            warnings.simplefilter("ignore", DeprecationWarning)
            part = to_onnx(forest, initial_types=[("features", FloatTensorType([None, len(NAMES)]))], target_opset=17)
        part = compose.add_prefix(part, prefix)
        log_name = part.graph.output[0].name
        part.graph.node.append(helper.make_node("Exp", [log_name], [prefix + "factor"]))
        part.graph.output[0].name = prefix + "factor"
        parts.append(part)
    merged = compose.merge_models(parts[0], parts[1], io_map=[])
    _share_input(merged)
    helper.set_model_props(merged, {"feature_schema": SCHEMA, "features": ",".join(NAMES)})
    merged.producer_name, merged.doc_string = "dropshelf", "factors on the base's mean and dispersion"
    return bytes(merged.SerializeToString())


def _share_input(model: Any) -> None:
    """Both halves read one input, `features`."""
    names = {one.name for one in model.graph.input}
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            if name in names:
                node.input[i] = "features"
    del model.graph.input[1:]
    model.graph.input[0].name = "features"


def parity(onnx: bytes, means: Any, spreads: Any, features: NDArray[np.float32]) -> float:
    """The largest relative difference between the file's outputs and the forests', over all rows and both outputs."""
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    outputs = session.run(["mean_factor", "phi_factor"], {"features": features})
    wanted = (means.predict(features), spreads.predict(features))
    return float(max(np.max(np.abs(o.ravel() - w) / np.abs(w)) for o, w in zip(outputs, wanted, strict=True)))


def _examples(
    means: Any, spreads: Any, questions: NDArray[np.float32]
) -> tuple[tuple[tuple[float, ...], tuple[float, float]], ...]:
    answers = zip(means.predict(questions).tolist(), spreads.predict(questions).tolist(), strict=True)
    return tuple((tuple(row), answer) for row, answer in zip(questions.tolist(), answers, strict=True))


def _with_gaps(features: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """The rows, the same with a tenth of their numbers missing, and one with nothing at all."""
    rng = np.random.default_rng(seed)
    holed = features.copy()
    holed[rng.random(holed.shape) < 0.1] = np.nan
    nothing = np.full((1, features.shape[1]), np.nan, dtype=np.float32)
    return np.concatenate([features, holed, nothing])
