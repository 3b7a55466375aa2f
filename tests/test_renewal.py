"""Stored forecasts are renewed when rows and clock say so, and whoever decides is told."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.demand.series import Facts
from edge_agent.jobs import Jobs
from edge_agent.journal.log import Journal
from edge_agent.renewal import Renewal, shop_history
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.wire.events.catalogue import HistoryImported
from tests.shop import TUESDAY_14, open_journal, record, sold

TODAY = 739_678


class Shelf:
    """A shop with thirty days of history and a renewal that notes whom it told."""

    def __init__(self, folder: Path) -> None:
        self.journal: Journal = open_journal(folder)
        self.clock = FileClock(folder / "clock")
        hour = TUESDAY_14 // HOUR_MS
        rows = tuple((hour - 24 * day, "milk", 8000) for day in range(1, 31))
        record(self.journal, HistoryImported(source="ab" * 32, part=1, parts=1, daily=False, rows=rows))
        self.told: list[Collection[str]] = []
        self.renewal = Renewal(self.journal, self.clock, BaseForecaster(), self.told.append)

    def made_at(self, sku: str) -> int:
        with self.journal.reading() as memory:
            stored = memory.forecast(sku)
            return stored.made_at if stored else 0


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.journal.close()


def test_the_first_look_forecasts_everything_that_ever_sold(shelf: Shelf) -> None:
    assert shelf.renewal.tick() == 1
    assert shelf.told == [{"milk"}]
    assert shelf.made_at("milk") == TUESDAY_14
    with shelf.journal.reading() as memory:
        stored = memory.forecast("milk")
    assert stored is not None
    assert 6000 < stored.day_means[0] < 10_000


def test_a_second_look_in_the_same_hour_finds_nothing_due(shelf: Shelf) -> None:
    shelf.renewal.tick()
    record(shelf.journal, sold(1, "milk"))
    assert shelf.renewal.tick() == 0


def test_what_sold_is_renewed_in_the_next_hour_and_nothing_else(shelf: Shelf) -> None:
    shelf.renewal.tick()
    record(shelf.journal, sold(1, "bread", day=TODAY))
    shelf.clock.set(TUESDAY_14 + HOUR_MS)
    assert shelf.renewal.tick() == 1
    assert (shelf.made_at("bread"), shelf.made_at("milk")) == (TUESDAY_14 + HOUR_MS, TUESDAY_14)


def test_a_new_business_day_renews_everything(shelf: Shelf) -> None:
    shelf.renewal.tick()
    shelf.clock.set(TUESDAY_14 + DAY_MS)
    assert shelf.renewal.tick() == 1
    assert shelf.made_at("milk") == TUESDAY_14 + DAY_MS


def test_a_run_on_one_item_is_renewed_at_once_and_a_usual_sale_is_not(shelf: Shelf) -> None:
    shelf.renewal.tick()
    with shelf.journal.reading() as memory:
        before = memory.forecast("milk")
    shelf.renewal.start()
    shelf.clock.set(TUESDAY_14 + 10 * 60_000)
    record(shelf.journal, sold(1, "milk", day=TODAY))
    record(shelf.journal, sold(2, "milk", qty=60_000, day=TODAY))
    shelf.renewal.stop()
    assert shelf.told == [{"milk"}, {"milk"}]
    with shelf.journal.reading() as memory:
        after = memory.forecast("milk")
    assert before is not None
    assert after is not None
    assert sum(after.day_means) > sum(before.day_means)


def test_a_shop_that_never_sold_has_nothing_to_forecast(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    told: list[Collection[str]] = []
    assert Renewal(journal, FileClock(tmp_path / "clock"), BaseForecaster(), told.append).tick() == 0
    assert told == []
    journal.close()


def test_the_history_read_is_of_the_business_day_being_lived(shelf: Shelf) -> None:
    with shelf.journal.reading() as memory:
        history = shop_history(memory, TUESDAY_14)
        assert history.today == TODAY
        assert list(history.skus) == ["milk"]
        assert shop_history(memory, TUESDAY_14, {"bread"}).skus == {}


def test_of_a_large_catalogue_only_what_sold_is_read(shelf: Shelf) -> None:
    with shelf.journal.reading() as memory:
        history = shop_history(memory, TUESDAY_14)
        milk = memory.item("milk")
        assert memory.item("bread") is not None
    assert milk is not None
    assert history.facts == {"milk": Facts(milk.price, milk.name, milk.category, milk.item, earns=55_500, level=9_617)}


def test_a_failing_job_stops_no_other() -> None:
    done: list[str] = []
    Jobs((("broken", lambda: 1 / 0), ("other", lambda: done.append("other")))).round()
    assert done == ["other"]
