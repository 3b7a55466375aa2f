"""Ids that are made before the write: 64 random bits, as sixteen hex digits."""

import os


def random_id() -> str:
    """A fresh id from the system's randomness."""
    return os.urandom(8).hex()
