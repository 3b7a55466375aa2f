"""What is kept for customers is not there to be sold, an item is known by days in stock, and time that goes back."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from edge_agent.clock import FileClock
from edge_agent.counter.holding import Holding
from edge_agent.newest import Newest
from edge_agent.replenish import Replenish
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.rules.reasons import Names, sentences, whole
from edge_agent.rules.record import decision_of
from edge_agent.rules.reorder import Decision, Snapshot
from edge_agent.rules.sale import Sale, add
from edge_agent.snapshots import snapshot_of
from edge_agent.wire.events.device import DevicePaired, TillKnown
from edge_agent.wire.events.reservations import ReservationSet
from edge_agent.wire.events.stock import StockAdjusted
from edge_agent.wire.messages import FeedEntry
from tests.shop import MILK, NORTH, SHOP, TUESDAY_14, record
from tests.test_replenish import Shop, decided, opened

MARK = "0123456789abcdef"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with decided(tmp_path) as one:
        yield one


def milk(shop: Shop) -> Decision:
    body = shop.decisions()[-1]
    return decision_of(body, next(line for line in body.lines if line.sku == "milk"))


def kept(shop: Shop, state: str, cursor: int, pieces: int = 12) -> None:
    """The cloud keeps milk for a customer."""
    fields = {"reservation": MARK, "number": 1, "channel": "web", "until": TUESDAY_14 + DAY_MS, "state": state}
    body = ReservationSet.model_validate({**fields, "lines": [{"sku": "milk", "qty": 1000 * pieces, "price": 185}]})
    entry = FeedEntry(cursor=cursor, kind="reservation_set", v=1, at=shop.clock.now(), body=body.model_dump())
    shop.journal.take_feed("g1", [entry]).result()
    shop.settle()


def test_what_a_customer_reserved_is_ordered_again_at_once_and_said(shop: Shop) -> None:
    before = milk(shop)
    kept(shop, "open", 1)
    now = milk(shop)
    assert now.snapshot.reserved == 12_000
    assert now.need.raw == before.need.raw + 12_000
    assert now.packs == before.packs + 2
    body = shop.decisions()[-1]
    line = next(line for line in body.lines if line.sku == "milk")
    assert "12 are kept" in " ".join(sentences(body, line, Names("Northside", "Oat milk 1 l")))
    kept(shop, "released", 2)
    assert milk(shop).packs == before.packs


def test_the_goods_of_a_sale_that_was_set_aside_are_kept_for_a_day(shop: Shop) -> None:
    before = milk(shop)
    with shop.journal.reading() as memory:
        article = memory.article("milk", shop.clock.now())
        assert article is not None
    Holding(shop.journal).hold(add(Sale(), article, 6_000)).result()
    shop.settle()
    assert milk(shop).snapshot.reserved == 6_000
    assert milk(shop).packs == before.packs + 1
    now = snapshot_of(shop.memory, MILK, SHOP, shop.clock.now() + DAY_MS + 1)
    assert now.reserved == 0


AUTO = NORTH.model_copy(update={"auto": True})


def stocked(shop: Shop, now: int) -> Snapshot:
    return snapshot_of(shop.memory, MILK, SHOP, now, AUTO)


def test_days_without_stock_do_not_make_an_item_known(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.count(milk=10)
        shop.sell("milk")
        for day, adjusted in ((2, -9_000), (12, 20_000)):
            shop.clock.set(TUESDAY_14 + day * DAY_MS)
            record(shop.journal, StockAdjusted(sku="milk", qty=adjusted, reason="waste" if day == 2 else "found"))
        known = stocked(shop, TUESDAY_14 + 16 * DAY_MS).known
        assert known is not None
        # Sixteen days since its first sale, ten of them without any.
        assert known.stocked_days in (5, 6)
        later = stocked(shop, TUESDAY_14 + 25 * DAY_MS).known
        assert later is not None
        assert later.stocked_days >= 14


def decide_at(shop: Shop, at: int) -> tuple[str, tuple[str, ...]]:
    shop.clock.set(at)
    shop.replenish.wake(["milk"])
    shop.settle()
    return shop.open().state, shop.decisions()[-1].holds


def test_an_order_that_goes_by_itself_needs_you_while_the_clock_stands_behind_what_was_recorded(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(shop.journal, NORTH.model_copy(update={"auto": True}))
    shop.settle()
    assert "behind" not in shop.decisions()[-1].holds
    assert "behind" not in decide_at(shop, TUESDAY_14 - 60_000)[1]
    state, holds = decide_at(shop, TUESDAY_14 - HOUR_MS)
    assert (state, "behind" in holds) == ("held", True)
    assert "the till's clock is 60 minutes behind what it has recorded" in " ".join(whole(shop.decisions()[-1], {}))
    assert "behind" not in decide_at(shop, TUESDAY_14 + 1_000)[1]


def test_a_damaged_line_keeps_nobody_from_deciding(shop: Shop) -> None:
    db = apsw.Connection(str(shop.journal.file))
    db.execute("UPDATE journal SET line = x'00ff7b' WHERE seq = (SELECT max(seq) - 1 FROM journal)")
    db.close()
    newest = Newest()
    newest.look(shop.memory)
    shop.clock.set(TUESDAY_14 - HOUR_MS)
    assert newest.behind(shop.clock) == 60


def known_till(shop: Shop, cursor: int, device: str) -> None:
    body = TillKnown(device=device, public_key="00" * 32, trusted=True)
    entry = FeedEntry(cursor=cursor, kind="till_known", v=1, at=shop.clock.now(), body=body.model_dump())
    shop.journal.take_feed("g1", [entry]).result()


def test_an_order_needs_you_when_other_tills_may_have_sold_unheard(tmp_path: Path) -> None:
    silent = 0
    with opened(tmp_path) as shop:
        shop.replenish = Replenish(shop.journal, shop.clock, unheard=lambda: silent)
        paired = DevicePaired(tenant="t", shop="0f" * 8, device="d1", audience="https://cloud.example", catalogue_to=1)
        record(shop.journal, paired, NORTH.model_copy(update={"auto": True}))
        shop.forecast("milk")
        shop.count(milk=36)
        shop.replenish.start()
        known_till(shop, 1, "d1")
        silent = 3 * HOUR_MS
        assert "unheard" not in decide_at(shop, TUESDAY_14)[1], "it is alone"
        known_till(shop, 2, "d2")
        state, holds = decide_at(shop, TUESDAY_14)
        assert (state, "unheard" in holds) == ("held", True)
        assert "for 3 hours nothing was heard of the shop's other tills" in " ".join(whole(shop.decisions()[-1], {}))
        silent = HOUR_MS
        assert "unheard" not in decide_at(shop, TUESDAY_14)[1]


def test_what_a_doubtful_clock_recorded_ahead_says_nothing_once_a_time_server_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as shop:
        newest = Newest()
        with monkeypatch.context() as patched:
            patched.setattr(FileClock, "quality", lambda _: "rtc")
            shop.clock.set(TUESDAY_14 + DAY_MS)
            shop.count(milk=36, bread=200)
            newest.look(shop.memory)
            shop.clock.set(TUESDAY_14)
            assert newest.behind(shop.clock) == 24 * 60
        assert newest.behind(shop.clock) == 0
