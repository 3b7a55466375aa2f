"""What is at stake in an order: what a piece earns, what one short and one left over lose, the level that follows."""

from typing import TYPE_CHECKING

from edge_agent.rules.day import DAY_MS
from edge_agent.rules.money import divided
from edge_agent.rules.packs import Stakes

if TYPE_CHECKING:  # whose rule this is (`reorder`) asks here
    from edge_agent.rules.reorder import Policy, Terms

YEAR_MS = 365 * DAY_MS
LEAST_MARGIN = 1_000
"""A piece that earns nothing is kept in stock as if it earned one minor unit: then the owner's floor decides."""


def at_stake(terms: "Terms", policy: "Policy", *, span: int, spoilt: bool) -> tuple[Stakes, int]:
    """What a piece short and a piece over cost, and the service level that follows; `span` is the interval in ms."""
    cost = divided(terms.pack_cost * 1_000_000, terms.pack)
    under = max(LEAST_MARGIN, margin(terms))
    if spoilt:
        over = divided(cost * (10_000 - policy.salvage), 10_000)
    else:
        over = divided(cost * (policy.carry * span + policy.obsolete * YEAR_MS), 10_000 * YEAR_MS)
    earned = divided(10_000 * under, under + over)
    alpha = min(policy.ceiling, max(policy.floor, earned))
    if policy.floor > earned:
        over = max(1, divided(under * (10_000 - alpha), alpha))
    return Stakes(under, over), alpha


def margin(terms: "Terms") -> int:
    """What a piece earns: price without VAT less cost, in thousandths of a minor unit."""
    price = divided(terms.price * 1_000 * 10_000, 10_000 + terms.rate)
    return price - divided(terms.pack_cost * 1_000_000, terms.pack)
