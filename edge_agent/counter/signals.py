"""Signals and local events entered at the till: recorded at once, or laid in the running till's tray."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.rules.imports_signals import Row
from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded

log = logging.getLogger(__name__)

ROWS: TypeAdapter[list[LocalEventAdded | SignalRecorded]] = TypeAdapter(list[LocalEventAdded | SignalRecorded])
TRAY = "tray"


def unknown(memory: Reading, rows: Iterable[Row]) -> list[Row]:
    """Those that say something which does not hold already, the last word on each."""
    last = {_key(row): row for row in rows}
    return [row for row in last.values() if not _holds(memory, row)]


def _key(row: Row) -> tuple[str, str, int]:
    return (row.name, row.about, row.at) if isinstance(row, SignalRecorded) else (row.name, "", row.first_day)


def _holds(memory: Reading, row: Row) -> bool:
    if isinstance(row, SignalRecorded):
        return row in memory.signal(row.name, row.about, row.at, most=1)
    return memory.local_event(row.first_day, row.name) == row


def record(journal: Journal, rows: Sequence[Row], by: str = "") -> int:
    """Record what is new in one act; how many rows that were."""
    return len(journal.record(lambda memory: [Draft(row, by) for row in unknown(memory, rows)]).result())


def lay(data: Path, rows: Sequence[Row], name: str) -> None:
    """Lay rows in the tray of a till that is running; it records them within a minute. `name` is of that file alone."""
    tray = data / TRAY
    tray.mkdir(exist_ok=True)
    written = tray / f"{name}.part"
    written.write_bytes(ROWS.dump_json(list(rows)))
    written.rename(tray / f"{name}.json")


def take(journal: Journal, data: Path) -> int:
    """Record what lies in the tray; a file that can't be read is set aside. Twice laid is recorded once."""
    done = 0
    for file in sorted((data / TRAY).glob("*.json")):
        try:
            rows = ROWS.validate_json(file.read_bytes())
        except (ValidationError, OSError) as error:
            log.warning("what was laid in the tray can't be read and is set aside: %s", type(error).__name__)
            file.rename(file.with_suffix(".unreadable"))
            continue
        done += record(journal, rows)
        file.unlink()
    return done
