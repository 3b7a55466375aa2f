"""Values of signals and local events as a shop writes them: a CSV file's rows, or the fields of one form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, cast

from edge_agent.errors import BadRow
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.day import moment, zone_of
from edge_agent.rules.imports_table import DELIMITERS, Cells, Columns, rows
from edge_agent.rules.text import clean_name, from_csv_cell
from edge_agent.wire.events.signals import EVENT_DAYS, LocalEventAdded, SignalRecorded

SIGNALS = Columns(("name", "time", "value", "source"), ("kind", "about"))
EVENTS = Columns(("name", "date", "kind"), ("until", "about", "attendance", "distance_km", "source", "called_off"))
MOST_ROWS = 20_000
MOST_CROWD = 10_000_000
KIND_CHARACTERS = 32
Row = SignalRecorded | LocalEventAdded


def read_file(file: str, content: bytes, zone: str, until: int | None) -> list[Row]:
    """All rows of a file, of signals or of events by its header; `until` (UTC ms) is the last moment that a value can
    be of, None when no clock is to be trusted. BadRow names line and column."""
    head = content.lstrip(b"\xef\xbb\xbf\r\n").split(b"\n", 1)[0].decode(errors="replace").lower()
    for sign in DELIMITERS:
        head = head.replace(sign, " ")
    if "value" in head.split():
        return [signal_of(cells, zone, until) for cells in rows(file, content, SIGNALS, MOST_ROWS)]
    return [event_of(cells) for cells in rows(file, content, EVENTS, MOST_ROWS)]


class FormCells(Cells):
    """The fields of one form: an error names the form and the field, there is no line."""

    def bad(self, column: str, message: str) -> BadRow:
        found = super().bad(column, message)
        found.message = f"{self.file}: {column.replace('_', ' ')} {message}"
        return found


def cells_of(where: str, fields: Mapping[str, str]) -> Cells:
    """The fields of a form or command as one row; `where` names it in errors."""
    return FormCells(where, 1, {name: text.strip() for name, text in fields.items()})


def signal_of(cells: Cells, zone: str, until: int | None) -> SignalRecorded:
    """A row of SIGNALS."""
    at = _time(cells, zone)
    if until is not None and at > until:
        raise cells.bad("time", f"{cells.text('time')[:40]} is still to come")
    return SignalRecorded(
        name=_words(cells, "name", needed=True),
        kind=_measure(cells),
        about=cell.identifier(cells, "about", needed=False),
        at=at,
        value=cell.milli(cells, "value"),
        source=_words(cells, "source", needed=True),
    )


def event_of(cells: Cells) -> LocalEventAdded:
    """A row of EVENTS."""
    first = cell.ordinal(cells, "date")
    last = cell.ordinal(cells, "until") if cells.text("until") else first
    if not first <= last < first + EVENT_DAYS:
        raise cells.bad("until", f"lies before the first day, or {EVENT_DAYS} days or more behind it")
    return LocalEventAdded(
        name=_words(cells, "name", needed=True),
        kind=_kind(cells),
        about=cell.identifier(cells, "about", needed=False),
        first_day=first,
        last_day=last,
        attendance=cell.whole(cells, "attendance", MOST_CROWD) if cells.text("attendance") else 0,
        distance=cell.milli(cells, "distance_km") if cells.text("distance_km") else 0,
        source=_words(cells, "source", needed=False),
        called_off=_yes(cells, "called_off"),
    )


def _words(cells: Cells, column: str, *, needed: bool) -> str:
    words = clean_name(from_csv_cell(cells.text(column)))
    if needed and not words:
        raise cells.bad(column, "is empty")
    return words


def _measure(cells: Cells) -> Literal["trend", "count"]:
    word = cells.text("kind").lower() or "trend"
    if word not in ("trend", "count"):
        raise cells.bad("kind", f"{word[:40]!r} is neither trend nor count")
    return cast(Literal["trend", "count"], word)


def _kind(cells: Cells) -> str:
    words = _words(cells, "kind", needed=True).lower()
    if len(words) > KIND_CHARACTERS:
        raise cells.bad("kind", f"has {len(words)} characters; {KIND_CHARACTERS} fit")
    return words


def _yes(cells: Cells, column: str) -> bool:
    word = cells.text(column).lower()
    if word not in ("", "no", "yes"):
        raise cells.bad(column, f"{word[:40]!r} is neither yes nor no")
    return word == "yes"


def _time(cells: Cells, zone: str) -> int:
    """UTC ms; local time of the shop unless the cell says its own offset; a date alone is its beginning."""
    text = cells.text("time")
    if len(text) == 10:
        return moment(cell.ordinal(cells, "time"), 0, zone)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise cells.bad("time", f"{text[:40]!r} is not a time like 2026-03-01T14:05") from None
    if not cell.FIRST_YEAR <= found.year <= cell.LAST_YEAR:
        raise cells.bad("time", f"{text[:40]!r} lies too far away")
    return int((found if found.tzinfo else found.replace(tzinfo=zone_of(zone))).timestamp() * 1000)
