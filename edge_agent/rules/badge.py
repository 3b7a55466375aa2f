"""A badge: a code to scan that says who somebody is; only its hash is ever stored."""

import hashlib

from edge_agent.errors import BadInput

PREFIX = "DSBADGE"
"""No item's code begins so; letters and digits alone, which every scanner and every barcode can carry."""
SHORTEST, LONGEST = 15, 40
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another."""


def is_badge(code: str) -> bool:
    """True for a code that can only be a badge, whoever's it is."""
    return code.startswith(PREFIX)


def badge_of(random: bytes) -> str:
    """A fresh badge of 16 letters out of ten random bytes: nobody guesses it."""
    number = int.from_bytes(random[:10], "big")
    return PREFIX + "".join(LETTERS[number >> (5 * place) & 31] for place in range(16))


def badge_hash(code: str) -> str:
    """What is stored of a badge; BadInput for a code that is none."""
    if not (is_badge(code) and code.isascii() and code.isalnum() and SHORTEST <= len(code) <= LONGEST):
        raise BadInput(f"a badge is {PREFIX} and {SHORTEST - len(PREFIX)} letters or digits at least")
    return hashlib.sha256(code.encode()).hexdigest()
