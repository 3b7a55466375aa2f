"""The journal: durable, gap-free, chained, and every view only a fold of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.errors import BadInput, Broken, Unreachable
from edge_agent.journal import writer
from edge_agent.journal.fold import tables
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.rebuild import content_of, verify
from edge_agent.journal.writer import connect
from edge_agent.wire import events
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events import known
from edge_agent.wire.events.catalogue import HistoryImported, ItemSet
from edge_agent.wire.events.orders import OrderOutcome, OutcomeLine
from edge_agent.wire.events.stock import CountedLine, ReceivedLine, StockAdjusted, StockCounted, StockReceived
from edge_agent.wire.messages import Ack, FeedEntry
from scripts.tortures.clock import Wall
from tests.shop import BREAD, CAST, MILK, SHOP, TUESDAY_14, open_journal, record, scripted_clock, seeded_ids, sold

Rows = dict[str, tuple[int, str]]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(tmp_path)
    yield opened
    opened.close()


def entry(cursor: int, kind: str, body: Contract) -> FeedEntry:
    return FeedEntry(cursor=cursor, kind=kind, v=1, at=TUESDAY_14, body=body.model_dump())


def views(journal: Journal) -> Rows:
    with journal.reading() as reading:
        return {table: content_of(reading.db, table) for table in tables()}


def test_every_setting_of_the_writing_connection_holds(tmp_path: Path) -> None:
    db = connect(tmp_path / "journal.db")
    names = ("page_size", "journal_mode", "synchronous", "temp_store", "cache_size", "wal_autocheckpoint")
    found = tuple(db.execute(f"PRAGMA {name}").fetchall()[0][0] for name in names)
    db.close()
    assert found == (4096, "wal", 2, 2, -2048, 0)


def test_the_log_is_carried_over_by_the_page_and_later_while_somebody_reads(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOG_PAGES", 20)
    log = journal.file.with_name("journal.db-wal")

    def sell(first: int) -> int:
        for number in range(first, first + 40):
            record(journal, sold(number, "milk"))
        return log.stat().st_size // 4120

    usual = sell(1)
    assert sell(41) == usual
    with journal.reading() as reading, reading.db:
        reading.head()
        assert sell(81) > usual + 10
    grown = sell(121)
    assert sell(161) == grown


def test_a_new_journal_begins_with_its_own_birth_and_counts_without_gaps(journal: Journal) -> None:
    with journal.reading() as reading:
        events = list(reading.events())
        assert [event.seq for event in events] == list(range(1, len(CAST) + 2))
        assert (events[0].kind, events[0].body["journal"]) == ("genesis", journal.id)
        assert verify(reading.db).head == reading.head()


def test_an_act_that_fails_records_nothing_of_itself(journal: Journal) -> None:
    before = views(journal)
    long = HistoryImported(source="ab" * 32, part=1, parts=1, daily=False, rows=((1, "x" * 60, 1),) * 1000)
    with pytest.raises(BadInput, match="history_imported has"):
        journal.record(lambda _: [Draft(sold(1, "milk")), Draft(long)]).result()
    assert views(journal) == before
    record(journal, sold(1, "milk"))
    with journal.reading() as reading:
        assert verify(reading.db).head.seq == len(CAST) + 2


def test_numbers_taken_inside_the_act_are_its_own(journal: Journal) -> None:
    futures = [journal.record(lambda memory: [Draft(sold(memory.next_receipt(), "milk"))]) for _ in range(50)]
    assert [future.result()[0].body.model_dump()["receipt"] for future in futures] == list(range(1, 51))


def test_the_journal_survives_its_process(tmp_path: Path) -> None:
    first = open_journal(tmp_path)
    record(first, sold(1, "milk", "bread"))
    head, name = first.reading().head(), first.id
    first.close()
    again = Journal.open(tmp_path / "data", scripted_clock(tmp_path), seeded_ids(2))
    with again.reading() as reading:
        assert (reading.head(), again.id) == (head, name)
        assert reading.stock("milk").on_hand == -1000
    record(again, sold(2, "milk"))
    with again.reading() as reading:
        assert verify(reading.db).head.seq == head.seq + 1
    again.close()


def test_a_second_till_program_is_kept_out(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="another till program"):
        Journal.open(tmp_path / "data", scripted_clock(tmp_path), seeded_ids())


def test_a_clock_that_goes_back_is_held_and_said_to_be_unsure(tmp_path: Path) -> None:
    clock = Wall(TUESDAY_14)
    journal = Journal.open(tmp_path / "unsure", clock, seeded_ids())
    record(journal, SHOP, sold(1, "milk"))
    clock.at -= 3_600_000
    late = journal.record(lambda _: [Draft(sold(2, "milk"))]).result()[0].event
    assert late.clock == "floor"
    assert late.at >= TUESDAY_14
    journal.close()


def test_a_time_server_is_believed_when_it_sets_the_clock_back(journal: Journal, tmp_path: Path) -> None:
    record(journal, sold(1, "milk"))
    scripted_clock(tmp_path, TUESDAY_14 + 10 * 366 * 86_400_000)
    journal.record(lambda _: [Draft(sold(2, "milk"))]).result()
    scripted_clock(tmp_path, TUESDAY_14 + 60_000)
    late = journal.record(lambda _: [Draft(sold(3, "milk"))]).result()[0].event
    assert (late.at, late.clock) == (TUESDAY_14 + 60_000, "ntp")


def test_listeners_hear_what_is_durable_and_a_failing_one_stops_nothing(journal: Journal) -> None:
    heard: list[str] = []
    journal.listen(lambda done: heard.extend(one.event.kind for one in done))
    journal.listen(lambda done: 1 / 0)  # type: ignore[arg-type]
    record(journal, sold(1, "milk"))
    assert heard == ["sale_completed"]


def test_a_tampered_line_is_named(journal: Journal) -> None:
    record(journal, sold(1, "milk"), sold(2, "bread"))
    db = apsw.Connection(str(journal.file))
    db.execute("UPDATE journal SET line = CAST(replace(line, '\"total\":100', '\"total\":900') AS BLOB) WHERE seq = 7")
    with pytest.raises(Broken, match=r"event 7 \(sale_completed\)"):
        verify(db)
    db.execute("DELETE FROM journal WHERE seq = 3")
    with pytest.raises(Broken, match="event 3 is missing"):
        verify(db)
    db.close()


@pytest.mark.parametrize("table", tables())
def test_a_view_that_strays_from_the_truth_is_named(journal: Journal, table: str) -> None:
    db = apsw.Connection(str(journal.file))
    columns = [row[1:3] for row in db.execute(f"PRAGMA table_info({table})")]
    odd = ["'odd'" if kind == "TEXT" else "7" if place else "1" for place, (_, kind) in enumerate(columns)]
    values = ", ".join(odd)
    db.execute(f"REPLACE INTO {table} VALUES({values})")
    with pytest.raises(Broken, match=f"the table {re.escape(table)} "):
        verify(db)
    db.close()


def test_a_count_is_the_difference_that_it_found(journal: Journal) -> None:
    record(journal, sold(1, "milk", qty=2000))
    record(journal, StockCounted(lines=(CountedLine(sku="milk", counted=18_000, expected=-2000),), saw={}))
    record(journal, StockAdjusted(sku="milk", qty=-1000, reason="waste"), sold(2, "milk"))
    with journal.reading() as reading:
        assert reading.stock("milk").on_hand == 16_000
        assert reading.stock("milk").counted
        assert not reading.stock("bread").counted


def test_the_feed_folds_by_cursor_and_a_repeat_changes_nothing(journal: Journal) -> None:
    dearer = entry(1, "item_set", MILK.model_copy(update={"price": 199}))
    assert journal.take_feed("g1", [dearer]).result() == 1
    record(journal, sold(1, "milk"))
    before = views(journal)
    assert journal.take_feed("g1", [dearer]).result() == 1
    assert views(journal) == before
    with journal.reading() as reading:
        article = reading.by_code("04000000000013", TUESDAY_14)
        assert article is not None
        assert article.price == 199
        assert reading.event(reading.head().seq).feed == 1
        verify(reading.db)


def test_an_own_change_after_the_feed_holds_and_one_before_it_gives_way(journal: Journal) -> None:
    journal.take_feed("g1", [entry(1, "item_set", MILK.model_copy(update={"price": 199}))]).result()
    record(journal, MILK.model_copy(update={"price": 205}))
    journal.take_feed("g1", [entry(2, "item_set", BREAD.model_copy(update={"price": 360}))]).result()
    with journal.reading() as reading:
        prices = [reading.by_code(sku, TUESDAY_14).price for sku in ("milk", "bread")]  # type: ignore[union-attr]
        assert prices == [205, 360]
        verify(reading.db)


def test_a_price_with_a_start_time_waits_for_it(journal: Journal) -> None:
    record(journal, MILK.model_copy(update={"price": 210, "from_at": TUESDAY_14 + 1000}))
    with journal.reading() as reading:
        prices = [reading.by_code("milk", TUESDAY_14 + after).price for after in (0, 999, 1000)]  # type: ignore[union-attr]
    assert prices == [185, 185, 210]


def test_a_new_generation_of_the_feed_starts_over(journal: Journal) -> None:
    journal.take_feed("g1", [entry(1, "item_set", MILK.model_copy(update={"price": 199}))]).result()
    assert journal.take_feed("g2", [entry(1, "item_set", BREAD.model_copy(update={"price": 350}))]).result() == 1
    with journal.reading() as reading:
        assert reading.mark().generation == "g2"
        assert reading.by_code("milk", TUESDAY_14).price == 185  # type: ignore[union-attr]
        verify(reading.db)


class ItemSetOfOld(Contract):
    """What an older program knows of an item."""

    sku: str
    price: int


def test_what_a_newer_cloud_said_of_an_item_holds_once_the_till_is_updated(tmp_path: Path) -> None:
    with patch.dict(events.KINDS, {("item_set", 1): ItemSetOfOld}):
        known.cache_clear()
        journal = open_journal(tmp_path)
        journal.take_feed("g1", [MILK_199]).result()
        with journal.reading() as reading:
            assert reading.by_code("milk", TUESDAY_14).price == 185  # type: ignore[union-attr]
        journal.close()
    known.cache_clear()
    updated = open_journal(tmp_path, ())
    assert price(updated, "milk") == 199
    updated.close()


def price(journal: Journal, sku: str) -> int:
    with journal.reading() as reading:
        verify(reading.db)
        return reading.by_code(sku, TUESDAY_14).price  # type: ignore[union-attr]


MILK_199, BREAD_350, MILK_205 = (
    entry(1, "item_set", MILK.model_copy(update={"price": 199})),
    entry(5, "item_set", BREAD.model_copy(update={"price": 350})),
    entry(9, "item_set", MILK.model_copy(update={"price": 205})),
)


def test_the_feed_that_holds_goes_on_until_that_of_another_generation_is_whole(journal: Journal) -> None:
    told: list[FeedEntry] = []
    journal.take_feed("g1", [MILK_199]).result()
    journal.listen_feed(told.extend)
    assert journal.take_feed("g2", [BREAD_350], reached=False).result() == 1
    record(journal, sold(1, "milk"))
    assert (price(journal, "milk"), price(journal, "bread")) == (199, BREAD.price)
    with journal.reading() as reading:
        assert (reading.mark().generation, reading.staged()) == ("g1", ("g2", 5))
    assert journal.take_feed("g2", [MILK_205]).result() == 9
    assert (price(journal, "milk"), price(journal, "bread")) == (205, 350)
    with journal.reading() as reading:
        assert (reading.mark().generation, reading.staged()) == ("g2", ("", 0))
    assert told == []


def test_a_stop_while_a_feed_is_gathered_loses_nothing_of_it(journal: Journal, tmp_path: Path) -> None:
    journal.take_feed("g1", [MILK_199]).result()
    journal.take_feed("g2", [BREAD_350], reached=False).result()
    journal.close()
    again = Journal.open(tmp_path / "data", scripted_clock(tmp_path), seeded_ids(9))
    assert price(again, "milk") == 199
    again.take_feed("g2", ()).result()
    assert (price(again, "milk"), price(again, "bread")) == (MILK.price, 350)
    again.close()


def test_a_third_generation_throws_away_what_was_gathered_of_the_second(journal: Journal) -> None:
    journal.take_feed("g1", [MILK_199]).result()
    journal.take_feed("g2", [BREAD_350], reached=False).result()
    journal.take_feed("g3", [MILK_205]).result()
    assert (price(journal, "milk"), price(journal, "bread")) == (205, BREAD.price)


def test_a_cloud_that_is_what_it_was_again_throws_away_what_was_gathered(journal: Journal) -> None:
    journal.take_feed("g1", [MILK_199]).result()
    journal.take_feed("g2", [BREAD_350], reached=False).result()
    journal.take_feed("g1", [MILK_205]).result()
    assert (price(journal, "milk"), price(journal, "bread")) == (205, BREAD.price)
    with journal.reading() as reading:
        assert reading.staged() == ("", 0)


def test_the_acknowledgement_may_go_down(journal: Journal) -> None:
    for received in (5, 2):
        said = Ack(journal=journal.id, session=1, to=5, head_hash="00" * 32, received=received, safe=0)
        journal.acknowledge(said).result()
        with journal.reading() as reading:
            assert reading.mark().received == received


def test_imported_history_feeds_demand_once_and_never_takings(journal: Journal) -> None:
    rows = ((TUESDAY_14 // 3_600_000, "milk", 3000), (TUESDAY_14 // 3_600_000 - 24, "milk", 2000))
    history = HistoryImported(source="ab" * 32, part=1, parts=1, daily=False, rows=rows)
    record(journal, history, history)
    with journal.reading() as reading:
        assert [qty for _, qty in reading.demand_days("milk")] == [2000, 3000]
        assert reading.hour_profile()[1][14] == 3000
        assert reading.takings(739_678).total == 0
        assert reading.stock("milk").on_hand == 0
        assert reading.has_imported("ab" * 32)


def acts() -> st.SearchStrategy[Contract | FeedEntry]:
    sku, qty = st.sampled_from(["milk", "bread", "choc"]), st.integers(1, 20).map(lambda pieces: pieces * 1000)
    outcome = st.builds(
        OrderOutcome,
        order=st.just("5e" * 32),
        number=st.just("N-1"),
        revision=st.just(1),
        version=st.integers(1, 5),
        state=st.sampled_from(["approved", "rejected", "sent"]),
        by=st.just("owner"),
        reason=st.just(""),
        lines=st.tuples(st.builds(OutcomeLine, sku=sku, packs=st.just(1), qty=qty)),
    )
    line = st.builds(ReceivedLine, sku=sku, qty=qty, ordered=st.none(), expires=st.none())
    return st.one_of(
        st.builds(lambda s, q: sold(1, s, qty=q), sku, qty),
        st.builds(StockReceived, order=st.just("5e" * 32), supplier=st.just("north"), lines=st.tuples(line)),
        st.builds(StockAdjusted, sku=sku, qty=qty, reason=st.just("found")),
        st.builds(lambda p: MILK.model_copy(update={"price": p, "codes": (str(p),)}), st.integers(1, 99)),
        outcome,
        st.builds(lambda p: entry(1, "item_set", MILK.model_copy(update={"price": p})), st.integers(100, 199)),
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(acts(), max_size=25))
def test_any_history_of_events_and_feed_rebuilds_to_the_same_tables(
    tmp_path_factory: pytest.TempPathFactory, history: list[Contract | FeedEntry]
) -> None:
    journal = open_journal(tmp_path_factory.mktemp("any"))
    receipts = cursor = 0
    for act in history:
        if isinstance(act, FeedEntry | OrderOutcome):
            cursor += 1
            fed = entry(cursor, "order_outcome", act) if isinstance(act, OrderOutcome) else act
            journal.take_feed("g", [fed.model_copy(update={"cursor": cursor})]).result()
            continue
        receipts += act.__class__.__name__ == "SaleCompleted"
        record(journal, act.model_copy(update={"receipt": receipts}) if "receipt" in type(act).model_fields else act)
    with journal.reading() as reading:
        verify(reading.db)
    journal.close()


def test_an_item_that_changes_its_code_leaves_the_old_one_unknown(journal: Journal) -> None:
    changed: ItemSet = MILK.model_copy(update={"codes": ("04000000000999",)})
    record(journal, changed)
    with journal.reading() as reading:
        assert reading.by_code("04000000000013", TUESDAY_14) is None
        assert reading.by_code("04000000000999", TUESDAY_14) is not None
