"""What is kept for a customer: the value on a gift card, the points of a customer; its numbers, moves and limits."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Body = Mapping[str, Any]
Kind = Literal["gift", "customer"]
PREFIXES: dict[Kind, str] = {"gift": "71", "customer": "72"}
SECRET_DIGITS = 20
"""Nobody guesses these, nor finds them from the account that stands in the journal."""
LENGTH = 2 + SECRET_DIGITS + 2
MONEY = ("gift", "gift_sold")
"""Tenders that move the value of a gift card: paid with, and put onto it."""


@dataclass(frozen=True)
class Card:
    """A card as it was read: `account` is what events name it by, `tail` its last four digits, which may be shown."""

    kind: Kind
    number: str
    account: str
    tail: str


@dataclass(frozen=True)
class Standing:
    """What is known of an account: `own` was put on and taken off at this till, `elsewhere` at the others; `spent` is
    what was paid with it here today (minor units, or points)."""

    own: int = 0
    elsewhere: int = 0
    spent: int = 0

    @property
    def balance(self) -> int:
        """What is on it, as far as this till knows."""
        return self.own + self.elsewhere


@dataclass(frozen=True)
class Points:
    """The shop's rule: points for each whole unit of what a customer pays for goods, without deposits and without what
    points paid; a point is `worth` so many minor units (0: nothing can be paid with them)."""

    a_unit: int = 0
    worth: int = 0

    def earned(self, paid: int, decimals: int) -> int:
        """Points for an amount in minor units."""
        unit: int = 10**decimals
        return max(paid, 0) // unit * self.a_unit


def number_of(kind: Kind, secret: int) -> str:
    """A card's number: prefix, 20 digits that nobody guesses, two check digits (ISO 7064, mod 97-10)."""
    body = f"{PREFIXES[kind]}{secret % 10**SECRET_DIGITS:0{SECRET_DIGITS}d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def card_of(text: str) -> Card | None:
    """The card whose number was scanned or typed; None for anything else, and for a slip of the finger."""
    number = text.strip()
    kind = next((kind for kind, prefix in PREFIXES.items() if number.startswith(prefix)), None)
    if kind is None or not is_like_card(number) or int(number) % 97 != 1:
        return None
    return Card(kind, number, hashlib.sha256(number.encode()).hexdigest()[:16], number[-4:])


def is_like_card(number: str) -> bool:
    """Whether it is as long as a card's number and begins like one, right or not: never to be kept as a code."""
    return len(number) == LENGTH and number.isascii() and number.isdigit() and number[:2] in PREFIXES.values()


def moves(kind: str, body: Body) -> Iterator[tuple[str, int]]:
    """(account, what comes onto it): minor units of a gift card, points of a customer; below 0 is taken off."""
    if kind not in ("sale_completed", "refund_made"):
        return
    for tender in body["tenders"]:
        if tender["kind"] in MONEY and tender.get("account"):
            yield tender["account"], -tender["amount"]
        elif tender["kind"] == "points" and tender.get("account"):
            yield tender["account"], -tender.get("points", 0)
    if body.get("customer") and body.get("points"):
        yield body["customer"], body["points"]


def spendable(known: Standing, cap: int, *, fresh: bool) -> int:
    """What may be paid with an account now. Not `fresh` from the cloud: all that this till put on it itself, and beyond
    that no more than `cap` a day. So tills that hear nothing of each other never spend more than one cap each above
    what is on it."""
    if fresh:
        return max(known.balance, 0)
    beyond = min(known.spent, max(-known.own, 0))
    return max(min(known.balance, max(known.own, 0) + max(cap - beyond, 0)), 0)


def back(points: int, total: int, before: int, more: int) -> int:
    """Points that go back with `more` of a receipt's `total`, of which `before` came back already: all with the last
    part."""
    if total <= 0:
        return 0
    return points * (before + more) // total - points * before // total
