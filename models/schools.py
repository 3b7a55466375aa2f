"""Models that never saw a shop: trained on the others' sales before their judged days, kept in the cache."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from cloud_sync.fleet import Settings, lessons, train
from edge_agent.demand.model import DemandModel
from edge_agent.demand.priors import Priors
from models.priors import learn_priors
from models.shops import shop_of
from models.splits import before_judged, data_hash

ROOT = Path(__file__).resolve().parent.parent


def left_out(others: Sequence[Path], cache: Path, settings: Settings | None = None) -> DemandModel:
    """A model trained on these histories alone."""
    settings = settings or Settings()
    path = cache / f"left-out-{_key(others, settings)}.onnx"
    if not path.exists():
        trained = train([lessons(before_judged(shop_of(one)), settings) for one in others], settings)
        cache.mkdir(parents=True, exist_ok=True)
        path.write_bytes(trained.onnx)
    return DemandModel(path)


def priors_left_out(others: Sequence[Path]) -> Priors:
    """What these histories alone foretell of a shop that none of them is."""
    return learn_priors([before_judged(shop_of(one)) for one in others])


def _key(others: Sequence[Path], settings: Settings) -> str:
    """Names the data, the settings and the code that it comes from."""
    code = [ROOT / "cloud_sync/fleet.py", *sorted((ROOT / "edge_agent/demand").glob("*.py"))]
    told = [*map(data_hash, others), str(asdict(settings)), *map(data_hash, code)]
    return hashlib.sha256(" ".join(told).encode()).hexdigest()[:16]
