"""A scanner's byte stream cut into codes: whatever suffix it sends, a suffix alone is never a code."""

from dataclasses import dataclass, field

from edge_agent.rules.barcode import CODE_LIMIT, readable

_SUFFIX = b"\r\n\t"
_LONGEST = 4 * CODE_LIMIT
"""Bytes kept while no suffix comes: a printable code of 128 signs may take up to four bytes each."""


@dataclass(frozen=True)
class Cut:
    """What a stretch of bytes held: codes in order, and how many readings were dropped as no code."""

    codes: tuple[str, ...] = ()
    dropped: int = 0


@dataclass
class Cutter:
    """Collects bytes up to CR, LF, CRLF, CR CR or Tab. A half code waits for its suffix, or for `flush`."""

    _held: bytearray = field(default_factory=bytearray)
    _spoilt: bool = False

    def feed(self, data: bytes) -> Cut:
        """The codes that these bytes complete."""
        codes: list[str] = []
        dropped = 0
        for byte in data:
            if byte not in _SUFFIX:
                self._hold(byte)
                continue
            cut = self.flush()
            codes.extend(cut.codes)
            dropped += cut.dropped
        return Cut(tuple(codes), dropped)

    def flush(self) -> Cut:
        """What is held, taken as whole: for a scanner without a suffix, after its silence."""
        held, spoilt = bytes(self._held), self._spoilt
        self.forget()
        if not held and not spoilt:
            return Cut()
        code = None if spoilt else readable(_decoded(held))
        if code is None:
            # An empty reading (blanks only) is nothing; anything else was dropped.
            return Cut(dropped=1 if spoilt or held.strip() else 0)
        return Cut((code,))

    def forget(self) -> None:
        """Drop what is held (the scanner went away in the middle of a code)."""
        self._held.clear()
        self._spoilt = False

    @property
    def holds(self) -> bool:
        """Whether half a code is waiting."""
        return bool(self._held)

    def _hold(self, byte: int) -> None:
        if len(self._held) >= _LONGEST:
            self._held.clear()
            self._spoilt = True
        if not self._spoilt:
            self._held.append(byte)


def _decoded(held: bytes) -> str:
    """UTF-8; a byte that is none gives U+FFFD's place to a control sign, so that the reading is dropped."""
    try:
        return held.decode("utf-8")
    except UnicodeDecodeError:
        return "\x00"
