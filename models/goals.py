"""The table of goals: what must hold, what is aimed at, and what the judged evenings showed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import geometric_mean

from edge_agent.demand.backtest import Verdict
from edge_agent.demand.metrics import LEVELS
from models.cold import NEW_ITEMS, Cold

HIGH = ((0.9, 0.05, 0.03), (0.95, 0.04, 0.02), (0.99, 0.03, 0.01))
"""Level, how far coverage may stray from it, how far is aimed at."""
SMALL_HIGH = ((0.9, 0.06), (0.95, 0.04), (0.99, 0.03))
"""Sixty SKUs on four evenings: a forecast more or less moves a share by .0014, and slow sellers, being whole numbers,
cover more than they promise."""


@dataclass(frozen=True)
class Judged:
    """One history's verdicts: `ours` by name (base, shipped, unseen), `peers` by name and dress."""

    history: str
    data_sha256: str
    model_sha256: str
    evenings: int
    skus: int
    ours: Mapping[str, Verdict]
    peers: Mapping[str, Mapping[str, Verdict]]
    cold: Sequence[Cold] = ()

    def unseen(self) -> Verdict:
        """What is judged: the mix with a model that never saw the shop, else with the shipped one."""
        return self.ours.get("unseen") or self.ours["shipped"]

    def loss_of(self, peer: str) -> float:
        """A peer's loss in its best dress."""
        return min(one.loss for one in self.peers[peer].values())

    def best(self) -> str:
        """The peer with the least loss, chosen in hindsight."""
        return min(self.peers, key=self.loss_of)

    def text(self) -> str:
        """What is printed of the history."""
        best = self.loss_of(self.best())
        lines = [f"{self.history}: {self.skus} SKUs, {self.evenings} evenings; best peer {self.best()} {best:.4f}"]
        for name, one in self.ours.items():
            covered = " / ".join(f"{share:.3f}" for share in one.coverage[LEVELS.index(0.9) :])
            lines.append(f"  {name:24} {one.loss:.4f}  {one.loss / best:.3f}  coverage {covered}")
        for name in sorted(self.peers, key=self.loss_of):
            dresses = ", ".join(f"{dress} {one.loss:.4f}" for dress, one in self.peers[name].items())
            lines.append(f"  {name:24} {self.loss_of(name):.4f}  {self.loss_of(name) / best:.3f}  ({dresses})")
        return "\n".join([*lines, *(one.text() for one in self.cold)])


@dataclass(frozen=True)
class Goal:
    """One row: lower is better in all of them."""

    name: str
    must: float
    aim: float
    ours: float

    @property
    def ok(self) -> bool:
        """Whether the must holds."""
        return self.ours <= self.must

    def line(self) -> str:
        """One printed row."""
        word = "aim " if self.ours <= self.aim else "ok  " if self.ok else "MISS"
        return f"{word} {self.name:66} {self.ours:6.3f}  must <= {self.must:g}, aim <= {self.aim:g}"


def goals(found: Sequence[Judged]) -> list[Goal]:
    """All rows that these histories can answer."""
    best = [one.unseen().loss / one.loss_of(one.best()) for one in found]
    told = "left-out model" if all("unseen" in one.ours for one in found) else "shipped model"
    rows = [
        Goal(f"wQL of the {told} / each shop's best peer, geometric mean", 1.03, 0.98, geometric_mean(best)),
        Goal("  the same, worst shop", 1.10, 1.03, max(best)),
        Goal("against AutoETS (its best quantiles), geometric mean", 1.0, 0.96, _against(found, "AutoETS")),
        Goal("against 28-day mean + NB, geometric mean", 0.9, 0.83, _against(found, "28-day mean + NB")),
        Goal("never worse than the base, worst shop", 1.02, 1.0, max(_to_base(one) for one in found)),
    ]
    seen = [one.unseen().loss / one.ours["shipped"].loss for one in found]
    rows.append(Goal("left-out model + device / model trained with the shop, worst shop", 1.05, 1.0, max(seen)))
    rows += _cold(found)
    return rows + [
        Goal(f"coverage of {level}, worst shop's distance", must, aim, _strays(found, level))
        for level, must, aim in HIGH
    ]


def _cold(found: Sequence[Judged]) -> list[Goal]:
    """Of histories with enough of it; a shop's first days have no goal of their own and stand beside."""
    new = [one.ratio for shop in found for one in shop.cold if one.what == NEW_ITEMS]
    return (
        [Goal("new items after 7 days / their own mean, geometric mean", 0.9, 0.75, geometric_mean(new))] if new else []
    )


def _against(found: Sequence[Judged], peer: str) -> float:
    return geometric_mean([one.unseen().loss / one.loss_of(peer) for one in found])


def _to_base(one: Judged) -> float:
    return one.unseen().loss / one.ours["base"].loss


def _strays(found: Sequence[Judged], level: float) -> float:
    return max(abs(one.unseen().coverage[LEVELS.index(level)] - level) for one in found)


def small_bounds(found: Sequence[Judged]) -> list[Goal]:
    """What must hold on a small sample against the fast peers alone."""
    rows = [
        Goal("shipped model / best fast peer, worst history", 1.05, 0.98, max(_to_best(one) for one in found)),
        Goal("against 28-day mean + NB, geometric mean", 0.95, 0.83, _against(found, "28-day mean + NB")),
        Goal("never worse than the base, worst history", 1.02, 1.0, max(_to_base(one) for one in found)),
    ]
    return rows + [
        Goal(f"coverage of {level}, worst distance", must, must, _strays(found, level)) for level, must in SMALL_HIGH
    ]


def _to_best(one: Judged) -> float:
    return one.unseen().loss / one.loss_of(one.best())
