"""What every way out has in common: how it may end, and that no talk lasts longer than it may."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge_agent.errors import DropshelfError

STEP_S = 20.0
"""So long the other side may keep us waiting for one answer."""
WHOLE_S = 60.0
"""So long a talk may last in all, however slowly it drips."""

HandOver = Callable[[], bool]
"""Called right before the last bytes go; False when they must not."""


class Refused(DropshelfError):
    """Surely nothing has left; `again` when it is worth another try."""

    def __init__(self, words: str, *, again: bool) -> None:
        super().__init__(words)
        self.again = again


class NotHeard(DropshelfError):
    """It was handed over, and nobody said that it was taken."""


class NotOurs(DropshelfError):
    """The message is another worker's by now: nothing was handed over."""


@contextmanager
def ended_in_time(connection: socket.socket, seconds: float = WHOLE_S) -> Iterator[None]:
    """Shut the connection when the talk has lasted too long, so that whoever waits on it hears an end."""

    def shut() -> None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
