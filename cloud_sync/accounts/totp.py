"""One-time codes of an authenticator (RFC 6238: SHA-1, six digits, 30 seconds), and what its QR code says."""

import base64
import hmac
from urllib.parse import quote

STEP_S, DIGITS, DRIFT = 30, 6, 1
"""A code of one step before or after now is taken too: clocks differ."""


def code_at(secret: bytes, step: int) -> str:
    """The code of a step (RFC 4226 of the step's number)."""
    made = hmac.new(secret, step.to_bytes(8, "big"), "sha1").digest()
    start = made[-1] & 15
    number = int.from_bytes(made[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: bytes, code: str, *, now: int, after: int) -> int | None:
    """The step whose code was typed, near `now` (ms) and later than the step `after` that was used last; else None."""
    code = "".join(code.split())
    here = now // 1000 // STEP_S
    found = None
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def typed_by_hand(secret: bytes) -> str:
    """The secret as an authenticator takes it by hand, in groups of four."""
    plain = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def address(secret: bytes, *, issuer: str, account: str) -> str:
    """What the QR code says."""
    plain = base64.b32encode(secret).decode().rstrip("=")
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?secret={plain}&issuer={quote(issuer, safe='')}"
