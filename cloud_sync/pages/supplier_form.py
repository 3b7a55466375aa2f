"""A supplier as the owner's form says it: terms, calendar, and what may be ordered without him."""

from datetime import date

from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports import supplier_row
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.money import quantity, written
from edge_agent.rules.terms import supplier_of
from edge_agent.wire.events.catalogue import SupplierSet

MONEY = ("min_order", "fee", "budget", "most_order", "most_day", "most_week", "call_fee")
DAYS = ("order_days", "working_days", "delivery_days")
MOST_CLOSED = 400
MOST_TERMS = 365
USUAL = {
    "order_days": "mon tue wed thu fri",
    "working_days": "mon tue wed thu fri",
    "cutoff": "15:00",
    "lead_days": "1",
    "arrives": "08:00",
    "ordered_from": "cloud",
}


def supplier_from(cells: Cells, known: SupplierSet | None, *, decimals: int, zone: str, now: int) -> SupplierSet:
    """The supplier that the form's fields make of `known` (None: a new one). BadRow names the field."""
    terms = supplier_of(supplier_row(cells, decimals), known, zone, now)
    till = cells.text("till")
    if terms.ordered_from == "shop" and not till:
        raise cells.bad("till", "is empty; which till writes the order slips?")
    said = {name: cell.amount(cells, name, decimals) if cells.text(name) else 0 for name in MONEY}
    more = {
        "till": till if terms.ordered_from == "shop" else "",
        "closed": _closed(cells),
        "auto": cells.text("auto") == "yes",
        "second": cell.identifier(cells, "second", needed=False),
        "terms_days": cell.whole(cells, "terms_days", MOST_TERMS) if cells.text("terms_days") else 0,
        "dearer": cell.basis_points(cells, "dearer") if cells.text("dearer") else 0,
    }
    if more["second"] == terms.supplier:
        raise cells.bad("second", "is the supplier itself")
    return terms.model_copy(update={**said, **more})


def fields_of(supplier: SupplierSet, decimals: int) -> dict[str, str]:
    """The same supplier as the form's fields."""
    money = {name: written(int(getattr(supplier, name)), decimals) for name in MONEY if getattr(supplier, name)}
    days = {name: " ".join(cell.WEEKDAYS[day] for day in getattr(supplier, name)) for name in DAYS}
    return {
        **money,
        **days,
        "supplier": supplier.supplier,
        "name": supplier.name,
        "email": supplier.email,
        "ordered_from": supplier.ordered_from,
        "till": supplier.till,
        "cutoff": _clock(supplier.cutoff),
        "lead_days": str(supplier.lead_days),
        "arrives": _clock(supplier.arrives),
        "closed": " ".join(date.fromordinal(day).isoformat() for day in supplier.closed),
        "auto": "yes" if supplier.auto else "",
        "second": supplier.second,
        "terms_days": str(supplier.terms_days or ""),
        "dearer": quantity(supplier.dearer * 10) if supplier.dearer else "",
    }


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _closed(cells: Cells) -> tuple[int, ...]:
    days = set()
    for word in cells.text("closed").replace(",", " ").split():
        try:
            days.add(date.fromisoformat(word).toordinal())
        except ValueError:
            raise cells.bad("closed", f"{word[:40]!r} is not a date like 2026-12-25") from None
    if len(days) > MOST_CLOSED:
        raise cells.bad("closed", f"has {len(days)} days; {MOST_CLOSED} fit")
    return tuple(sorted(days))
