"""Codes with a price or a weight inside, as a shop's scale prints them: the shop's own table says where each stands."""

import re
from dataclasses import dataclass

from edge_agent.errors import BadInput
from edge_agent.rules.barcode import check_digit, checks

LENGTH = 13
_PATTERN = re.compile(r"(\d+)(I+)(V?)(P+|W+)C")
# Products of the two check digits in GS1's rule for a price of 4 or 5 digits: times 2 or 5, the tens taken off or on.
_TIMES = {
    "2-": (0, 2, 4, 6, 8, 9, 1, 3, 5, 7),
    "3": (0, 3, 6, 9, 2, 5, 8, 1, 4, 7),
    "5+": (0, 5, 1, 6, 2, 7, 3, 8, 4, 9),
    "5-": (0, 5, 9, 4, 8, 3, 7, 2, 6, 1),
}
_WEIGHTS = {4: ("2-", "2-", "3", "5-"), 5: ("5+", "2-", "5-", "5+", "2-")}


@dataclass(frozen=True)
class Pattern:
    """One row of the table, such as 21IIIIIPPPPPC: the digits it begins with, I the item's number, P a price in minor
    units or W a weight in grams, V that field's own check digit, C the code's."""

    text: str
    begins: str
    item: slice
    check: int | None
    value: slice
    weighs: bool


@dataclass(frozen=True)
class Inside:
    """What a label said: spellings under which its item may be known, and its price or grams."""

    spellings: tuple[str, ...]
    price: int | None
    grams: int | None


def pattern_of(text: str) -> Pattern:
    """A row of the table; BadInput when it is none."""
    found = _PATTERN.fullmatch(text)
    if not found or len(text) != LENGTH or (found[3] and len(found[4]) not in _WEIGHTS):
        raise BadInput(f"{text!r} is no pattern of 13 such as 21IIIIIPPPPPC or 28IIIIIVWWWWC")
    check = found.start(3) if found[3] else None
    return Pattern(text, found[1], slice(*found.span(2)), check, slice(*found.span(4)), found[4][0] == "W")


def inside(code: str, patterns: tuple[Pattern, ...]) -> Inside | None:
    """What stands in a code; None when no row of the table fits. BadInput when its inner check digit is wrong."""
    digits = code.zfill(LENGTH) if len(code) == LENGTH - 1 else code
    if len(digits) != LENGTH or not checks(digits):
        return None
    row = next((one for one in patterns if digits.startswith(one.begins)), None)
    if row is None:
        return None
    value, item = digits[row.value], digits[row.item]
    if row.check is not None and digits[row.check] != price_check(value):
        raise BadInput("the label's price or weight was read wrongly: scan it again")
    plain = digits[: row.value.start] + "0" * len(value)
    plain = plain if row.check is None else plain[: row.check] + "0" + plain[row.check + 1 :]
    whole = (plain + check_digit(plain)).zfill(14)
    spellings = tuple(dict.fromkeys((whole, row.begins + item, item, item.lstrip("0") or "0")))
    amount = int(value)
    return Inside(spellings, None if row.weighs else amount, amount if row.weighs else None)


def price_check(digits: str) -> str:
    """The check digit of a price field of 4 or 5 digits (GS1 General Specifications, price or weight check digits)."""
    total = sum(_TIMES[weight][int(digit)] for weight, digit in zip(_WEIGHTS[len(digits)], digits, strict=True))
    if len(digits) == 4:
        return str(total * 3 % 10)
    return str(_TIMES["5-"].index(-total % 10))
