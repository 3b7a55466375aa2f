"""Finds items while a cashier types: the index is made beside the sale and made anew when the catalogue changes."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from edge_agent.journal.log import Journal
from edge_agent.rules.finding import FindIndex

CHANGES = ("item_set",)
AT_ONCE, PAUSE_S = 500, 0.001
Findable = Iterable[tuple[str, str, list[str]]]


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
            index = FindIndex(_gently(memory.findable()))

        def use() -> None:
            self._index, self._made = index, changed

        return use

    def search(self, text: str, limit: int) -> list[str] | None:
        """SKUs; None while there is no index yet."""
        return None if self._index is None else self._index.search(text, limit)


def _gently(items: Findable) -> Iterator[tuple[str, str, list[str]]]:
    """With pauses, so that a scan meanwhile is not held up."""
    for place, item in enumerate(items):
        if place % AT_ONCE == 0:
            time.sleep(PAUSE_S)
        yield item
