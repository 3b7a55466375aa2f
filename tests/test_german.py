"""The till in German: every text has its translation, with the same fields, and it fits where the English one does."""

import string
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.counter.shop import shop_of
from edge_agent.errors import BadInput
from edge_agent.rules.german import GERMAN
from edge_agent.rules.german_paper import PAPER
from edge_agent.rules.money import Currency
from edge_agent.rules.receipt import as_text
from edge_agent.rules.tongue import cut_in, said_in, say_in
from edge_agent.settings import Settings, ShopSettings, parse
from tests.pty_rig import ENTER, ESCAPE, F5, till
from tests.receipts import RECEIPT
from tests.screen import ITEMS, SETTINGS, matches
from tests.shop import SHOP, open_journal
from tests.texts import of_errors, of_the_keys, of_the_till, put_together

CODES = {
    *("", "GBP", "UTC", "added", "backspace", "down", "escape", "fault", "gone", "needs age", "needs weight"),
    *(
        "\\bn\\b",
        "own_use",
        "pagedown",
        "pin_refused",
        "reservation",
        "reorder: ",
        "sale_voided",
        "up",
        "list[tuple[SaleHeld, int]]",
    ),
}
"""What looks like a text in the source and is none that anybody reads."""
NOT_FOR_CASHIERS = {
    "a creator stands there twice for the same variant",
    "a drop ends after it starts, and within two weeks",
    "a live window lies within its drop's, and not behind",
    "the code {a} was used before: choose another one",
    "low, likely and high are pieces, each more than nothing and none below the one before",
    "the whole window lies behind",
    "a level lies within 0 and 1, not {a}",
    "a mean lies within 0 and {a} pieces, not {b}",
    "phi lies within 1 and {a}, not {b}",
    "the low case is a share of what is expected, above 0 and at most all of it",
    "{a}: {b}",
}
NOTE = 74
"""Cells beside the entry line on 80 columns; on the page of F1 what is longer goes on in the next row."""


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_of_the_till_has_its_german_words() -> None:
    missing = sorted(of_the_till() - set(GERMAN) - CODES)
    assert missing == [], "their German words belong into edge_agent/rules/german_*.py"


def test_every_word_of_the_row_of_keys_has_its_german_one() -> None:
    assert of_the_keys() - set(GERMAN) == {"X"}


def test_what_is_filled_into_a_text_is_a_field_of_it() -> None:
    assert put_together() == [], 'say("{name} sells", name=...), not an f-string'


def test_every_error_that_a_cashier_may_read_has_its_german_words() -> None:
    missing = [text for text in sorted(of_errors() - NOT_FOR_CASHIERS) if said_in("de", text) == text]
    assert [text for text in missing if GERMAN.get(text) != text] == []


def test_the_german_words_have_the_same_fields_and_fit_where_the_english_ones_do() -> None:
    assert [text for text, german in GERMAN.items() if fields(german) != fields(text)] == []
    room = {text: NOTE if len(text) <= NOTE else 200 for text in GERMAN}
    assert [german for text, german in GERMAN.items() if len(german) > room[text]] == []
    columns = {text: max(32, len(text)) for text in PAPER}
    assert [german for text, german in PAPER.items() if len(german) > columns[text] and "{" not in text] == []


def test_an_error_is_told_in_german_with_what_it_is_about() -> None:
    assert said_in("de", "Pale ale is not on this receipt") == "Pale ale ist nicht auf diesem Bon"
    assert said_in("de", "too many wrong PINs; wait 60 s, or scan a badge").startswith("zu viele falsche PINs; 60 s")
    assert said_in("de", "disk full") == "disk full"
    assert said_in("de", "five words are no date") == "five words are no date"
    assert said_in("de", "no printer at 127.0.0.1:9100 (Connection refused)").startswith(
        "kein Drucker an 127.0.0.1:9100"
    )
    assert said_in("en", "there is no line: scan first") == "there is no line: scan first"
    assert say_in("de", "{name} sells", name="Ana") == "Ana verkauft"


def test_a_discount_by_hand_is_german_on_screen_and_paper_and_a_promotion_keeps_its_name() -> None:
    assert cut_in("de", "line", "1.5 % off") == "1,5 % Rabatt"
    assert cut_in("de", "sale", "10 % off all") == "10 % Rabatt auf alles"
    assert cut_in("de", "promotion", "20 % off") == "20 % off"
    assert cut_in("en", "line", "1.5 % off") == "1.5 % off"


def test_the_shops_language_is_a_setting() -> None:
    assert shop_of(parse('[shop]\nlanguage = "de"')).language == "de"
    with pytest.raises(BadInput, match="language is 'fr'"):
        shop_of(Settings(shop=ShopSettings(language="fr")))


def test_a_german_receipt() -> None:
    german = replace(RECEIPT, currency=Currency("EUR", "€", 2, "de"), copy=True)
    paper = as_text(german, 42)
    for words in ("KOPIE", "Bon ", "SUMME", "MwSt-Satz", "Netto", "Brutto"):
        assert words in paper
    assert all(word not in paper for word in ("TOTAL", "COPY", "Receipt"))
    matches(paper, "receipt_german")


def test_a_sale_and_a_void_in_german(tmp_path: Path) -> None:
    folder = tmp_path
    german = SHOP.model_copy(update={"language": "de", "currency": "EUR", "symbol": "€"})
    open_journal(folder, (german, *ITEMS)).close()
    settings = SETTINGS.replace("[shop]\n", '[shop]\nlanguage = "de"\ncurrency = "EUR"\nsymbol = "€"\n')
    (folder / "data" / "settings.toml").write_text(settings)
    with till(folder, ready="F1 alle Tasten") as terminal:
        terminal.scan("04000000000013")
        terminal.keys("3", "*")
        terminal.scan("04000000000020")
        matches(terminal.wait("SUMME", "12,05", "Enter zahlen"), "till_german_sale")
        terminal.keys("\x1bOP")
        matches(terminal.wait("TASTEN: der Verkauf"), "till_german_help")
        terminal.keys(ESCAPE, *"00", ENTER)
        matches(terminal.wait("MENÜ"), "till_german_menu")
        terminal.keys(ENTER, ENTER)
        matches(terminal.wait("ZU ZAHLEN"), "till_german_pay")
        terminal.keys(ESCAPE, F5, F5)
        terminal.wait("Ganzen Verkauf über 1,85 stornieren?")
        terminal.keys(ENTER)
        terminal.wait("storniert: 1,85")
        terminal.keys(F5)
        terminal.wait("keine Zeile zum Wegnehmen")
