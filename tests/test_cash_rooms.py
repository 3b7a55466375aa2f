"""What the account bears is told to the tills, so that an order that goes by itself stops offline too."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from cloud_sync.cash_rooms import tell
from cloud_sync.tables.events import FeedRow
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.rules.imports_cash import Entry
from edge_agent.rules.reasons import whole
from edge_agent.wire.events.cash import CashRoom
from edge_agent.wire.messages import FeedEntry
from tests.shop import NORTH, TUESDAY_14, record
from tests.test_auto_cash import TODAY, balance, says
from tests.test_automatic import Trusted
from tests.test_replenish import Shop, decided

DAY = 739_700


@pytest.fixture
def house(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Trusted]:
    one = Trusted(tmp_path, 1, new_database())
    one.count(milk=36, bread=200)
    yield one
    one.house.close()


def told(house: Trusted, later: int = 0) -> list[CashRoom]:
    """What the cloud tells now, and what stands in the feed after it."""
    office = house.office.shop
    tell(house.office.database, office.tenant, office.shop, TUESDAY_14 + later)
    with house.office.database.reading() as session:
        rows = session.exec(select(FeedRow).where(FeedRow.kind == "cash_room").order_by(col(FeedRow.cursor))).all()
        return [CashRoom.model_validate_json(row.body) for row in rows]


def pulled(house: Trusted) -> tuple[str, bool, tuple[str, ...]]:
    """The till's order after its next pull."""
    house.till.pull()
    house.sync()
    return house.open.state, house.body.auto, house.body.holds


def test_the_till_stops_an_order_by_itself_that_the_account_does_not_bear_and_lets_it_go_when_it_does(
    house: Trusted,
) -> None:
    assert told(house) == [], "where the owner told of no balance there is no limit"
    assert house.body.auto
    says(house, balance(house.open.value - 500))
    (room,) = told(house)
    assert (room.supplier, room.room) == ("north", house.open.value - 500)
    state, auto, holds = pulled(house)
    assert (state, auto, holds) == ("held", False, ("float",))
    (words,) = whole(house.body, {})
    assert words.startswith("Needs you: paid for, it would leave too little in the account: ")
    says(house, balance(10_000_000))
    (room,) = told(house, HOUR_MS)
    assert room.room is not None
    assert room.room > 9_000_000
    assert pulled(house)[1:] == (True, ())


def test_less_is_told_at_once_more_once_an_hour_and_the_newest_word_alone_stays(house: Trusted) -> None:
    says(house, balance(5_000_000))
    first = told(house)
    assert told(house, 1) == first
    says(house, balance(6_000_000))
    assert told(house, HOUR_MS - 1) == first
    (more,) = told(house, HOUR_MS)
    says(house, balance(5_500_000))
    (less,) = told(house, HOUR_MS + 1)
    assert first[0].room is not None
    assert more.room is not None
    assert less.room is not None
    assert first[0].room < less.room < more.room
    says(house, Entry("balance", TODAY - 1, "", 5_500_000, gone=True))
    assert [one.room for one in told(house, HOUR_MS + 2)] == [None]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with decided(tmp_path) as one:
        record(one.journal, NORTH.model_copy(update={"auto": True}))
        one.settle()
        yield one


def tell_till(shop: Shop, cursor: int, room: int | None, until: int = TUESDAY_14 + DAY_MS) -> tuple[str, ...]:
    body = CashRoom(supplier="north", room=room, day=DAY, until=until)
    entry = FeedEntry(cursor=cursor, kind="cash_room", v=1, at=TUESDAY_14, body=body.model_dump())
    shop.journal.take_feed("g1", [entry]).result()
    shop.settle()
    return shop.decisions()[-1].holds


def test_a_limit_holds_offline_and_ends_in_needs_you_when_its_balance_is_too_old(shop: Shop) -> None:
    before = shop.decisions()[-1].holds
    assert "float" not in tell_till(shop, 1, shop.open().value)
    assert "float" in tell_till(shop, 2, shop.open().value - 1)
    assert tell_till(shop, 3, None) == before
    assert "old_balance" in tell_till(shop, 4, 10_000_000, until=TUESDAY_14)
    assert "the bank balance is too old" in " ".join(whole(shop.decisions()[-1], {}))
