"""The shop's card as the owner's form says it: what stands on receipts, when it is open, how full shelves shall be."""

from datetime import date
from itertools import pairwise

from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.money import quantity, written
from edge_agent.rules.opening import other_day
from edge_agent.rules.text import clean_name
from edge_agent.wire.events.catalogue import MOST_OTHER_DAYS, ShopSet

MOST_LINES = 8
MOST_FLOOR = 9_900
NIGHT = "24:00"


def shop_from(cells: Cells, known: ShopSet) -> ShopSet:
    """The card that the form's fields make of `known`; currency, zone and tax stay as they were founded."""
    name = clean_name(cells.text("name"))
    if not name:
        raise cells.bad("name", "is empty")
    floor = cell.basis_points(cells, "reorder_floor")
    if floor > MOST_FLOOR:
        raise cells.bad("reorder_floor", f"is more than {MOST_FLOOR // 100}")
    language = cells.text("language")
    if language not in ("en", "de"):
        raise cells.bad("language", "is neither en nor de")
    said = {
        "name": name,
        "address": _lines(cells, "address"),
        "vat_number": clean_name(cells.text("vat_number")),
        "hours": tuple(_hours(cells, day) for day in cell.WEEKDAYS),
        "other_hours": _other_hours(cells),
        "receipt_words": _lines(cells, "receipt_words"),
        "reorder_floor": floor,
        "language": language,
        "week_budget": cell.amount(cells, "week_budget", known.decimals) if cells.text("week_budget") else 0,
    }
    return known.model_copy(update=said)


def fields_of(card: ShopSet) -> dict[str, str]:
    """The card as the form's fields."""
    hours = {}
    for day, open_ in zip(cell.WEEKDAYS, card.hours, strict=True):
        hours[f"{day}_opens"] = _clock(open_[0]) if open_ else ""
        hours[f"{day}_closes"] = _clock(open_[1]) if open_ else ""
    return hours | {
        "name": card.name,
        "address": "\n".join(card.address),
        "vat_number": card.vat_number,
        "receipt_words": "\n".join(card.receipt_words),
        "other_hours": "\n".join(_other_day(*one) for one in card.other_hours),
        "reorder_floor": quantity(card.reorder_floor * 10),
        "language": card.language,
        "week_budget": written(card.week_budget, card.decimals) if card.week_budget else "",
    }


def _lines(cells: Cells, column: str) -> tuple[str, ...]:
    found = tuple(filter(None, (clean_name(line) for line in cells.text(column).splitlines())))
    if len(found) > MOST_LINES:
        raise cells.bad(column, f"has {len(found)} lines; {MOST_LINES} fit")
    return found


def _hours(cells: Cells, day: str) -> tuple[int, int] | None:
    opens, closes = f"{day}_opens", f"{day}_closes"
    if not cells.text(opens) and not cells.text(closes):
        return None
    first = cell.minute(cells, opens)
    last = 1440 if cells.text(closes) in (NIGHT, "00:00") else cell.minute(cells, closes)
    if last <= first:
        raise cells.bad(closes, f"is not after {cells.text(opens)}")
    return first, last


def _other_hours(cells: Cells) -> tuple[tuple[int, int, int], ...]:
    """A line a day, in order of days; BadRow for a line that is none, or a day said twice."""
    lines = [line for line in cells.text("other_hours").splitlines() if line.strip()]
    try:
        found = sorted(other_day(line) for line in lines)
    except BadInput as error:
        raise cells.bad("other_hours", error.message) from None
    twice = next((one[0] for one, after in pairwise(found) if one[0] == after[0]), None)
    if twice is not None:
        raise cells.bad("other_hours", f"{date.fromordinal(twice)} stands there twice")
    if len(found) > MOST_OTHER_DAYS:
        raise cells.bad("other_hours", f"has {len(found)} days; {MOST_OTHER_DAYS} fit: take those out that have been")
    return tuple(found)


def _other_day(day: int, opens: int, closes: int) -> str:
    hours = f"{_clock(opens)}-{closes // 60:02d}:{closes % 60:02d}" if closes else "closed"
    return f"{date.fromordinal(day)} {hours}"


def _clock(minute: int) -> str:
    return "00:00" if minute == 1440 else f"{minute // 60:02d}:{minute % 60:02d}"
