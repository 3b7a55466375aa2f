"""The answer to an act: a future at which one waits behind a bare lock."""

import logging
from _thread import allocate_lock
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

log = logging.getLogger(__name__)
WAITS, RUNS, CANCELLED, DONE = range(4)


class Answer(Future[Any]):
    """Behaves as the library's `Future`, which wakes who waits while it still holds what they need next: both threads
    then wait twice, a twentieth of a sale's commit. Not for `concurrent.futures.wait`."""

    def __init__(self) -> None:
        self._gate, self._turn = allocate_lock(), allocate_lock()
        self._gate.acquire()
        self._stands = WAITS
        self._value: Any = None
        self._error: BaseException | None = None
        self._told: list[Callable[[Future[Any]], object]] = []

    def __repr__(self) -> str:
        return f"<Answer {('waits', 'runs', 'cancelled', 'done')[self._stands]}>"

    def set_running_or_notify_cancel(self) -> bool:
        with self._turn:
            if self._stands == WAITS:
                self._stands = RUNS
            return self._stands == RUNS

    def cancel(self) -> bool:
        return self._end(CANCELLED) or self.cancelled()

    def cancelled(self) -> bool:
        return self._stands == CANCELLED

    def running(self) -> bool:
        return self._stands == RUNS

    def done(self) -> bool:
        return self._stands in (CANCELLED, DONE)

    def result(self, timeout: float | None = None) -> Any:
        error = self.exception(timeout)
        if error is not None:
            raise error
        return self._value

    def exception(self, timeout: float | None = None) -> BaseException | None:
        if not self.done():
            if not self._gate.acquire(timeout=-1 if timeout is None else timeout):
                raise TimeoutError
            self._gate.release()
        if self.cancelled():
            raise CancelledError
        return self._error

    def set_result(self, result: Any) -> None:
        self._value = result
        self._end(DONE)

    def set_exception(self, exception: BaseException | None) -> None:
        self._error = exception
        self._end(DONE)

    def _end(self, how: int) -> bool:
        """Let who waits go on, then tell who listens; False when it cannot end so any more."""
        with self._turn:
            if self.done() or (how == CANCELLED and self._stands == RUNS):
                return False
            self._stands = how
        self._gate.release()
        for told in self._told:
            self._tell(told)
        return True

    def add_done_callback(self, fn: Callable[[Future[Any]], object]) -> None:
        with self._turn:
            if not self.done():
                self._told.append(fn)
                return
        self._tell(fn)

    def _tell(self, told: Callable[[Future[Any]], object]) -> None:
        try:
            told(self)
        except Exception:
            log.exception("who listened to an answer failed")


def pass_on(done: "Future[tuple[int, *tuple[Any, ...]]]", taken: "Future[int]") -> None:
    """Give the first of an answer, or its error, to who waits for that alone."""
    error = done.exception()
    if error is not None:
        taken.set_exception(error)
    else:
        taken.set_result(done.result()[0])
