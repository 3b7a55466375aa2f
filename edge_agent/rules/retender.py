"""A wrong tender put right: what is taken off one way of paying and put onto the other; it sums to nothing."""

from collections.abc import Mapping

from edge_agent.errors import BadInput
from edge_agent.rules.cash import rounded
from edge_agent.wire.events.sales import TenderKind


def moved(kept: Mapping[TenderKind, int], to: TenderKind, step: int) -> list[tuple[TenderKind, int]]:
    """What changes so that a receipt that kept these tenders was paid in cash, or by card. BadInput when it was."""
    was: TenderKind = "card" if to == "cash" else "cash"
    amount = kept.get(was, 0)
    if amount <= 0:
        raise BadInput(f"nothing of it was paid {'by card' if was == 'card' else 'in cash'}: Esc, or * another receipt")
    rounding = kept.get("rounding", 0)
    if to == "card":
        changes: list[tuple[TenderKind, int]] = [
            ("cash", -amount),
            ("card", amount + rounding),
            ("rounding", -rounding),
        ]
    else:
        coins = rounded(amount, step)
        changes = [("card", -amount), ("cash", coins), ("rounding", amount - coins)]
    return [(kind, change) for kind, change in changes if change]
