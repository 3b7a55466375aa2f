"""Order slips of suppliers that a till orders from by hand: due by rows, recorded before the paper, printed once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.orders import By, approve, order_of, version_of
from cloud_sync.sending import claim_next
from edge_agent.counter.slips import BEFORE_MS, Slips
from edge_agent.jobs import Jobs
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.slip import Slip, SlipLine, as_text, render
from scripts.tortures.order_shop import SharedShop, Till
from tests.shelf import MONDAY, WEEK
from tests.shop import CAST, NORTH, TUESDAY_14

CUTOFF = TUESDAY_14 + 3_600_000
PROFILE = PrinterProfile("test", 48, 576, (("cp858", 19),))
BY_HAND = NORTH.model_copy(update={"ordered_from": "shop", "till": "till1"})


class Paper:
    """A spool that notes how many orders were recorded as placed when it was given each job."""

    profile = PROFILE

    def __init__(self, till: Till) -> None:
        self.till, self.jobs = till, list[tuple[str, bytes, int]]()

    def print_job(self, job_id: str, data: bytes) -> None:
        placed = len(list(self.till.memory.events("order_placed_by_hand")))
        self.jobs.append((job_id, data, placed))

    def kick_drawer(self) -> None:
        raise AssertionError("a slip opens no drawer")


class ByHand:
    """A shop of two tills whose first orders from its one supplier by hand."""

    def __init__(self, folder: Path) -> None:
        bodies = [BY_HAND if body is NORTH else body for body in CAST]
        self.house = SharedShop(folder, bodies, 2, at=TUESDAY_14)
        self.folder, self.tills = folder, self.house.tills
        self.papers = [Paper(till) for till in self.tills]
        shares = (*[0] * 9, *[1000] * 10, *[0] * 5)
        from edge_agent.rules.forecast import Forecast

        made = Forecast("milk", TUESDAY_14, MONDAY, WEEK * 4, shares, 1400, "onnx", "0" * 64)
        self.tills[0].journal.store_forecasts([made]).result()
        self.tills[0].room.count([("milk", 36_000), ("bread", 200_000)]).result()
        self.tills[0].replenish.start()
        self.tills[0].decide(whole=True)
        self.house.settle()

    def slips(self, place: int = 0) -> Slips:
        till = self.tills[place]
        printed = self.folder / f"printed{place}"
        return Slips(till.journal, self.papers[place], self.house.clock, till.journal.reading, printed)

    @property
    def key(self) -> str:
        return self.tills[0].memory.orders()[0].key

    def approve(self) -> None:
        tenant = self.house.office.shop.tenant
        with self.house.office.database.writing() as session:
            seen = version_of(order_of(session, tenant=tenant, order=self.key))
            approve(session, tenant=tenant, order=self.key, version=seen, by=By("ann", "Ann"), now=self.house.clock.at)
        self.house.settle(1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ByHand]:
    one = ByHand(tmp_path)
    yield one
    one.house.close()


def test_an_approved_order_is_placed_and_its_slip_printed_before_the_cutoff_once(shop: ByHand) -> None:
    shop.approve()
    assert shop.slips().tick() == 0
    shop.house.clock.at = CUTOFF - BEFORE_MS
    assert shop.slips(1).tick() == 0
    assert shop.slips().tick() == 1
    assert [shop.slips().tick() for _ in range(3)] == [0, 0, 0]
    ((job, paper, placed),) = shop.papers[0].jobs
    order = shop.tills[0].memory.order(shop.key)
    assert order is not None
    assert (job, placed, order.state) == (f"order-{order.number}", 1, "sent")
    for words in (order.number, "Northside", "9 x Oat milk", "Tue 15:00", "Thu 08:00"):
        assert words.encode() in paper
    shop.house.settle()
    assert claim_next(shop.house.office.database, "w", CUTOFF - 1) is None


def test_what_nobody_approved_is_not_placed(shop: ByHand) -> None:
    shop.house.clock.at = CUTOFF - 1
    assert shop.slips().tick() == 0
    assert shop.tills[0].memory.order(shop.key).state == "proposed"  # type: ignore[union-attr]


def test_an_order_that_goes_by_itself_is_placed_without_anybody_while_the_cloud_is_away(shop: ByHand) -> None:
    till = shop.tills[0]
    hours = [(TUESDAY_14 - days * 86_400_000) // 3_600_000 for days in range(20, 1, -1)]
    from edge_agent.wire.events.catalogue import HistoryImported

    rows = tuple((hour, "milk", 8_000) for hour in hours)
    till.record(HistoryImported(source="0" * 64, part=1, parts=1, daily=False, rows=rows))
    till.record(BY_HAND.model_copy(update={"auto": True}))
    till.decide(whole=True)
    shop.house.clock.at = CUTOFF - 60_000
    assert shop.slips().tick() == 1


def test_a_stop_between_the_record_and_the_paper_prints_the_slip_at_the_next_start(shop: ByHand) -> None:
    from edge_agent.counter.slips import place_by_hand

    shop.approve()
    place_by_hand(shop.tills[0].journal, shop.key).result()
    shop.house.clock.at = CUTOFF + 3_600_000
    assert shop.slips().tick() == 1
    assert shop.slips().tick() == 0


def test_a_clock_that_cannot_be_trusted_places_nothing(shop: ByHand) -> None:
    shop.approve()
    shop.house.clock.at, shop.house.clock.trusted = CUTOFF - 60_000, False
    assert shop.slips().tick() == 0


def test_the_clock_may_jump_over_the_time_and_back_and_the_slip_is_printed_once(shop: ByHand) -> None:
    shop.approve()
    for at in (CUTOFF - 86_400_000, CUTOFF + 1, CUTOFF - 60_000, CUTOFF - 86_400_000, CUTOFF - 30_000, CUTOFF + 1):
        shop.house.clock.at = at
        Jobs([("slips", shop.slips().tick)]).round()
    assert len(shop.papers[0].jobs) == 1


def test_a_slip_keeps_its_columns_and_its_commands_whatever_the_names_hold() -> None:
    lines = (SlipLine(12, 6_000, "Oat milk of the long sort that needs two lines \x1b@"), SlipLine(1, 1_000, "Rye"))
    slip = Slip(("Corner Shop", "1 High Street"), "4F2A-91C0", "Northside", "Tue 15:00", "Thu 08:00", lines, "£81.00")
    for columns in (32, 42, 48):
        assert max(map(len, as_text(slip, columns).splitlines())) <= columns
    assert "12 x Oat milk" in as_text(slip, 48)
    assert "(6 each)" in as_text(slip, 48)
    assert render(slip, PROFILE).count(b"\x1b@") == 1
