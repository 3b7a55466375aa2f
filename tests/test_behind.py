"""The views of a long journal come round behind selling: after an upgrade, and when another feed begins."""

import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import pytest

from edge_agent.journal import behind, fold
from edge_agent.journal.fold import Folding, lay_out, tables
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import content_of, verify
from edge_agent.wire.messages import FeedEntry
from tests.shop import BREAD, CHOCOLATE, MILK, open_journal, record, scripted_clock, seeded_ids, sold

SALES = 30


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of events is a long journal here, and its rebuild begins at once."""
    monkeypatch.setattr(fold, "AT_ONCE", 5)
    monkeypatch.setattr(behind, "BEGIN_AFTER_S", 0.0)
    monkeypatch.setattr(behind, "EVENTS", 4)
    monkeypatch.setattr(behind, "ROWS", 3)


def a_year(folder: Path) -> Journal:
    """A journal with sales, between which prices came in the feed."""
    journal = open_journal(folder)
    prices = [entry(number, 200 + number) for number in range(1, 4)]
    for receipt in range(1, SALES):
        record(journal, sold(receipt, "milk", "choc"))
        if receipt % 10 == 0:
            journal.take_feed("g1", [prices[receipt // 10 - 1]]).result()
    assert journal.came_round(20)
    return journal


def entry(cursor: int, price: int) -> FeedEntry:
    return FeedEntry(
        cursor=cursor, kind="item_set", v=1, at=0, body=MILK.model_copy(update={"price": price}).model_dump()
    )


def price_of_milk(memory: Reading) -> int:
    found = memory.item("milk")
    assert found is not None
    return found.price


def reopened(folder: Path) -> Journal:
    return Journal.open(folder / "data", scripted_clock(folder), seeded_ids(2))


def as_an_older_program(file: Path, sql: str = "") -> None:
    """The views as a program kept them that folded otherwise."""
    db = apsw.Connection(str(file))
    db.execute(f"UPDATE mark SET value = 'older' WHERE name = 'views'; {sql}").fetchall()
    db.close()


def wrong(folder: Path) -> Path:
    """A closed till whose older program added nothing up."""
    a_year(folder).close()
    as_an_older_program(folder / "data" / "journal.db", "UPDATE receipt SET total = 0")
    return folder / "data" / "journal.db"


def test_a_till_sells_at_once_after_an_upgrade_and_its_views_come_round_behind(tmp_path: Path) -> None:
    wrong(tmp_path)
    journal = reopened(tmp_path)
    record(journal, sold(SALES, "bread"))
    assert journal.came_round(20)
    record(journal, sold(SALES + 1, "bread"))
    with journal.reading() as memory:
        assert verify(memory.db).views["receipt"] == SALES + 1
        assert memory.stock("bread").on_hand == -2000
    journal.close()


def test_sales_that_are_made_during_the_rebuild_stand_in_the_new_views(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong(tmp_path)
    ready, go_on, copies = threading.Event(), threading.Event(), behind._copies

    def copied(fresh: apsw.Connection) -> Iterator[object]:
        yield from copies(fresh)
        ready.set()
        go_on.wait(10)

    monkeypatch.setattr(behind, "_copies", copied)
    journal = reopened(tmp_path)
    assert ready.wait(10)
    record(journal, sold(SALES, "bread"))
    journal.take_feed("g1", [entry(4, 999)]).result()
    with journal.reading() as memory:
        assert verify(memory.db).views == {}, "they are said to be stale"
    go_on.set()
    assert journal.came_round(20)
    with journal.reading() as memory:
        assert verify(memory.db).views["receipt"] == SALES
        assert price_of_milk(memory) == 999
    journal.close()


def test_a_till_that_is_closed_in_the_middle_begins_anew_and_comes_to_an_end(tmp_path: Path) -> None:
    wrong(tmp_path)
    for _ in range(3):
        reopened(tmp_path).close()
    journal = reopened(tmp_path)
    assert journal.came_round(20)
    with journal.reading() as memory:
        assert verify(memory.db).views["receipt"] == SALES - 1
        assert not memory.db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'fresh%'").fetchall()
    journal.close()
    assert not (tmp_path / "data" / "views.next").exists()


def test_a_table_that_an_older_program_laid_out_otherwise_is_folded_before_the_till_opens(tmp_path: Path) -> None:
    a_year(tmp_path).close()
    as_an_older_program(tmp_path / "data" / "journal.db", "ALTER TABLE stock ADD COLUMN colour TEXT")
    journal = reopened(tmp_path)
    with journal.reading() as memory:
        assert verify(memory.db).views["receipt"] == SALES - 1
    journal.close()


def test_another_feed_holds_at_once_and_is_told_when_the_views_have_come_round(tmp_path: Path) -> None:
    journal = a_year(tmp_path)
    told: list[int] = []
    journal.listen_feed(lambda entries: told.extend(one.cursor for one in entries))
    order = FeedEntry(cursor=2, kind="till_note", v=1, at=0, body={})
    journal.take_feed("g2", [entry(1, 555), order]).result()
    record(journal, sold(SALES, "bread"))
    assert journal.came_round(20)
    with journal.reading() as memory:
        assert memory.mark().generation == "g2"
        assert price_of_milk(memory) == 555
        assert memory.event(memory.last_seq()).feed == 2
        verify(memory.db)
    assert told == [2]
    journal.close()


def test_a_feed_that_is_renewed_twice_in_a_row_ends_with_the_last(tmp_path: Path) -> None:
    journal = a_year(tmp_path)
    for number in range(2, 6):
        journal.take_feed(f"g{number}", [entry(1, 100 * number)]).result()
    assert journal.came_round(20)
    with journal.reading() as memory:
        assert price_of_milk(memory) == 500
        assert verify(memory.db).views
    journal.close()


@pytest.mark.parametrize("stretch", [1, 2, 3, 7, 1000])
def test_folding_stretch_by_stretch_gives_what_folding_at_once_gives(tmp_path: Path, stretch: int) -> None:
    journal = a_year(tmp_path)
    journal.begin_again("restored").result()
    journal.take_feed("g2", [entry(1, 321), entry(2, 322)]).result()
    record(journal, sold(SALES, "bread"), BREAD, CHOCOLATE)
    assert journal.came_round(20)
    with journal.reading() as memory:
        fresh = apsw.Connection(":memory:")
        lay_out(fresh)
        folding = Folding(memory.db, fresh)
        while folding.go_on(random.Random(stretch).randrange(1, stretch + 1)):
            pass
        assert contents(fresh) == contents(memory.db)
    journal.close()


def contents(db: apsw.Connection) -> Sequence[tuple[str, object]]:
    return [(table, content_of(db, table)) for table in tables()]
