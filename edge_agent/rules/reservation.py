"""A reservation's code, and how the pieces beside the tills are divided among the channels that sell them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "75"
SECRET_DIGITS = 12
LENGTH = len(PREFIX) + SECRET_DIGITS + 2


def number_of(secret: int) -> str:
    """A code's number: prefix, 12 digits, two check digits (ISO 7064, mod 97-10)."""
    body = f"{PREFIX}{secret % 10**SECRET_DIGITS:0{SECRET_DIGITS}d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def mark_of(text: str) -> str:
    """What events name a reservation by whose code was scanned or typed; empty for anything else."""
    number = "".join(text.split())
    looks = len(number) == LENGTH and number.isascii() and number.isdigit() and number.startswith(PREFIX)
    return hashlib.sha256(number.encode()).hexdigest()[:16] if looks and int(number) % 97 == 1 else ""


def spaced(number: str) -> str:
    """A code as it is read out: in fours."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


@dataclass(frozen=True)
class Part:
    """What a channel beside the tills has of a SKU (milli-units): set aside for it alone (`kept`; 0: it shares with the
    tills), reserved and not fetched yet (`held`), and fetched (`handed`). One that is not `open` takes no more."""

    kept: int = 0
    held: int = 0
    handed: int = 0
    open: bool = True

    @property
    def withheld(self) -> int:
        """What nobody else may have of the pieces beside the tills."""
        return max(self.held, self.kept - self.handed) if self.open else self.held


def free(pool: int, parts: Mapping[str, Part], channel: str) -> int:
    """What may still be reserved through a channel, of `pool` milli-units that are with no till; 0 when it is shut."""
    mine = parts.get(channel)
    if mine is None or not mine.open:
        return 0
    left = pool - mine.held - sum(one.withheld for name, one in parts.items() if name != channel)
    return max(0, min(left, mine.kept - mine.handed - mine.held) if mine.kept else left)
