"""Barcodes: check digits, and the one canonical spelling under which a code is kept and looked up."""

import re

CODE_LIMIT = 128
RECEIPT = "dropshelf:"
"""What the code on a receipt of ours begins with; it says more than the code of an item."""
RECEIPT_LIMIT = 440
GS = "\x1d"
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
# AIM ids whose data is a GS1 element string: GS1-128, GS1 DataBar, GS1 DataMatrix, GS1 QR, GS1 DotCode.
ELEMENT_IDS = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
_EAN8_ID = "]E4"
_ADD_ON_ID = "]E3"
# After the GTIN we read on only over what says nothing of amount: dates of fixed length, batch, serial, variant.
_DATES = ("11", "12", "13", "15", "16", "17")
_WORDS = ("10", "21", "22")
_WORD_LIMIT = 20


def check_digit(body: str) -> str:
    """The check digit for the digits before it (EAN-8, EAN-13, UPC-A, ITF-14: weights 3 and 1 from the right)."""
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-weighed % 10)


def checks(digits: str) -> bool:
    """Whether the last of these digits is the check digit of those before it."""
    return digits.isascii() and digits.isdigit() and digits[-1] == check_digit(digits[:-1])


def is_gtin(code: str) -> bool:
    """Whether a code, bare or canonical, is 8, 12, 13 or 14 digits with the right check digit."""
    return len(code) in {8, 12, 13, 14} and checks(code) and bool(code.strip("0"))


def is_restricted(code: str) -> bool:
    """Whether a GTIN lies in the numbers a shop gives itself (02, 04, 20 to 29): often a price or weight inside."""
    thirteen = code.zfill(14)
    return is_gtin(code) and thirteen[0] == "0" and thirteen[1:3] in {"02", "04", *map(str, range(20, 30))}


def expanded(upc_e: str) -> str | None:
    """The UPC-A (12 digits) of an 8-digit UPC-E, or None when its check digit is not that of the expansion.

    The sixth digit of the body says where the zeros stood (GS1 General Specifications, zero suppression).
    """
    if len(upc_e) != 8 or not (upc_e.isascii() and upc_e.isdigit()) or upc_e[0] not in "01":
        return None
    system, body, check, last = upc_e[0], upc_e[1:7], upc_e[7], upc_e[6]
    if last in "012":
        full = system + body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        full = system + body[:3] + "00000" + body[3:5]
    elif last == "4":
        full = system + body[:4] + "00000" + body[4]
    else:
        full = system + body[:5] + "0000" + last
    return full + check if check_digit(full) == check else None


def readable(raw: str) -> str | None:
    """A scanner's reading as it may come in: 1 to 128 printable signs (and GS within); None for anything else."""
    code = raw.strip(" ")
    if not code or len(code) > (RECEIPT_LIMIT if code.startswith(RECEIPT) else CODE_LIMIT):
        return None
    return code if all(sign.isprintable() or sign == GS for sign in code) else None


def normalise(code: str) -> str:
    """The canonical spelling: 14 digits for a GTIN, else the code itself without its AIM id.

    An AIM id decides what the data is. Without one, 8, 12, 13 or 14 digits with a right check digit are a GTIN; a
    leading GS, or a longer text that reads wholly as known GS1 elements, is an element string; the rest is the shop's
    own code or PLU. Weighed codes are never taken apart: they stand for themselves, whole.
    """
    text = code.strip(" \t\r\n")  # a bare strip() would take a leading GS too
    aim = text[:3] if len(text) > 3 and _AIM.match(text) else ""
    data = text[3:] if aim else text
    if aim in ELEMENT_IDS or data.startswith(GS) or (not aim and len(data) > 14):
        return _piece(data.lstrip(GS)) or data.strip(GS)
    if aim == _EAN8_ID:
        return data.zfill(14) if len(data) == 8 and checks(data) else data
    if aim == _ADD_ON_ID and len(data) in {15, 18}:
        data = data[:13]
    return _gtin(data) or data


def _gtin(digits: str) -> str | None:
    """UPC-E comes before EAN-8 for a leading 0: there EAN-8 numbers are a shop's own and have no second spelling."""
    upc_a = expanded(digits)
    spellings = (upc_a, digits) if digits.startswith("0") else (digits, upc_a)
    return next((code.zfill(14) for code in spellings if code and is_gtin(code)), None)


def _piece(elements: str) -> str | None:
    """The GTIN of an element string that stands for one whole piece; None when a measure may be in it."""
    gtin, rest = elements[2:16], elements[16:]
    if not elements.startswith("01") or len(gtin) != 14 or not is_gtin(gtin) or gtin[0] == "9":
        return None
    while rest:
        rest = rest.removeprefix(GS)
        following = _after(rest)
        if following is None:
            return None
        rest = following
    return gtin


def _after(elements: str) -> str | None:
    """What follows the first element, or None when it is none that we read over."""
    if elements.startswith(_DATES):
        date = elements[2:8]
        month_and_day = date[2:].isdigit() and "01" <= date[2:4] <= "12" and date[4:] <= "31"
        return elements[8:] if len(date) == 6 and date.isascii() and date.isdigit() and month_and_day else None
    if elements.startswith(_WORDS):
        word, _, rest = elements[2:].partition(GS)
        return rest if 0 < len(word) <= _WORD_LIMIT else None
    return None
