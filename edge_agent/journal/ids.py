"""Ids that are made before the write: 64 random bits, as sixteen hex digits."""

import secrets


def random_id() -> str:
    """A fresh id from the system's randomness."""
    return secrets.token_hex(8)
