"""The soak must be able to fail: a lost line, a sale too many, another sum, memory that grows."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import col, select

from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.figures import Takings
from edge_agent.errors import Broken
from scripts.tortures.soak import House, Told, Verdict


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, random.Random(3), tills=2)
    house.play(0, 12, Told().done)
    house.settle()
    yield house
    house.close()


def judged(house: House) -> Told:
    told = Told()
    Verdict(house, told).judge()
    return told


def test_a_day_of_two_tills_leaves_no_difference(house: House) -> None:
    told = judged(house)
    assert not told.wrong
    assert told.done["rows"] > 0


def test_every_fault_of_the_line_and_the_tills_is_survived(house: House) -> None:
    till, codes = house.tills[1], ["sku001", "sku002"]
    for fate in ("unheard", "ack_lost", "twice", "gap"):
        for place in range(3):
            till.line.fates = [*([""] * place), fate]  # type: ignore[list-item]
            till.sell(codes, 739_678)
            till.sell(codes, 739_678)
            till.sync()
    till.refetch()
    till.crash()
    house.settle()
    assert not judged(house).wrong


def test_a_line_that_the_cloud_lost_is_found(house: House) -> None:
    till = house.tills[0]
    with house.cloud.database.writing() as session:
        mine = col(RawEvent.journal) == till.journal.id
        session.execute(delete(RawEvent).where(mine, col(RawEvent.seq) == till.memory.head().seq))
    told = Told()
    with pytest.raises(Broken):
        Verdict(house, told).judge()
    assert told.done["lost"] > 0


def test_a_sale_that_the_cashier_never_made_is_found(house: House) -> None:
    house.tills[0].sales -= 1
    assert judged(house).done["doubled"] == 1


def test_another_sum_in_the_cloud_is_found(house: House) -> None:
    with house.cloud.database.writing() as session:
        row = session.exec(select(Takings)).first()
        assert row
        row.total += 1
        session.add(row)
    told = Told()
    with pytest.raises(Broken):
        Verdict(house, told).judge()
    assert told.done["different"] == 1


def test_memory_that_grows_is_measured_once_the_process_is_warm() -> None:
    assert Told(memory=[50, 90, 100, 100, 100, 100, 100, 104, 104, 104]).drift == pytest.approx(4.0)
    assert Told(memory=[50, 90]).drift is None
    assert Told(memory=[50, *[100] * 9], warm=6).drift is None
