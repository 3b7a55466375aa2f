"""Three sizes to choose from for a drop, each with its chance to sell out, what is left and what it earns."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.rules.drop import Demand, Stakes, split

NAMES = ("careful", "best", "bold")
WEIGHTS = (2.0, 1.0, 0.5)
"""What a piece that is left counts for: twice as much as it costs, as it is, half as much."""


@dataclass(frozen=True)
class Candidate:
    """A size: pieces in all and of each variant, the chance that more is wanted, pieces left and profit as expected
    (in the stakes' unit of money), and what the pieces cost."""

    name: str
    pieces: int
    parts: tuple[int, ...]
    sells_out: float
    left_over: float
    profit: float
    cost: float


def mixed(stakes: Sequence[Stakes], shares: Sequence[float]) -> Stakes:
    """A piece of the drop as its variants mix by their shares."""
    weight = sum(shares)

    def of(name: str) -> float:
        return float(sum(getattr(one, name) * share for one, share in zip(stakes, shares, strict=True)) / weight)

    return Stakes(of("price"), of("cost"), of("salvage"), of("handling"), of("returned"), of("resellable"))


def candidates(demand: Demand, stakes: Stakes, shares: Sequence[float], pack: int = 1) -> tuple[Candidate, ...]:
    """Careful, best and bold, in whole packs."""
    over = stakes.cost - stakes.salvage
    under = stakes.value - stakes.cost
    levels = [under / (under + weight * over) if under > 0 else 0.0 for weight in WEIGHTS]
    return tuple(
        sized(name, demand, stakes, shares, _in_packs(demand, stakes, demand.size(level), pack))
        for name, level in zip(NAMES, levels, strict=True)
    )


def sized(name: str, demand: Demand, stakes: Stakes, shares: Sequence[float], pieces: int) -> Candidate:
    """What so many pieces risk."""
    left = demand.left_over(pieces)
    return Candidate(
        name,
        pieces,
        tuple(split(pieces, shares)),
        demand.sells_out(pieces),
        left,
        earned(stakes, pieces, left),
        pieces * stakes.cost,
    )


def earned(stakes: Stakes, pieces: int, left: float) -> float:
    """Profit of so many pieces of which `left` stay."""
    return (pieces - left) * stakes.value + left * stakes.salvage - pieces * stakes.cost


def _in_packs(demand: Demand, stakes: Stakes, pieces: int, pack: int) -> int:
    """Whole packs around a size: those that earn more; of equals the fewer."""
    fewer = pieces // pack * pack
    if fewer == pieces:
        return pieces
    less, more = (earned(stakes, size, demand.left_over(size)) for size in (fewer, fewer + pack))
    return fewer if less >= more else fewer + pack
