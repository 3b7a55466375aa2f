"""Several tills in one shop, with real journals and the real cloud: stock, demand and counts add up everywhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from cloud_sync import shared
from cloud_sync.ingest.verify import verify
from cloud_sync.tables.events import FeedRow
from cloud_sync.tables.figures import Stock
from edge_agent.journal import rebuild
from edge_agent.journal.log import Journal
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.stock import ReceivedLine, StockAdjusted, StockReceived
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, TUESDAY_14

DAY = 739_678
HOUR_MS = 3_600_000


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    shop = SharedShop(tmp_path, CAST, 2, at=TUESDAY_14, database=new_database())
    yield shop
    shop.close()


def stock(till: Till, sku: str = "milk") -> int:
    return till.memory.stock(sku).on_hand


def in_cloud(shop: SharedShop, sku: str = "milk") -> int:
    with shop.office.database.reading() as session:
        row = session.get(Stock, (shop.office.shop.tenant, shop.office.shop.shop, sku))
    return row.on_hand if row else 0


def rows(shop: SharedShop, kind: str) -> list[FeedRow]:
    with shop.office.database.reading() as session:
        return list(session.exec(select(FeedRow).where(FeedRow.kind == kind).order_by(FeedRow.cursor)))  # type: ignore[arg-type]


def agrees(shop: SharedShop, sku: str = "milk") -> int:
    """What everybody says alike; every view and every projection is its rebuild."""
    said = {stock(till, sku) for till in shop.tills} | {in_cloud(shop, sku)}
    assert len(said) == 1, said
    for till in shop.tills:
        rebuild.verify(till.memory.db)
    verify(shop.office.database)
    return said.pop()


def test_stock_is_the_sum_over_all_tills(shop: SharedShop) -> None:
    one, other = shop.tills
    one.record(StockAdjusted(sku="milk", qty=20_000, reason="found"))
    other.sell("milk", pieces=3)
    one.sell("milk", "bread", pieces=2)
    assert (stock(one), stock(other)) == (18_000, -3_000)
    shop.settle()
    assert agrees(shop) == 15_000
    assert agrees(shop, "bread") == -2_000


def test_what_a_till_does_before_it_hears_of_the_others_counts_once(shop: SharedShop) -> None:
    one, other = shop.tills
    one.sell("milk", pieces=5)
    one.push()
    other.sell("milk", pieces=7)
    other.pull()
    assert stock(other) == -12_000
    other.sell("milk")
    other.push(ack_lost=True)
    one.pull()
    assert stock(one) == -13_000
    shop.settle()
    assert agrees(shop) == -13_000


def test_a_till_paired_later_has_the_sums_the_history_and_the_dates(shop: SharedShop) -> None:
    one = shop.first
    hour = TUESDAY_14 // HOUR_MS - 48
    rows_ = ((hour, "milk", 4_000),)
    one.record(HistoryImported(source="0" * 64, part=1, parts=1, daily=False, rows=rows_))
    line = ReceivedLine(sku="milk", qty=12_000, ordered=None, expires=DAY + 9)
    one.record(StockReceived(order="", supplier="north", lines=(line,)))
    one.sell("milk", pieces=2, day=DAY)
    shop.settle()
    third = shop.add_till()
    third.sync()
    third.pull()
    assert agrees(shop) == 10_000
    assert third.memory.demand_days("milk") == one.memory.demand_days("milk") == [(DAY - 2, 4_000), (DAY, 2_000)]
    assert list(third.memory.all_demand_days()) == list(one.memory.all_demand_days())
    assert third.memory.expiries("milk") == one.memory.expiries("milk") == [(DAY + 9, 12_000)]
    assert third.memory.stock("milk").counted is False


def test_one_till_alone_is_told_nothing(tmp_path: Path) -> None:
    shop = SharedShop(tmp_path, CAST, 1, at=TUESDAY_14)
    shop.first.sell("milk")
    shop.settle()
    assert rows(shop, "stock_stands") == []
    shop.close()


def test_demand_is_the_whole_shops(shop: SharedShop) -> None:
    one, other = shop.tills
    one.sell("milk", pieces=2, day=DAY)
    other.sell("milk", pieces=3, day=DAY)
    other.sell("milk", pieces=4, day=DAY + 1)
    shop.settle()
    for till in shop.tills:
        assert till.memory.demand_days("milk") == [(DAY, 5_000), (DAY + 1, 4_000)]
        assert till.memory.demand_days("milk", DAY + 1) == [(DAY + 1, 4_000)]
        assert list(till.memory.all_demand_days()) == [("milk", DAY, 5_000), ("milk", DAY + 1, 4_000)]
        assert (till.memory.sold_since(DAY + 1), till.memory.sold_since(DAY + 2)) == ({"milk"}, set())


def test_the_feed_stays_short_however_much_is_sold(shop: SharedShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "LIVE_ROWS", 8)
    monkeypatch.setattr(shared, "SUM_ROWS", 3)
    for number in range(60):
        shop.tills[number % 2].sell("milk", "bread", day=DAY + number // 20)
        shop.tills[number % 2].push()
    assert len(rows(shop, "stock_stands")) <= 8 + 3 + 1
    late = shop.add_till()
    late.sync()
    shop.settle()
    assert agrees(shop) == -60_000
    assert late.memory.demand_days("milk") == [(DAY, 20_000), (DAY + 1, 20_000), (DAY + 2, 20_000)]


def test_a_till_that_comes_back_after_the_feed_was_cut_short_has_it_all(
    shop: SharedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "LIVE_ROWS", 6)
    one, other = shop.tills
    for _ in range(4):
        one.sell("milk")
        one.push()
    other.pull()
    for _ in range(20):
        one.sell("milk")
        one.push()
    other.sell("milk")
    shop.settle()
    assert agrees(shop) == -25_000


def test_a_till_that_goes_on_in_a_new_journal_counts_nothing_twice(shop: SharedShop) -> None:
    one, other = shop.tills
    one.sell("milk", pieces=4)
    shop.settle()
    one.sell("milk", pieces=5)
    one.push(ack_lost=True, count=False)
    one.journal.begin_again("restored").result()
    assert stock(one) == -9_000
    one.sell("milk", pieces=6)
    shop.settle()
    assert agrees(shop) == -15_000
    other.sell("milk")
    shop.settle()
    assert agrees(shop) == -16_000


def test_a_restart_knows_what_the_others_did(shop: SharedShop, tmp_path: Path) -> None:
    one, other = shop.tills
    other.sell("milk", pieces=3)
    shop.settle()
    vector = one.memory.vector()
    one.memory.close()
    one.journal.close()
    one.journal = Journal.open(tmp_path / one.name, shop.clock, lambda: "0" * 16)
    one.memory = one.journal.reading()
    assert (stock(one), one.memory.vector()) == (-3_000, vector)
    assert vector[other.journal.id] >= other.memory.vector()[other.journal.id] > 0


def test_a_count_is_what_it_found_different_and_later_sales_elsewhere_still_count(shop: SharedShop) -> None:
    one, other = shop.tills
    one.record(StockAdjusted(sku="milk", qty=20_000, reason="found"))
    other.sell("milk", pieces=2)
    shop.settle()
    one.room.count([("milk", 17_000)]).result()
    other.sell("milk", pieces=5)
    shop.settle()
    assert agrees(shop) == 12_000
    count = next(one.memory.events("stock_counted"))
    assert count.body["saw"] == {**count.body["saw"], other.journal.id: other.memory.vector()[other.journal.id] - 1}
    assert other.memory.stock("milk").counted


ACTS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(["sell", "count", "found", "push", "pull", "lost"]), st.integers(1, 9)
    ),
    max_size=24,
)


@settings(max_examples=12)
@given(acts=ACTS)
def test_in_any_order_of_selling_counting_and_syncing_everybody_comes_to_the_same_stock(
    acts: list[tuple[int, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop = SharedShop(tmp_path_factory.mktemp("shop"), CAST, 3, at=TUESDAY_14)
    try:
        moved = sum(_act(shop.tills[place], what, number) for place, what, number in acts)
        shop.settle(2)
        assert agrees(shop) == moved
    finally:
        shop.close()


def _act(till: Till, what: str, number: int) -> int:
    """Do it; what it moved of the milk. A count moves what it found different from what its till knew then."""
    before = stock(till)
    match what:
        case "sell":
            till.sell("milk", pieces=number)
            return -1000 * number
        case "found":
            till.record(StockAdjusted(sku="milk", qty=1000 * number, reason="found"))
            return 1000 * number
        case "count":
            till.room.count([("milk", 1000 * number)]).result()
            assert stock(till) == 1000 * number
            return 1000 * number - before
        case "push":
            till.push()
        case "lost":
            till.push(ack_lost=True)
        case "pull":
            till.pull()
    return 0
