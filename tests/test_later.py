"""What a till did behind a cut through its journal is the same, kept from one cut to the next or added up anew."""

import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from edge_agent.journal.log import Journal
from edge_agent.journal.views import own
from edge_agent.journal.views.own import Later, later_of, own_of
from edge_agent.wire.events.stock import ReceivedLine, StockReceived
from tests.shop import open_journal, record, sold

TODAY = 739_678
SKUS = ("milk", "bread", "choc")
DAYS = [(TODAY + day, sku) for day in range(3) for sku in SKUS]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def db(journal: Journal) -> Iterator[apsw.Connection]:
    """A second connection that may write, as a rebuild has one."""
    opened = apsw.Connection(str(journal.file))
    opened.set_busy_timeout(10_000)
    yield opened
    opened.close()


def trade(journal: Journal, first: int, last: int, chance: random.Random) -> None:
    for receipt in range(first, last):
        skus = chance.choices(SKUS, k=2)
        record(journal, sold(receipt, *skus, day=TODAY + 3 * receipt // 90))
        if receipt % 7 == 0:
            line = ReceivedLine(sku=chance.choice(SKUS), qty=5000, ordered=None, expires=None)
            record(journal, StockReceived(order="", supplier="north", lines=(line,)))


def same(one: Later, other: Later) -> bool:
    """Of all that may be asked about; a Counter takes what it does not know for nothing."""
    return [one.moved[sku] for sku in SKUS] == [other.moved[sku] for sku in SKUS] and [
        one.sold[day] for day in DAYS
    ] == [other.sold[day] for day in DAYS]


def agree(db: apsw.Connection, cut: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the kept sums at this cut are those that are added up from nothing."""
    mine = own_of(db)
    monkeypatch.setattr(own, "NEAR", 10_000)
    anew = later_of(db, mine, cut, SKUS, DAYS)
    monkeypatch.setattr(own, "NEAR", 2)
    return same(later_of(db, mine, cut, SKUS, DAYS), anew)


def test_it_is_the_same_at_cuts_that_go_on_and_at_cuts_that_go_back(
    journal: Journal, db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(journal, 1, 61, random.Random(1))
    assert all(agree(db, cut, monkeypatch) for cut in (1, 5, 5, 17, 40, 41, 63, 200))
    assert all(agree(db, cut, monkeypatch) for cut in (30, 12, 50))


def test_what_is_recorded_meanwhile_is_counted(
    journal: Journal, db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(2)
    trade(journal, 1, 31, chance)
    assert agree(db, 5, monkeypatch)
    trade(journal, 31, 35, chance)
    assert agree(db, 9, monkeypatch)


def test_what_is_rolled_back_leaves_nothing_behind(
    journal: Journal, db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(journal, 1, 31, random.Random(3))
    assert agree(db, 5, monkeypatch)
    db.execute("BEGIN")
    db.execute("UPDATE receipt SET sold = '[[\"milk\",9000]]'")
    assert agree(db, 2, monkeypatch), "it is begun anew, with what stands now"
    db.execute("ROLLBACK")
    assert agree(db, 6, monkeypatch)


def test_a_till_without_a_sale_did_nothing(
    journal: Journal, db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert journal.id
    assert agree(db, 0, monkeypatch)
