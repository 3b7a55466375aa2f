"""The marker: a small file outside database and backups that remembers how far the journal had come.

A database behind its marker was put back from an older copy: its numbers are used up, and writing on would fork.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from edge_agent.journal.reading import Reading
from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.messages import Hex32, JournalId

log = logging.getLogger(__name__)
FILE = "marker"
SET_BACK = "set_back"
PAUSE_S = 1.0


class Mark(Contract):
    """The newest event that was durable when the file was written, and the next receipt's number then."""

    journal: JournalId
    seq: Count
    hash: Hex32
    next_receipt: Count


class Marker:
    """Writes the mark at most once a second, after the commit; a power cut loses a second of it, never more."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._file, self._monotonic = folder / FILE, monotonic
        self._written_at = -PAUSE_S
        self._waiting: Callable[[], Mark] | None = None

    def read(self) -> Mark | None:
        """The mark as it was written; None when there is none, or none that can be read."""
        try:
            return Mark.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            log.warning("the marker cannot be read; it is written anew")
            return None

    def note(self, mark: Callable[[], Mark]) -> None:
        """Remember a mark, made when it is written: now, or with one of the next."""
        self._waiting = mark
        if self._monotonic() - self._written_at >= PAUSE_S:
            self.flush()

    def flush(self) -> None:
        """Write what waits. A disk that refuses is the commit's business, not the marker's."""
        if self._waiting is None:
            return
        fresh = self._file.with_suffix(".next")
        try:
            fresh.write_bytes(self._waiting().model_dump_json().encode())
            fresh.replace(self._file)
        except OSError as error:
            log.warning("the marker cannot be written", extra={"error": str(error)})
        self._waiting, self._written_at = None, self._monotonic()


class SetBack(Contract):
    """Left by a restore into an empty folder: nobody knows how far the till had come since its backup was made.

    `next_receipt` is the least number of its next receipt, as the person who restored it read it off the last paper.
    """

    next_receipt: Annotated[int, Field(strict=True, ge=1)]


def note_set_back(folder: Path, found: SetBack) -> None:
    """Say so in the folder, before the old copy lies there."""
    (folder / SET_BACK).write_text(found.model_dump_json())


def read_set_back(folder: Path) -> SetBack | None:
    """What a restore left, until it is settled; a file that cannot be read says the same without the number."""
    try:
        return SetBack.model_validate_json((folder / SET_BACK).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        return SetBack(next_receipt=1)


def forget_set_back(folder: Path) -> None:
    """It is settled."""
    (folder / SET_BACK).unlink(missing_ok=True)


def is_behind(memory: Reading, mark: Mark) -> bool:
    """True when the database is not the one that the mark was written beside, but an earlier state of it."""
    if memory.journal_id() != mark.journal:
        return False
    link = memory.hash_at(mark.seq)
    return link is None or link.hex() != mark.hash
