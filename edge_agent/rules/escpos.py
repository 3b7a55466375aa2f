"""The part of ESC/POS that our papers need: text, code page, size, QR, barcode, cut, drawer, status."""

import re

from edge_agent.errors import BadInput
from edge_agent.rules.barcode import RECEIPT_LIMIT, check_digit
from edge_agent.rules.paper import Drawer, encoded

ESC, GS = b"\x1b", b"\x1d"
RESET = ESC + b"@"
LEFT, CENTRE = ESC + b"a\x00", ESC + b"a\x01"
QR_LIMIT = RECEIPT_LIMIT
_PRINTABLE = re.compile(r"[ -~]+")
LONG_NUMBER = 16


def page(number: int) -> bytes:
    """ESC t: the code page for the bytes that follow."""
    return ESC + b"t" + bytes([number])


def bold(*, on: bool) -> bytes:
    """ESC E."""
    return ESC + b"E" + bytes([on])


def size(*, wide: int = 1, high: int = 1) -> bytes:
    """GS !: 1 to 8 times as wide and high."""
    return GS + b"!" + bytes([(wide - 1) << 4 | (high - 1)])


def line(text: str, codec: str) -> bytes:
    """One line of text and its feed; the text cannot hold a command."""
    return encoded(text, codec) + b"\n"


def feed(lines: int) -> bytes:
    """ESC d."""
    return ESC + b"d" + bytes([lines])


def cut(dots: int = 0) -> bytes:
    """GS V 66: feed to the knife (and `dots` more), then a partial cut."""
    return GS + b"VB" + bytes([dots])


def drawer_kick(drawer: Drawer) -> bytes:
    """ESC p: pulse on connector pin 2 or 5; times go in steps of 2 ms."""
    return ESC + b"p" + bytes([0 if drawer.pin == 2 else 1, min(drawer.on_ms // 2, 255), min(drawer.off_ms // 2, 255)])


def drawer_kick_now(drawer: Drawer) -> bytes:
    """DLE DC4: the same pulse in real time, for a printer that is held up (no paper) and would only queue ESC p."""
    return b"\x10\x14\x01" + bytes([0 if drawer.pin == 2 else 1, min(max(drawer.on_ms // 100, 1), 8)])


def ask_status(part: int) -> bytes:
    """DLE EOT n: 1 printer, 2 what holds it up, 3 errors, 4 paper. Never inside another command."""
    return b"\x10\x04" + bytes([part])


def qr(text: str, *, module: int = 5) -> bytes:
    """GS ( k: a QR code (model 2, error correction M), `module` dots a square; 1 to 440 printable ASCII signs."""
    data = _ascii(text, limit=QR_LIMIT, what="QR code")
    settings = _qr(b"A2\x00") + _qr(b"C" + bytes([module])) + _qr(b"E1")
    return settings + _qr(b"P0" + data) + _qr(b"Q0")


def _qr(function: bytes) -> bytes:
    length = len(function) + 1
    return GS + b"(k" + bytes([length % 256, length // 256]) + b"1" + function


def barcode(code: str, *, height: int = 80, module: int = 2) -> bytes:
    """GS k with its digits below: EAN-13 or EAN-8 for such digits, else Code 128 (up to 60 printable ASCII signs); of a
    long even number two digits a sign, so that it fits narrow paper."""
    setup = GS + b"h" + bytes([height]) + GS + b"w" + bytes([module]) + GS + b"H\x02"
    if code.isascii() and code.isdigit() and len(code) in {8, 13} and code[-1] == check_digit(code[:-1]):
        return setup + _bars(67 if len(code) == 13 else 68, code.encode())
    if code.isascii() and code.isdigit() and len(code) % 2 == 0 and LONG_NUMBER <= len(code) <= 60:
        return setup + _bars(73, b"{C" + bytes(int(code[at : at + 2]) for at in range(0, len(code), 2)))
    # In code set B a "{" begins an escape and is written twice.
    data = _ascii(code, limit=60, what="barcode").replace(b"{", b"{{")
    return setup + _bars(73, b"{B" + data)


def _bars(symbology: int, data: bytes) -> bytes:
    return GS + b"k" + bytes([symbology, len(data)]) + data


def _ascii(text: str, *, limit: int, what: str) -> bytes:
    if len(text) > limit or not _PRINTABLE.fullmatch(text):
        raise BadInput(f"a {what} on paper holds 1 to {limit} printable ASCII signs")
    return text.encode("ascii")
