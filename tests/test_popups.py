"""A pop-up: goods there and back in boxes, a till that is offline all day, who came by, and what each end says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from cloud_sync import popups
from cloud_sync.feed import held_shop, publish
from cloud_sync.tables.events import Quarantine
from edge_agent.counter.paper import Paper
from edge_agent.counter.popups import PopUps, print_links, print_slip
from edge_agent.counter.stock import StockRoom
from edge_agent.errors import BadInput, NotKnown
from edge_agent.fittings import NoPrinter
from edge_agent.journal.rebuild import verify
from edge_agent.rules import escpos
from edge_agent.rules.factor import part_on
from edge_agent.rules.link import Utm, target
from edge_agent.rules.popup import box_code, differs, share, transfer_of
from edge_agent.rules.signal import WHOLE, Learnt, Lift
from edge_agent.signals import moving
from edge_agent.snapshots import snapshot_of
from edge_agent.wire.events.popups import LinkSet, PopUpSet, StockSent
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.tortures.order_shop import SharedShop, Till
from tests.shop import CAST, MILK, SHOP, TUESDAY_14

TODAY = 739_678
MARKET = PopUpSet(
    popup="market", name="Harbour market", kind="night market", first_day=TODAY, last_day=TODAY, attendance=400
)


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[SharedShop]:
    made = SharedShop(tmp_path, CAST, 2, at=TUESDAY_14, database=new_database())
    made.first.record(StockCounted(lines=(CountedLine(sku="milk", counted=100_000, expected=0),), saw={}))
    office = made.office
    with office.database.writing() as session:
        popups.plan(session, tenant=office.shop.tenant, shop=office.shop.shop, popup=MARKET, at=TUESDAY_14)
    made.settle()
    yield made
    made.close()


def desk(till: Till, seed: int = 7) -> PopUps:
    return PopUps(till.journal, till.journal._ids)


def outing(shop: SharedShop) -> popups.Outing:
    office = shop.office
    with office.database.reading() as session:
        return popups.outing(session, tenant=office.shop.tenant, shop=office.shop.shop, popup="market")


def tasks(shop: SharedShop) -> list[str]:
    with shop.office.database.reading() as session:
        return [one.words for one in session.exec(select(Quarantine).where(Quarantine.state == "open"))]


def stock(till: Till, sku: str = "milk") -> int:
    return till.memory.stock(sku).on_hand


def pack(till: Till, pieces: int) -> str:
    (done,) = desk(till).send("market", [("milk", 1000 * pieces)]).result()
    return str(done.body.transfer)  # type: ignore[attr-defined]


def test_sixty_go_out_forty_one_are_sold_two_are_broken_and_seventeen_come_back(shop: SharedShop) -> None:
    at_shop, there = shop.tills
    box = pack(at_shop, 60)
    assert stock(at_shop) == 40_000
    shop.settle()
    # From here on the pop-up's till hears of nobody.
    desk(there).open("market").result()
    (waiting,) = there.memory.boxes("popup", "market")
    assert waiting.lines == (("milk", 60_000),)
    desk(there).receive(box, {"milk": 60_000}).result()
    assert there.memory.here("milk") == 60_000
    for _ in range(41):
        there.sell("milk")
    StockRoom(there.journal).adjust("milk", 2000, "waste").result()
    assert there.memory.here("milk") == 17_000
    back = pack(there, 17)
    assert there.memory.here("milk") == 0
    desk(there).close().result()
    # The shop sold on, and counts its own shelf: what is at the pop-up is not missed there.
    at_shop.sell("milk")
    StockRoom(at_shop.journal).count([("milk", 39_000)]).result()
    shop.settle()
    desk(at_shop).receive(back, {"milk": 17_000}).result()
    shop.settle()
    assert [stock(till) for till in shop.tills] == [56_000, 56_000]
    found = outing(shop)
    tally = found.tally
    assert (tally.came["milk"], tally.sold["milk"], tally.lost["milk"], tally.sent["milk"]) == (
        60_000, 41_000, 2_000, 17_000,
    )  # fmt: skip
    assert (tally.there["milk"], found.open, found.on_the_way, tally.takings) == (0, False, 0, 4_100)
    assert tasks(shop) == []
    for till in shop.tills:
        verify(till.memory.db)


def test_what_is_short_at_either_end_and_at_the_close_is_the_owners_task(shop: SharedShop) -> None:
    at_shop, there = shop.tills
    box = pack(at_shop, 60)
    shop.settle()
    desk(there).open("market").result()
    desk(there).receive(box, {"milk": 58_000}).result()
    pack(there, 57)
    desk(there).close().result()
    shop.settle()
    assert outing(shop).on_the_way == 57_000
    desk(at_shop).receive(at_shop.memory.boxes("shop")[0].transfer, {"milk": 57_000, "bread": 1000}).result()
    shop.settle()
    assert sorted(tasks(shop)) == [
        "At the close of Harbour market: Oat milk 1 l: 1 missing. The stock says so already.",
        "On the way back from Harbour market: Sourdough 800 g: 1 too many. The stock says so already.",
        "On the way to Harbour market: Oat milk 1 l: 2 missing. The stock says so already.",
    ]
    assert [stock(till) for till in shop.tills] == [97_000, 97_000]
    assert (outing(shop).tally.there["milk"], outing(shop).on_the_way) == (0, 0)


def test_a_box_that_the_pop_up_never_heard_of_is_taken_by_its_slip_and_compared_later(shop: SharedShop) -> None:
    at_shop, there = shop.tills
    box = pack(at_shop, 10)
    assert transfer_of(box_code(box)) == box
    desk(there).open("market").result()
    assert there.memory.boxes("popup", "market") == []
    desk(there).receive(box, {"milk": 9_000}).result()
    there.push()
    shop.settle()
    assert tasks(shop) == ["On the way to Harbour market: Oat milk 1 l: 1 missing. The stock says so already."]
    assert at_shop.memory.boxes("popup") == []


def test_while_the_pop_up_is_in_touch_the_shop_knows_what_is_on_its_own_shelf(shop: SharedShop) -> None:
    at_shop, there = shop.tills
    box = pack(at_shop, 60)
    shop.settle()
    desk(there).open("market").result()
    desk(there).receive(box, {"milk": 60_000}).result()
    there.sell("milk", pieces=10)
    shop.settle()
    assert [stock(till) for till in shop.tills] == [90_000, 90_000]
    assert [till.memory.here("milk") for till in shop.tills] == [40_000, 50_000]
    StockRoom(at_shop.journal).count([("milk", 40_000)]).result()
    shop.settle()
    assert [stock(till) for till in shop.tills] == [90_000, 90_000]


def test_what_is_in_boxes_is_not_ordered_again(shop: SharedShop) -> None:
    at_shop = shop.first
    pack(at_shop, 60)
    now = shop.clock.now()
    assert snapshot_of(at_shop.memory, MILK, SHOP, now).on_hand == 100_000
    assert snapshot_of(at_shop.memory, MILK, SHOP, now + 15 * 86_400_000).on_hand == 40_000


def test_of_a_limited_item_only_what_a_till_may_sell_goes_along_and_is_sold_there_offline(shop: SharedShop) -> None:
    at_shop, there = shop.tills
    at_shop.record(MILK.model_copy(update={"limited": True}))
    shop.settle()
    may = at_shop.memory.may_sell("milk")
    with pytest.raises(BadInput, match="shared with other tills: at most 50"):
        pack(at_shop, 60)
    box = pack(at_shop, 30)
    assert at_shop.memory.may_sell("milk") == may - 30_000
    desk(there).open("market").result()
    desk(there).receive(box, {"milk": 30_000}).result()
    assert there.memory.may_sell("milk") == 80_000


def test_visitors_and_sales_make_a_share_with_its_interval(shop: SharedShop) -> None:
    there = shop.tills[1]
    desk(there).open("market").result()
    desk(there).visitors(180, 72).result()
    with pytest.raises(BadInput, match="more would have stayed"):
        desk(there).visitors(0, 109).result()
    for _ in range(15):
        there.sell("milk")
    shop.settle()
    tally = outing(shop).tally
    found, stayed = share(tally.orders, tally.passed), share(tally.stayed, tally.passed)
    assert found is not None
    assert stayed is not None
    assert (f"{found.value:.4f}", f"{found.low:.3f}", f"{found.high:.3f}") == ("0.0833", "0.051", "0.133")
    assert stayed.value == 0.4


def test_what_cannot_be_is_refused_by_name(shop: SharedShop) -> None:
    at_shop, there = shop.tills
    with pytest.raises(NotKnown, match="no such pop-up"):
        desk(there).open("nowhere").result()
    with pytest.raises(BadInput, match="in the shop"):
        desk(there).visitors(1, 0).result()
    box = pack(at_shop, 1)
    with pytest.raises(BadInput, match="for another place"):
        desk(at_shop).receive(box, {"milk": 1000}).result()
    desk(there).open("market").result()
    with pytest.raises(BadInput, match="at a pop-up already"):
        desk(there).open("market").result()
    with pytest.raises(BadInput, match="nothing is in the box"):
        desk(there).send("market", []).result()
    office = shop.office
    shop.settle()
    with office.database.writing() as session, pytest.raises(BadInput, match="A till stands there"):
        popups.call_off(session, tenant=office.shop.tenant, shop=office.shop.shop, popup="market", at=shop.clock.now())


def test_a_pop_up_of_a_till_alone_stands_on_its_calendar_and_goes_on_after_a_new_journal(shop: SharedShop) -> None:
    there = shop.tills[1]
    desk(there).plan("Fair").result()
    (fair,) = [one for one in there.memory.popups(TODAY, TODAY) if one.name == "Fair"]
    assert [one.kind for one in there.memory.local_events(TODAY, TODAY)] == ["pop-up", "night market"]
    desk(there).open(fair.popup).result()
    there.sell("milk")
    there.sync()
    there.sell("milk")
    there.journal.begin_again("fork").result()
    assert there.memory.tally_here().orders == 2
    there.sell("milk")
    assert there.memory.tally_here().orders == 3
    shop.settle()
    office = shop.office
    with office.database.reading() as session:
        where = {"tenant": office.shop.tenant, "shop": office.shop.shop}
        found = popups.outing(session, **where, popup=fair.popup)
    assert (found.tally.orders, found.open) == (3, True)


@given(
    sent=st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
    came=st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
)
def test_the_two_ends_of_a_box_differ_by_what_is_missing(sent: dict[str, int], came: dict[str, int]) -> None:
    short = differs(sent, came)
    assert all(short.values())
    assert sum(short.values()) == sum(sent.values()) - sum(came.values())


@given(part=st.integers(0, 500), whole=st.integers(1, 500))
def test_a_share_lies_within_its_interval(part: int, whole: int) -> None:
    found = share(part, whole)
    if part > whole:
        assert found is None
    else:
        assert found is not None
        assert 0 <= found.low <= found.value + 1e-12 <= found.high + 2e-12 <= 1 + 2e-12


def test_what_such_days_do_is_learnt_by_their_kind_and_moves_the_day_of_the_next(shop: SharedShop) -> None:
    till = shop.first
    till.journal.store_learnt(Learnt({"night market": Lift(1.6, 4)}, {})).result()
    factors = moving(till.memory, "Europe/London", shop.clock.now()).of("milk", MILK)
    assert [(one.name, part_on(one, TODAY), part_on(one, TODAY + 1)) for one in factors] == [
        ("Harbour market", 1_264_911, WHOLE)
    ]


class Printer(NoPrinter):
    """Keeps what it was given."""

    profile = replace(NoPrinter.profile, qr=True)

    def __init__(self) -> None:
        self.jobs: dict[str, bytes] = {}

    def print_job(self, job_id: str, data: bytes) -> None:
        self.jobs[job_id] = data


def test_a_boxs_slip_has_its_number_as_bars_and_each_link_is_a_sheet_with_its_qr_code(
    tmp_path: Path, shop: SharedShop
) -> None:
    at_shop, printer = shop.first, Printer()
    paper = Paper(printer, "Till 1", at_shop.journal.reading, tmp_path / "handed", lambda _: ("", ""))
    (done,) = desk(at_shop).send("market", [("milk", 12_000)]).result()
    assert isinstance(done.body, StockSent)
    print_slip(paper, at_shop.memory, done.body)
    (slip,) = printer.jobs.values()
    assert b"Oat milk 1 l" in slip
    assert escpos.barcode(box_code(done.body.transfer)) in slip
    assert print_links(paper, at_shop.memory, "market") == 0
    link = LinkSet(link="k7m2pqr", popup="market", name="Poster", url="https://shop.example/q/k7m2pqr")
    office = shop.office
    with office.database.writing() as session:
        publish(session, held_shop(session, office.shop.tenant, office.shop.shop), link, key="k7m2pqr", at=1)
    at_shop.sync()
    assert print_links(paper, at_shop.memory, "market") == 1
    assert escpos.qr(link.url, module=5) in printer.jobs["link-market-0"]


def test_a_links_goal_carries_its_utm_words_and_is_a_web_address() -> None:
    utm = Utm("popup", "qr", "Harbour night market", "Mug, small")
    assert target("https://a.example/x", utm) == (
        "https://a.example/x?utm_source=popup&utm_medium=qr&utm_campaign=harbour-night-market&utm_content=mug-small"
    )
    for odd in ("", "ftp://a.example", "https://", "https://me@a.example", "https://a.example/\nx", "/mugs"):
        with pytest.raises(BadInput, match="A link leads to an address"):
            target(odd, utm)
