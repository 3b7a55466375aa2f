"""Finding an item: the same answers in the same order from a file as from memory, whatever items are called."""

import os
import string
import weakref
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.counter.finding import Finder, Texts
from edge_agent.journal.log import Journal
from edge_agent.rules import finding
from edge_agent.rules.finding import FindIndex
from tests.shop import SHOP, item, open_journal, record

HOSTILE = ("[/] off\nsecond line", "\x1b[2J wiped", "\u202eright to left", "a\x00b", "Ünder" * 800, "\ud800 torn")
NAMES = st.lists(st.text("ab ", max_size=6), min_size=1, max_size=40)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "TOGETHER", 3)


def _wanted(names: Sequence[str], text: str, limit: int) -> list[str]:
    """What a look at every name finds: those that begin so, then those that hold it, last its words in any order."""
    words, rows = text.split(), list(enumerate(" ".join(name.split()) for name in names))
    whole = " ".join(words)
    begin = [place for place, name in rows if name.startswith(whole)]
    hold = sorted((0 if f" {whole}" in f" {name}" else 1, place) for place, name in rows if whole in name)
    longest = sorted(words, key=len, reverse=True)[:2]
    loose = [place for word in longest for place, name in rows if word in name and all(one in name for one in words)]
    return [f"s{place}" for place in dict.fromkeys([*begin, *(place for _, place in hold), *loose])][:limit]


@given(NAMES, st.text("ab ", min_size=1, max_size=6).filter(str.strip), st.integers(1, 9))
def test_what_begins_so_comes_first_then_what_holds_it_then_its_words(names: list[str], text: str, limit: int) -> None:
    index = FindIndex((f"s{place}", name, ()) for place, name in enumerate(names))
    assert index.search(text, limit) == _wanted(names, text, limit)


def test_an_index_in_a_file_answers_as_one_in_memory(tmp_path: Path) -> None:
    rows = [(f"s{place}", f"{letter}{place} pao {name}", [f"0{place:05d}"]) for place, letter, name in _goods()]
    there, here = FindIndex(rows, Texts(tmp_path).sequence), FindIndex(rows)
    for text in ("", "a", "pao", "0", "17", "pao a1", "e2 pao", "under", "off second", "nothing", "s1", "\ud800"):
        assert there.search(text, 9) == here.search(text, 9), text
    assert there.search("second line", 9) == ["s0", "s6", "s12", "s18", "s24"]


def _goods() -> list[tuple[int, str, str]]:
    return [(place, string.ascii_letters[place], HOSTILE[place % len(HOSTILE)]) for place in range(26)]


def test_the_file_has_no_name_and_goes_with_its_index(tmp_path: Path) -> None:
    texts = Texts(tmp_path)
    alive = weakref.ref(texts)
    index = FindIndex([("1", "Tea", ())], texts.sequence)
    del texts
    assert (index.search("tea", 1), list(tmp_path.iterdir())) == (["1"], [])
    del index
    assert alive() is None


def _shop(folder: Path) -> Journal:
    return open_journal(folder, (SHOP, item("tea", "Green tea", 250, 2000, "04000000000017")))


def test_a_changed_catalogue_is_found_with_the_next_index(tmp_path: Path) -> None:
    journal = _shop(tmp_path)
    finder = Finder(journal)
    assert finder.search("tea", 9) is None
    finder.make()()
    assert (finder.search("tea", 9), finder.search("17", 9), finder.is_stale) == (["tea"], ["tea"], False)
    record(journal, item("jam", "Jam for tea", 300, 2000, "04000000000024"))
    assert finder.is_stale
    finder.make()()
    assert (finder.search("tea", 9), finder.search("jam", 9)) == (["tea", "jam"], ["jam"])
    journal.close()


def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = _shop(tmp_path)
    finder = Finder(journal)
    finder.make()()

    def torn(*_: object) -> bytes:
        raise OSError("the card is gone")

    with monkeypatch.context() as worn:
        worn.setattr(os, "pread", torn)
        assert (finder.search("tea", 9), finder.is_stale) == (None, True)
    finder.make()()
    assert finder.search("tea", 9) == ["tea"]
    journal.close()
