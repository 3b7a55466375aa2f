"""Which evenings choose and which judge: what is set is set on development evenings, the last 84 days judge once."""

import hashlib
from pathlib import Path

import numpy as np

from edge_agent.demand.backtest import judged_evenings
from edge_agent.demand.series import ShopHistory

ROOT = Path(__file__).resolve().parent.parent
OWN = (ROOT / "scripts/demo_shop/receipts.csv.gz", ROOT / "scripts/demo_shop/bakery.csv.gz")
"""The histories inside the project."""
SEED = 20260101
JUDGED_DAYS = 84
"""The last days of every history: nothing is trained or chosen on them."""
DEVELOPMENT_EVENINGS = 18


def judging_evenings(shop: ShopHistory, count: int = 9) -> list[int]:
    """The evenings that judge; all their sums lie within the last JUDGED_DAYS."""
    return judged_evenings(shop.today - 1, count)


def development_evenings(shop: ShopHistory, count: int = DEVELOPMENT_EVENINGS) -> list[int]:
    """Earlier evenings, whose sums end before the judged days begin and after 100 days of the shop's life."""
    first = min(one.days[0] for one in shop.skus.values() if one.days)
    return [one for one in judged_evenings(shop.today - 1 - JUDGED_DAYS, count) if one - first >= 100]


def before_judged(shop: ShopHistory) -> ShopHistory:
    """What may teach a model that is judged on the last days."""
    return shop.as_of(shop.today - JUDGED_DAYS)


def sample(shop: ShopHistory, count: int, seed: int = SEED) -> tuple[str, ...]:
    """A fixed-seed sample of the shop's SKUs, or all of them where there are no more."""
    skus = sorted(sku for sku, one in shop.skus.items() if one.days)
    picked = np.random.default_rng(seed).choice(len(skus), size=min(count, len(skus)), replace=False)
    return tuple(skus[i] for i in sorted(picked.tolist()))


def data_hash(path: Path) -> str:
    """SHA-256 of a data file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
