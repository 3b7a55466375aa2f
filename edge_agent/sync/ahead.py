"""Packing ahead: while the cloud takes one batch, the next is packed on another thread."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from edge_agent.sync.batch import Packed

Place = tuple[str, int, int]
"""Journal, session and first seq: what a batch that was packed ahead must belong to."""


class Ahead:
    """Holds at most one batch; begun and asked for by one thread alone."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._packing: Future[Packed] = Future()

    def begin(self, place: Place, work: Callable[[], Packed]) -> None:
        """Pack what follows; a batch that nobody asked for is forgotten."""
        self._place, self._packing = place, Future()
        threading.Thread(target=_fulfil, args=(self._packing, work), name="packing", daemon=True).start()

    def taken(self, place: Place) -> Packed | None:
        """The batch of that place, once it is packed; None when another was packed or none. Raises what packing did."""
        held, self._place = self._place, None
        return self._packing.result() if held == place else None


def _fulfil(packing: Future[Packed], work: Callable[[], Packed]) -> None:
    try:
        packing.set_result(work())
    except Exception as error:  # noqa: BLE001  (told to the thread that asks)
        packing.set_exception(error)
