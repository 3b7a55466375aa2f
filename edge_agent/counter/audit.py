"""Who did what: the acts beside plain sales as the journal tells them, newest first, and the signals per cashier."""

from dataclasses import dataclass
from typing import Any

from edge_agent.journal.reading import Reading
from edge_agent.rules.conduct import KINDS, Conduct, conduct
from edge_agent.wire.envelope import Event

SHOWN = 300
ACTS = (
    "sale_voided",
    "line_voided",
    "refund_made",
    "cash_moved",
    "tender_moved",
    "receipt_reprinted",
    "shift_opened",
    "shift_closed",
    "signed_on",
    "till_locked",
    "act_approved",
    "pin_refused",
    "staff_code_used",
    "training_begun",
    "training_ended",
    "item_set",
)
"""Kinds of the list; a sale stands on it with its prices by hand, an item when a person set it."""
BY_HAND = '"was":'


@dataclass(frozen=True)
class Act:
    """One act of the list: when (UTC ms), who, its kind and what its event says."""

    at: int
    by: str
    kind: str
    body: dict[str, Any]


def acts(memory: Reading, most: int = SHOWN) -> list[Act]:
    """The newest acts."""
    found: list[Act] = []
    for event in memory.newest(*(f'"{kind}"' for kind in ACTS), BY_HAND):
        if _listed(event):
            found.append(Act(event.at, event.by, event.kind, event.body))
        if len(found) == most:
            break
    return found


def _listed(event: Event) -> bool:
    if event.kind == "sale_completed":
        return any("was" in line for line in event.body["lines"])
    return event.kind in ACTS and (event.kind != "item_set" or bool(event.by))


def signals(memory: Reading, since: int) -> list[Conduct]:
    """Everybody's signals since a moment (UTC ms)."""
    kept: list[Event] = []
    for event in memory.newest(*(f'"{kind}"' for kind in KINDS)):
        if event.at < since:
            break
        if event.kind in KINDS:
            kept.append(event)
    return conduct(kept)
