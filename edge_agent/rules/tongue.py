"""What screen and paper say, in the shop's language: English stands where it is said, German in `german`."""

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from edge_agent.rules.german import GERMAN

COMMAS = frozenset({"de"})
"""Languages with a comma before the decimals."""
Other = Callable[[str], str]
FIELD = re.compile(r"\{([a-z_]\w*)(:told)?[^}]*\}")
"""A field of a text; one that is `told` holds words that have a translation, too."""


class Tongue:
    """A language's texts by the English ones; those that are `spoken` are not found again by their fields, `other`
    tells what is no text, as a date is."""

    def __init__(
        self, texts: Mapping[str, str], spoken: Mapping[str, str] = MappingProxyType({}), other: Other = str
    ) -> None:
        self._texts, self._spoken, self._other = texts, spoken, other
        self._patterns: list[tuple[re.Pattern[str], str]] = []

    def say(self, text: str, /, **fields: object) -> str:
        """The text, its {fields} filled in; what has no translation is said in English."""
        words = self._spoken.get(text) or self._texts.get(text, text)
        return words.format(**fields) if fields else words

    def said(self, words: str) -> str:
        """Words that were said in English already, as an error's are: found again by their text, else by its fields."""
        if exact := self._texts.get(words) or self._spoken.get(words):
            return exact
        for pattern, text in self._of_fields():
            found = pattern.fullmatch(words)
            if found:
                return self._filled(text, found.groupdict())
        return self._other(words)

    def _filled(self, text: str, fields: Mapping[str, str]) -> str:
        return FIELD.sub(lambda field: self.said(fields[field[1]]) if field[2] else fields[field[1]], text)

    def _of_fields(self) -> list[tuple[re.Pattern[str], str]]:
        """Texts with fields: those that begin with words first, of these the longest: it says most."""
        if not self._patterns:
            # A text of nothing but fields, as a date is, would be found in every error of as many words.
            texts = [text for text in self._texts if FIELD.search(text) and FIELD.sub("", text).strip()]
            ordered = sorted(texts, key=lambda text: (text[0] != "{", len(FIELD.sub("", text))), reverse=True)
            self._patterns = [(_pattern(text), self._texts[text]) for text in ordered]
        return self._patterns


@cache
def german() -> Tongue:
    """What the till says in German."""
    return Tongue(GERMAN)


def say_in(language: str, text: str, /, **fields: object) -> str:
    """The text in that language, its {fields} filled in; what has no translation is said in English."""
    if language == "de":
        return german().say(text, **fields)
    return text.format(**fields) if fields else text


def pointed_in(language: str, figure: str) -> str:
    """A figure with the language's mark before its decimals."""
    return figure.replace(".", ",") if language in COMMAS else figure


def said_in(language: str, words: str) -> str:
    """Words that were said in English already, as an error's are: found again by their text, else by its fields."""
    return german().said(words) if language == "de" else words


@lru_cache(maxsize=128)
def cut_in(language: str, kind: str, name: str) -> str:
    """What came off a line: a discount by hand in that language; a promotion has the name that the shop gave it."""
    return pointed_in(language, said_in(language, name)) if kind in ("line", "sale") else name


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{([a-z_]\w*)[^}]*\}", text)
    spelt = [re.escape(part) if place % 2 == 0 else f"(?P<{part}>.+?)" for place, part in enumerate(parts)]
    return re.compile("".join(spelt), re.DOTALL)
