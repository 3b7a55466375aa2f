"""Hostile text: cleaned once at the door, and fitted again at each sink (paper, CSV, screen cells)."""

import unicodedata

from edge_agent.rules.card import without_cards

NAME_LIMIT = 80
LONGEST_CARD = 40
"""Signs of a card's number with what stands between its figures."""
_MARKS_IN_A_ROW = 3
# Letters by category that show as nothing: fillers and the blank braille cell.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_INVISIBLE = _UNSEEN.union(*(map(chr, span) for span in _SELECTORS))
_QUOTES = " \t\r\n\v\f'\"\u2018\u2019\u201c\u201d"
# The wide forms of = + - @ too: some spreadsheets take them.
_FORMULA = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")


def clean_name(text: str, limit: int = NAME_LIMIT) -> str:
    """The text as it may enter the house: one line, NFC, no control, bidi or zero-width sign, `limit` characters.

    Breaks and tabs become one space; of a card's number the last four figures stay; what stays invisible goes. Cleaning
    twice changes nothing; nothing left gives "".
    """
    kept = "".join(" " if _breaks(sign) else sign for sign in text if _breaks(sign) or _seen(sign))
    line = " ".join(_few_marks(unicodedata.normalize("NFC", kept)).split())
    return without_cards(without_cards(line[: limit + LONGEST_CARD])[:limit]).rstrip()


def _breaks(sign: str) -> bool:
    return sign in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85" or unicodedata.category(sign) in {"Zl", "Zp", "Zs"}


def _seen(sign: str) -> bool:
    if sign in _INVISIBLE:
        return False
    # Cc control, Cf format (bidi, zero-width, tags), Cs half a surrogate, Co private, Cn not a character.
    return not unicodedata.category(sign).startswith("C")


def _few_marks(text: str) -> str:
    """At most three combining marks on one letter, so that no name climbs over its neighbours."""
    kept: list[str] = []
    run = 0
    for sign in text:
        run = run + 1 if unicodedata.category(sign) in {"Mn", "Me"} else 0
        if run <= _MARKS_IN_A_ROW:
            kept.append(sign)
    return "".join(kept)


def for_paper(text: str) -> str:
    """One line of text for a printer or a log: never a control sign, whatever the caller let through."""
    if text.isprintable() and _INVISIBLE.isdisjoint(text):
        return text
    return "".join(" " if _breaks(sign) else sign for sign in text if _breaks(sign) or _seen(sign))


def for_csv_cell(value: str | int) -> str | int:
    """A cell that no spreadsheet runs as a formula: risky text gets a leading `'`; integers stay numbers.

    Quoting by RFC 4180 is the csv module's part. `from_csv_cell` gives the text back.
    """
    if isinstance(value, int):
        return value
    return "'" + value if _runs(value) else value


def from_csv_cell(cell: str) -> str:
    """The text that `for_csv_cell` was given."""
    return cell[1:] if cell.startswith("'") and _runs(cell[1:]) else cell


def _runs(text: str) -> bool:
    return text.startswith(("\t", "\r", "\n")) or text.lstrip(_QUOTES).startswith(_FORMULA)


def cells(text: str) -> int:
    """How many cells of a terminal or of paper the text takes (wide East Asian signs two, combining marks none)."""
    return len(text) if text.isascii() else sum(_cell(sign) for sign in text)


def _cell(sign: str) -> int:
    if unicodedata.category(sign) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def fits(text: str, width: int) -> str:
    """The text cut to at most `width` cells; a cut shows as a last `.` where there is room for one."""
    if cells(text) <= width:
        return text
    kept, room = "", max(width - 1, 0) if width > 2 else max(width, 0)
    for sign in text:
        if cells(kept) + _cell(sign) > room:
            break
        kept += sign
    return kept.rstrip() + ("." if width > 2 else "")


def padded(text: str, width: int) -> str:
    """Cut or filled with spaces on the right to exactly `width` cells."""
    cut = fits(text, width)
    return cut + " " * (width - cells(cut))
