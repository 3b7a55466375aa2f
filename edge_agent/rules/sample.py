"""A sample's single-use code: its number, and what a till signs of it so that others know it unheard."""

import hashlib
from dataclasses import dataclass

PREFIX = "74"
SECRET_DIGITS = 20
LENGTH = len(PREFIX) + SECRET_DIGITS + 2
SIGNED = "SMP"
CONVERTS_DAYS = 7
"""A code that is used within so many days counts for its sample."""


@dataclass(frozen=True)
class Code:
    """A sample's code as it was read: `sample` is what events name it by. One that is `signed` says itself until which
    ordinal day it holds and what it takes off (basis points); `text` is what the signature (hex) is over."""

    number: str
    sample: str
    signed: bool = False
    expires: int = 0
    percent: int = 0
    text: bytes = b""
    signature: str = ""


def number_of(secret: int) -> str:
    """A code's number: prefix, 20 digits that nobody guesses, two check digits (ISO 7064, mod 97-10)."""
    body = f"{PREFIX}{secret % 10**SECRET_DIGITS:0{SECRET_DIGITS}d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def signed_text(number: str, expires: int, percent: int) -> str:
    """What a till signs."""
    return f"{SIGNED}:{number}:{expires}:{percent}"


def printed(number: str, expires: int, percent: int, signature: str) -> str:
    """What stands in the QR code of the slip."""
    return f"{signed_text(number, expires, percent)}:{signature}"


def code_of(text: str) -> Code | None:
    """The code that was scanned or typed; None for anything else."""
    parts = text.strip().split(":")
    if len(parts) == 5 and parts[0] == SIGNED and parts[2].isdecimal() and parts[3].isdecimal():
        known = _plain(parts[1])
        expires, percent = int(parts[2][:9]), int(parts[3][:9])
        if known is None or percent > 10_000:
            return None
        said = signed_text(parts[1], expires, percent).encode()
        return Code(known.number, known.sample, True, expires, percent, said, parts[4][:128])
    return _plain(text.strip())


def _plain(number: str) -> Code | None:
    looks = len(number) == LENGTH and number.isascii() and number.isdigit() and number.startswith(PREFIX)
    if not looks or int(number) % 97 != 1:
        return None
    return Code(number, hashlib.sha256(number.encode()).hexdigest()[:16])
