"""Finding an item by a part of anything that is known of it, fast enough for every key: all texts are read through."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

LINE = b"\n"
ANY = "surrogatepass"
TOGETHER = 2000
"""Texts a block: what is read to answer with one of them."""
MOST_LOOKED_AT = 500
MOST_WORDS = 2
"""Items that are looked at before the search says what it has: a word that is in everything finds enough of them."""


def folded(text: str) -> str:
    """Small letters without accents: "Pão" -> "pao", "Straße" -> "strasse"."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


class Blocks(Protocol):
    """Where texts are kept, some hundreds together; a list will do."""

    def append(self, block: bytes, /) -> None: ...

    def __getitem__(self, number: int, /) -> bytes: ...

    def __len__(self) -> int: ...


class _Lines:
    """Texts under one another; a search reads through them block by block and keeps none."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks, self._fresh, self._many = blocks, list[bytes](), 0

    def add(self, text: str) -> None:
        """Put a text behind the others."""
        self._fresh.append(LINE + _bytes(text.replace("\n", " ")))
        self._many += 1
        if len(self._fresh) == TOGETHER:
            self._keep()

    def close(self) -> None:
        """All are there."""
        if self._fresh:
            self._keep()

    def _keep(self) -> None:
        self._blocks.append(b"".join((*self._fresh, LINE)))
        self._fresh.clear()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """The blocks, each with the place of its first text; every text has the end of a line in front and behind."""
        for number in range(len(self._blocks)):
            yield number * TOGETHER, self._blocks[number]

    def holding(self, wanted: bytes, words: Sequence[bytes], most: int) -> Iterator[int]:
        """Places of texts that hold `wanted` and every word; looks at no more than `most` that hold `wanted`."""
        for first, block in self:
            for place, text in _holding(block, wanted):
                if all(word in text for word in words):
                    yield first + place
                most -= 1
                if most == 0:
                    return

    def at(self, places: Iterable[int]) -> list[str]:
        """The texts at these places."""
        read: dict[int, list[bytes]] = {}
        found = []
        for number, line in (divmod(place, TOGETHER) for place in places):
            if number not in read:
                read[number] = self._blocks[number].split(LINE)[1:]
            found.append(read[number][line].decode(errors=ANY))
        return found

    def first(self, most: int) -> range:
        """The places of the first texts."""
        return range(min(most, self._many))


def _holding(block: bytes, wanted: bytes) -> Iterator[tuple[int, bytes]]:
    """The texts of a block that hold `wanted`, each with its place in it."""
    at, counted, place = block.find(wanted), 0, -1
    while at >= 0:
        start = block.rfind(LINE, 0, at + 1)
        end = block.find(LINE, start + 1)
        place += block.count(LINE, counted, start + 1)
        yield place, block[start:end]
        counted, at = start + 1, block.find(wanted, end)


def _bytes(text: str) -> bytes:
    return text.encode(errors=ANY)


def _rank(text: bytes, word: bytes) -> int:
    """0: the text begins with the word, 1: one of its words does, 2: it is somewhere in it."""
    if text.startswith(word, len(LINE)):
        return 0
    return 1 if b" " + word in text else 2


class FindIndex:
    """Made in one pass and never changed; what it keeps lies in three sequences of `blocks`, some 70 bytes an item."""

    def __init__(self, items: Iterable[tuple[str, str, Sequence[str]]], blocks: Callable[[], Blocks] = list) -> None:
        """Of (SKU, name, codes), best in the order in which what is found is to be shown."""
        self._skus, self._names, self._numbers = _Lines(blocks()), _Lines(blocks()), _Lines(blocks())
        for sku, name, codes in items:
            self._skus.add(sku)
            self._names.add(" ".join(folded(name).split()))
            self._numbers.add(" ".join((folded(sku), *(code.lstrip("0") for code in codes))))
        for lines in (self._skus, self._names, self._numbers):
            lines.close()

    def search(self, text: str, limit: int) -> list[str]:
        """SKUs of items that hold every word of `text`: names that hold it as it is typed first, of them those that
        begin so; then its words in any order, as far as a glance at the catalogue finds them; then numbers."""
        words = [_bytes(word) for word in folded(text).split()]
        if not words:
            return self._skus.at(self._skus.first(limit))
        found = list(dict.fromkeys(self._named(b" ".join(words), limit)))
        if len(found) < limit and len(words) > 1:
            for word in sorted(words, key=len, reverse=True)[:MOST_WORDS]:
                found += self._names.holding(word, words, MOST_LOOKED_AT)
        if len(found) < limit:
            found += self._numbers.holding(max(words, key=len), words, limit)
        return self._skus.at(list(dict.fromkeys(found))[:limit])

    def _named(self, whole: bytes, limit: int) -> list[int]:
        """Names that begin so, from all of the catalogue; then what a glance at it finds that hold it, the best first.

        Both in one reading."""
        begin, anywhere = list[int](), list[tuple[int, int]]()
        for first, block in self._names:
            if whole not in block:
                continue
            begin += [first + place for place, _ in islice(_holding(block, LINE + whole), limit - len(begin))]
            if len(begin) == limit:
                return begin
            left = MOST_LOOKED_AT - len(anywhere)
            anywhere += [(_rank(one, whole), first + place) for place, one in islice(_holding(block, whole), left)]
        return begin + [place for _, place in sorted(anywhere)]
