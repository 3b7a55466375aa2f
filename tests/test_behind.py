"""The views of a long journal come round behind selling: after an upgrade, and when another feed begins."""

import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import copytree
from typing import Literal

import apsw
import pytest

from edge_agent.journal import behind, fold
from edge_agent.journal.fold import Folding, lay_out, tables
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import content_of, verify
from edge_agent.journal.renumbered import NUMBERED
from edge_agent.wire.events.shift import CashMoved, ShiftOpened
from edge_agent.wire.events.stock import ReceivedLine, StockReceived
from edge_agent.wire.messages import FeedEntry
from tests.shop import BREAD, CHOCOLATE, MILK, open_journal, record, scripted_clock, seeded_ids, sold
from tests.test_lineage import acknowledge

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


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A rebuild that says when it has folded, and waits for a word before its tables come over."""
    ready, go_on, copies = threading.Event(), threading.Event(), behind._copies

    def copied(fresh: apsw.Connection) -> Iterator[object]:
        ready.set()
        go_on.wait(20)
        yield from copies(fresh)

    monkeypatch.setattr(behind, "_copies", copied)
    yield ready, go_on
    go_on.set()


def full_of(folder: Path) -> Journal:
    """A long journal: shifts, receipts, goods, a limited item; the cloud has all but the last sales of it."""
    journal = a_year(folder)
    limited = MILK.model_copy(update={"limited": True})
    came = ReceivedLine(sku="milk", qty=90_000, ordered=None, expires=None)
    record(journal, limited, StockReceived(order="", supplier="", lines=(came,)))
    record(journal, ShiftOpened(number=1, day=739_678, opening=5_000, by_itself=False))
    record(journal, CashMoved(what="in", amount=700, reason=""))
    with journal.reading() as memory:
        acknowledge(journal, memory.head().seq)
    record(journal, sold(SALES, "milk"), StockReceived(order="", supplier="", lines=(came,)))
    return journal


def told(memory: Reading) -> object:
    """What a cashier is told of goods, drawer and receipts."""
    receipts = memory.db.execute("SELECT number, seq, total FROM receipt ORDER BY number").fetchall()
    shift = memory.open_shift()
    quota = memory.quota("milk")
    acts = memory.db.execute("SELECT place, seq, amount FROM act").fetchall()
    return memory.stock("milk").on_hand, quota, shift, receipts, acts, memory.next_receipt(), memory.takings(739_678)


@pytest.mark.parametrize("reason", ["fork", "restored"])
def test_a_till_sells_on_while_the_views_of_a_new_journal_come_round(
    tmp_path: Path, held_up: tuple[threading.Event, threading.Event], reason: Literal["fork", "restored"]
) -> None:
    ready, go_on = held_up
    journal = full_of(tmp_path)
    journal.begin_again(reason).result()
    assert ready.wait(20)
    record(journal, sold(SALES + 1, "milk", "bread"), CashMoved(what="out", amount=300, reason=""))
    with journal.reading() as memory:
        assert verify(memory.db).views == {}, "they are said to be stale"
        meanwhile = told(memory)
    go_on.set()
    assert journal.came_round(20)
    with journal.reading() as memory:
        assert verify(memory.db).views["receipt"] == SALES + 1
        assert told(memory) == meanwhile
    journal.close()


def test_a_journal_that_begins_while_another_rebuild_goes_on_ends_with_views_that_hold(
    tmp_path: Path, held_up: tuple[threading.Event, threading.Event]
) -> None:
    ready, go_on = held_up
    journal = full_of(tmp_path)
    journal.take_feed("g2", [entry(1, 555)]).result()
    assert ready.wait(20)
    journal.begin_again("fork").result()
    go_on.set()
    record(journal, sold(SALES + 1, "bread"))
    journal.take_feed("g2", [entry(1, 555), entry(2, 556)]).result()
    assert journal.came_round(20)
    with journal.reading() as memory:
        assert verify(memory.db).views["receipt"] == SALES + 1
        assert price_of_milk(memory) == 556
    journal.close()


def test_what_comes_back_from_the_cloud_is_known_at_once_and_the_views_come_round(
    tmp_path: Path, held_up: tuple[threading.Event, threading.Event]
) -> None:
    _, go_on = held_up
    journal = a_year(tmp_path)
    before = journal.reading().head().seq
    journal.close()
    copytree(tmp_path / "data", tmp_path / "old")
    journal = reopened(tmp_path)
    record(journal, sold(SALES, "bread"), sold(SALES + 1, "bread"))
    with journal.reading() as memory:
        lines = memory.lines(before + 1, memory.head().seq)
    journal.close()
    old = Journal.open(tmp_path / "old", scripted_clock(tmp_path), seeded_ids(3))
    old.take_back(before, lines).result()
    record(old, sold(SALES + 2, "milk"))
    with old.reading() as memory:
        assert memory.stock("bread").on_hand == -2000
    go_on.set()
    assert old.came_round(20)
    with old.reading() as memory:
        assert verify(memory.db).views["receipt"] == SALES + 2
    old.close()


def test_every_view_that_knows_where_an_event_lies_is_renumbered(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    with journal.reading() as memory:
        has = {
            table for table in tables() if "seq" in {row[1] for row in memory.db.execute(f"PRAGMA table_info({table})")}
        }
    assert has == {*NUMBERED, "journal_seen", "own_journal"}
    journal.close()


def test_a_fold_that_goes_on_where_another_came_to_looks_at_no_line_before_that(tmp_path: Path) -> None:
    journal = a_year(tmp_path)
    journal.take_feed("g2", [entry(1, 321)]).result()
    assert journal.came_round(20)
    fresh, read = apsw.Connection(":memory:"), list[bytes]()

    def looked_into(*asked: object) -> bool:
        line, word = asked
        assert isinstance(line, bytes)
        assert isinstance(word, bytes)
        read.append(line)
        return word in line

    lay_out(fresh)
    with journal.reading() as memory:
        before = Folding(memory.db, fresh)
        before.to_the_end()
    record(journal, sold(SALES, "bread"))
    with journal.reading() as memory:
        memory.db.create_scalar_function("instr", looked_into, 2)
        Folding(memory.db, fresh, before.place).to_the_end()
        lines = memory.db.execute("SELECT line FROM journal WHERE seq > ?", (before.place.seq,)).fetchall()
        assert [(line,) for line in read] == lines != []
        assert contents(fresh) == contents(memory.db)
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
