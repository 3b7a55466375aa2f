"""The next 72 hours in parts of the day: the worked week, arrivals, what is left, and a clock change."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.rules.dayparts import Outlook, outlook, span, stretches, table
from edge_agent.rules.factor import with_factors
from edge_agent.rules.forecast import Factor, Forecast
from edge_agent.rules.plan import OpeningHours, expected
from edge_agent.rules.reorder import Snapshot
from tests.shelf import FORECAST, HOURS, LONDON, MONDAY, coming, ms, oat

TUESDAY_14 = ms("2026-03-03T14:00")


def plan(seen: Snapshot, forecast: Forecast, hours: OpeningHours, now: int) -> Outlook:
    return outlook(seen.on_hand - seen.reserved, seen.incoming, forecast, hours, now)


def test_the_worked_week_sells_30_in_72_hours_and_38_nine_times_of_ten() -> None:
    found = plan(oat(), FORECAST, HOURS, TUESDAY_14)
    assert (found.mean, found.middle, found.most) == (30_000, 30_000, 38_000)
    assert [span(part, LONDON) for part in found.parts] == [
        "Tue 14-17", "Tue 17-19", "Wed 09-12", "Wed 12-17", "Wed 17-19",
        "Thu 09-12", "Thu 12-17", "Thu 17-19", "Fri 09-12", "Fri 12-14",
    ]  # fmt: skip
    assert [part.mean for part in found.parts] == [2_400, 1_600, 2_700, 4_500, 1_800, 3_000, 5_000, 2_000, 4_200, 2_800]
    # 40 on the shelf, 4 of them kept: what is left at the end is the whole sum's quantile taken off.
    assert (found.parts[-1].left, found.parts[-1].least) == (6_000, 0)


def test_what_comes_is_drawn_in_the_part_in_which_it_can_be_sold() -> None:
    found = plan(oat(coming("2026-03-05T08:00", 24)), FORECAST, HOURS, TUESDAY_14)
    assert [part.comes for part in found.parts] == [0, 0, 0, 0, 0, 24_000, 0, 0, 0, 0]
    assert (found.parts[-1].left, found.parts[-1].least) == (30_000, 22_000)


def test_what_was_not_there_to_be_sold_is_lost_and_no_delivery_makes_up_for_it() -> None:
    empty = oat(coming("2026-03-05T08:00", 24), on_hand=2_000, reserved=0)
    found = plan(empty, FORECAST, HOURS, TUESDAY_14)
    assert [part.left for part in found.parts][:5] == [0, 0, 0, 0, 0]
    assert found.parts[5].left == 24_000 - 3_000
    assert plan(replace(empty, on_hand=-5_000), FORECAST, HOURS, TUESDAY_14).parts[5].left == 21_000


def test_a_delivery_that_is_late_counts_and_one_that_is_days_overdue_does_not() -> None:
    late, lost = coming("2026-03-03T08:00", 6), coming("2026-02-26T08:00", 12)
    assert plan(oat(late, lost), FORECAST, HOURS, TUESDAY_14).parts[0].comes == 6_000


def test_a_signal_and_a_closed_day_are_in_the_plan() -> None:
    closed = Factor("closed", "Stocktaking", "", MONDAY + 2, MONDAY + 2, (0,))
    market = Factor("market", "Market", "", MONDAY + 3, MONDAY + 3, (1_500_000,), seen=9)
    parts = plan(oat(), with_factors(FORECAST, (closed, market)), HOURS, TUESDAY_14).parts
    assert [part.mean for part in parts[2:8]] == [0, 0, 0, 4_500, 7_500, 3_000]


def test_it_reads_as_a_table() -> None:
    said = table(plan(oat(coming("2026-03-05T08:00", 24)), FORECAST, HOURS, TUESDAY_14), LONDON)
    assert said[0] == "Until Fri 14:00 about 30.0 sell, nine times of ten no more than 38."
    assert said[1] == "                 sells   at most  comes   left   at least"
    assert said[7] == "Thu 09-12          3.0         6     24     44         38"
    german = table(plan(oat(), FORECAST, HOURS, TUESDAY_14), LONDON, "de")
    assert german[1] == "                Absatz höchstens  kommt     da mindestens"
    assert german[2] == "Di 14-17           2.4         5            34         31"


minute = st.integers(0, 1440)


@settings(max_examples=60)
@given(
    start=st.integers(0, 20 * 1440),
    weekly=st.lists(st.one_of(st.none(), st.tuples(minute, minute).map(sorted).map(tuple)), min_size=7, max_size=7),
    on_hand=st.integers(-5, 60),
)
def test_parts_follow_each_other_and_add_up_also_over_a_clock_change(
    start: int, weekly: list[tuple[int, int] | None], on_hand: int
) -> None:
    now, hours = ms("2026-03-20T00:00") + start * 60_000, OpeningHours(LONDON, tuple(weekly))
    found = plan(oat(on_hand=on_hand * 1_000, reserved=0), FORECAST, hours, now)
    ends = [(part.begin, part.end) for part in found.parts]
    assert ends == list(stretches(hours, now, found.until))
    assert all(begin < end for begin, end in ends)
    assert all(one[1] <= after[0] for one, after in pairwise(ends))
    last = ends[-1][1] if ends else now
    assert sum(part.mean for part in found.parts) == expected(FORECAST, hours, now, last)
    assert all(part.left >= part.least >= 0 for part in found.parts)
    lefts = [max(0, on_hand * 1_000), *(part.left for part in found.parts)]
    assert lefts == sorted(lefts, reverse=True), "without a delivery the shelf only empties"
