"""The till's own signature under closings and receipts: its device key, read at the first use."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def holds(public_key: str, signature: str, text: bytes) -> bool:
    """Whether a signature (hex) over some bytes is this key's."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def signer(data: Path) -> Callable[[bytes], tuple[str, str]]:
    """Gives (public key, signature) in hex for some bytes; the key of a data folder is made if there is none."""

    @cache
    def key() -> "Ed25519PrivateKey":
        from edge_agent.sync.keys import own_key

        return own_key(data)

    def sign(text: bytes) -> tuple[str, str]:
        return key().public_key().public_bytes_raw().hex(), key().sign(text).hex()

    return sign
