"""What the kills of one shop, or of several, came to; what is printed of it."""

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from scripts.tortures.judge import Said, Verdict

SELLABLE_S = 2.0
CONVERGED_S = 30.0
MIDDLE_LEAST = 90
MANY = 200
"""From so many kills on, so many per cent must hit in the middle of something."""
COLD_ONE_IN = 20
"""And one life in so many must have started cold."""
YARDSTICK_S = 0.13
"""What `import textual.app` takes on the machine that seconds are stated for."""


@dataclass
class Tally:
    """Counts of kills and of what was found; `wrong` are differences between till and cloud, in words."""

    kills: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    cold: int = 0
    said: list[Said] = field(default_factory=list)
    sellable: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    healed: list[float] = field(default_factory=list)
    yardsticks: list[float] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    proofs: int = 0
    events: int = 0
    sales: int = 0
    orders: int = 0
    feed: int = 0
    reprints: int = 0
    no_paper: int = 0

    @property
    def middle(self) -> float:
        """Per cent of the kills that hit in the middle of something."""
        return 100 * (1 - self.hits["between"] / max(sum(self.kills.values()), 1))

    @property
    def judged_s(self) -> tuple[float, float]:
        """Median and slowest start, on the machine that seconds are stated for."""
        scale = YARDSTICK_S / statistics.median(self.yardsticks)
        return statistics.median(self.sellable) * scale, max(self.sellable) * scale

    @property
    def ok(self) -> bool:
        """Nothing lost, doubled or different, healed and sellable in time, and the kills hit what they aimed at."""
        slow = self.judged_s[1] > SELLABLE_S or max(self.healed, default=0.0) > CONVERGED_S
        kills = sum(self.kills.values())
        missed = kills >= MANY and (self.middle < MIDDLE_LEAST or self.cold * COLD_ONE_IN < kills)
        return all(one.ok for one in self.verdicts) and not (self.wrong or slow or missed)

    def lines(self) -> list[str]:
        """The report as it is printed."""
        lost, doubled, gaps = (
            [word for one in self.verdicts for word in getattr(one, name)] for name in ("lost", "doubled", "gaps")
        )
        return [
            f"{sum(self.kills.values())} kills ({_counts(self.kills)}), {self.cold} lives started cold",
            f"{self.middle:.0f} % in the middle of something, some of several things ({_counts(self.hits)})",
            f"{len(self.said)} sales said to be paid, {self.sales} kept by tills and clouds, {self.orders} decisions",
            f"lost {len(lost)}, doubled {len(doubled)}, receipt numbers missing {len(gaps)}, "
            f"different in the cloud {len(self.wrong)}",
            f"{self.events} events: chains valid, views and projections equal their rebuild ({self.proofs} times); "
            f"{self.feed} feed entries equal",
            f"paper: {self.reprints} receipts printed again after a kill, {self.no_paper} paid sales without paper",
            *self._seconds(),
            *lost[:10], *doubled[:10], *gaps[:10], *self.wrong[:10],
        ]  # fmt: skip

    def _seconds(self) -> list[str]:
        judged = "judged median {:.2f} s, slowest {:.2f} s".format(*self.judged_s)
        raw = f"{statistics.median(self.sellable):.2f} s, {max(self.sellable):.2f} s"
        yardstick = f"{statistics.median(self.yardsticks):.3f} s"
        said = [f"sellable again: {judged} (bound {SELLABLE_S} s; raw {raw}; `import textual.app` {yardstick})"]
        if self.healed:
            answers = f"cloud takes lines again {statistics.median(self.answers):.2f} s, " if self.answers else ""
            said.append(f"{answers}till and cloud equal after {max(self.healed):.2f} s at most, nothing sold meanwhile")
        return said


def together(tallies: Iterable[Tally]) -> Tally:
    """Several shops' as one."""
    whole = Tally()
    for one in tallies:
        for name, value in vars(one).items():
            setattr(whole, name, getattr(whole, name) + value)
    return whole


def _counts(of: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(of.items()))
