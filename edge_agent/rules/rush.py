"""A second source: a dearer one that comes sooner, priced against what is lost until the ordinary order arrives.

    gain(q) = (price - dear cost) x q - (price - cost) x (more left over because of q) - fee        of the q pieces

What is left over of the rush order takes the place of cheaper goods: it loses the difference, not its cost.
"""

from dataclasses import dataclass

from edge_agent.rules.packs import WHOLE, Odds, Stakes, gain

MOST_PACKS = 40


@dataclass(frozen=True)
class Second:
    """The second source of a SKU: its id, when what is ordered now arrives (UTC ms), what a pack costs there, and what
    the order itself does (minor units, without VAT)."""

    supplier: str
    arrives_at: int
    pack_cost: int
    fee: int


@dataclass(frozen=True)
class Rush:
    """What to order there: packs, and what that is expected to earn more than waiting (minor units)."""

    packs: int
    net: int


def net(odds: Odds, position: int, pieces: int, *, margin: int, dearer: int, fee: int) -> float:
    """Expected gain of ordering `pieces` (milli-units) at the second source, in thousandths of a minor unit.

    `margin` is earned by a piece of it that sells (thousandths), `dearer` lost by one that doesn't; `odds` are of the
    demand that the pieces are for and `position` what there is for it without them.
    """
    return gain(odds, Stakes(margin, dearer), position, pieces) - WHOLE * fee


def best(odds: Odds, position: int, pack: int, *, margin: int, dearer: int, fee: int) -> Rush | None:
    """The packs that earn most; None when none earn anything."""
    if margin <= 0:
        return None

    def earns(packs: int) -> float:
        return net(odds, position, packs * pack, margin=margin, dearer=dearer, fee=fee)

    packs = max(range(1, MOST_PACKS + 1), key=lambda packs: (earns(packs), -packs))
    return Rush(packs, int(earns(packs) // WHOLE)) if earns(packs) >= WHOLE else None
