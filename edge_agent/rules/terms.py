"""A supplier's terms stated anew: what was not spoken of stays, and a changed calendar waits its turn."""

from edge_agent.rules.calendar import SupplierCalendar, calendar_of, changed
from edge_agent.rules.day import local
from edge_agent.rules.imports import SupplierRow
from edge_agent.wire.events.catalogue import SupplierSet


def supplier_of(row: SupplierRow, known: SupplierSet | None, zone: str, now: int) -> SupplierSet:
    """The supplier that a row makes of `known` (None: a new one). A changed calendar starts after the cycle that is
    open at `now` (UTC ms), so that no order changes its cut-off."""
    calendar = _calendar(row, known, zone, now)
    said = {
        "supplier": row.supplier,
        "name": row.name,
        "email": row.email,
        "ordered_from": row.ordered_from,
        "calendar": calendar.version,
        "valid_from": calendar.valid_from,
        "order_days": row.order_days,
        "cutoff": row.cutoff,
        "lead_days": row.lead_days,
        "working_days": row.working_days,
        "delivery_days": row.delivery_days,
        "arrives": row.arrives,
        "min_order": row.min_order_minor,
    }
    return known.model_copy(update=said) if known else SupplierSet.model_validate(said)


def _calendar(row: SupplierRow, known: SupplierSet | None, zone: str, now: int) -> SupplierCalendar:
    held = calendar_of(known) if known else None
    wanted = SupplierCalendar(
        version=held.version if held else 1,
        valid_from=held.valid_from if held else local(now, zone).date().toordinal(),
        order_days=row.order_days,
        cutoff_minute=row.cutoff,
        lead_days=row.lead_days,
        working_days=row.working_days,
        delivery_days=row.delivery_days,
        arrives_minute=row.arrives,
        closed=held.closed if held else frozenset(),
    )
    return wanted if held is None or held == wanted else changed(held, wanted, zone, now)
