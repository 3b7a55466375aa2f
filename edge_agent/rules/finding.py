"""Finding an item by a part of anything that is known of it, fast enough for every key: one text of all items."""

import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

LINE = "\n"
JOINED = 500
MOST_LOOKED_AT = 500
MOST_WORDS = 2
"""Items that are looked at before the search says what it has: a word that is in everything finds enough of them."""


def folded(text: str) -> str:
    """Small letters without accents: "Pão" -> "pao", "Straße" -> "strasse"."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


class _Lines:
    """Texts under one another in one string; a search reads it at memory's speed."""

    def __init__(self) -> None:
        self._starts = array("I")
        self._parts, self._fresh = list[str](), list[str]()
        self._at, self._text = 0, ""

    def add(self, text: str) -> None:
        """Put a text behind the others; a few hundred are joined at a time: alone each would cost 60 bytes more."""
        line = LINE + text.replace(LINE, " ")
        self._starts.append(self._at)
        self._fresh.append(line)
        self._at += len(line)
        if len(self._fresh) >= JOINED:
            self._parts.append("".join(self._fresh))
            self._fresh.clear()

    def close(self) -> None:
        """All are there: what is searched is one string."""
        self._text = "".join([*self._parts, *self._fresh, LINE])
        self._parts.clear()
        self._fresh.clear()

    def holding(self, wanted: str, words: Sequence[str], most: int) -> Iterator[int]:
        """Places of texts that hold `wanted` and every word; looks at no more than `most` that hold `wanted`."""
        at = self._text.find(wanted)
        while at >= 0 and most > 0:
            place = bisect_right(self._starts, at) - 1
            end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._text) - 1
            line = self._text[self._starts[place] : end]
            if all(word in line for word in words):
                yield place
            most -= 1
            at = self._text.find(wanted, end)

    def __getitem__(self, place: int) -> str:
        """The text at a place."""
        end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._text) - 1
        return self._text[self._starts[place] + 1 : end]

    def first(self, most: int) -> range:
        """The places of the first texts."""
        return range(min(most, len(self._starts)))

    def rank(self, place: int, word: str) -> int:
        """0: the text begins with the word, 1: one of its words does, 2: it is somewhere in it."""
        start = self._starts[place]
        if self._text.startswith(word, start + 1):
            return 0
        end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._text)
        return 1 if self._text.find(" " + word, start, end) >= 0 else 2


class FindIndex:
    """Some 70 bytes an item; made in one pass that holds no more than it keeps, and never changed."""

    def __init__(self, items: Iterable[tuple[str, str, Sequence[str]]]) -> None:
        """Of (SKU, name, codes), best in the order in which what is found is to be shown."""
        self._skus, self._names, self._numbers = _Lines(), _Lines(), _Lines()
        for sku, name, codes in items:
            self._skus.add(sku)
            self._names.add(" ".join(folded(name).split()))
            self._numbers.add(" ".join((folded(sku), *(code.lstrip("0") for code in codes))))
        self._skus.close()
        self._names.close()
        self._numbers.close()

    def search(self, text: str, limit: int) -> list[str]:
        """SKUs of items that hold every word of `text`: names that hold it as it is typed first, of them those that
        begin so; then its words in any order, as far as a glance at the catalogue finds them; then numbers."""
        words = folded(text).split()
        if not words:
            return [self._skus[place] for place in self._skus.first(limit)]
        whole = " ".join(words)
        found = list(self._names.holding(LINE + whole, (), limit))
        if len(found) < limit:
            anywhere = self._names.holding(whole, (), MOST_LOOKED_AT)
            found += sorted(anywhere, key=lambda place: (self._names.rank(place, whole), place))
        if len(found) < limit and len(words) > 1:
            for word in sorted(words, key=len, reverse=True)[:MOST_WORDS]:
                found += self._names.holding(word, words, MOST_LOOKED_AT)
        if len(found) < limit:
            found += self._numbers.holding(max(words, key=len), words, limit)
        return [self._skus[place] for place in dict.fromkeys(found)][:limit]
