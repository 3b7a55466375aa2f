"""Card numbers: typed into a text their last four figures stay; as a code they are never sold under; GTINs are left."""

import random

import pytest

from edge_agent.rules.barcode import check_digit, is_gtin
from edge_agent.rules.card import is_card, without_cards
from edge_agent.rules.text import clean_name

PREFIXES = (
    "",
    "0",
    "00",
    "20",
    "30",
    "37",
    "40",
    "42",
    "44",
    "50",
    "52",
    "54",
    "57",
    "64",
    "69",
    "76",
    "80",
    "87",
    "978",
)
"""GS1's own prefixes, those above all that cards begin with, too."""


def made(beginning: str, length: int, chance: random.Random) -> str:
    """A number of that beginning and length whose last figure makes it a card's."""
    body = beginning + "".join(str(chance.randrange(10)) for _ in range(length - 1 - len(beginning)))
    summed = sum(
        (doubled := int(figure) * (2 - place % 2)) - 9 * (doubled > 9) for place, figure in enumerate(reversed(body))
    )
    return body + str(-summed % 10)


def gtin(length: int, chance: random.Random) -> str:
    body = chance.choice(PREFIXES) + "".join(str(chance.randrange(10)) for _ in range(length))
    return body[: length - 1] + check_digit(body[: length - 1])


CARDS = [
    made(beginning, length, random.Random(place))
    for place, (beginning, length) in enumerate(
        [
            ("4", 16),
            ("4", 19),
            ("51", 16),
            ("2720", 16),
            ("34", 15),
            ("37", 15),
            ("3528", 16),
            ("6011", 16),
            ("5018", 16),
        ]
    )
]


@pytest.mark.parametrize("card", CARDS)
def test_of_a_card_in_a_text_the_last_four_figures_stay(card: str) -> None:
    assert is_card(card)
    spaced = " ".join(card[at : at + 4] for at in range(0, len(card), 4))
    for written in (card, spaced, spaced.replace(" ", "-")):
        said = clean_name(f"2 pieces, Visa{written} 12/27")
        assert said.startswith("2 pieces, Visa*")
        assert said.endswith(f"{written[-4:]} 12/27")
        assert sum(sign.isdigit() for sign in said) <= 1 + 4 + 4
        assert clean_name(said) == said


def test_ten_thousand_products_keep_their_numbers_and_so_do_phones_and_accounts() -> None:
    chance = random.Random(20)
    numbers = [gtin(chance.choice((8, 12, 13, 14)), chance) for _ in range(10_000)]
    assert all(is_gtin(number) or not number.strip("0") for number in numbers)
    assert [one for one in numbers if is_card(one) or without_cards(f"Tea {one}, new") != f"Tea {one}, new"] == []
    for kept in ("+4915112345678901", "DE89 3704 0044 0532 0130 00", "Order 20260303-0000001", "0049 151 1234567"):
        assert clean_name(kept) == kept


def test_a_card_at_the_end_of_what_fits_shows_no_figure_more_than_its_last() -> None:
    for before in range(60, 80):
        said = clean_name("x" * before + CARDS[0])
        assert sum(sign.isdigit() for sign in said) <= 4
