"""The supplier's calendar: cut-offs, arrivals, cycle numbers, clock changes, a changed calendar."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput
from edge_agent.rules.calendar import Cutoff, SupplierCalendar, changed, cycle_of, next_cutoffs, weekday

LONDON = "Europe/London"
JANUARY = date(2026, 1, 1).toordinal()
TUESDAY_AND_FRIDAY = SupplierCalendar(1, JANUARY, (1, 4), 15 * 60, 2)
WORKDAYS = SupplierCalendar(1, JANUARY, (0, 1, 2, 3, 4), 15 * 60, 2)


def ms(text: str, zone: str = LONDON) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def words(at: int, zone: str = LONDON) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%a %d %b %H:%M")


def arrivals(calendar: SupplierCalendar, at: str, n: int = 2) -> list[str]:
    return [words(one.arrives_ms) for one in next_cutoffs(calendar, LONDON, ms(at), n)]


def test_an_order_before_tuesdays_cutoff_comes_on_thursday_and_fridays_on_the_next_tuesday() -> None:
    assert arrivals(TUESDAY_AND_FRIDAY, "2026-03-03T14:00") == ["Thu 05 Mar 08:00", "Tue 10 Mar 08:00"]


def test_after_the_cutoff_the_next_one_is_decided() -> None:
    assert arrivals(TUESDAY_AND_FRIDAY, "2026-03-03T16:00") == ["Tue 10 Mar 08:00", "Thu 12 Mar 08:00"]


def test_the_moment_of_the_cutoff_is_still_in_time_and_a_millisecond_later_is_not() -> None:
    at = ms("2026-03-03T15:00")
    assert next_cutoffs(TUESDAY_AND_FRIDAY, LONDON, at, 1)[0].at_ms == at
    assert next_cutoffs(TUESDAY_AND_FRIDAY, LONDON, at + 1, 1)[0].at_ms == ms("2026-03-06T15:00")


def test_lead_days_are_working_days_so_thursday_plus_two_is_monday() -> None:
    assert arrivals(WORKDAYS, "2026-03-05T14:00") == ["Mon 09 Mar 08:00", "Tue 10 Mar 08:00"]


def test_goods_wait_for_the_next_delivery_day() -> None:
    weekly = SupplierCalendar(1, JANUARY, (0,), 600, 1, delivery_days=(3,), arrives_minute=420)
    assert arrivals(weekly, "2026-03-02T09:00", 1) == ["Thu 05 Mar 07:00"]


def test_goods_never_arrive_before_their_own_cutoff() -> None:
    same_day = SupplierCalendar(1, JANUARY, (0, 1, 2, 3, 4), 15 * 60, 0, arrives_minute=480)
    for one in next_cutoffs(same_day, LONDON, ms("2026-03-02T09:00"), 10):
        assert one.arrives_ms > one.at_ms
    assert arrivals(same_day, "2026-03-02T09:00", 1) == ["Tue 03 Mar 08:00"]


@pytest.mark.parametrize(("day", "utc_hour"), [("2026-03-27", 15), ("2026-03-30", 14), ("2026-10-26", 15)])
def test_a_cutoff_keeps_its_local_hour_over_both_clock_changes(day: str, utc_hour: int) -> None:
    found = next_cutoffs(WORKDAYS, LONDON, ms(f"{day}T00:00"), 1)[0]
    assert datetime.fromtimestamp(found.at_ms / 1000, UTC).hour == utc_hour


def test_cycles_count_up_by_one_from_the_first_day_of_the_calendar() -> None:
    found = next_cutoffs(TUESDAY_AND_FRIDAY, LONDON, ms("2026-01-01T00:00"), 60)
    assert [one.cycle for one in found] == list(range(100_000, 100_060))


def test_the_cycle_is_the_same_whatever_the_moment_it_is_asked() -> None:
    seen: dict[int, Cutoff] = {}
    for hour in range(0, 24 * 40, 5):
        for one in next_cutoffs(TUESDAY_AND_FRIDAY, LONDON, ms("2026-03-01T00:00") + hour * 3_600_000, 3):
            assert seen.setdefault(one.cycle, one) == one


def test_a_changed_calendar_starts_after_the_open_cycle_and_shares_no_cycle_number() -> None:
    at = ms("2026-03-03T16:00")
    new = changed(TUESDAY_AND_FRIDAY, WORKDAYS, LONDON, at)
    still_open = next_cutoffs(TUESDAY_AND_FRIDAY, LONDON, at, 1)[0]
    first_of_new = next_cutoffs(new, LONDON, at, 1)[0]
    assert first_of_new.at_ms > still_open.at_ms
    old = {one.cycle for one in next_cutoffs(TUESDAY_AND_FRIDAY, LONDON, at - 10**10, 200)}
    assert old.isdisjoint({one.cycle for one in next_cutoffs(new, LONDON, at, 200)})
    assert words(first_of_new.at_ms) == "Mon 09 Mar 15:00"


@pytest.mark.parametrize("days", [(), (7,), (-1,)])
def test_a_calendar_without_usable_order_days_is_refused(days: tuple[int, ...]) -> None:
    with pytest.raises(BadInput):
        SupplierCalendar(1, JANUARY, days, 900, 2)


@given(
    order_days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    cutoff=st.integers(0, 1440),
    lead=st.integers(0, 10),
    delivery=st.sets(st.integers(0, 6)).map(tuple),
    hours=st.integers(0, 24 * 800),
    zone=st.sampled_from([LONDON, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)
def test_cutoffs_come_in_order_with_rising_cycles_and_arrive_after_themselves(
    order_days: tuple[int, ...], cutoff: int, lead: int, delivery: tuple[int, ...], hours: int, zone: str
) -> None:
    calendar = SupplierCalendar(3, JANUARY, order_days, cutoff, lead, delivery_days=delivery)
    at = ms("2026-01-02T00:00") + hours * 3_600_000
    found = next_cutoffs(calendar, zone, at, 5)
    assert found[0].at_ms >= at
    for one, following in pairwise(found):
        assert following.cycle == one.cycle + 1
        assert following.at_ms > one.at_ms
        assert following.arrives_ms >= one.arrives_ms > one.at_ms


@given(st.integers(0, 3000), st.sets(st.integers(0, 6), min_size=1))
def test_a_cycle_number_is_the_count_of_cutoffs_before_it(days: int, order_days: set[int]) -> None:
    calendar = SupplierCalendar(1, JANUARY, tuple(order_days), 900, 2)
    counted = sum(weekday(JANUARY + i) in order_days for i in range(days))
    assert cycle_of(calendar, JANUARY + days) == 100_000 + counted
    assert weekday(JANUARY + days) == (date(2026, 1, 1) + timedelta(days=days)).weekday()
