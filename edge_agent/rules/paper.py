"""What a receipt printer can put on paper: its width, its code pages, and text spelt so that it comes out right."""

import unicodedata
from dataclasses import dataclass

from edge_agent.rules.text import for_paper

# What no decomposition gives. The rest loses its accents, and what is left after that is a question mark.
_SPELT = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "©": "(c)", "®": "(R)", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe",
    "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
    "\u0131": "i", "ħ": "h", "Ħ": "H", "ŋ": "n", "Ŋ": "N", "\u2018": "'", "\u2019": "'", "\u201a": ",", "\u201c": '"',
    "\u201d": '"', "\u201e": '"', "\u2039": "<", "\u203a": ">", "«": "<<", "»": ">>", "\u2010": "-", "\u2011": "-",
    "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u00d7": "x", "÷": "/", "·": ".", "•": "*", "°": "o",
    "\u2044": "/", "\u2500": "-",
}  # fmt: skip


@dataclass(frozen=True)
class Drawer:
    """How the drawer's pulse is given: connector pin 2 or 5, and the times on and off in ms (up to 510).

    `opens_high` is the level of its sensor when it is open (None: it has none); after `open_s` it is open too long.
    """

    pin: int = 2
    on_ms: int = 50
    off_ms: int = 250
    opens_high: bool | None = None
    open_s: int = 120


@dataclass(frozen=True)
class PrinterProfile:
    """One printer model as it stands in `firmware_configs/printers/`.

    `columns` of font A on `dots` of width; `code_pages` are (Python codec, number for ESC t) in the order of liking;
    `answers` says whether it replies to DLE EOT; `feed` is the lines between the last row and the knife.
    """

    model: str
    columns: int
    dots: int
    code_pages: tuple[tuple[str, int], ...]
    cutter: bool = True
    qr: bool = True
    answers: bool = True
    feed: int = 0
    drawer: Drawer | None = Drawer()


@dataclass(frozen=True)
class Spelt:
    """Texts of one row as one code page can print them: `page` is the number for ESC t."""

    page: int
    codec: str
    texts: tuple[str, ...]


def spelt(texts: tuple[str, ...], profile: PrinterProfile) -> Spelt:
    """One row's texts on the page that lacks the fewest of its letters; what it lacks is spelt in plain letters."""
    clean = tuple(unicodedata.normalize("NFC", for_paper(text)) for text in texts)
    codec, page = min(profile.code_pages, key=lambda known: sum(_lacks(text, known[0]) for text in clean))
    return Spelt(page, codec, tuple("".join(_spell(sign, codec) for sign in text) for text in clean))


def in_plain_letters(text: str) -> str:
    """The text in ASCII alone: "Pão 2 €" -> "Pao 2 EUR"."""
    return "".join(_spell(sign, "ascii") for sign in unicodedata.normalize("NFC", for_paper(text)))


def encoded(text: str, codec: str) -> bytes:
    """Bytes for the paper; none is ever below 0x20 or 0x7F, so none can act as a command."""
    return bytes(byte for byte in text.encode(codec, "replace") if byte >= 0x20 and byte != 0x7F)


def _lacks(text: str, codec: str) -> int:
    return 0 if text.isascii() else sum(not _has(sign, codec) for sign in text)


def _has(sign: str, codec: str) -> bool:
    try:
        sign.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _spell(sign: str, codec: str) -> str:
    if _has(sign, codec):
        return sign
    if unicodedata.category(sign).startswith("M"):
        return ""
    plain = _SPELT.get(sign)
    if plain is None:
        parts = (_SPELT.get(part, part) for part in unicodedata.normalize("NFKD", sign))
        plain = "".join(part for part in parts if part.isascii() and part.isprintable())
    return plain or "?"
