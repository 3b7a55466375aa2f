"""All that can happen at the till, in one list: what keyboard, devices and workers tell the app, in one queue."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from textual.message import Message


class Scanned(Message, bubble=False):
    """A whole code, from a keyboard wedge, a serial scanner or a paste; it never passes through a text field."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class Typed(Message, bubble=False):
    """Characters that a person typed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Pressed(Message, bubble=False):
    """A key that is no character: `enter`, `escape`, `backspace`, `up`, `f9` ..."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class EnterRested(Message, bubble=False):
    """The Enter key has come to rest; `single` is False when it was held down or sent twice (a scanner's suffix)."""

    def __init__(self, *, single: bool) -> None:
        super().__init__()
        self.single = single


class Answered(Message, bubble=False):
    """Work off the screen's thread has ended: `then` is called with the future on the screen's thread."""

    def __init__(self, future: "Future[Any]", then: "Callable[[Future[Any]], None]") -> None:
        super().__init__()
        self.future, self.then = future, then


class HungUp(Message, bubble=False):
    """The terminal is gone."""


class Nudged(Message, bubble=False):
    """Something behind the screen changed (a device, the cloud): draw again."""


class DropNews(Message):
    """A drop was planned, sold from or closed."""


class News(Message, bubble=False):
    """An order was decided, answered or received: read the orders anew."""
