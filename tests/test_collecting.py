"""What is reserved is handed over at the till by its code: offline as well, once, at the price that was agreed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from cloud_sync.reservations import Wish, release
from edge_agent.counter.paying import Paid, Paying
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.rebuild import verify
from edge_agent.rules.reservation import mark_of, number_of, spaced
from edge_agent.rules.sale import Sale, Tendered, limited
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, TUESDAY_14
from tests.test_drops import HOUR, MUGS
from tests.test_reservations import PIECE, SKU, TWENTY, ask, opened, tasks, where

CODE = number_of(1)


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    """Two tills and twenty mugs, all of them set aside for the web, two reserved at 11.00."""
    made = SharedShop(tmp_path, (*CAST, *MUGS), 2, at=TUESDAY_14, database=new_database())
    made.first.record(StockCounted(lines=(CountedLine(sku=SKU, counted=TWENTY, expected=0),), saw={}))
    made.settle()
    opened(made)
    ask(made, Wish(mark_of(CODE), "web", {SKU: 2 * PIECE}, TUESDAY_14 + HOUR, prices={SKU: 1100}))
    made.settle()
    yield made
    made.close()


def selling(till: Till) -> Selling:
    return Selling(till.memory, till.office.clock)


def pay(till: Till, sale: Sale, *tenders: Tendered) -> Paid:
    after: Callable[..., None] = lambda *_: None  # noqa: E731
    future: Future[Paid] = Paying(till.journal, after).pay(sale, tenders)
    return future.result()


def cash(amount: int) -> Tendered:
    return Tendered("cash", amount)


def last(till: Till) -> SaleCompleted:
    return SaleCompleted.model_validate(till.memory.event(till.memory.head().seq).body)


def test_a_till_that_is_offline_hands_over_at_the_price_that_was_agreed(shop: SharedShop) -> None:
    till = shop.first
    assert till.memory.may_sell(SKU) == 0
    with pytest.raises(BadInput, match="none left to sell here"):
        selling(till).scan(SKU)
    basket = selling(till)
    assert basket.scan(spaced(CODE)).kind == "reservation"
    assert (basket.sale.total, limited(basket.sale)) == (2200, {SKU: ("Mug s", 2 * PIECE)})
    assert pay(till, basket.sale, cash(2200)).total == 2200
    assert last(till).collected == (mark_of(CODE),)
    assert till.memory.reserved(SKU) == 0
    with pytest.raises(BadInput, match="reservation 1 was handed over already"):
        selling(till).scan(CODE)
    till.sync()
    shop.tills[1].sync()
    assert [one.memory.quota(SKU).left for one in shop.tills] == [0, 0], "granted back to who handed it over, at once"
    shop.settle()
    assert [one.memory.stock(SKU).on_hand for one in shop.tills] == [18 * PIECE, 18 * PIECE]
    assert [one.memory.quota(SKU).left for one in shop.tills] == [0, 0]
    with pytest.raises(BadInput, match="reservation 1 was handed over already"):
        selling(shop.tills[1]).scan(CODE)
    assert tasks(shop) == []
    for one in shop.tills:
        verify(one.memory.db)


def test_two_tills_that_hear_nothing_of_each_other_are_told_to_the_owner(shop: SharedShop) -> None:
    for till in shop.tills:
        basket = selling(till)
        basket.scan(CODE)
        pay(till, basket.sale, cash(2200))
    shop.settle()
    (told,) = tasks(shop)
    assert "reservation 1 was handed over a second time" in told


def test_a_sale_takes_no_more_of_the_goods_than_was_kept(shop: SharedShop) -> None:
    basket = selling(shop.first)
    basket.scan(CODE)
    with pytest.raises(BadInput, match="none left to sell here"):
        basket.scan(SKU)
    with pytest.raises(BadInput, match="in this sale already"):
        basket.scan(CODE)
    basket.scan("milk")
    assert len(basket.sale.lines) == 2
    basket.void(0)
    basket.void(0)
    assert basket.sale.collected == ()


def test_the_same_basket_paid_twice_is_handed_over_once(shop: SharedShop) -> None:
    one, two = selling(shop.first), selling(shop.first)
    one.scan(CODE)
    two.scan(CODE)
    pay(shop.first, one.sale, cash(2200))
    with pytest.raises(BadInput, match="handed over already"):
        pay(shop.first, two.sale, cash(2200))


def test_a_code_that_nobody_knows_or_that_is_kept_no_longer_is_refused(shop: SharedShop) -> None:
    with pytest.raises(NotKnown, match="has not heard of that reservation"):
        selling(shop.first).scan(number_of(2))
    with shop.office.database.writing() as session:
        release(session, **where(shop), marks=[mark_of(CODE)], at=shop.clock.now())
    shop.settle()
    with pytest.raises(BadInput, match="kept no longer"):
        selling(shop.first).scan(CODE)


def test_what_was_paid_where_it_was_ordered_leaves_nothing_in_the_drawer(shop: SharedShop) -> None:
    asked = Wish(mark_of(number_of(9)), "web", {SKU: PIECE}, TUESDAY_14 + HOUR, prices={SKU: 1250}, paid=True)
    ask(shop, asked)
    shop.settle()
    basket = selling(shop.first)
    basket.scan(number_of(9))
    assert basket.sale.prepaid == basket.sale.total == 1250
    pay(shop.first, basket.sale, Tendered("channel", 1250))
    assert [(one.kind, one.amount) for one in last(shop.first).tenders] == [("channel", 1250)]
    assert last(shop.first).taxes[0].tax == 208


def test_what_is_told_again_and_late_changes_nothing_of_what_was_handed_over_here(shop: SharedShop) -> None:
    till = shop.first
    basket = selling(till)
    basket.scan(CODE)
    pay(till, basket.sale, cash(2200))
    till.pull()
    found = till.memory.reservation(mark_of(CODE))
    assert found is not None
    assert found.state == "handed"
    assert till.memory.reservations() == []
