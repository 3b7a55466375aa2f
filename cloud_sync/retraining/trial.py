"""A candidate against the model in use, as the tills would use either: on weeks and shops that taught neither of them
anything about themselves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.demand.backtest import judged, judged_evenings
from edge_agent.demand.metrics import LEVELS
from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory

WORST = 1.05
"""No shop may lose more than this."""
LESS_COVERED = 0.02
SAME = 1.0005
_HIGH = LEVELS.index(0.9)


@dataclass(frozen=True)
class ShopTrial:
    """One shop's quantile losses, and what the .9, .95 and .99 quantiles covered with either model."""

    name: str
    held_out: bool
    sums: int
    base: float
    in_use: float
    candidate: float
    covered: tuple[float, ...]
    covered_in_use: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return self.candidate / self.in_use


@dataclass(frozen=True)
class Outcome:
    """Geometric means of the loss against the model in use (held out: None where no shop was), and the verdict."""

    ratio: float
    ratio_held_out: float | None
    ratio_base: float
    worst: float
    better: bool
    words: str


def tried(name: str, shop: ShopHistory, models: tuple[DemandModel, DemandModel | None], *, held_out: bool) -> ShopTrial:
    """The candidate and the model in use (None: the base alone) on the shop's held weeks."""
    evenings = judged_evenings(shop.today - 1)
    candidate, in_use = models
    base, new = judged(shop, None, evenings), judged(shop, candidate, evenings)
    old = judged(shop, in_use, evenings) if in_use else base
    covers = new.coverage[_HIGH:], old.coverage[_HIGH:]
    return ShopTrial(name, held_out, new.sums, base.loss, old.loss, new.loss, *covers)


def outcome(trials: Sequence[ShopTrial]) -> Outcome:
    """Better or as good, in the mean of all shops and of those held out, with no shop left behind and no promise of the
    high quantiles broken; else the reason why not."""
    ratio, held = _mean([one.ratio for one in trials]), [one.ratio for one in trials if one.held_out]
    ratio_held, worst = _mean(held) if held else None, max(one.ratio for one in trials)
    short = sum(_shortfall(one) for one in trials) / len(trials)
    faults = [
        f"its loss is {ratio:.4f} of that of the model in use" if ratio > SAME else "",
        f"on shops that taught nothing it is {ratio_held:.4f}" if ratio_held and ratio_held > SAME else "",
        f"one shop would lose {worst:.3f}" if worst > WORST else "",
        f"its high quantiles cover {short:.3f} less" if short > LESS_COVERED else "",
    ]
    words = "; ".join(filter(None, faults)) or "as good as the model in use or better"
    return Outcome(
        ratio, ratio_held, _mean([one.candidate / one.base for one in trials]), worst, not any(faults), words
    )


def _shortfall(one: ShopTrial) -> float:
    """How much less the high quantiles cover than with the model in use, where they cover less than they promise."""
    promised = LEVELS[_HIGH:]
    new = sum(max(0.0, level - share) for level, share in zip(promised, one.covered, strict=True))
    old = sum(max(0.0, level - share) for level, share in zip(promised, one.covered_in_use, strict=True))
    return (new - old) / len(promised)


def _mean(ratios: Sequence[float]) -> float:
    return math.exp(sum(math.log(one) for one in ratios) / len(ratios))
