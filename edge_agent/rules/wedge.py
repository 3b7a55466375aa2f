"""Tells a keyboard wedge's scan from typing by its speed alone: pure, time comes with the characters."""

from dataclasses import dataclass

from edge_agent.rules.barcode import CODE_LIMIT, is_gtin, readable

KEY_MS = 50
"""Two keys of one scan are at most this far apart: 40 ms a key, and slack for the machine between."""
LEAST = 4
"""A shorter burst is typing: no scanner code is that short, and fingers can roll three keys at once."""
_PREFIXED_MS = 2000
_SUFFIX = "\r\n\t"


@dataclass(frozen=True)
class Typed:
    """Keys of a person, in order; Enter is a carriage return, Tab a tab."""

    text: str


@dataclass(frozen=True)
class Scanned:
    """One whole code without its suffix."""

    code: str


@dataclass(frozen=True)
class Dropped:
    """A burst that can be no code (too long, or signs that no code has)."""


Heard = Typed | Scanned | Dropped


class Wedge:
    """Feed it what the keyboard gives; ask `tick` when `due` milliseconds passed without more.

    A burst of at least four printable signs, each within 50 ms of the one before, that ends in CR, LF or Tab is a scan;
    its suffix, also a double one, is swallowed and never becomes a key. With a `prefix` (one sign that nobody types)
    all from the prefix to the suffix is a scan at any speed. Enters that repeat within 50 ms count once.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._burst = ""
        self._at = 0
        self._prefixed = self._suffixed = False

    def feed(self, chars: str, at_ms: int) -> list[Heard]:
        """What these characters, read at `at_ms` (any monotonic clock), complete."""
        heard = self.tick(at_ms)
        for sign in chars:
            heard += self._sign(sign)
        self._at = at_ms
        return heard

    def tick(self, at_ms: int) -> list[Heard]:
        """What the silence up to `at_ms` completes: a burst without a suffix was typing."""
        if at_ms - self._at <= (_PREFIXED_MS if self._prefixed else KEY_MS):
            return []
        self._suffixed = False
        burst, self._burst = self._burst, ""
        if self._prefixed:
            self._prefixed = False
            return [Dropped()] if burst else []
        return [Typed(burst)] if burst else []

    @property
    def due(self) -> int | None:
        """Milliseconds of silence after which `tick` has something to say; None when nothing is held."""
        if self._prefixed:
            return _PREFIXED_MS + 1
        return KEY_MS + 1 if self._burst else None

    def _sign(self, sign: str) -> list[Heard]:
        if sign in _SUFFIX:
            return self._end(sign)
        self._suffixed = False
        if sign == self._prefix:
            typed: list[Heard] = [Typed(self._burst)] if self._burst and not self._prefixed else []
            self._burst, self._prefixed = "", True
            return typed
        # Past the limit the rest only has to keep the burst too long.
        self._burst = (self._burst + sign)[: 2 * CODE_LIMIT]
        return []

    def _end(self, suffix: str) -> list[Heard]:
        burst, self._burst = self._burst, ""
        prefixed, self._prefixed = self._prefixed, False
        repeated, self._suffixed = self._suffixed and not burst, True
        if repeated or (prefixed and not burst):
            return []
        if prefixed or len(burst) >= LEAST:
            return _scan(burst)
        key = "\t" if suffix == "\t" else "\r"
        return [Typed(burst + key)]


def _scan(burst: str) -> list[Heard]:
    """One scan; keys typed just before it, up to a `*`, are told apart where a whole GTIN follows."""
    keys, star, code = burst.rpartition("*")
    if star and len(keys) < LEAST and is_gtin(code):
        return [Typed(keys + star), Scanned(code)]
    whole = readable(burst)
    return [Scanned(whole)] if whole is not None else [Dropped()]
