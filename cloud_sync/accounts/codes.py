"""Codes that people read out and type: Crockford's letters, in groups of four, forgiving about case, O, I and L."""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code(characters: int) -> str:
    """A random code of five bits a character, without its dashes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(characters))


def shown(code: str) -> str:
    """The code in groups of four, as it is printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def typed(text: str) -> str:
    """What somebody typed, as the code it means."""
    return text.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))


def digest(secret: str) -> str:
    """SHA-256 in hex: secrets of 40 and more random bits are stored only like this."""
    return hashlib.sha256(secret.encode()).hexdigest()
