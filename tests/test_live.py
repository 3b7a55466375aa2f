"""A live window: pieces held for who has its code, at its price; 20 held, 13 taken, 7 fall back, never oversold."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud_sync import drops, live
from cloud_sync.database import Database
from cloud_sync.live import Asked
from cloud_sync.reservations import UNHEARD_MS, NoneLeft, lapse_due
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.live import check, code_of
from edge_agent.rules.reservation import mark_of, number_of
from edge_agent.wire.events.drops import DropPart
from edge_agent.wire.events.live import LivePart, LiveSet
from edge_agent.wire.events.quota import QuotaGiven
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.tortures.order_shop import SharedShop
from tests.owner_shop import OWN, own_password, says
from tests.page_text import hidden, words
from tests.shop import CAST, TUESDAY_14
from tests.test_drops import HOUR, MUGS, START, a_drop
from tests.test_public_page import Stall, stall
from tests.test_reservations import SKU, TWENTY, hand_over, where

MINUTE = 60_000
PIECE = 1000
DROP = a_drop(parts=(DropPart(sku=SKU, qty=TWENTY),), cap=0, start=START, end=START + 48 * HOUR)
LIVE = LiveSet(
    code="GLAZE7",
    drop="mugs-1",
    start=START + HOUR,
    end=START + 2 * HOUR,
    parts=(LivePart(sku=SKU, qty=TWENTY, price=1_000),),
    hold=180,
)
__all__ = ["stall"]


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    """Two tills, a drop of the twenty mugs that the first has on its shelf, and a live window of all of them."""
    made = SharedShop(tmp_path, (*CAST, *MUGS), 2, at=TUESDAY_14, database=new_database())
    made.first.record(StockCounted(lines=(CountedLine(sku=SKU, counted=TWENTY, expected=0),), saw={}))
    made.settle()
    with made.office.database.writing() as session:
        drops.plan(session, **where(made), drop=DROP, at=TUESDAY_14)
        live.plan(session, **where(made), live=LIVE, at=TUESDAY_14)
    made.settle()
    made.clock.at = LIVE.start
    yield made
    made.close()


def take(shop: SharedShop, number: int, pieces: int = 1) -> None:
    asked = Asked(SKU, pieces * PIECE, number_of(number))
    with shop.office.database.writing() as session:
        live.take(session, **where(shop), live=LIVE, asked=asked, at=shop.clock.now())


def stands(shop: SharedShop) -> tuple[int, int]:
    """(taken, left) in pieces."""
    with shop.office.database.reading() as session:
        found = live.standing(session, **where(shop), live=LIVE, at=shop.clock.now())
    return found.taken[SKU] // PIECE, found.left[SKU] // PIECE


def may_sell(shop: SharedShop) -> int:
    return sum(max(0, till.memory.may_sell(SKU)) for till in shop.tills) // PIECE


def test_twenty_are_held_thirteen_taken_and_seven_fall_back_at_the_close(shop: SharedShop) -> None:
    assert may_sell(shop) == 0
    for number in range(13):
        take(shop, number)
    assert stands(shop) == (13, 7)
    shop.clock.at = LIVE.end
    lapse_due(shop.office.database, shop.clock.now())
    shop.settle()
    assert stands(shop) == (13, 0), "who has reserved keeps it"
    assert may_sell(shop) == 7
    for number in range(13):
        hand_over(shop.tills[number % 2], mark_of(number_of(number)))
    shop.settle()
    assert may_sell(shop) == 7
    assert [till.memory.stock(SKU).on_hand for till in shop.tills] == [7_000, 7_000]
    with pytest.raises(BadInput, match="sold live now"):
        take(shop, 14)


@pytest.mark.both
def test_of_fifty_who_ask_at_once_twenty_get_one(shop: SharedShop) -> None:
    got, refused, begin = list[int](), list[int](), threading.Barrier(50)

    def one(number: int, database: Database) -> None:
        begin.wait()
        try:
            with database.writing() as session:
                asked = Asked(SKU, PIECE, number_of(number))
                live.take(session, **where(shop), live=LIVE, asked=asked, at=LIVE.start)
            got.append(number)
        except NoneLeft:
            refused.append(number)

    threads = [threading.Thread(target=one, args=(number, shop.office.database)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (20, 30)
    assert stands(shop) == (20, 0)


def test_what_is_not_fetched_in_its_time_is_free_for_the_live_window_again_and_after_it_for_the_tills(
    shop: SharedShop,
) -> None:
    take(shop, 1, pieces=20)
    assert stands(shop) == (20, 0)
    shop.clock.at = LIVE.start + LIVE.hold * MINUTE + UNHEARD_MS
    lapse_due(shop.office.database, shop.clock.now())
    shop.settle()
    assert stands(shop) == (0, 0)
    assert may_sell(shop) == 20


def test_it_is_sold_at_its_own_price_and_no_longer_than_the_drop_keeps_it(shop: SharedShop) -> None:
    shop.clock.at = LIVE.start
    with shop.office.database.writing() as session:
        asked = Asked(SKU, 2 * PIECE, number_of(5))
        kept = live.take(session, **where(shop), live=LIVE, asked=asked, at=LIVE.start)
    assert (kept.total, kept.row.until) == (2_000, LIVE.start + 180 * MINUTE)
    assert kept.row.channel == "live GLAZE7"


def test_one_that_is_called_off_gives_its_pieces_back(shop: SharedShop) -> None:
    with shop.office.database.writing() as session:
        live.call_off(session, **where(shop), code="GLAZE7", at=LIVE.start)
        with pytest.raises(NotKnown):
            live.call_off(session, **where(shop), code="NONE", at=LIVE.start)
    shop.settle()
    assert may_sell(shop) == 20
    with shop.office.database.reading() as session:
        assert live.running(session, **where(shop), drop="mugs-1", at=LIVE.start) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": START - 1}, "lies within"),
        ({"end": START + 49 * HOUR}, "lies within"),
        ({"parts": (LivePart(sku="cup", qty=1, price=1),)}, "cup is no variant"),
        ({"parts": (LivePart(sku=SKU, qty=TWENTY + 1, price=1),)}, "more are held"),
        ({}, "GLAZE7 was used before"),
        ({"code": "OTHER"}, "is at that time, too"),
    ],
)
def test_what_cannot_be_planned_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check(LIVE.model_copy(update=changes), DROP, [LIVE], TUESDAY_14)


def test_a_code_is_read_however_it_is_typed() -> None:
    assert (code_of(" glaze 7"), code_of("abc"), code_of("a-bcd")) == ("GLAZE7", "", "")


def test_the_owner_plans_it_on_the_drops_page_and_who_has_the_code_reserves_on_the_public_one(stall: Stall) -> None:
    own_password(stall.cloud)
    stall.cloud.set_clock(START)
    form = {"code": "glaze7", "start": "2026-03-03T16:00", "end": "2026-03-03T17:00", "units1": "2", "price1": "10.00"}
    with stall.http.__class__(base_url=stall.cloud.url, timeout=20, trust_env=False) as owner:
        owner.post("/sign-in", data={"email": "ann@shop.example", "password": OWN})
        token = hidden(owner.get("/drops/mugs-1"), "csrf")
        wrong = owner.post("/drops/mugs-1/live", data={"csrf": token, **form, "units1": ""})
        assert "how many pieces" in words(wrong)
        owner.post("/drops/mugs-1/live", data={"csrf": token, **form}, follow_redirects=True)
        # The till hears that two are held, and gives them up.
        says(stall.till, QuotaGiven(sku="mug-s", qty=2 * PIECE))
        stall.till.sends()
        told = words(owner.get("/drops/mugs-1"))
        assert "GLAZE7 16:00 today to 17:00 today; open now; mug-s at £10.00 0 of 2 taken" in told
        seen = words(stall.http.get(stall.page))
        assert "Live now Until 17:00 today, for 1 h 0 min, for who has the code." in seen
        assert "GLAZE7" not in seen
        assert "not the code" in words(stall.ask("live", live="GLAZE8"))
        mine = stall.reserved("live", live="glaze7", pieces="2")
        assert "To pay: £20.00" in words(stall.http.get(mine))
        assert stall.ask("live", live="glaze7").status_code == 409
        assert "2 of 2 taken" in words(owner.get("/drops/mugs-1"))
        off = owner.post("/drops/mugs-1/live/off", data={"csrf": token, "code": "GLAZE7"}, follow_redirects=True)
        assert "called off" in words(off)
        assert "Live now" not in words(stall.http.get(stall.page))
