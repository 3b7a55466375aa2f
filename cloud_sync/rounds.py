"""A thread that does the same work again and again: what fails is logged and tried again in the next round."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Rounds:
    """Goes round at the start, on each bell and every `every_s` seconds; one that `rests` first waits for its time."""

    def __init__(self, name: str, every_s: float, *, rests: bool = False) -> None:
        self._every_s, self._rests = every_s, rests
        self._bell, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def go_round(self) -> object:
        """The work of one round."""
        raise NotImplementedError

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is work; returns at once."""
        self._bell.set()

    def stop(self) -> None:
        """Finish the work in hand and end."""
        self._over.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        if self._rests:
            self._bell.wait(self._every_s)
        while not self._over.is_set():
            self._bell.clear()
            self._safely(self.go_round)
            self._bell.wait(self._every_s)

    def _safely(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            log.exception("a round of the %s failed and is tried again", self._thread.name)
