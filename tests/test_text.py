"""Text at the door and at the sinks: hostile names lose their powers, good names keep their letters."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.text import cells, clean_name, fits, for_csv_cell, for_paper, from_csv_cell, padded
from tests.hostile import hostile_names

ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


def is_clean(name: str) -> bool:
    return all(unicodedata.category(sign)[0] != "C" for sign in name) and not set(name) & set(
        "\u2028\u2029\u115f\u3164"
    )


def test_two_hundred_hostile_names_come_in_without_any_control_or_bidi_sign() -> None:
    names = [clean_name(name) for name in hostile_names()]
    assert len(names) == 200
    assert [name for name in names if not is_clean(name) or len(name) > 80 or name != name.strip()] == []


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    clean = clean_name(text)
    assert is_clean(clean)
    assert clean_name(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Crème fraîche 30 %", "Crème fraîche 30 %"),
        ("  Oat \t milk\n1 l ", "Oat milk 1 l"),
        ("Cafe\u0301", "Café"),
        ("\x1b[2JMilk", "[2JMilk"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("a\u200bb\u00adc", "abc"),
        ("日本語", "日本語"),
        ("\x00\x07\u200e", ""),
    ],
)
def test_good_letters_stay_and_the_rest_goes(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


def test_a_name_of_4000_signs_is_cut_to_eighty() -> None:
    assert clean_name("Ab " * 2000) == ("Ab " * 27)[:80].rstrip()


@given(ANY_TEXT)
def test_what_goes_to_paper_never_holds_a_control_sign(text: str) -> None:
    assert all(unicodedata.category(sign)[0] != "C" for sign in for_paper(text))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", '"=', "'=", " =", "\uff1d", "|", "%"])
def test_a_cell_that_would_run_as_a_formula_is_disarmed(start: str) -> None:
    cell = for_csv_cell(start + "1+1")
    assert isinstance(cell, str)
    assert cell.startswith("'")
    assert from_csv_cell(cell) == start + "1+1"


@pytest.mark.parametrize("good", ["Milk 1 l", "7-Up", "A=B", "", "'s-Hertogenbosch"])
def test_a_harmless_cell_stays_as_it_is(good: str) -> None:
    assert for_csv_cell(good) == good


def test_numbers_go_out_as_numbers() -> None:
    assert for_csv_cell(-370) == -370


@given(st.lists(ANY_TEXT.filter(lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text)), max_size=4))
def test_every_text_comes_back_from_a_csv_file_as_it_was(row: list[str]) -> None:
    page = io.StringIO(newline="")
    csv.writer(page).writerow([*map(for_csv_cell, row), "end"])
    (back,) = csv.reader(io.StringIO(page.getvalue(), newline=""))
    assert [from_csv_cell(cell) for cell in back[:-1]] == row


@given(ANY_TEXT, st.integers(0, 60))
def test_a_fitted_text_never_takes_more_cells_than_it_was_given(text: str, width: int) -> None:
    assert cells(fits(text, width)) <= width
    assert cells(padded(text, width)) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Oat milk", 8, "Oat milk"),
        ("Oat milk", 7, "Oat mi."),
        ("日本語", 5, "日本."),
        ("日本語", 4, "日."),
        ("abc", 2, "ab"),
    ],
)
def test_a_cut_shows_and_wide_letters_count_double(text: str, width: int, shown: str) -> None:
    assert fits(text, width) == shown
