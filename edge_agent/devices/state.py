"""What devices tell the till: one word of state and a sentence, and only when it changes."""

from collections.abc import Callable
from typing import Literal

State = Literal["ok", "fault", "gone", "unknown"]
OnState = Callable[[str, State, str], None]
"""(device, state, words); called from the device's own thread, so the till posts a message and returns."""


class Teller:
    """Passes a device's state on when it differs from the last one told."""

    def __init__(self, device: str, told: OnState) -> None:
        self._device, self._told = device, told
        self.last: tuple[State, str] | None = None

    def tell(self, state: State, words: str = "") -> None:
        # Gone is told once: why it cannot be opened may be worded anew at each try.
        if self.last != (state, words) and not (state == "gone" and self.last and self.last[0] == "gone"):
            self.last = (state, words)
            self._told(self._device, state, words)


class BackOff:
    """Seconds to wait before the next try: 0.5, 1, 2, 4, 5, 5 ...; `reset` after a success."""

    FIRST, MOST = 0.5, 5.0

    def __init__(self) -> None:
        self._next = self.FIRST

    def reset(self) -> None:
        self._next = self.FIRST

    def wait(self) -> float:
        seconds, self._next = self._next, min(self._next * 2, self.MOST)
        return seconds
