"""Reservations: one pool with the tills, never more than there is, free again at their time and at the close."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from cloud_sync.channels import WEB, open_channel, sold_through
from cloud_sync.database import Database
from cloud_sync.reservations import (
    UNHEARD_MS,
    Kept,
    NoneLeft,
    Wish,
    close_channel,
    lapse_due,
    left,
    reservations,
    reserve,
)
from cloud_sync.tables.events import Quarantine
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.rebuild import verify
from edge_agent.rules.reservation import Part, free, mark_of, number_of, spaced
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, TUESDAY_14
from tests.test_drops import HOUR, MUGS

SKU, PIECE = "mug-s", 1000
TWENTY = 20 * PIECE


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    """Two tills, and twenty mugs that the first has on its shelf."""
    made = SharedShop(tmp_path, (*CAST, *MUGS), 2, at=TUESDAY_14, database=new_database())
    made.first.record(StockCounted(lines=(CountedLine(sku=SKU, counted=TWENTY, expected=0),), saw={}))
    made.settle()
    yield made
    made.close()


def opened(shop: SharedShop, kept: int = TWENTY, *, channel: str = WEB, hours: int = 48) -> None:
    """A channel sells mugs; the tills have given up what is its own."""
    now = shop.clock.now()
    with shop.office.database.writing() as session:
        open_channel(session, **where(shop), channel=channel, kept={SKU: kept}, until=now + hours * HOUR, at=now)
    shop.settle()


def where(shop: SharedShop) -> dict[str, str]:
    return {"tenant": shop.office.shop.tenant, "shop": shop.office.shop.shop}


def wish(number: int, pieces: int = 1, *, channel: str = WEB, until: int = TUESDAY_14 + HOUR) -> Wish:
    return Wish(mark_of(number_of(number)), channel, {SKU: pieces * PIECE}, until)


def ask(shop: SharedShop, asked: Wish) -> Kept:
    with shop.office.database.writing() as session:
        return reserve(session, **where(shop), wish=asked, at=shop.clock.now())


def there(shop: SharedShop, channel: str = WEB) -> int:
    """How many pieces may still be reserved through a channel."""
    with shop.office.database.reading() as session:
        found = left(session, **where(shop), channel=channel, skus=[SKU], at=shop.clock.now())
    return found[SKU] // PIECE


def hand_over(till: Till, *marks: str, pieces: int = 1) -> None:
    """Sell what was reserved, as the counter does."""
    total = 1200 * pieces
    line = SoldLine(sku=SKU, name="Mug", qty=pieces * PIECE, price=1200, gross=total, rate=2000, tax=total // 6)
    till.record(
        SaleCompleted(
            receipt=till.memory.next_receipt(),
            day=739_678,
            currency="GBP",
            lines=(line,),
            total=total,
            taxes=(TaxTotal(rate=2000, gross=total, tax=total // 6),),
            tenders=(Tender(kind="cash", amount=total, given=total),),
            change=0,
            collected=marks,
        )
    )


def _every(session: Session, shop: SharedShop) -> list[Kept]:
    return reservations(session, tenant=shop.office.shop.tenant, shop=shop.office.shop.shop, since=1)


def tasks(shop: SharedShop) -> list[str]:
    with shop.office.database.reading() as session:
        return list(session.exec(select(Quarantine.words)))


def test_a_code_is_known_by_its_check_digits_however_it_is_spaced() -> None:
    number = number_of(123_456_789_012)
    assert len(number) == 16
    assert mark_of(spaced(number)) == mark_of(number) != ""
    assert mark_of(number[:-1] + str((int(number[-1]) + 1) % 10)) == ""
    assert mark_of("5000157024671") == ""


@pytest.mark.both
def test_fifty_who_reserve_at_once_get_the_twenty_that_there_are(shop: SharedShop) -> None:
    opened(shop)
    got, refused = list[int](), list[int]()
    begin = threading.Barrier(50)

    def one(number: int, database: Database) -> None:
        begin.wait()
        try:
            with database.writing() as session:
                reserve(session, **where(shop), wish=wish(number), at=TUESDAY_14)
            got.append(number)
        except NoneLeft:
            refused.append(number)

    threads = [threading.Thread(target=one, args=(number, shop.office.database)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (20, 30)
    with shop.office.database.reading() as session:
        assert sold_through(session, **where(shop), channel=WEB, sku=SKU, at=TUESDAY_14).held == TWENTY
        assert sorted(one.row.number for one in _every(session, shop)) == list(range(1, 21))


def test_two_sellers_want_the_last_unit_and_one_gets_it(shop: SharedShop) -> None:
    opened(shop, 0)
    opened(shop, 0, channel="bazaar")
    most = there(shop)
    assert there(shop, "bazaar") == most == 6, "they share one part of the stock"
    ask(shop, wish(1, most - 1))
    assert ask(shop, wish(2, channel="bazaar")).row.state == "open"
    with pytest.raises(NoneLeft, match=r"Mug s: none left") as refused:
        ask(shop, wish(3))
    assert refused.value.left == 0


def test_of_twenty_held_thirteen_are_taken_and_seven_fall_back_at_the_close(shop: SharedShop) -> None:
    opened(shop, channel="live", hours=1)
    assert [till.memory.may_sell(SKU) for till in shop.tills] == [0, 0]
    for number in range(13):
        ask(shop, wish(number, channel="live"))
    for number in range(13):
        hand_over(shop.tills[number % 2], mark_of(number_of(number)))
    shop.settle()
    assert there(shop, "live") == 7
    now = shop.clock.now()
    with shop.office.database.writing() as session:
        assert close_channel(session, **where(shop), channel="live", skus=[SKU], at=now) == 0
    shop.settle()
    assert sum(till.memory.may_sell(SKU) for till in shop.tills) == 7 * PIECE
    with pytest.raises(NoneLeft):
        ask(shop, wish(99, channel="live"))


def test_what_is_not_fetched_is_free_at_its_time_and_at_the_close(shop: SharedShop) -> None:
    opened(shop)
    ask(shop, wish(1, 15))
    ask(shop, wish(2, 5, until=TUESDAY_14 + 3 * HOUR))
    shop.settle()
    assert [till.memory.reserved(SKU) for till in shop.tills] == [TWENTY, TWENTY]
    shop.clock.at += HOUR
    shop.settle()
    assert lapse_due(shop.office.database, shop.clock.now()) == 1
    assert there(shop) == 15
    shop.settle()
    assert [till.memory.reserved(SKU) for till in shop.tills] == [5 * PIECE, 5 * PIECE]
    with shop.office.database.writing() as session:
        assert close_channel(session, **where(shop), channel=WEB, skus=[SKU], at=shop.clock.now()) == 1
    shop.settle()
    assert sum(till.memory.may_sell(SKU) for till in shop.tills) == TWENTY
    for till in shop.tills:
        assert till.memory.reservations() == []
        verify(till.memory.db)


def test_a_channel_past_its_time_is_shut_by_itself(shop: SharedShop) -> None:
    opened(shop, hours=2)
    ask(shop, wish(1, until=TUESDAY_14 + 9 * HOUR))
    shop.clock.at += 2 * HOUR
    assert lapse_due(shop.office.database, shop.clock.now()) == 0
    with pytest.raises(NoneLeft):
        ask(shop, wish(2, until=TUESDAY_14 + 9 * HOUR))
    shop.settle()
    with shop.office.database.reading() as session:
        assert [one.row.state for one in _every(session, shop)] == ["released"]
    assert sum(till.memory.may_sell(SKU) for till in shop.tills) == TWENTY


def test_a_till_that_was_not_heard_of_may_have_handed_it_over_so_it_is_kept_half_an_hour_more(shop: SharedShop) -> None:
    opened(shop)
    ask(shop, wish(1))
    shop.settle()
    one, two = shop.tills
    hand_over(two, mark_of(number_of(1)))
    shop.clock.at += HOUR + 1
    one.sync()
    assert lapse_due(shop.office.database, shop.clock.now()) == 0, "the second till may have it"
    assert there(shop) == 19
    two.sync()
    assert lapse_due(shop.office.database, shop.clock.now()) == 0, "and so it was"
    ask(shop, wish(2, until=shop.clock.now() + HOUR))
    shop.clock.at += HOUR + UNHEARD_MS
    assert lapse_due(shop.office.database, shop.clock.now()) == 1, "nobody waits for ever"
    assert tasks(shop) == []


def test_what_is_handed_over_at_two_tills_is_told_to_the_owner_and_the_stock_is_right(shop: SharedShop) -> None:
    opened(shop)
    mark = ask(shop, wish(1)).row.reservation
    shop.settle()
    for till in shop.tills:
        hand_over(till, mark)
    shop.settle()
    (told,) = tasks(shop)
    assert "reservation 1 was handed over a second time" in told
    assert there(shop) == 18
    assert [till.memory.stock(SKU).on_hand for till in shop.tills] == [18 * PIECE, 18 * PIECE]


def test_a_channel_that_shares_with_the_tills_has_a_part_like_one_of_them(shop: SharedShop) -> None:
    opened(shop, 0)
    shop.settle()
    assert sorted([*(till.memory.may_sell(SKU) for till in shop.tills), there(shop) * PIECE]) == [6000, 7000, 7000]


def test_a_shop_with_one_till_shares_with_the_web(tmp_path: Path) -> None:
    shop = SharedShop(tmp_path, (*CAST, *MUGS), 1, at=TUESDAY_14)
    try:
        shop.first.record(StockCounted(lines=(CountedLine(sku=SKU, counted=TWENTY, expected=0),), saw={}))
        shop.settle()
        opened(shop, 5 * PIECE)
        assert shop.first.memory.may_sell(SKU) == 15 * PIECE
        assert there(shop) == 5
    finally:
        shop.close()


def test_the_same_mark_is_the_same_reservation_and_nonsense_is_refused(shop: SharedShop) -> None:
    opened(shop)
    assert ask(shop, wish(1)).row.number == ask(shop, wish(1, 4)).row.number == 1
    assert ask(shop, wish(2)).total == 1200
    for asked in (wish(3, 0), wish(3, until=TUESDAY_14), Wish(mark_of(number_of(3)), WEB, {}, TUESDAY_14 + 1)):
        with pytest.raises(BadInput):
            ask(shop, asked)
    with pytest.raises(NotKnown, match="cup is not in the catalogue"):
        ask(shop, Wish(mark_of(number_of(3)), WEB, {"cup": PIECE}, TUESDAY_14 + HOUR))


PARTS = st.builds(
    Part,
    kept=st.integers(0, 20),
    held=st.integers(0, 20),
    handed=st.integers(0, 20),
    open=st.booleans(),
)


@given(st.integers(-5, 60), st.dictionaries(st.sampled_from("abcd"), PARTS, min_size=1))
def test_what_channels_may_still_reserve_is_never_more_than_the_pool_holds_beside_what_is_reserved(
    pool: int, parts: dict[str, Part]
) -> None:
    held = sum(one.held for one in parts.values())
    for name, part in parts.items():
        more = free(pool, parts, name)
        assert 0 <= more <= max(0, pool - held)
        assert not part.kept or more <= max(0, part.kept - part.handed - part.held)
