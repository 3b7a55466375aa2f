"""A drop over several tills and the cloud: the owner plans, quotas hold offline, closings meet in one report."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud_sync import drops
from cloud_sync.catalogue import item as item_of
from edge_agent.counter import drops as desk
from edge_agent.counter.drops import Drops
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput
from edge_agent.journal.rebuild import verify
from edge_agent.wire.events.drops import DropPart
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, TUESDAY_14
from tests.test_drops import HOUR, MUGS, START, a_drop
from tests.test_pages_returns import back, line

PARTS = (DropPart(sku="mug-s", qty=6000),)


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    made = SharedShop(tmp_path, (*CAST, *MUGS), 2, at=TUESDAY_14, database=new_database())
    count = CountedLine(sku="mug-s", counted=6000, expected=0)
    made.first.record(StockCounted(lines=(count,), saw={}))
    made.settle()
    yield made
    made.close()


def plan(shop: SharedShop, **changes: object) -> drops.Planned:
    office = shop.office
    with office.database.writing() as session:
        where = {"tenant": office.shop.tenant, "shop": office.shop.shop}
        return drops.plan(session, **where, drop=a_drop(parts=PARTS, cap=0, **changes), at=shop.clock.now())


def take(till: Till, pieces: int) -> int:
    """Sell as many as the counter lets through."""
    done = 0
    for _ in range(pieces):
        selling = Selling(till.memory, till.office.clock)
        try:
            selling.scan("mug-s")
        except BadInput:
            break
        till.sell("mug-s")
        done += 1
    return done


def test_the_owners_plan_reaches_every_till_and_makes_its_parts_limited(shop: SharedShop) -> None:
    plan(shop)
    shop.settle()
    for till in shop.tills:
        planned = till.memory.drop("mugs-1")
        assert planned is not None
        assert planned.parts == PARTS
        found = till.memory.item("mug-s")
        assert found is not None
        assert found.limited
        assert take(till, 1) == 0, "nothing before the start"
    office = shop.office
    with office.database.reading() as session:
        assert item_of(session, tenant=office.shop.tenant, shop=office.shop.shop, sku="mug-s").limited


def test_two_tills_offline_sell_no_more_than_there_is_and_what_is_left_is_handed_back(shop: SharedShop) -> None:
    plan(shop)
    shop.settle()
    shop.clock.at = START + HOUR
    for till in shop.tills:
        Drops(till.journal).start()
    one, two = shop.tills
    assert (take(one, 9), take(two, 1)) == (3, 1)
    shop.clock.at = START + 49 * HOUR
    for till in shop.tills:
        Drops(till.journal).tick()
    assert [till.memory.quota("mug-s").left for till in shop.tills] == [0, 0]
    assert take(two, 1) == 0, "what was handed back is not sold"
    shop.settle()
    assert sum(till.memory.quota("mug-s").left for till in shop.tills) == 2000, "the cloud shares it out anew"
    assert all(len(till.memory.drop_closings("mugs-1")) == 2 for till in shop.tills)
    for till in shop.tills:
        verify(till.memory.db)


def test_the_report_is_the_same_at_every_till_and_for_the_owner(shop: SharedShop) -> None:
    plan(shop)
    shop.settle()
    shop.clock.at = START + HOUR
    assert [take(till, 3) for till in shop.tills] == [3, 3]
    shop.clock.at = START + 49 * HOUR
    for till in shop.tills:
        Drops(till.journal).tick()
    shop.settle()
    office = shop.office
    with office.database.reading() as session:
        (owners,) = drops.reports(session, tenant=office.shop.tenant, shop=office.shop.shop)
    assert (owners.sold, owners.left, owners.out_at) == (6, 0, START + HOUR)
    assert [desk.reports(till.memory) for till in shop.tills] == [[owners], [owners]]
    assert owners.wanted > owners.sold


def test_a_drop_that_is_called_off_holds_nothing_back(shop: SharedShop) -> None:
    plan(shop)
    shop.settle()
    office = shop.office
    with office.database.writing() as session:
        drops.call_off(session, tenant=office.shop.tenant, shop=office.shop.shop, drop_="mugs-1", at=shop.clock.now())
    shop.settle()
    assert take(shop.tills[0], 1) == 1
    shop.clock.at = START + 49 * HOUR
    with office.database.writing() as session, pytest.raises(BadInput, match="over"):
        drops.call_off(session, tenant=office.shop.tenant, shop=office.shop.shop, drop_="mugs-1", at=shop.clock.now())


def test_what_the_cloud_cannot_plan_is_refused_by_name(shop: SharedShop) -> None:
    plan(shop)
    with pytest.raises(BadInput, match="they overlap"):
        plan(shop, drop="mugs-2")
    office = shop.office
    cups = a_drop(drop="cups", parts=(DropPart(sku="cup", qty=1),))
    with office.database.writing() as session, pytest.raises(BadInput, match="cup is not in the catalogue"):
        drops.plan(session, tenant=office.shop.tenant, shop=office.shop.shop, drop=cups, at=shop.clock.now())
    with pytest.raises(BadInput, match="the owner plans drops"):
        desk.plan(shop.tills[0].journal, a_drop(drop="own"), shop.clock.now())


def test_the_next_size_counts_at_each_till_what_came_back_at_all_of_them(shop: SharedShop) -> None:
    plan(shop, handling=50)
    shop.settle()
    shop.clock.at = START + HOUR
    assert [take(till, 3) for till in shop.tills] == [3, 3]
    for number in range(2):
        shop.tills[1].record(back(90 + number, line("mug-s", -1200, goes="damaged")))
    shop.clock.at = START + 49 * HOUR
    for till in shop.tills:
        Drops(till.journal).tick()
    shop.settle()
    office = shop.office
    tenant, named = office.shop.tenant, office.shop.shop
    with office.database.reading() as session:
        planned = drops.drop(session, tenant=tenant, shop=named, drop="mugs-1")
        past = drops.reports(session, tenant=tenant, shop=named)
        owners = drops.sized(session, tenant=tenant, shop=named, drop=planned, past=past)
    assert planned.returned == round((2 + 20 * (2 + 1) / (6 + 20)) / (6 + 20) * 10_000)
    for till in shop.tills:
        mine = till.memory.drop("mugs-1")
        assert mine == planned
        assert desk.next_size(till.memory, mine) == owners
    assert plan(shop, drop="mugs-2", start=START + 60 * HOUR, end=START + 70 * HOUR).drop.returned == planned.returned
