"""The oracle of the fault matrix: what was said to be paid against what the journal holds. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Said:
    """A sale that the cashier heard is paid: the act's own token, receipt, seq and link of the chain (hex)."""

    token: str
    receipt: int
    seq: int
    link: str


@dataclass(frozen=True)
class Kept:
    """A sale as the journal holds it; `uid` is the event's id."""

    token: str
    uid: str
    receipt: int
    seq: int
    link: str


@dataclass
class Verdict:
    """What is wrong, in words; all empty is what a till owes its shop."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing lost, nothing doubled, no receipt number missing."""
        return not (self.lost or self.doubled or self.gaps)


def judge(said: Iterable[Said], paper: Collection[int], kept: Sequence[Kept]) -> Verdict:
    """Every sale said, on stdout or on paper, is kept exactly once as it was said; receipt numbers are 1, 2, 3 ..."""
    stored = {sale.token: sale for sale in kept}
    verdict = Verdict()
    for one in said:
        sale = stored.get(one.token)
        if sale is None or (sale.receipt, sale.seq, sale.link) != (one.receipt, one.seq, one.link):
            verdict.lost.append(f"sale {one.token}, receipt {one.receipt}, was said to be paid; the journal has {sale}")
    numbers = {sale.receipt for sale in kept}
    verdict.lost += [f"receipt {number} is on paper alone" for number in sorted(set(paper) - numbers)]
    for name in ("token", "uid", "receipt"):
        times = Counter(getattr(sale, name) for sale in kept)
        verdict.doubled += [f"{name} {value} stands {count} times" for value, count in times.items() if count > 1]
    missing = set(range(1, max(numbers, default=0) + 1)) - numbers
    verdict.gaps += [f"receipt {number} is missing" for number in sorted(missing)]
    return verdict
