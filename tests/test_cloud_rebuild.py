"""The cloud proves itself: every chain, every projection counted anew, and counting that survives whatever stops it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from cloud_sync.database import wal_is_safe
from cloud_sync.ingest import project as projecting
from cloud_sync.ingest import worker
from cloud_sync.ingest.project import project, rejudge, release
from cloud_sync.ingest.verify import verify
from cloud_sync.projections import Fact, Sums, takings
from cloud_sync.tables.events import Quarantine, RawEvent
from cloud_sync.tables.figures import DemandDay, Position, Stock, Takings, TakingsRate
from edge_agent.errors import Broken
from edge_agent.wire import events
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.stock import StockAdjusted
from tests.cloud import Cloud, FakeTill, proposal, sells, serving
from tests.shop import TUESDAY_14, sold

DAY = 739_678
GOLDEN = Path(__file__).parent / "wire" / "v1"
pytestmark = pytest.mark.both


class StockAdjustedByTheShelf(StockAdjusted):
    """What a newer program knows of it."""

    shelf: str = ""


@pytest.fixture
def cloud(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Cloud]:
    with serving(tmp_path, database=new_database()) as cloud:
        yield cloud


@pytest.fixture
def till(cloud: Cloud) -> Iterator[FakeTill]:
    till = FakeTill(cloud)
    yield till
    till.close()


def day_of_a_shop(till: FakeTill) -> None:
    """A bit of everything that is counted."""
    line = {"sku": "milk", "qty": 12_000, "ordered": None, "expires": None}
    till.says("stock_received", {"order": "", "supplier": "north", "lines": [line]})
    sells(till, 4)
    counted = [{"sku": "milk", "counted": 7_000, "expected": 8_000}]
    till.says("stock_counted", {"lines": counted, "saw": {}})
    till.says("stock_adjusted", {"sku": "milk", "qty": -2_000, "reason": "waste"})
    till.says("sale_completed", sold(5, "milk", "bread", qty=500).model_dump())
    till.says("reorder_decided", proposal())
    rows = ((TUESDAY_14 // 3_600_000 - 48, "milk", 3_000), (TUESDAY_14 // 3_600_000 - 47, "milk", 1_000))
    till.says(
        "history_imported", HistoryImported(source="0" * 64, part=1, parts=1, daily=False, rows=rows).model_dump()
    )


def stock(cloud: Cloud, sku: str = "milk") -> Stock:
    with cloud.reading() as session:
        row = session.get(Stock, (cloud.shop.tenant, cloud.shop.shop, sku))
    assert row is not None
    return row


def test_stock_is_the_sum_of_what_moved_it(till: FakeTill) -> None:
    day_of_a_shop(till)
    till.sends()
    assert stock(till.cloud).on_hand == 12_000 - 4_000 - 1_000 - 2_000 - 500
    assert stock(till.cloud).counts == 1
    assert stock(till.cloud, "bread").on_hand == -500


def test_takings_are_the_receipts_and_imported_sales_are_only_demand(till: FakeTill) -> None:
    day_of_a_shop(till)
    till.sends()
    with till.cloud.reading() as session:
        day = session.exec(select(Takings)).one()
        rate = session.exec(select(TakingsRate)).one()
        milk = {row.day: (row.sold, row.imported) for row in session.exec(select(DemandDay)) if row.sku == "milk"}
    assert (day.day, day.receipts, day.total, day.cash, day.card) == (DAY, 5, 500, 500, 0)
    assert (rate.rate, rate.gross, rate.tax) == (0, 500, 0)
    assert milk == {DAY: (4_500, 0), DAY - 2: (0, 4_000)}


def test_everything_counted_equals_its_rebuild(till: FakeTill) -> None:
    day_of_a_shop(till)
    till.says("unheard_of", {})
    till.sends()
    proved = verify(till.cloud.database)
    assert proved.journals == {till.journal: len(till.lines)}
    assert {"stock": 2, "takings": 1, "demand_day": 3, "purchase_order": 1}.items() <= proved.rows.items()


def test_a_changed_line_is_named(till: FakeTill) -> None:
    sells(till, 5)
    till.sends()
    with till.cloud.database.writing() as session:
        forged = till.lines[2].replace(b"milk", b"malt")
        session.execute(update(RawEvent).where(col(RawEvent.seq) == 3).values(line=forged))
    with pytest.raises(Broken, match="event 3"):
        verify(till.cloud.database)


def test_a_line_that_no_journal_accounts_for_is_named(till: FakeTill) -> None:
    sells(till, 2)
    till.sends()
    where = (till.paired.tenant, "c" * 32, 7)
    with till.cloud.database.writing() as session:
        session.execute(insert(RawEvent).values([(*where, "", "", b"h", b"l", 0)]))
    with pytest.raises(Broken, match=f"journal {'c' * 32}, event 7: there is no such journal"):
        verify(till.cloud.database)


def test_a_changed_figure_is_named(till: FakeTill) -> None:
    sells(till, 2)
    till.sends()
    with till.cloud.database.writing() as session:
        session.execute(update(Takings).values(total=1))
    with pytest.raises(Broken, match="takings differs"):
        verify(till.cloud.database)


def test_a_line_that_makes_the_program_fail_is_put_aside_alone(till: FakeTill, monkeypatch: pytest.MonkeyPatch) -> None:
    real = takings.add

    def fails_on_the_second(sums: Sums, fact: Fact) -> None:
        if fact.event.seq == 2:
            raise ZeroDivisionError
        real(sums, fact)

    monkeypatch.setattr(takings, "add", fails_on_the_second)
    sells(till, 3)
    till.sends()
    assert stock(till.cloud).on_hand == -2_000
    with till.cloud.reading() as session:
        (task,) = session.exec(select(Quarantine))
        assert (task.seq, task.why) == (2, "failed")
        assert session.exec(select(Position.seq)).one() == 3
    verify(till.cloud.database)


def test_a_database_in_trouble_is_no_fault_of_the_line(till: FakeTill, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_sums: Sums, _fact: Fact) -> None:
        raise OperationalError("locked", None, Exception())

    with monkeypatch.context() as trouble:
        trouble.setattr(takings, "add", locked)
        sells(till, 3)
        with pytest.raises(OperationalError):
            till.sends()
    till.cloud.count()
    assert stock(till.cloud).on_hand == -3_000
    with till.cloud.reading() as session:
        assert session.exec(select(Quarantine)).all() == []


def test_counting_goes_on_where_it_stopped_and_counts_nothing_twice(
    till: FakeTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "CHUNK", 3)
    sells(till, 10)
    till.open()
    till.push()
    for _ in range(3):
        project(till.cloud.database, TUESDAY_14)
    assert stock(till.cloud).on_hand == -10_000


def test_a_kind_that_a_newer_program_knows_is_counted_then(till: FakeTill, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(events.KINDS)
    monkeypatch.delitem(events.KINDS, ("stock_adjusted", 1))
    till.says("stock_adjusted", {"sku": "milk", "qty": 5_000, "reason": "found"})
    sells(till, 1)
    till.sends()
    assert stock(till.cloud).on_hand == -1_000
    assert rejudge(till.cloud.database, TUESDAY_14) == 0
    monkeypatch.setitem(events.KINDS, ("stock_adjusted", 1), known["stock_adjusted", 1])
    assert rejudge(till.cloud.database, TUESDAY_14) == 1
    assert rejudge(till.cloud.database, TUESDAY_14) == 0
    assert stock(till.cloud).on_hand == 4_000
    verify(till.cloud.database)


def test_a_body_that_a_newer_program_can_read_is_counted_then(till: FakeTill, monkeypatch: pytest.MonkeyPatch) -> None:
    till.says("stock_adjusted", {"sku": "milk", "qty": 5_000, "reason": "found", "shelf": "left"})
    sells(till, 1)
    till.sends()
    assert stock(till.cloud).on_hand == -1_000
    assert rejudge(till.cloud.database, TUESDAY_14) == 0
    monkeypatch.setitem(events.KINDS, ("stock_adjusted", 1), StockAdjustedByTheShelf)
    assert rejudge(till.cloud.database, TUESDAY_14) == 1
    assert rejudge(till.cloud.database, TUESDAY_14) == 0
    assert stock(till.cloud).on_hand == 4_000
    verify(till.cloud.database)


def test_a_suspected_tills_lines_count_once_it_is_released(till: FakeTill) -> None:
    from cloud_sync.accounts.devices import set_state

    with till.cloud.database.writing() as session:
        set_state(session, tenant=till.paired.tenant, device=till.paired.device, state="suspected")
    sells(till, 3)
    till.sends()
    assert release(till.cloud.database, tenant=till.paired.tenant, journal=till.journal, now=TUESDAY_14) == 3
    assert release(till.cloud.database, tenant=till.paired.tenant, journal=till.journal, now=TUESDAY_14) == 0
    assert stock(till.cloud).on_hand == -3_000
    verify(till.cloud.database)


def test_lines_that_are_released_before_counting_has_come_to_them_count_once(
    till: FakeTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cloud_sync.accounts.devices import set_state

    monkeypatch.setattr(worker, "project", lambda *_, **__: 0)
    with till.cloud.database.writing() as session:
        set_state(session, tenant=till.paired.tenant, device=till.paired.device, state="suspected")
    sells(till, 3)
    till.open()
    assert till.push().status_code == 200
    assert release(till.cloud.database, tenant=till.paired.tenant, journal=till.journal, now=TUESDAY_14) == 3
    project(till.cloud.database, TUESDAY_14)
    assert stock(till.cloud).on_hand == -3_000
    verify(till.cloud.database)


def test_every_kind_that_is_counted_late_comes_to_what_it_would_have_in_its_turn(till: FakeTill) -> None:
    from cloud_sync.accounts.devices import set_state

    for state in ("suspected", "active"):
        with till.cloud.database.writing() as session:
            set_state(session, tenant=till.paired.tenant, device=till.paired.device, state=state)
        for file in sorted(GOLDEN.glob("*.json")):
            event = event_of(file.read_bytes().rstrip(b"\n"))
            till.says(event.kind, event.body, v=event.v)
        till.sends()
    released = release(till.cloud.database, tenant=till.paired.tenant, journal=till.journal, now=TUESDAY_14)
    assert released == len(till.lines) // 2
    verify(till.cloud.database)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 54, 1), True),
    ],
)
def test_wal_is_used_only_where_sqlite_cannot_lose_a_commit(version: tuple[int, ...], *, safe: bool) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_the_database_is_fully_durable(cloud: Cloud) -> None:
    import sqlite3

    with cloud.reading() as session:
        connection = session.connection()
        wanted = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "truncate"
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == wanted
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
