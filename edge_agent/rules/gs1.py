"""GS1 element strings and web links: the article, its measure, batch, serial number and dates in one code."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, unquote, urlsplit

from edge_agent.errors import BadInput
from edge_agent.rules.barcode import ELEMENT_IDS, GS, is_gtin

_FIXED = {"00": 18, "01": 14, "02": 14, "20": 2, **dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6)}
_VARIABLE = {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "240": 30, "241": 30, "250": 30, "400": 30}
_VARIABLE |= {str(own): 90 for own in range(91, 100)}
_MEASURE = re.compile(r"3[1-6]\d\d")
_AMOUNT = re.compile(r"39[0-3]\d")
_MOST_AMOUNT = 18
_LINK = re.compile(r"/01/(\d{8}|\d{12,14})(?=/|$)")
AIM_LENGTH = 3


@dataclass(frozen=True)
class Elements:
    """What one code said: quantities in milli-units (of a kg, or pieces), `price` in minor units, days as printed."""

    gtin: str
    qty: int | None = None
    price: int | None = None
    lot: str = ""
    serial: str = ""
    best_before: date | None = None
    expires: date | None = None


def elements(code: str, decimals: int, today: date) -> Elements | None:
    """The code's elements; None for what is no GS1 element string or link about an article, or holds an element that
    is not known here. BadInput for an amount that is not in this currency's decimals."""
    said = _of_link(code) if "/01/" in code else _of_string(code)
    gtin = said.get("01", "") if said else ""
    if not said or not is_gtin(gtin):
        return None
    return Elements(
        gtin.zfill(14),
        _quantity(said),
        _price(said, decimals),
        said.get("10", ""),
        said.get("21", ""),
        _day(said.get("15", ""), today),
        _day(said.get("17", ""), today),
    )


def _of_string(code: str) -> dict[str, str] | None:
    marked = code[:AIM_LENGTH] in ELEMENT_IDS
    rest = (code[AIM_LENGTH:] if marked else code).lstrip(GS)
    if not (marked or code.startswith(GS) or (len(rest) > 16 and rest.startswith("01"))):
        return None
    said: dict[str, str] = {}
    while rest:
        ai, most, exact = _next(rest)
        if not ai:
            return None
        body = rest[len(ai) :]
        value, rest = (body[:most], body[most:]) if exact else _until_separator(body)
        if not value or len(value) > most or (exact and len(value) != most) or ai in said:
            return None
        said[ai] = value
        rest = rest.removeprefix(GS)
    return said


def _until_separator(body: str) -> tuple[str, str]:
    value, _, rest = body.partition(GS)
    return value, rest


def _next(rest: str) -> tuple[str, int, bool]:
    """The identifier at the front, how long its value may be, and whether it is always so long; empty: not known."""
    if rest[:2] in _FIXED:
        return rest[:2], _FIXED[rest[:2]], True
    if _MEASURE.fullmatch(rest[:4]):
        return rest[:4], 6, True
    if _AMOUNT.fullmatch(rest[:4]):
        return rest[:4], _MOST_AMOUNT, False
    known = next((rest[:length] for length in (2, 3) if rest[:length] in _VARIABLE), "")
    return known, _VARIABLE.get(known, 0), False


def _of_link(code: str) -> dict[str, str] | None:
    """A GS1 Digital Link: identifiers and values in its path, more of them behind the question mark."""
    link = urlsplit(code)
    found = _LINK.search(link.path)
    if not (link.scheme and found):
        return None
    parts = [unquote(part) for part in link.path[found.end() :].split("/")[1:]]
    said = dict(zip(parts[::2], parts[1::2], strict=False)) | dict(parse_qsl(link.query))
    return {**said, "01": found[1].zfill(14)}


def _quantity(said: dict[str, str]) -> int | None:
    for ai, value in said.items():
        if re.fullmatch(r"310[0-6]", ai) and value.isdigit():
            return int((Decimal(value).scaleb(-int(ai[3])) * 1000).to_integral_value())
        if ai == "30" and value.isdigit() and int(value):
            return int(value) * 1000
    return None


def _price(said: dict[str, str], decimals: int) -> int | None:
    for ai, value in said.items():
        if re.fullmatch(r"392\d", ai) and value.isdigit():
            minor = Decimal(value).scaleb(decimals - int(ai[3]))
            if minor != minor.to_integral_value():
                raise BadInput("the label's price has other decimals than this shop's money: sell it by number")
            return int(minor)
    return None


def _day(text: str, today: date) -> date | None:
    """yymmdd of the hundred years around today; day 00 is the month's last. None for what is no day."""
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        return None
    year = today.year // 100 * 100 + int(text[:2])
    off = int(text[:2]) - today.year % 100
    year += -100 if off > 50 else 100 if off < -49 else 0
    month, day = int(text[2:4]), int(text[4:])
    make: Callable[[], date] = (lambda: date(year, month, day)) if day else lambda: _last_of(year, month)
    try:
        return make()
    except ValueError:
        return None


def _last_of(year: int, month: int) -> date:
    first = date(year, month, 1)
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
