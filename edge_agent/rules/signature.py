"""How a webhook is signed: one rule for what the cloud posts and for what a till does."""

import hashlib
import hmac


def signature(secret: str, at_s: int, body: bytes) -> str:
    """`t=TIME,v1=HEX`: HMAC-SHA256 under the secret over the time in seconds, a point and the body."""
    mac = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={mac}"
