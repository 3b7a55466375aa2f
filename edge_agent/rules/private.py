"""What may stand in a log: one rule for shop and cloud of what is private, and how it is hidden."""

import re

LONGEST_VALUE = 400
PRIVATE = re.compile(r"name|phone|mail|address|key|secret|token|pass|pin$|credential|authori[sz]|cookie", re.IGNORECASE)
SECRET = re.compile(
    r"bearer\s+\S+|-----BEGIN.*?(?:-----END[^-]*-----|$)|\b[A-Za-z0-9_\-+/]{40,}={0,2}", re.IGNORECASE | re.DOTALL
)
PHONE = re.compile(r"\+\d[\d ()./-]{6,}\d")
HIDDEN = "(hidden)"


def field(name: str, value: object) -> object:
    """A field as it may be written: numbers as they are, words made safe, private ones hidden by their name."""
    if PRIVATE.search(name):
        return HIDDEN
    return value if value is None or isinstance(value, bool | int | float) else safe(str(value))


def safe(words: str) -> str:
    """Words without keys and phone numbers, at most 400 characters."""
    hidden = PHONE.sub(HIDDEN, SECRET.sub(HIDDEN, words))
    return hidden if len(hidden) <= LONGEST_VALUE else hidden[: LONGEST_VALUE - 1] + "…"
