"""A till's settings: strict about words, and never the reason why a sale cannot be made."""

from pathlib import Path

import pytest

from edge_agent.errors import BadInput
from edge_agent.rules.opening import minutes
from edge_agent.settings import ShopSettings, hours, load, parse


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path).till.name == "Till 1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[printer]\nmodle = "x"', "modle in [printer] is not known; did you mean model?"),
        ('[scaner]\nmodel = "x"', "[scaner] is not known; did you mean scanner?"),
        ("[shop]\ndecimals = true", "decimals in [shop] is True; it should be like 2"),
        ('[shop]\naddress = "one line"', "address in [shop]"),
        ("[shop]\naddress = [1, 2]", "address in [shop]"),
        ("till = 1", "[till] is a table"),
        ("not toml", "settings.toml"),
    ],
)
def test_a_word_that_is_off_is_named_with_the_nearest_right_one(text: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse(text)
    assert words in refused.value.message


def test_a_mistyped_file_leaves_the_last_good_copy_in_use_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[till]\nname = "Kiosk"', encoding="utf-8")
    assert (load(tmp_path).till.name, load(tmp_path).said) == ("Kiosk", "")
    file.write_text('[till]\nnaem = "Kiosk 2"', encoding="utf-8")
    used = load(tmp_path)
    assert used.till.name == "Kiosk"
    assert used.said.endswith("did you mean name?; the last good copy is used")


def test_a_first_file_that_is_off_leaves_the_defaults_in_use(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[till", encoding="utf-8")
    used = load(tmp_path)
    assert used.till.name == "Till 1"
    assert used.said.endswith("the defaults are used")


def test_opening_hours_are_minutes_of_the_day_or_closed() -> None:
    assert hours(ShopSettings(mon="07:30-22:00"))[0] == (450, 1320)
    assert hours(ShopSettings())[6] is None
    with pytest.raises(BadInput, match="tue: 'noon'"):
        hours(ShopSettings(tue="noon"))
    with pytest.raises(BadInput, match="like 07:30"):
        minutes("25:00", "cutoff")
