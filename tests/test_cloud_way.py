"""What works beside the tills gives way to them: counting rests while a crowd comes back, and never for long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.alerts.herald import Herald
from cloud_sync.ingest import gate as gate_room
from cloud_sync.ingest import way as way_room
from cloud_sync.ingest import worker as worker_room
from cloud_sync.ingest.gate import CALM_S, CROWD_S, Gate
from cloud_sync.ingest.way import LONGEST_REST_S, WAY, Way
from cloud_sync.ingest.worker import Projector
from cloud_sync.post.ways import ways_of
from cloud_sync.rounds import Rounds
from cloud_sync.settings import Settings
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.figures import Position
from scripts.tortures.order_shop import SharedShop
from tests.cloud import Cloud
from tests.paired import until
from tests.shop import CAST, TUESDAY_14


class Moving(threading.Event):
    """An end that never comes, and a clock that goes on by as much as it is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 1_000.0

    def now(self) -> float:
        return self.at

    def wait(self, timeout: float | None = None) -> bool:
        self.at += timeout or 0
        return False


@pytest.fixture
def clock() -> Moving:
    return Moving()


def gate_of(clock: Moving, inside: int) -> Gate:
    """A gate of sixteen with so many inside."""
    gate = Gate(16, now=clock.now)
    assert [gate.enter() for _ in range(inside)] == [0] * inside
    return gate


def rested(way: Way, clock: Moving, worked_s: float) -> float:
    """How long a thread rests that has worked so long."""
    clock.at += worked_s
    began = clock.at
    assert way.give()
    return clock.at - began


def test_where_no_till_pushes_work_goes_on_at_once(clock: Moving) -> None:
    gate = gate_of(clock, 1)
    gate.leave()
    clock.at += CALM_S
    way = Way("counting", gate, clock, clock.now)
    assert way.begin()
    assert rested(way, clock, 5) == 0


def test_while_a_few_tills_push_work_has_a_tenth_of_the_time(clock: Moving) -> None:
    way = Way("counting", gate_of(clock, 3), clock, clock.now)
    clock.at += CROWD_S
    assert way.begin()
    assert rested(way, clock, 2) == pytest.approx(2 * WAY, abs=CALM_S)
    assert way.waits_s == 0


def test_while_a_crowd_is_there_work_rests_and_begins_when_it_has_left(clock: Moving) -> None:
    gate = gate_of(clock, 4)
    way = Way("counting", gate, clock, clock.now)
    leaves = iter(range(4))

    def leave_after_a_second(timeout: float | None = None) -> bool:
        if Moving.wait(clock, timeout) or clock.at < 1_001:
            return False
        for _ in leaves:
            gate.leave()
        return False

    clock.wait = leave_after_a_second  # type: ignore[method-assign]
    assert way.begin()
    assert clock.at == pytest.approx(1_001 + CROWD_S, abs=CALM_S), "it may be a gap in the crowd"


def test_while_those_that_were_sent_away_have_turns_the_crowd_is_there(clock: Moving) -> None:
    gate = Gate(1, each_s=1, now=clock.now)
    assert [gate.enter() for _ in range(11)] == [0, *range(1, 11)]
    gate.leave()
    way = Way("counting", gate, clock, clock.now)
    assert way.begin()
    assert clock.at == pytest.approx(1_010, abs=CALM_S)


def test_a_crowd_that_never_ends_holds_work_up_for_a_minute_in_all_and_then_leaves_it_its_tenth(clock: Moving) -> None:
    way = Way("counting", gate_of(clock, 16), clock, clock.now)
    assert way.begin()
    assert clock.at == pytest.approx(1_000 + LONGEST_REST_S, abs=CALM_S)
    assert rested(way, clock, 1) == pytest.approx(WAY, abs=CALM_S)
    assert rested(way, clock, 1) == pytest.approx(WAY, abs=CALM_S)
    way.through()
    assert way.waits_s == 0
    assert rested(way, clock, 0) == pytest.approx(LONGEST_REST_S, abs=CALM_S), "what comes in now may wait as long"


@contextmanager
def running(one: Rounds) -> Iterator[None]:
    one.start()
    try:
        yield
    finally:
        one.stop()


@contextmanager
def two_sold(folder: Path) -> Iterator[SharedShop]:
    """Two tills that have sent a sale each, of which nothing is counted."""
    shop = SharedShop(folder, CAST, 2, at=TUESDAY_14)
    for till in shop.tills:
        till.sell("milk")
        till.push(count=False)
    try:
        yield shop
    finally:
        shop.close()


def test_counting_goes_on_beside_a_crowd_that_never_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_room, "LONGEST_REST_S", 0.2)
    gate = Gate(4)
    assert [gate.enter() for _ in range(4)] == [0] * 4
    with two_sold(tmp_path) as shop:
        projector = Projector(shop.office.database, shop.clock, gate=gate)
        with running(projector):
            until(lambda: waiting(shop) == 0, "both journals are counted")
    assert gate.inside == 4, "nobody has left"


def test_counting_waits_for_a_crowd_and_follows_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_room, "LONGEST_REST_S", 1_000_000)
    monkeypatch.setattr(gate_room, "CROWD_S", 0.1)
    gate = Gate(4)
    gate.enter()
    with two_sold(tmp_path) as shop:
        projector = Projector(shop.office.database, shop.clock, gate=gate)
        with running(projector):
            until(lambda: projector.way.waits_s >= 1, "counting says that it waits")
            assert waiting(shop) == 2
            gate.leave()
            until(lambda: waiting(shop) == 0, "both journals are counted")
            until(lambda: projector.way.waits_s == 0, "nothing waits any more")


def test_counting_that_gives_way_goes_on_as_soon_as_the_tills_are_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way_room, "WAY", 1_000_000)
    gate = Gate()
    gate.enter()
    with two_sold(tmp_path) as shop:
        projector = Projector(shop.office.database, shop.clock, gate=gate)
        with running(projector):
            until(lambda: waiting(shop) == 1, "one journal is counted")
            gate.leave()
            until(lambda: waiting(shop) == 0, "the other one follows")


def test_however_much_there_is_to_count_orders_are_looked_at_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_room, "LOOK_AT_ORDERS_S", 0.0)
    with two_sold(tmp_path) as shop:
        projector = Projector(shop.office.database, shop.clock)
        projector.go_round()
        assert waiting(shop) == 1
        projector.go_round()
        assert waiting(shop) == 0


def test_a_journal_that_rang_is_counted_without_a_look_at_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_room, "LOOK_EVERY_S", 1_000_000)
    with two_sold(tmp_path) as shop:
        projector = Projector(shop.office.database, shop.clock)
        projector.go_round()
        for till in shop.tills:
            till.sell("milk")
            till.push(count=False)
        with shop.office.database.reading() as session:
            one = session.exec(select(JournalRow)).first()
        assert one is not None
        projector.came_in(one.tenant, one.journal)
        projector.go_round()
        assert waiting(shop) == 1
        projector.go_round()
        assert waiting(shop) == 0, "nobody rang: it looks at all"


def test_a_service_that_ends_does_not_wait_for_the_crowd(cloud: Cloud, tmp_path: Path) -> None:
    gate, service = Gate(4), cloud.service
    gate.enter()
    herald = Herald(service.database, service.clock, ways_of(Settings(data=tmp_path)), gate=gate, every_s=0.05)
    with running(herald):
        until(lambda: herald.way.waits_s >= 1, "the herald waits")


def waiting(shop: SharedShop) -> int:
    """How many journals are not counted to their ends."""
    with shop.office.database.reading() as session:
        heads = {row.journal: row.seq for row in session.exec(select(JournalRow))}
        counted = {row.journal: row.seq for row in session.exec(select(Position))}
    return sum(counted.get(journal, 0) < seq for journal, seq in heads.items())
