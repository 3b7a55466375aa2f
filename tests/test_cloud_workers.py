"""Workers side by side on one database: nothing is counted twice, nobody waits crosswise."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from cloud_sync.feed import held_shop
from cloud_sync.ingest.project import project, rejudge
from cloud_sync.ingest.verify import verify
from cloud_sync.orders import By, Conflict, approve, order_of, version_of
from cloud_sync.service import Service
from cloud_sync.tables.events import Quarantine
from cloud_sync.tables.figures import Position, Stock
from edge_agent.wire import events
from scripts.cloud_ import founded, server
from scripts.postgres_ import Postgres
from tests.cloud import Cloud, FakeTill, proposal, sells
from tests.paired import until
from tests.shop import TUESDAY_14

pytestmark = pytest.mark.both


@pytest.fixture
def till(cloud: Cloud) -> Iterator[FakeTill]:
    till = FakeTill(cloud)
    yield till
    till.close()


def at_once(*acts: Callable[[], object]) -> None:
    """Do all of it at the same time; the first failure is this test's."""
    failed: list[BaseException] = []
    ready = threading.Barrier(len(acts))

    def does(act: Callable[[], object]) -> None:
        try:
            ready.wait(10)
            act()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=does, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def on_hand(cloud: Cloud, sku: str = "milk") -> int:
    with cloud.reading() as session:
        row = session.get(Stock, (cloud.shop.tenant, cloud.shop.shop, sku))
        return row.on_hand if row else 0


def test_lines_counted_by_several_workers_are_counted_once(till: FakeTill) -> None:
    till.open()
    sells(till, 20)
    till.push()
    at_once(*[till.cloud.count for _ in range(4)])
    assert on_hand(till.cloud) == -20_000
    with till.cloud.reading() as session:
        mine = select(Quarantine).where(Quarantine.tenant == till.cloud.shop.tenant)
        assert session.exec(mine).all() == []


def test_a_line_that_several_new_programs_have_learnt_is_counted_once(
    till: FakeTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.delitem(events.KINDS, ("stock_adjusted", 1))
        till.says("stock_adjusted", {"sku": "milk", "qty": 7_000, "reason": "found"})
        till.sends()
    assert on_hand(till.cloud) == 0
    at_once(*[lambda: rejudge(till.cloud.database, TUESDAY_14) for _ in range(4)])
    assert on_hand(till.cloud) == 7_000


def test_an_owner_and_the_counting_never_wait_for_each_other_crosswise(till: FakeTill) -> None:
    cloud = till.cloud
    for turn in range(8):
        key = f"{turn:064x}"
        till.says("reorder_decided", proposal(key))
        till.sends()
        till.says("reorder_decided", proposal(key, revision=2, saw={till.journal: len(till.lines) + 1}))
        till.push(len(till.lines))
        with cloud.reading() as session:
            seen = version_of(order_of(session, tenant=cloud.shop.tenant, order=key))

        def approves(key: str = key, seen: str = seen) -> None:
            with cloud.database.writing() as session:
                approve(session, tenant=cloud.shop.tenant, order=key, version=seen, by=By("a", "A"), now=TUESDAY_14)

        at_once(cloud.count, lambda: project(cloud.database, TUESDAY_14), _or_conflict(approves))
    verify(cloud.database)


def _or_conflict(act: Callable[[], None]) -> Callable[[], None]:
    def acts() -> None:
        with suppress(Conflict):
            act()

    return acts


def test_a_till_that_opens_two_first_sessions_at_once_gets_both(till: FakeTill) -> None:
    at_once(till.open, till.open)
    assert till.open()["session"] == 3


@pytest.mark.parametrize("new_database", ["postgres"], indirect=True)
def test_lines_come_in_while_others_of_the_shop_are_being_counted(till: FakeTill) -> None:
    sells(till, 3)
    till.open()
    shop = till.cloud.shop
    with till.cloud.database.writing() as counting:
        held_shop(counting, shop.tenant, shop.shop)
        assert till.push().json()["received"] == 3


def test_two_server_processes_on_one_database_take_and_count_everything_once(tmp_path: Path, cluster: Postgres) -> None:
    name = cluster.url(cluster.new_database())
    with founded(tmp_path, name) as (service, shop), server(tmp_path, name) as one, server(tmp_path, name) as other:
        tills = [FakeTill(Cloud(one[0], service, shop, tmp_path / "clock"), letter * 32) for letter in "ab"]

        def sends(till: FakeTill) -> None:
            till.open()
            for turn in range(8):
                till.http.base_url = httpx.URL((one, other)[turn % 2][0])
                sells(till, 5)
                assert till.push(len(till.lines) - 4).status_code == 200

        at_once(*[partial(sends, till) for till in tills])
        until(lambda: counted(service) == 80, "both servers count")
        proved = verify(service.database)
        assert proved.journals == {till.journal: 40 for till in tills}
        with service.database.reading() as session:
            assert session.exec(select(Stock.on_hand)).all() == [-80_000]
            assert session.exec(select(Quarantine)).all() == []
        for till in tills:
            till.close()


def counted(service: Service) -> int:
    with service.database.reading() as session:
        return sum(session.exec(select(Position.seq)))
