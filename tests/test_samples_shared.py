"""Samples over several tills and the cloud: codes known everywhere, one used twice is told, a stop reaches all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync import samples
from cloud_sync.tables.events import Quarantine
from edge_agent.rules.cohort import Cohort
from edge_agent.rules.drop import from_samples
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.samples import SampleGiven, TextsAgreed, TextsStopped
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, TUESDAY_14, sold
from tests.test_drops import MUGS, a_drop

DAY = 739_678
MARK = "ab" * 32


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    made = SharedShop(tmp_path, (*CAST, *MUGS), 2, at=TUESDAY_14, database=new_database())
    yield made
    made.close()


def given(number: int, sku: str = "mug-s", day: int = DAY) -> SampleGiven:
    return SampleGiven(sample=f"{number:016x}", sku=sku, qty=1000, day=day, expires=day + 14, percent=1000)


def uses(till: Till, number: int, day: int = DAY) -> None:
    body = sold(till.memory.next_receipt(), "mug-s", day=day)
    till.record(SaleCompleted.model_validate({**body.model_dump(), "sample": f"{number:016x}"}))


def tasks(shop: SharedShop) -> list[str]:
    with shop.office.database.reading() as session:
        return [one.words for one in session.exec(select(Quarantine).where(Quarantine.state == "open"))]


def test_a_code_is_known_at_every_till_and_used_once_and_twice_by_two_that_were_away_is_told(shop: SharedShop) -> None:
    one, two = shop.tills
    one.record(given(1), given(2))
    shop.settle()
    known = two.memory.sample(f"{1:016x}")
    assert known is not None
    assert (known.percent, known.used) == (1000, 0)
    assert [till.memory.stock("mug-s").on_hand for till in shop.tills] == [-2000, -2000]
    uses(one, 1)
    shop.settle()
    assert two.memory.sample_used(f"{1:016x}") == DAY
    uses(one, 2)
    uses(two, 2)
    shop.settle()
    (task,) = tasks(shop)
    assert "a sample's code took its discount a second time" in task


def test_a_stop_at_one_till_holds_at_every_other_and_for_the_owner(shop: SharedShop) -> None:
    one, two = shop.tills
    contact = "0" * 16
    one.record(given(1), TextsAgreed(contact=contact, sample=f"{1:016x}", mark=MARK, wording="1"))
    shop.settle()
    assert one.memory.texts().reachable() == 1
    assert two.memory.texts().reachable() == 0, "whom another till may write to is not its affair"
    two.record(TextsStopped(mark=MARK))
    shop.settle()
    assert one.memory.texts().due(TUESDAY_14, "Europe/London") == []
    office = shop.office
    with office.database.reading() as session:
        told = samples.told(session, tenant=office.shop.tenant, shop=office.shop.shop, windows=(), today=DAY)
    assert (len(told.given), told.reachable) == (1, 0)


def test_cohorts_of_a_product_lead_the_size_of_its_next_drop(shop: SharedShop) -> None:
    one = shop.tills[0]
    one.record(*(given(number, day=DAY - 20) for number in range(20)))
    for number in range(3):
        uses(one, number, day=DAY - 15)
    one.record(given(99, day=DAY), given(98, sku="milk", day=DAY))
    contacts = [f"{number:016x}" for number in range(40)]
    one.record(
        *(TextsAgreed(contact=who, sample=f"{99:016x}", mark=f"{who:>064}", wording="1") for who in contacts[:1]),
    )
    shop.settle()
    office = shop.office
    with office.database.reading() as session:
        where = {"tenant": office.shop.tenant, "shop": office.shop.shop}
        known = samples.sampled(session, **where, drop=a_drop(), past=(), today=0)
    assert known.cohorts == (Cohort("", 20, 3),)
    assert known.belief == (5.0, 35.0)
    assert known.demand == from_samples(5.0, 35.0, 1)
