"""When an item was not there: from the sale that emptied it until more came, never claimed against a wrong record."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.journal.views.gone import Absence
from edge_agent.journal.views.sold import EVERY
from edge_agent.renewal import shop_history
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.selling import LostDemandNoted
from edge_agent.wire.events.stock import (
    CountedLine,
    ReceivedLine,
    StockAdjusted,
    StockCounted,
    StockReceived,
    StockStands,
)
from edge_agent.wire.messages import FeedEntry
from tests.shop import TUESDAY_14, open_journal, record, sold

TODAY = 739_678


class Shelf:
    """A shop whose clock is set by hand; receipts number themselves."""

    def __init__(self, folder: Path) -> None:
        self.journal: Journal = open_journal(folder)
        self.clock = FileClock(folder / "clock")
        self.receipts = self.cursor = 0

    def at(self, hours: float) -> int:
        """So many hours after Tuesday 14:00."""
        now = TUESDAY_14 + round(hours * HOUR_MS)
        self.clock.set(now)
        return now

    def sells(self, pieces: int, sku: str = "milk") -> None:
        self.receipts += 1
        record(self.journal, sold(self.receipts, sku, qty=1000 * pieces, day=TODAY))

    def counts(self, pieces: int, expected: int = 0) -> None:
        line = CountedLine(sku="milk", counted=1000 * pieces, expected=1000 * expected)
        record(self.journal, StockCounted(lines=(line,), saw={}))

    def receives(self, pieces: int) -> None:
        line = ReceivedLine(sku="milk", qty=1000 * pieces, ordered=None, expires=None)
        record(self.journal, StockReceived(order="", supplier="north", lines=(line,)))

    def hears(self, pieces: int, saw: int) -> None:
        """The cloud says what the whole shop holds, as of this till's event `saw`."""
        self.cursor += 1
        body = StockStands(saw={self.journal.id: saw}, stock=(("milk", 1000 * pieces, 1),), sold=())
        plain = body.model_dump(mode="json")
        fed = FeedEntry(cursor=self.cursor, kind="stock_stands", v=1, at=self.clock.now(), body=plain)
        self.journal.take_feed("g", [fed]).result()

    def absences(self) -> list[Absence]:
        with self.journal.reading() as memory:
            verify(memory.db)
            return memory.absences(0).get("milk", [])


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.journal.close()


def test_an_item_is_gone_from_the_sale_that_emptied_it_until_more_comes(shelf: Shelf) -> None:
    shelf.counts(5)
    shelf.at(1)
    shelf.sells(3)
    assert shelf.absences() == []
    gone = shelf.at(2)
    shelf.sells(2)
    assert shelf.absences() == [Absence(gone, 0)]
    back = shelf.at(20)
    shelf.receives(6)
    assert shelf.absences() == [Absence(gone, back)]


@pytest.mark.parametrize("others", [EVERY, EVERY + 3])
def test_it_is_the_same_once_sales_have_been_added_up(shelf: Shelf, others: int) -> None:
    shelf.counts(2)
    gone = shelf.at(1)
    shelf.sells(2)
    shelf.at(2)
    for _ in range(others):
        shelf.sells(1, "bread")
    assert shelf.absences() == [Absence(gone, 0)]


def test_what_sells_on_below_nothing_was_there_all_the_same(shelf: Shelf) -> None:
    shelf.counts(2)
    shelf.sells(2)
    shelf.at(1)
    shelf.sells(1)
    assert shelf.absences() == []
    for _ in range(EVERY):
        shelf.sells(1, "bread")
    assert shelf.absences() == []


def test_an_absence_that_was_noted_is_taken_back_when_the_item_sells_on(shelf: Shelf) -> None:
    shelf.counts(2)
    shelf.sells(2)
    for _ in range(EVERY):
        shelf.sells(1, "bread")
    assert len(shelf.absences()) == 1
    shelf.sells(1)
    assert shelf.absences() == []
    shelf.counts(4, expected=-1)
    assert shelf.absences() == []


def test_an_item_that_was_never_counted_is_never_said_to_be_gone(shelf: Shelf) -> None:
    shelf.receives(3)
    shelf.sells(3)
    assert shelf.absences() == []


def test_a_count_and_waste_can_empty_an_item(shelf: Shelf) -> None:
    shelf.counts(4)
    gone = shelf.at(1)
    record(shelf.journal, StockAdjusted(sku="milk", qty=-4000, reason="waste"))
    assert shelf.absences() == [Absence(gone, 0)]
    back = shelf.at(2)
    shelf.counts(3)
    again = shelf.at(3)
    shelf.counts(0, expected=3)
    assert shelf.absences() == [Absence(gone, back), Absence(again, 0)]


def test_other_tills_empty_and_fill_it_too(shelf: Shelf) -> None:
    shelf.counts(5)
    shelf.sells(3)
    with shelf.journal.reading() as memory:
        head = memory.head().seq
    gone = shelf.at(1)
    shelf.hears(0, head)
    assert shelf.absences() == [Absence(gone, 0)]
    back = shelf.at(2)
    shelf.hears(12, head)
    assert shelf.absences() == [Absence(gone, back)]


def test_the_forecast_hears_which_share_of_a_day_was_seen_and_what_was_asked_for(shelf: Shelf) -> None:
    hour = TUESDAY_14 // HOUR_MS
    rows = tuple((hour - 24 * day + part, "milk", 2000) for day in range(1, 31) for part in range(-4, 4))
    record(shelf.journal, HistoryImported(source="ab" * 32, part=1, parts=1, daily=False, rows=rows))
    shelf.counts(5)
    shelf.at(0)
    shelf.sells(5)
    shelf.at(1)
    record(shelf.journal, LostDemandNoted(sku="milk", asked="", qty=2000))
    shelf.at(20)
    shelf.receives(40)
    with shelf.journal.reading() as memory:
        known = shop_history(memory, shelf.at(21)).skus["milk"]
        alone = shop_history(memory, shelf.at(21), ["milk"]).skus["milk"]
    assert known.short == pytest.approx({TODAY: 500}, abs=50)
    assert known.asked == {TODAY: 2000}
    assert (alone.short, alone.asked) == (known.short, known.asked)


def test_a_week_of_selling_out_at_noon_does_not_lower_the_stored_forecast(shelf: Shelf) -> None:
    hour = TUESDAY_14 // HOUR_MS
    rows = tuple((hour - 24 * day + part, "milk", 1000) for day in range(1, 91) for part in range(-5, 5))
    record(shelf.journal, HistoryImported(source="ab" * 32, part=1, parts=1, daily=False, rows=rows))
    shelf.counts(0)
    for day in range(14):
        shelf.at(24 * day - 6)
        shelf.receives(5)
        for part in range(5):
            shelf.at(24 * day - 5 + part)
            shelf.receipts += 1
            record(shelf.journal, sold(shelf.receipts, "milk", qty=1000, day=TODAY + day))
    now = TUESDAY_14 + 14 * DAY_MS - 8 * HOUR_MS
    with shelf.journal.reading() as memory:
        shop = shop_history(memory, now)
    base = BaseForecaster()
    whole = base.forecast(shop, base.learn(shop), ["milk"], now)["milk"]
    assert whole.day_means[0] == pytest.approx(10_000, rel=0.12)
