"""Card numbers: of one that is typed into a text the last four digits stay. Nothing here ever holds a whole one."""

import re
from itertools import combinations

from edge_agent.rules.barcode import is_gtin

MAY_BE = re.compile(r"(?<![0-9+*])((?:\b[A-Z]{2}(?=[0-9]))?)([0-9](?:[ .-]?[0-9]){13,})(?![0-9])")
GROUP = re.compile(r"[0-9]+")
SCHEMES = re.compile(
    "4[0-9]{15}(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    "|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|35(?:2[89]|[3-8][0-9])[0-9]{12}"
    "|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}|62[0-9]{14,17}|(?:50|5[6-9]|6[37])[0-9]{14,17}"
)
"""Length and first digits by who gave the card."""


def without_cards(text: str) -> str:
    """The text with all but the last four digits of each card number as `*`; numbers of products, phones and bank
    accounts stay."""
    return MAY_BE.sub(lambda found: found[0] if _is_account(*found.groups()) else found[1] + _masked(found[2]), text)


def is_card(digits: str) -> bool:
    """Whether so many digits are a card's: a known beginning, the length for it, and the check digit by Luhn."""
    return bool(SCHEMES.fullmatch(digits)) and _luhn(digits) and not is_gtin(digits)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _is_account(country: str, run: str) -> bool:
    """An IBAN of digits, by its own check."""
    digits = "".join(GROUP.findall(run))
    letters = "".join(str(ord(letter) - 55) for letter in country)
    return bool(country) and int(digits[2:] + letters + digits[:2]) % 97 == 1


def _masked(run: str) -> str:
    """A card may stand in groups, with other figures before and behind it."""
    groups = [found.span() for found in GROUP.finditer(run)]
    for first, last in combinations(range(len(groups) + 1), 2):
        begin, end = groups[first][0], groups[last - 1][1]
        card = run[begin:end]
        if is_card("".join(GROUP.findall(card))):
            return run[:begin] + re.sub("[0-9]", "*", card[:-4]) + card[-4:] + without_cards(run[end:])
    return run
