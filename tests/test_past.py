"""A past decision's forecast is made again from the journal and the model's file, whatever happened since."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from edge_agent import past
from edge_agent.commands import main
from edge_agent.demand.child import ChildForecaster
from edge_agent.demand.forecasting import BaseForecaster, Forecaster
from edge_agent.demand.series import Facts
from edge_agent.journal.reading import Reading
from edge_agent.past import Past, as_of, made_again
from edge_agent.places import model_file
from edge_agent.renewal import Renewal, shop_history
from edge_agent.rules.record import decision_of
from edge_agent.shelf import Shelf
from edge_agent.wire.events.catalogue import HistoryImported
from tests.shelf import ms
from tests.shop import TUESDAY_14, record
from tests.test_replenish import Shop, opened

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    with opened(tmp_path) as one:
        hours = [(ms("2025-09-01T10:00") + days * DAY_MS) // HOUR_MS for days in range(180)]
        rows = tuple((hour, sku, 1_000 * (5 + hour // 24 % 7)) for hour in hours for sku in ("milk", "bread"))
        record(one.journal, HistoryImported(source="0" * 64, part=1, parts=1, daily=False, rows=rows))
        one.count(milk=20, bread=20)
        yield one


def lived(shop: Shop, forecaster: Forecaster) -> None:
    """A morning's renewal, sales, an hourly renewal, a decision; then a day that changes everything."""
    renewal = Renewal(shop.journal, shop.clock, forecaster, lambda _: None)
    shop.clock.set(ms("2026-03-04T06:00"))
    renewal.tick()
    shop.clock.set(ms("2026-03-04T11:10"))
    shop.sell("milk", pieces=9)
    shop.clock.set(ms("2026-03-04T12:01"))
    renewal.tick()
    shop.replenish.start()
    shop.settle()
    shop.clock.set(TUESDAY_14 + 3 * DAY_MS)
    shop.sell("milk", "bread", pieces=90)


def folder(shop: Shop) -> Path:
    return shop.journal.file.parent


def recorded(shop: Shop) -> list[tuple[int, str, float | None]]:
    order = shop.memory.orders()[0]
    body = next(body for body in shop.decisions() if body.order == order.key)
    seq = next(event.seq for event in shop.memory.events("reorder_decided"))
    found = [decision_of(body, line).forecast for line in body.lines]
    return [(one.made_at, one.sku, made_again(folder(shop), seq, one).apart) for one in found]


def test_the_bases_forecasts_come_out_the_same_hourly_and_nightly(shop: Shop) -> None:
    lived(shop, BaseForecaster())
    assert recorded(shop) == [(ms("2026-03-04T06:00"), "bread", 0.0), (ms("2026-03-04T12:01"), "milk", 0.0)]


def test_the_models_forecast_comes_out_the_same_from_the_file_of_its_hash(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    file = model_file()
    assert file is not None
    sha256 = Shelf(folder(shop)).put(file)
    child = ChildForecaster(file, sha256=sha256)
    try:
        lived(shop, child)
    finally:
        child.close()
    number = shop.memory.orders()[0].number
    seq = shop.memory.orders()[0].seq
    body = next(body for body in shop.decisions() if body.number == number)
    first = decision_of(body, body.lines[0]).forecast
    assert (first.forecaster, first.model) == ("onnx", sha256)
    assert made_again(folder(shop), seq, first).same
    assert main(["why", number, "--forecast", "--data", str(folder(shop))]) == 0
    assert f"forecast of milk (onnx, {sha256[:8]}) made again: same" in capsys.readouterr().out
    assert main(["why", number, "--forecast", "--otherwise", "--data", str(folder(shop))]) == 0
    said = capsys.readouterr().out
    assert f"forecast of milk (onnx, {sha256[:8]}) made again: same" in said
    assert "largest difference 0.0e+00 of a recorded number" in said


def test_a_newcomers_few_sales_are_counted_again(shop: Shop) -> None:
    shop.count(choc=1)
    shop.sell("choc", pieces=3)
    shop.replenish.start()
    shop.settle()
    body = shop.decisions()[0]
    line = next(line for line in body.lines if line.sku == "choc")
    forecast = decision_of(body, line).forecast
    assert forecast.forecaster == "new"
    seq = next(event.seq for event in shop.memory.events("reorder_decided"))
    shop.sell("choc", pieces=50)
    assert made_again(folder(shop), seq, forecast).apart == 0.0


def test_the_forecaster_learns_from_what_the_catalogue_says_of_items(shop: Shop) -> None:
    facts = shop_history(shop.memory, TUESDAY_14).facts["milk"]
    milk = shop.memory.item("milk")
    assert milk is not None
    assert facts == Facts(milk.price, milk.name, milk.category, milk.item, facts.earns, facts.level)
    assert (facts.earns, facts.level) == (55_500, 9_617)
    assert shop_history(shop.memory, TUESDAY_14, ["milk"]).facts == {}


def test_one_look_at_the_past_serves_all_lines_of_an_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    lived(shop, BaseForecaster())
    seq = next(event.seq for event in shop.memory.events("reorder_decided"))
    forecasts = [decision_of(body, line).forecast for body in shop.decisions() for line in body.lines]
    folded: list[int] = []
    whole = past.as_of

    def counted(data: Path, at: int, last: int) -> AbstractContextManager[Reading]:
        folded.append(at)
        return whole(data, at, last)

    monkeypatch.setattr(past, "as_of", counted)
    with Past(folder(shop)) as once:
        assert all(once.made_again(seq, one).same for one in [*forecasts, *forecasts])
    assert len(folded) == len(set(folded)) == 3


def test_a_forecast_that_was_altered_is_found(shop: Shop) -> None:
    lived(shop, BaseForecaster())
    body = shop.decisions()[0]
    forecast = decision_of(body, body.lines[0]).forecast
    seq = next(event.seq for event in shop.memory.events("reorder_decided"))
    changed = type(forecast)(**{**vars(forecast), "day_means": tuple(one + 1 for one in forecast.day_means)})
    assert not made_again(folder(shop), seq, changed).same


def test_the_memory_as_it_was_knows_nothing_of_what_came_later(shop: Shop) -> None:
    lived(shop, BaseForecaster())
    with as_of(folder(shop), ms("2026-03-04T11:30"), 10**9) as memory:
        assert memory.stock("milk").on_hand == 11_000
        assert memory.orders() == []
    with as_of(folder(shop), 0, 10**9) as memory:
        assert memory.shop() is None
