"""Customers' names and gift cards' numbers: sealed, found, forgotten; no event holds any."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.counter.customers import KEPT_MS, Customers
from edge_agent.counter.gifts import Gifts
from edge_agent.counter.people import People
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.stored import card_of, number_of
from tests.shop import TUESDAY_14, seeded_ids
from tests.test_stored import GuestDesk


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[GuestDesk]:
    opened = GuestDesk(tmp_path)
    yield opened
    opened.close()


def test_a_customer_is_found_by_name_or_digits_sealed_and_forgotten(tmp_path: Path) -> None:
    people = People(tmp_path, seeded_ids())
    customers = Customers(people, lambda: 7)
    ana = customers.add("Anatolia Lima", "+44 7700 900123", now=TUESDAY_14)
    ben = customers.add("Ben", card=card_of(number_of("customer", 8)), now=TUESDAY_14)
    assert [one.name for one in customers.all(TUESDAY_14)] == ["Anatolia Lima", "Ben"]
    assert [one.matches(words) for words in ("lima", "900123", "anat 0123", "", "ben") for one in (ana,)] == [
        True, True, True, True, False,
    ]  # fmt: skip
    raw = (tmp_path / "people.db").read_bytes()
    assert not any(word in raw for word in (b"Anatolia", b"900123", ana.number.encode()))
    later = TUESDAY_14 + KEPT_MS - 1
    assert customers.known(ana.account, later) is not None
    assert customers.forget_due(later + 1) == 1
    assert customers.known(ben.account, later + 1) is None
    customers.forget(ana.account)
    assert customers.all(TUESDAY_14) == []
    with pytest.raises(NotKnown):
        customers.forget(ana.account)
    with pytest.raises(BadInput, match="needs a name"):
        customers.add(" ", now=TUESDAY_14)


def test_a_gift_cards_number_is_sealed_and_comes_back_with_a_copy_of_the_receipt(
    counter: GuestDesk, tmp_path: Path
) -> None:
    gifts = Gifts(People(tmp_path, seeded_ids()), lambda: 77)
    card = gifts.fresh()
    assert gifts.number(card.account) == card.number
    assert gifts.number("00" * 8) == ""
    assert card.number.encode() not in (tmp_path / "people.db").read_bytes()
    counter.paper._number = gifts.number
    counter.load(800, card)
    counter.jobs.clear()
    assert counter.paper.reprint(1)
    assert [job for job, _ in counter.jobs] == [f"card-{card.account}", "00000001-copy"]
    for (line,) in counter.reading.db.execute("SELECT line FROM journal"):
        assert card.number.encode() not in line
