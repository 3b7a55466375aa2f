"""The measured figures, one file a room; each gives `Figure`s against a reference of the same run."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure: `value` in `unit`; `ratio` against `reference` is what is judged, or `value` where there is none."""

    name: str
    value: float
    unit: str
    reference: str
    ratio: float | None
    bound: float
    aim: float
    spread: str = ""
    higher_is_better: bool = False

    @property
    def ok(self) -> bool:
        """Within the bound."""
        judged = self.value if self.ratio is None else self.ratio
        return judged >= self.bound if self.higher_is_better else judged <= self.bound

    def as_json(self) -> dict[str, object]:
        """The stable shape that programs read."""
        names = ("name", "value", "unit", "reference", "ratio", "bound", "aim", "spread")
        return {**{name: getattr(self, name) for name in names}, "ok": self.ok}


def pairs(ours: Callable[[], float], theirs: Callable[[], float], rounds: int = 5) -> list[tuple[float, float]]:
    """Interleaved pairs of (ours, theirs), so that a machine that drifts hits both."""
    return [(ours(), theirs()) for _ in range(rounds)]


def ratio_of(measured: Sequence[tuple[float, float]]) -> tuple[float, str]:
    """Median of the pairs' ratios, and their spread in words."""
    ratios = sorted(one / other for one, other in measured)
    return statistics.median(ratios), f"{ratios[0]:.2f}..{ratios[-1]:.2f}"


def median(values: Sequence[float]) -> float:
    """The median of some figures."""
    return statistics.median(values)
