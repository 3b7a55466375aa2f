"""What screen and paper say, in the shop's language: English stands where it is said, German in `german`."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from edge_agent.rules.german import GERMAN

COMMAS = frozenset({"de"})
"""Languages with a comma before the decimals."""
FIELD = re.compile(r"\{(\w+)[^}]*\}")


def say_in(language: str, text: str, /, **fields: object) -> str:
    """The text in that language, its {fields} filled in; what has no translation is said in English."""
    words = GERMAN.get(text, text) if language == "de" else text
    return words.format(**fields) if fields else words


def pointed_in(language: str, figure: str) -> str:
    """A figure with the language's mark before its decimals."""
    return figure.replace(".", ",") if language in COMMAS else figure


def said_in(language: str, words: str) -> str:
    """Words that were said in English already, as an error's are: found again by their text, else by its fields."""
    if language != "de" or words in GERMAN:
        return say_in(language, words)
    for pattern, german in _patterns():
        found = pattern.fullmatch(words)
        if found:
            return _filled(german, found.groupdict())
    return words


@lru_cache(maxsize=128)
def cut_in(language: str, kind: str, name: str) -> str:
    """What came off a line: a discount by hand in that language; a promotion has the name that the shop gave it."""
    return pointed_in(language, said_in(language, name)) if kind in ("line", "sale") else name


def _filled(text: str, fields: Mapping[str, str]) -> str:
    return FIELD.sub(lambda field: fields[field[1]], text)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Texts with fields, the longest first: it says most."""
    # A text of nothing but fields, as a date is, would be found in every error of as many words.
    texts: Mapping[str, str] = {
        text: german for text, german in GERMAN.items() if FIELD.search(text) and FIELD.sub("", text).strip()
    }
    ordered = sorted(texts, key=lambda text: len(FIELD.sub("", text)), reverse=True)
    return [(_pattern(text), texts[text]) for text in ordered]


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)[^}]*\}", text)
    spelt = [re.escape(part) if place % 2 == 0 else f"(?P<{part}>.+)" for place, part in enumerate(parts)]
    return re.compile("".join(spelt), re.DOTALL)
