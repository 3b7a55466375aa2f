"""Gift cards and points across the tills of a shop, with real journals and the real cloud: one balance everywhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync import stored as cloud_stored
from cloud_sync.ingest.verify import verify
from cloud_sync.tables.events import FeedRow, Quarantine
from cloud_sync.tables.stored import StoredBalance
from edge_agent.counter.paying import Paying
from edge_agent.counter.stored import Rules, Stored
from edge_agent.errors import BadInput
from edge_agent.journal import rebuild
from edge_agent.rules.sale import Article, Load, Sale, Tendered, add
from edge_agent.rules.stored import Points
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, TUESDAY_14
from tests.test_stored import ANA, CAP, gift

CARD = gift(3)


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    shop = SharedShop(tmp_path, CAST, 2, at=TUESDAY_14, database=new_database())
    yield shop
    shop.close()


def pay(till: Till, sale: Sale, *tenders: Tendered, fresh: bool = False) -> None:
    stored = Stored(Rules(Points(1, 5), CAP), lambda: fresh)
    rest = sale.to_pay - sum(one.amount for one in tenders)
    cash = [Tendered("cash", rest)] if rest else []
    Paying(till.journal, lambda *_: None, stored=stored).pay(sale, [*tenders, *cash]).result()


def load(till: Till, amount: int) -> None:
    pay(till, Sale(loads=(Load(CARD.account, CARD.tail, amount),)))


def redeem(till: Till, amount: int, *, fresh: bool = False) -> None:
    sale = add(Sale(), Article("bread", "Sourdough", amount, 0), 1000)
    pay(till, sale, Tendered("gift", amount, CARD.account, CARD.tail), fresh=fresh)


def on(till: Till, account: str = CARD.account) -> int:
    known = till.memory.standing(account, 0)
    return known.balance if known else -1


def agrees(shop: SharedShop, account: str = CARD.account) -> int:
    """What everybody says alike; every view and every projection is its rebuild."""
    with shop.office.database.reading() as session:
        row = session.get(StoredBalance, (shop.office.shop.tenant, shop.office.shop.shop, account))
    said = {on(till, account) for till in shop.tills} | {row.amount if row else 0}
    assert len(said) == 1, said
    for till in shop.tills:
        rebuild.verify(till.memory.db)
    verify(shop.office.database)
    return said.pop()


def tasks(shop: SharedShop) -> list[Quarantine]:
    with shop.office.database.reading() as session:
        return list(session.exec(select(Quarantine).where(Quarantine.why == cloud_stored.OVERSPENT)))


def test_a_card_sold_at_one_till_pays_at_the_other_and_everybody_agrees(shop: SharedShop) -> None:
    one, other = shop.tills
    load(one, 5_000)
    with pytest.raises(BadInput, match="not heard"):
        redeem(other, 100)
    shop.settle()
    assert on(other) == 5_000
    with pytest.raises(BadInput, match="less on that card"):
        redeem(other, CAP + 1)
    redeem(other, 4_000, fresh=True)
    redeem(one, 500)
    assert (on(one), on(other)) == (4_500, 1_000)
    shop.settle()
    assert agrees(shop) == 500
    assert tasks(shop) == []


def test_tills_that_are_away_overspend_by_no_more_than_the_cap_and_the_owner_is_told(shop: SharedShop) -> None:
    one, other = shop.tills
    load(one, 3_000)
    shop.settle()
    redeem(one, 3_000)
    redeem(other, CAP)
    with pytest.raises(BadInput, match="less on that card"):
        redeem(other, 1)
    shop.settle()
    assert agrees(shop) == -CAP
    (task,) = tasks(shop)
    assert (task.state, f"gift card {CARD.tail}: 20.00" in task.words) == ("open", True)
    assert CARD.number not in task.words
    with pytest.raises(BadInput, match="less on that card"):
        redeem(other, 1, fresh=True)
    load(one, 2_500)
    shop.settle()
    assert agrees(shop) == 500
    assert [task.state for task in tasks(shop)] == ["settled"]


def test_what_is_pushed_twice_or_before_it_is_heard_counts_once(shop: SharedShop) -> None:
    one, other = shop.tills
    load(one, 1_000)
    one.push(ack_lost=True)
    redeem(one, 300)
    one.pull()
    assert on(one) == 700
    shop.settle()
    redeem(other, 200)
    other.pull()
    assert on(other) == 500
    one.journal.begin_again("restored").result()
    shop.settle()
    assert agrees(shop) == 500


def test_points_are_the_same_at_every_till(shop: SharedShop) -> None:
    one, other = shop.tills
    pay(one, add(Sale(customer=ANA), Article("milk", "Milk", 10_000, 0), 1000))
    shop.settle()
    assert on(other, ANA) == 100
    pay(other, add(Sale(customer=ANA), Article("milk", "Milk", 1_000, 0), 1000), Tendered("points", 200, ANA, "", 40))
    shop.settle()
    assert agrees(shop, ANA) == 100 - 40 + 8


def test_a_till_that_comes_new_hears_of_every_card_and_the_feed_stays_short(
    shop: SharedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_stored, "LIVE_ROWS", 3)
    monkeypatch.setattr(cloud_stored, "PART", 1)
    for amount in (100, 200, 300, 400):
        load(shop.first, amount)
        shop.settle()
    pay(shop.first, add(Sale(customer=ANA), Article("milk", "Milk", 500, 0), 1000))
    shop.add_till()
    shop.settle()
    assert agrees(shop) == 1_000
    assert agrees(shop, ANA) == 5
    with shop.office.database.reading() as session:
        told = session.exec(select(FeedRow).where(FeedRow.kind == "balances_stand")).all()
    assert len(told) < 6
