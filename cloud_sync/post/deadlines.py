"""One thread that shuts every connection whose talk has lasted too long."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from itertools import count


class Deadlines:
    """Shuts a connection at its time, unless its talk has ended before. Its thread begins with the first of them."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._due = list[tuple[float, int]]()
        self._talks = dict[int, socket.socket]()
        self._numbers = count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def ended_in(self, connection: socket.socket, seconds: float) -> Iterator[None]:
        """Shut the connection when this lasts longer, so that whoever waits on it hears an end."""
        number = self._begin(connection, seconds)
        try:
            yield
        finally:
            with self._changed:
                self._talks.pop(number, None)

    def _begin(self, connection: socket.socket, seconds: float) -> int:
        with self._changed:
            number = next(self._numbers)
            self._talks[number] = connection
            heappush(self._due, (self._monotonic() + seconds, number))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._due[0][1] == number:
                self._changed.notify()
        return number

    def _run(self) -> None:
        while True:
            late = self._late()
            with suppress(OSError):
                late.shutdown(socket.SHUT_RDWR)

    def _late(self) -> socket.socket:
        """Wait for the next talk that lasts too long."""
        with self._changed:
            while True:
                left = self._due[0][0] - self._monotonic() if self._due else None
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                late = self._talks.pop(heappop(self._due)[1], None)
                if late is not None:
                    return late
