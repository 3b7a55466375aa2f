"""The experiment played by a script: its books find a sale that no till made, and agree where nothing is planted."""

from datetime import date
from pathlib import Path

import pytest

from scripts.ninety.books import Books, half_up, lands, quarter_of, vat_in
from scripts.ninety.play import SHORT, run


def test_the_books_that_it_is_judged_by_know_the_worked_numbers() -> None:
    assert (vat_in(1_999, 20), vat_in(801, 20), vat_in(100, 0)) == (333, 134, 0)
    assert (half_up(5, 10), half_up(-5, 10), half_up(4, 10)) == (1, -1, 0)
    monday = date(2026, 3, 2).toordinal()
    # Monday's card money is there on Wednesday, Friday's to Sunday's on Tuesday.
    assert [lands(monday + day) - monday for day in (0, 3, 4, 5, 6)] == [2, 7, 8, 8, 8]
    assert quarter_of(monday) == ("2026Q1", date(2026, 1, 1).toordinal(), date(2026, 3, 31).toordinal())
    books = Books()
    assert books.sells(monday, [("mug-l", 1)], "card") == 1_999
    # 1.75 % of 19.99 is .35.
    assert (books.bank(monday + 1), books.bank(monday + 2)) == (0, 1_964)
    assert books.boxes(monday, monday) == {"1": 333, "3": 333, "4": 0, "5": 333, "6": 17, "7": 0}


@pytest.mark.long
def test_three_weeks_of_it_are_equal_and_a_sale_that_no_till_made_is_found(tmp_path: Path) -> None:
    played = run(tmp_path, seed=3, before=SHORT["before"], weeks=SHORT["weeks"])
    assert played.ok, played.lines
    planted = run(tmp_path, seed=3, before=1, weeks=1, planted=True)
    assert not planted.ok
    assert any("takings of" in line and "by the books" in line for line in planted.lines)
