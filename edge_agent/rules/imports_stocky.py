"""Stocky's files (purchase orders, stock on hand, stocktakes, lists of suppliers), by the spellings of their columns.

No published page prints these columns, and those who read such files spell them differently: each spelling is known.
They have no selling prices: of items they say cost and supplier, of orders we take no more than that.
"""

import re
from collections.abc import Iterator, Sequence

from edge_agent.rules.imports_table import Foreign, made

SPELT: dict[str, tuple[str, ...]] = {
    "po": ("po number", "po #", "p.o. number", "purchase order", "purchase order number"),
    "status": ("status", "po status"),
    "supplier": ("supplier name", "supplier", "vendor name", "vendor"),
    "sku": ("sku", "variant sku", "stock code"),
    "name": ("product name", "product", "product title", "item description"),
    "ordered": ("quantity ordered", "qty ordered", "ordered qty", "ordered", "quantity", "qty"),
    "received": ("quantity received", "qty received", "received qty", "received"),
    "cost": ("cost price", "unit cost", "cost", "cost (base)"),
    "date": ("order date", "ordered at", "date ordered", "created at"),
    "currency": ("currency", "currency code"),
    "lead_days": ("lead time (days)", "lead time days", "lead time"),
    "min_order": ("minimum order value", "min order value", "minimum order"),
    "email": ("email", "contact email", "supplier email"),
    "counted": ("counted", "counted quantity", "quantity counted"),
    "on_hand": ("on hand", "stock on hand", "quantity on hand"),
    "stocktake": ("stocktake number", "stocktake", "stock take"),
}
TERMS = ("lead_days", "min_order", "email", "currency")
"""What such a file may say of a supplier beside its name."""
ENDED = ("received", "closed", "complete", "completed", "cancelled", "canceled", "archived", "delivered")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NEEDED = {"items": ("sku", "cost"), "stock": ("sku", "qty"), "suppliers": ("supplier",), "sales": ("sales",)}


def columns(header: Sequence[str]) -> dict[str, str]:
    """Which column of a header (in small letters) says what."""
    known = set(header)
    found = {word: next((one for one in spelt if one in known), "") for word, spelt in SPELT.items()}
    counted = "" if found["po"] else found["counted"] or found["on_hand"]
    return {word: column for word, column in {**found, "qty": counted}.items() if column}


def recognises(header: Sequence[str]) -> bool:
    """True for the header of an order file, of a count, or of a list of suppliers with their terms."""
    has = set(columns(header))
    if {"po", "sku", "ordered"} <= has or {"stocktake", "sku", "qty"} <= has:
        return True
    if {"sku", "on_hand"} <= has:
        return bool({"supplier", "cost", "name"} & has)
    listed = bool({"supplier name", "vendor name"} & set(header)) and "order_days" not in header
    return listed and bool(set(TERMS) & has)


def missing(header: Sequence[str], kind: str) -> str:
    """The first thing that a file of this kind says and this one does not."""
    has = columns(header)
    return next((SPELT.get(word, (word,))[0] for word in _NEEDED[kind] if word not in has), "")


def read(rows: Iterator[Foreign], _vat: str) -> Iterator[Foreign]:
    """The rows by our columns."""
    theirs: dict[str, str] = {}
    for row in rows:
        theirs = theirs or columns(list(row.values))
        yield _made(row, theirs)


def newest(rows: Iterator[Foreign]) -> Iterator[Foreign]:
    """Of each SKU that stands in several orders the row of the newest one alone; of equal days the last."""
    kept = list(rows)
    last: dict[str, tuple[str, int]] = {}
    for place, said in enumerate(read(iter(kept), "")):
        if said.text("po") and (sku := said.text("sku")):
            last[sku] = max(last.get(sku, ("", -1)), (said.text("date"), place))
    for place, (row, said) in enumerate(zip(kept, read(iter(kept), ""), strict=True)):
        if not said.text("po") or last.get(said.text("sku"), ("", place))[1] == place:
            yield row


def still_open(rows: Iterator[Foreign]) -> dict[str, int]:
    """Of each order that has not ended, by its number, how many of its lines are still to come."""
    lines: dict[str, int] = {}
    for row in read(rows, ""):
        if (number := row.text("po")) and row.text("status").lower() not in ENDED and not _all_there(row):
            lines[number] = lines.get(number, 0) + 1
    return lines


def _all_there(row: Foreign) -> bool:
    words = row.text("ordered"), row.text("received")
    ordered, received = (int(word) if word.isascii() and word.isdigit() else -1 for word in words)
    return 0 <= ordered <= received


def _made(row: Foreign, theirs: dict[str, str]) -> Foreign:
    day = _DAY.match(row.text(theirs.get("date", "")))
    lead = row.text(theirs.get("lead_days", ""))
    # They count the days of the week, we the supplier's working days: five of seven.
    days = {"lead_days": str(-(-int(lead) * 5 // 7))} if lead.isascii() and lead.isdigit() and len(lead) < 5 else {}
    return made(row, theirs, date=day[0] if day else "", cost=row.text(theirs.get("cost", "")) or "0", **days)
