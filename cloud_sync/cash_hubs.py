"""What hubs will ask for: a month by its accrual, due in the middle of the next, until its invoice is known."""

from collections.abc import Sequence
from datetime import date

from cloud_sync.hubs.book import Shelf
from edge_agent.rules.cash_ledger import Flow
from edge_agent.rules.money import divided
from edge_agent.rules.purchases import Invoice

RUN_DAYS = 28
DUE_DAYS = 13
EARLY_DAYS = 3
"""So long before a month's end its invoice may be written."""


def hub_flows(shelf: Shelf, told: Sequence[Invoice], first: int, today: int, days: int) -> list[Flow]:
    """From ordinal day `first`, for `days` from today; a supplier's invoice whose supplier is the hub takes the place
    of its month."""
    found = []
    for hub, card in shelf.hubs().items():
        for begins, after in _months(first, today + days):
            due = after + DUE_DAYS
            billed = any(one.supplier == hub and after - EARLY_DAYS <= one.day <= due for one in told)
            amount = 0 if billed else _owed(shelf, hub, begins, after, today)
            if amount and first <= due < today + days:
                words = f"{card.name}, {date.fromordinal(begins):%B}"
                found.append(Flow(f"hub {hub} {begins}", due, -amount, "bill", words))
    return found


def _owed(shelf: Shelf, hub: str, begins: int, after: int, today: int) -> int:
    """What was counted of the month, and for days to come as lately."""
    counted = sum(shelf.accrual(hub, begins, min(after - 1, today)).values()) if begins <= today else 0
    coming = after - 1 - max(begins - 1, today)
    if coming <= 0:
        return counted
    lately = sum(shelf.accrual(hub, today - RUN_DAYS + 1, today).values())
    return counted + divided(lately * coming, RUN_DAYS)


def _months(first: int, last: int) -> list[tuple[int, int]]:
    """(first day, first day of the next) of calendar months from two before `first` to `last`."""
    start = date.fromordinal(first)
    year, month, found = start.year, start.month - 3, list[tuple[int, int]]()
    while True:
        begins, after = (date(year + (month + step) // 12, (month + step) % 12 + 1, 1).toordinal() for step in (0, 1))
        if begins > last:
            return found
        found.append((begins, after))
        month += 1
