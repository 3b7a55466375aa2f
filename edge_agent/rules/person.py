"""A person in an event: a random id and nothing else; names lie elsewhere and can be forgotten."""

import re


def is_person(word: str) -> bool:
    """True for a person's id (16 hex digits), and not for a plain name."""
    return re.fullmatch(r"[0-9a-f]{16}", word) is not None
