"""Finds items while a cashier types: the index is made beside the sale and made anew when the catalogue changes."""

import logging
import os
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from edge_agent.journal.log import Journal
from edge_agent.rules.finding import FindIndex

log = logging.getLogger(__name__)
CHANGES = ("item_set",)
AT_ONCE, PAUSE_S = 500, 0.001
Findable = Iterable[tuple[str, str, list[str]]]


class Texts:
    """The texts of one index in a file without a name, which goes with the index: the system keeps of it in memory
    what it has room for."""

    def __init__(self, folder: Path) -> None:
        self._file, name = tempfile.mkstemp(dir=folder, prefix="find.")
        weakref.finalize(self, os.close, self._file)
        Path(name).unlink()
        self._end = 0

    def sequence(self) -> "Blocks":
        """A further sequence of blocks in this file."""
        return Blocks(self)

    def put(self, block: bytes) -> tuple[int, int]:
        """Where the block lies now: its length and its begin."""
        begin, written = self._end, 0
        while written < len(block):
            written += os.write(self._file, block[written:])
        self._end += len(block)
        return len(block), begin

    def get(self, length: int, begin: int) -> bytes:
        """The block that lies there."""
        return os.pread(self._file, length, begin)


class Blocks:
    """A sequence of blocks in a file."""

    def __init__(self, texts: Texts) -> None:
        self._texts, self._lie = texts, list[tuple[int, int]]()

    def append(self, block: bytes, /) -> None:
        self._lie.append(self._texts.put(block))

    def __getitem__(self, number: int, /) -> bytes:
        return self._texts.get(*self._lie[number])

    def __len__(self) -> int:
        return len(self._lie)


class Finder:
    """`search` answers from the last index; `is_stale` says that a newer one can be made. Not for two threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._index: FindIndex | None = None
        self._changed, self._made = 0, -1
        journal.listen(lambda done: self._heard([one.event.kind for one in done]))
        journal.listen_feed(lambda entries: self._heard([one.kind for one in entries]))

    def _heard(self, kinds: Sequence[str]) -> None:
        if any(kind in CHANGES for kind in kinds):
            self._changed += 1

    @property
    def is_stale(self) -> bool:
        return self._made != self._changed

    def make(self) -> Callable[[], None]:
        """Read the catalogue (off the screen's thread); what it gives puts the index in its place, on that thread."""
        changed = self._changed
        with self._journal.reading() as memory:
            index = FindIndex(_gently(memory.findable()), Texts(self._journal.file.parent).sequence)

        def use() -> None:
            self._index, self._made = index, changed

        return use

    def search(self, text: str, limit: int) -> list[str] | None:
        """SKUs; None while there is no index yet, or none that can be read."""
        try:
            return None if self._index is None else self._index.search(text, limit)
        except OSError as error:
            log.warning("what was kept for finding cannot be read", extra={"why": str(error)})
            self._index, self._made = None, -1
            return None


def _gently(items: Findable) -> Iterator[tuple[str, str, list[str]]]:
    """With pauses, so that a scan meanwhile is not held up."""
    for place, item in enumerate(items):
        if place % AT_ONCE == 0:
            time.sleep(PAUSE_S)
        yield item
