"""Single days with other hours: a holiday, a late night; in settings and on the page, kept by forecast and plan."""

from dataclasses import replace

import pytest

from cloud_sync.alerts.rules import is_open
from cloud_sync.pages.shop_form import fields_of, shop_from
from edge_agent.counter.shop import shop_of
from edge_agent.demand.forecasting import forecast_many
from edge_agent.demand.presence import seen_share
from edge_agent.demand.series import ShopHistory, SkuHistory
from edge_agent.errors import BadInput, BadRow
from edge_agent.renewal import opening_of
from edge_agent.rules.dayparts import stretches
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.newcomer import newcomer
from edge_agent.rules.opening import other_day
from edge_agent.rules.plan import OpeningHours, expected
from edge_agent.settings import Settings, ShopSettings
from edge_agent.wire.events.catalogue import ShopSet
from tests.shelf import MONDAY, WEEK, ms
from tests.shop import SHOP

NINE_TO_SEVEN = ((540, 1140),) * 7
HOURS = OpeningHours(SHOP.zone, NINE_TO_SEVEN, ((MONDAY + 1, 0, 0), (MONDAY + 2, 540, 1320)))
"""Tuesday is a holiday, on Wednesday it is open until ten."""
FORECAST = Forecast("milk", 0, MONDAY, WEEK, (*[0] * 9, *[1000] * 10, *[0] * 5), 1400, "base", "")


def test_a_day_says_its_own_hours_before_those_of_its_weekday() -> None:
    assert [HOURS.on(MONDAY + ahead) for ahead in range(4)] == [(540, 1140), None, (540, 1320), (540, 1140)]
    assert HOURS.on(MONDAY + 8) == (540, 1140)


def test_the_plan_of_the_next_days_has_no_part_of_a_closed_day_and_a_late_one_of_a_long() -> None:
    parts = list(stretches(HOURS, ms("2026-03-02T00:00"), ms("2026-03-05T00:00")))
    assert [begin for begin, _ in parts if ms("2026-03-03T00:00") <= begin < ms("2026-03-04T00:00")] == []
    assert parts[-1] == (ms("2026-03-04T17:00"), ms("2026-03-04T22:00"))


def test_a_part_of_a_day_is_reckoned_by_that_days_hours() -> None:
    short = replace(HOURS, other=((MONDAY, 540, 840),))
    usual = expected(FORECAST, OpeningHours(SHOP.zone, NINE_TO_SEVEN), ms("2026-03-02T09:00"), ms("2026-03-02T14:00"))
    told = expected(FORECAST, short, ms("2026-03-02T09:00"), ms("2026-03-02T14:00"))
    assert (usual, told) == (WEEK[0] // 2, WEEK[0])


def test_forecasts_expect_nothing_of_a_day_that_will_be_closed_and_learn_nothing_of_one_that_was() -> None:
    days = tuple(day for day in range(MONDAY - 28, MONDAY) if day != MONDAY - 6)
    sold = {"milk": SkuHistory("milk", days, (4_000,) * len(days))}
    opening = opening_of(replace(HOURS, other=(*HOURS.other, (MONDAY - 6, 0, 0))))
    told = forecast_many(ShopHistory(SHOP.zone, opening, MONDAY, sold), 0)["milk"]
    assert told.day_means[1] == 0
    assert told.day_means[8] == pytest.approx(4_000, rel=0.03)
    assert newcomer("milk", [], HOURS, today=MONDAY, at=0).day_means[1] == 0


def test_a_short_day_sells_its_part_and_a_sunday_that_is_opened_once_like_a_mean_day() -> None:
    hours = (*NINE_TO_SEVEN[:6], None)
    days = tuple(day for day in range(MONDAY - 56, MONDAY) if (day - MONDAY) % 7 != 6)
    sold = {"milk": SkuHistory("milk", days, (10_000,) * len(days))}
    opening = opening_of(OpeningHours(SHOP.zone, hours, ((MONDAY, 540, 840), (MONDAY + 6, 540, 1140))))
    told = forecast_many(ShopHistory(SHOP.zone, opening, MONDAY, sold), 0)["milk"]
    assert told.day_means[0] == pytest.approx(5_000, rel=0.02)
    assert told.day_means[6] == pytest.approx(10_000, rel=0.02)
    assert told.day_means[13] == 0


def test_what_ran_out_at_noon_of_a_short_day_was_there_for_more_of_it() -> None:
    profile = ((*[0] * 9, *[10] * 10, *[0] * 5),) * 7
    assert seen_share(profile, MONDAY, 720) == 300
    assert seen_share(profile, MONDAY, 720, other=(540, 840)) == 600
    assert seen_share(profile, MONDAY, 720, since=600, other=(540, 840)) == 400


def test_the_settings_and_the_page_say_single_days_the_same_way() -> None:
    lines = ("2026-12-24 09:00-14:00", "2026-12-25 closed")
    told = shop_of(Settings(shop=ShopSettings(other_hours=lines)))
    assert fields_of(told)["other_hours"] == "\n".join(lines)
    card = shop_from(cells_of("the form", fields_of(told)), told)
    assert card == told
    assert ShopSet.model_validate_json(told.model_dump_json()) == told
    assert "other_hours" not in SHOP.model_dump_json()


@pytest.mark.parametrize(
    "line", ["24.12.2026 closed", "2026-12-24", "2026-12-24 14:00-09:00", "2026-12-24 09:00-25:00"]
)
def test_what_is_no_day_is_said(line: str) -> None:
    with pytest.raises(BadInput):
        other_day(line)


def test_a_day_that_stands_twice_is_refused_on_the_page() -> None:
    fields = fields_of(SHOP) | {"other_hours": "2026-12-24 closed\n2026-12-24 09:00-12:00"}
    with pytest.raises(BadRow):
        shop_from(cells_of("the form", fields), SHOP)


def test_alerts_know_that_the_shop_is_closed_on_a_holiday() -> None:
    noon = ms("2026-03-03T12:00")
    card = SHOP.model_copy(update={"hours": NINE_TO_SEVEN})
    assert is_open(card, noon)
    assert not is_open(card.model_copy(update={"other_hours": HOURS.other}), noon)
