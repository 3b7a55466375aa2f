"""Tells a keyboard scanner's burst from typing by the times of the keys alone: pure, time comes with the keys."""

from dataclasses import dataclass, field

from edge_agent.rules.barcode import CODE_LIMIT, is_gtin

HOLD_SECONDS = 0.040
"""A keyboard scanner is no slower than this from key to key; a person is."""
SUFFIX_SECONDS = 0.080
"""What follows a code or another suffix this closely is still the scanner's suffix."""
SHORTEST_CODE = 3
SHORTEST_UNENDED = 8
"""A burst without a suffix is a code only from this length on."""
LONGEST_QUANTITY = 4
FRAME_SECONDS = 0.5
"""Inside a prefixed code a pause up to this long belongs to it."""
REPEAT_SECONDS = 0.7
"""A key that is held starts to repeat within this time."""
LONGEST_BURST = 4 * CODE_LIMIT
"""What is longer is cut: it is no code, and the till says so out loud."""


@dataclass(frozen=True)
class Code:
    """A whole scan."""

    text: str


@dataclass(frozen=True)
class Text:
    """Characters that were typed."""

    text: str


@dataclass(frozen=True)
class Stroke:
    """A key that stands for itself."""

    key: str


Heard = Code | Text | Stroke


@dataclass
class Wedge:
    """Fed with keys and their arrival in seconds (any steady clock), gives scans, typed text and keys in their order.

    Only a call of `quiet` ends a burst by silence: the caller makes it when it has waited until `due` and heard
    nothing, so that a thread that wakes late never tears a code apart. A suffix (Enter, line feed, Tab) behind a burst
    ends the code and is swallowed with all that follow it closely; a lone line feed or Tab is no key of the till.
    """

    prefix: str = ""
    _held: list[str] = field(default_factory=list)
    _last: float = float("-inf")
    _suffix_until: float = float("-inf")
    _repeating: str = ""
    _typed_at: float = float("-inf")
    _framed: bool = False

    def character(self, char: str, at: float) -> list[Heard]:
        """A printable character (or a separator inside a burst)."""
        heard: list[Heard] = []
        if char == self.prefix:
            heard = self._flushed()
            self._framed = True
        else:
            self._held[LONGEST_BURST:] = [char]
        self._last = at
        return heard

    def ending(self, key: str, at: float) -> list[Heard]:
        """Enter (`enter`), line feed or Tab: the end of a code, its echo, or Enter itself."""
        if self._framed or self._is_code(at):
            self._suffix_until = at + SUFFIX_SECONDS
            return self._as_code()
        if not self._held and at <= self._suffix_until:
            self._suffix_until = at + SUFFIX_SECONDS
            return []
        return self._flushed() + ([Stroke(key)] if key == "enter" else [])

    def key(self, key: str) -> list[Heard]:
        """Any other key: what is held goes before it."""
        return [*self._flushed(), Stroke(key)]

    def pasted(self, text: str) -> list[Heard]:
        """A paste is one burst: every line a code, and no line's end a key."""
        heard = self._flushed()
        for line in text.splitlines():
            code = "".join(char for char in line if char.isprintable()).strip()
            heard += [Code(code)] if len(code) >= SHORTEST_CODE else [Text(code)] if code else []
        return heard

    def quiet(self, now: float) -> list[Heard]:
        """What was held, when `due` has passed without a sound."""
        if self.due is None or now < self.due:
            return []
        if not self._framed and len(self._held) >= SHORTEST_UNENDED and len(set(self._held)) > 1:
            return self._as_code()
        return self._flushed()

    @property
    def due(self) -> float | None:
        """When `quiet` must be called, if anything is held."""
        if not self._held and not self._framed:
            return None
        return self._last + (FRAME_SECONDS if self._framed else HOLD_SECONDS)

    def _is_code(self, at: float) -> bool:
        one = len(set(self._held)) == 1 and self._held[0] == self._repeating
        repeated = one and at - self._typed_at < REPEAT_SECONDS + HOLD_SECONDS * len(self._held)
        return len(self._held) >= SHORTEST_CODE and not repeated

    def _as_code(self) -> list[Heard]:
        text = "".join(self._held).strip()
        self._held.clear()
        self._framed = False
        keys, star, code = text.rpartition("*")
        if star and len(keys) <= LONGEST_QUANTITY and is_gtin(code):
            return [Text(keys + star), Code(code)]  # a quantity typed right before the scan
        return [Code(text)] if text else []

    def _flushed(self) -> list[Heard]:
        self._framed = False
        text = "".join(char for char in self._held if char.isprintable())
        self._held.clear()
        if not text:
            return []
        self._repeating, self._typed_at = text[-1], self._last
        return [Text(text)]
