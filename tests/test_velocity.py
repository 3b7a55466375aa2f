"""How fast an item sells is counted by the open hours in which it was there, never by the days of the calendar."""

import pytest

from edge_agent.demand.base import Sales, exposure, rolling_sales, week_means, weekly_sales
from edge_agent.demand.presence import seen_share
from edge_agent.demand.series import SkuHistory
from tests.shelf import HOURS, MONDAY

SUNDAY = MONDAY + 6
OPEN = [(closes - opens) // 60 for opens, closes in (hours for hours in HOURS.weekly if hours)]
"""Ten hours from Monday to Saturday, six on Sunday: 66."""
PROFILE = tuple(
    tuple(1_000 * (opens <= 60 * hour < closes) for hour in range(24))
    for opens, closes in (hours for hours in HOURS.weekly if hours)
)
HERE = (600, 600, 600, 600, 120, 0, 0)
"""Minutes of each day's opening during which it was there: 42 hours, gone on Friday at eleven."""


def test_45_sold_in_42_of_66_open_hours_are_10_10_a_day_and_not_6_43() -> None:
    shares = [
        seen_share(PROFILE, MONDAY + day, (540 if day < 6 else 600) + minutes) for day, minutes in enumerate(HERE)
    ]
    assert sum(share * hours for share, hours in zip(shares, OPEN, strict=True)) == 42_000
    sold = [45_000 * minutes // 60 // 42 for minutes in HERE]
    short = {MONDAY + day: share for day, share in enumerate(shares) if share < 1_000}
    days = tuple(MONDAY + day for day, qty in enumerate(sold) if qty)
    one = SkuHistory("oat", days, tuple(qty for qty in sold if qty), short)
    trading = tuple(range(MONDAY, SUNDAY + 1))
    week = tuple(hours * 7 / 66 for hours in OPEN)
    (sales,) = rolling_sales(weekly_sales(one, SUNDAY, 27), 1)
    means = week_means(one, sales, week, exposure(trading, SUNDAY))
    assert isinstance(sales, Sales)
    assert sum(means) / 66 == pytest.approx(45 / 42, abs=0.001)
    assert sum(means) / 7 == pytest.approx(10.10, abs=0.01)
    assert sum(sold) / 7_000 == pytest.approx(6.43, abs=0.01)
