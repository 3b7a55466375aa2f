"""The closed loop: a shop that orders up to a quantile, sells out for it, and learns from what it sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from edge_agent.demand.lattices import learned
from edge_agent.demand.model import DemandModel, mixed_with
from edge_agent.demand.presence import seen_share
from edge_agent.demand.series import ShopHistory, SkuHistory
from edge_agent.proof.history import History
from edge_agent.rules.negative_binomial import quantile

LEVEL = 0.7
"""The shelf is filled each morning to this quantile of the day's demand, and to one piece at least."""
DAYS = 150
MOST_BIAS = 0.10
LEARNS = {"demand": "seeing all demand", "raw": "raw sales", "whole": "sold-out days made whole"}
"""What the shop learns from: all that was wanted (nobody has that), what was sold, and what we make of it."""


@dataclass(frozen=True)
class Loop:
    """What came of it: the forecasts' sum against what was wanted, over all days and over the last fifty."""

    name: str
    learns: str
    skus: int
    days: int
    bias: float
    late_bias: float
    sold_out: float

    def as_json(self) -> dict[str, object]:
        rounded = {key: round(value, 4) for key, value in asdict(self).items() if isinstance(value, float)}
        return {**asdict(self), **rounded}

    def line(self) -> str:
        return (
            f"{self.name}, {self.skus} SKUs, {self.days} days, {LEARNS[self.learns]}: bias {self.bias:+.1%}, "
            f"last 50 days {self.late_bias:+.1%}; {self.sold_out:.0%} of days sold out"
        )


def loop(
    history: History, model: DemandModel, *, learns: str, skus: int = 0, days: int = DAYS, level: float = LEVEL
) -> Loop:
    """The last `days` of a history, lived by a shop that learns from one of LEARNS."""
    first = history.last - days + 1
    kept = history.busiest(skus, first - 182, first - 1)
    lived = {sku: _Lived.before(history.shop.skus[sku], first) for sku in kept}
    sums: list[tuple[float, float]] = []
    out = 0
    for day in range(first, history.last + 1):
        forecasts = _forecasts(model, history.shop, lived, day)
        wanted = 0
        for sku, (mean, phi) in forecasts.items():
            stock = max(1, quantile(mean, phi, level))
            wanted += history.pieces(sku, day)
            out += lived[sku].live(history, day, stock, learns)
        sums.append((sum(mean for mean, _ in forecasts.values()), float(wanted)))
    return Loop(history.name, learns, len(kept), days, _bias(sums), _bias(sums[-50:]), out / max(1, days * len(kept)))


def _bias(sums: Sequence[tuple[float, float]]) -> float:
    return sum(mean for mean, _ in sums) / sum(wanted for _, wanted in sums) - 1.0


@dataclass
class _Lived:
    """One SKU as the shop saw it."""

    sku: str
    days: list[int]
    qtys: list[int]
    short: dict[int, int]

    @classmethod
    def before(cls, one: SkuHistory, first: int) -> _Lived:
        known = one.until(first - 1)
        return cls(one.sku, list(known.days), list(known.qtys), {})

    def live(self, history: History, day: int, stock: int, learns: str) -> bool:
        """Sell what is there as it is wanted; whether it ran out before the last was served."""
        sold, gone_at = 0, None
        for minute, pieces in history.wanted(self.sku, day):
            taken = min(pieces, stock - sold)
            sold += taken
            if sold == stock and gone_at is None:
                gone_at = minute
        wanted = history.pieces(self.sku, day)
        known = wanted if learns == "demand" else sold
        if known:
            self.days.append(day)
            self.qtys.append(1000 * known)
        if gone_at is not None and learns == "whole":
            self.short[day] = seen_share(history.shop.hour_profile, day, gone_at)
        return sold < wanted

    def history(self) -> SkuHistory:
        return SkuHistory(self.sku, tuple(self.days), tuple(self.qtys), dict(self.short))


def _forecasts(
    model: DemandModel, shop: ShopHistory, lived: dict[str, _Lived], day: int
) -> dict[str, tuple[float, float]]:
    """The base's mean and phi of the day's demand, by SKU, as known in its morning."""
    skus = {sku: one.history() for sku, one in lived.items()}
    known = replace(shop, skus=skus, today=day)
    means, phis = mixed_with(model, known, learned(known)[0], list(skus))
    return {sku: (float(means[row, 0]), float(phis[row, 0])) for row, sku in enumerate(skus)}
