"""In which language somebody is told: the one that was chosen, else the shop's; who is not signed in: the browser's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache

from cloud_sync.german import COUNTS, FILLED, GERMAN
from cloud_sync.german.moments import moment
from edge_agent.rules import german as till
from edge_agent.rules import money
from edge_agent.rules.german_errors import ERRORS
from edge_agent.rules.tongue import Tongue, pointed_in

LANGUAGES = {"en": "English", "de": "Deutsch"}


@dataclass
class Reader:
    """Who reads the answer to a request; what is known of the language comes bit by bit."""

    browser: str = ""
    """Empty when it asks for none of ours."""
    is_signed_in: bool = False
    chosen: str = ""
    shop: str | None = None
    """Empty where the shop's is not known; None before anybody asked."""

    @property
    def language(self) -> str:
        shop = self.shop or ""
        return self.chosen or (shop if self.is_signed_in else "") or self.browser or shop or "en"


# Programs and threads have no reader: they are told in English, and what they keep is English.
_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def reads(reader: Reader | None) -> Iterator[None]:
    """While this lasts, everything is told to that reader; None is a program."""
    before = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(before)


def chose(language: str) -> None:
    """The reader has signed in, and has chosen that language (empty: the shop's is good)."""
    if reader := _reader.get():
        reader.is_signed_in = True
        reader.chosen = language if language in LANGUAGES else ""


def about(shop_language: str) -> str:
    """What is read is about a shop of that language; returns the one to be told in."""
    reader = _reader.get()
    if reader is None:
        return "en"
    reader.shop = shop_language if shop_language in LANGUAGES else ""
    return reader.language


def liked() -> str:
    """What the reader's browser asks for; empty when that is none of ours."""
    reader = _reader.get()
    return reader.browser if reader else ""


def is_settled() -> bool:
    """True when nothing of a shop would change the language."""
    reader = _reader.get()
    return reader is None or bool(reader.chosen) or reader.shop is not None


def spoken() -> str:
    """The language to tell in."""
    reader = _reader.get()
    return reader.language if reader else "en"


def asked_for(header: str) -> str:
    """The language of ours that an Accept-Language likes best; empty for none."""
    best, most = "", 0.0
    for part in header.split(","):
        name, _, rest = part.strip().partition(";")
        language, liked = name.strip().lower().partition("-")[0], _liking(rest)
        if language in LANGUAGES and liked > most:
            best, most = language, liked
    return best


def _liking(rest: str) -> float:
    name, _, number = rest.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(number)
    except ValueError:
        return 0.0


def say(text: str, /, **fields: object) -> str:
    """The text in the reader's language, its {fields} filled in."""
    if spoken() == "de":
        return german().say(text, **fields)
    return text.format(**fields) if fields else text


def told(words: str) -> str:
    """Words that were said in English, as an error's are or what a table keeps, in the reader's language."""
    return _told(words) if spoken() == "de" else words


def told_in(language: str, words: str) -> str:
    """The same, for somebody who reads that language."""
    return _told(words) if language == "de" else words


def pointed(figure: str) -> str:
    """A figure with the language's mark before its decimals."""
    return pointed_in(spoken(), figure)


def percent(basis_points: int) -> str:
    """`20 %`, `5.5 %` or `5,5 %`."""
    return pointed(money.percent(basis_points))


def quantity(milli: int) -> str:
    """`2`, `0.742` or `0,742`."""
    return pointed(money.quantity(milli))


def count(number: int, one: str, many: str = "") -> str:
    """`1 order`, `2 orders`."""
    if spoken() == "de" and one in COUNTS:
        return f"{number} {COUNTS[one][number != 1]}"
    return f"{number} {one if number == 1 else many or one + 's'}"


@cache
def german() -> Tongue:
    """What the pages say in German; of the rules it is the till's, whose errors are found by their fields."""
    return Tongue({**ERRORS, **GERMAN}, {**till.GERMAN, **FILLED}, moment)


@lru_cache(maxsize=2048)
def _told(words: str) -> str:
    return german().said(words)
