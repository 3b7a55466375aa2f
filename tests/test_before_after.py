"""Before and after: 20.94 and 22.97 are +9.7 %, each figure with the range that its days leave open."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.before_after import before_after
from edge_agent.rules.before_after import Around, BeforeAfter, DaySold, Span, difference, said
from edge_agent.rules.popup import share
from tests.owner_shop import GOODS, TODAY, Scene, at_work, sale, says
from tests.page_text import hidden, words
from tests.shop import TUESDAY_14

BEFORE = [(16, 33_400), (16, 33_620), (16, 33_510), (16, 33_390), (16, 33_710), (16, 33_480), (16, 33_450)]
AFTER = [(17, 38_720), (17, 39_000), (17, 38_810), (17, 38_700), (17, 38_600), (17, 38_710), (16, 38_500)]


def span(days: list[tuple[int, int]], **more: int) -> Span:
    return Span(1, len(days), tuple(DaySold(*one) for one in days), **more)


def test_the_average_order_of_2345_60_in_112_and_of_2710_40_in_118_grew_by_9_7_per_cent() -> None:
    found = BeforeAfter(span(BEFORE), span(AFTER))
    assert (found.before.total, found.before.receipts) == (234_560, 112)
    assert (found.after.total, found.after.receipts) == (271_040, 118)
    assert round(found.before.order_value or 0) == 2_094
    assert round(found.after.order_value or 0) == 2_297
    assert found.order_value is not None
    assert f"{found.order_value.value:+.1%}" == "+9.7%"
    assert found.order_value.low < found.order_value.value < found.order_value.high
    assert said(found.order_value, more_is_better=True) == "better"


def test_the_range_is_the_ratio_estimates_by_its_days() -> None:
    """Worked by hand: R = 20, residuals -10 and 10 of days of 10 receipts, seven days."""
    days = [(10, 190), (10, 210), (10, 200), (10, 200), (10, 200), (10, 200), (10, 200)]
    found = span(days).order_range
    assert found is not None
    # 7/6 x (100 + 100) = 233.33; its root 15.2753 over 70 receipts = .218218; x 1.959964 = .427700
    assert (round(found.low, 4), found.value, round(found.high, 4)) == (19.5723, 20.0, 20.4277)


def test_too_few_days_give_a_figure_and_no_range() -> None:
    few = span(BEFORE[:6])
    assert few.order_value is not None
    assert few.order_range is None
    assert BeforeAfter(few, span(AFTER)).order_value is None
    assert said(None, more_is_better=True) == "open"
    assert span([]).order_value is None


def test_shares_have_wilsons_range_and_their_difference_newcombes() -> None:
    """Newcombe (1998), table II, row (a): 56/70 and 48/80 differ by .2, from .0524 to .3339."""
    found = difference(share(48, 80), share(56, 70))
    assert found is not None
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)
    assert said(found, more_is_better=False) == "worse"
    assert difference(None, share(1, 2)) is None


@given(st.tuples(st.integers(0, 60), st.integers(1, 60)), st.tuples(st.integers(0, 60), st.integers(1, 60)))
def test_a_difference_lies_in_its_range_and_turns_round_with_its_sides(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    first, then = share(min(one), max(one)), share(min(two), max(two))
    found, back = difference(first, then), difference(then, first)
    assert found is not None
    assert back is not None
    assert -1 - 1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1 + 1e-9
    assert (round(found.low, 9), round(found.high, 9)) == (round(-back.high, 9), round(-back.low, 9))


def test_where_nothing_changed_most_ranges_hold_no_change() -> None:
    """Two hundred pairs of the same shop's months: one in twenty may be off."""
    dice, off = random.Random(7), 0
    for _ in range(200):
        two = [span([_day(dice) for _ in range(28)]) for _ in range(2)]
        off += said(BeforeAfter(*two).order_value, more_is_better=True) != "open"
    assert off <= 20


def _day(dice: random.Random) -> tuple[int, int]:
    many = dice.randint(4, 24)
    mood = dice.uniform(0.8, 1.25)
    return many, sum(round(mood * dice.expovariate(1 / 2_000)) for _ in range(many))


def test_a_change_that_holds_zero_is_left_open() -> None:
    assert said(Around(0.1, -0.01, 0.2), more_is_better=True) == "open"
    assert said(Around(-0.1, -0.2, -0.01), more_is_better=True) == "worse"


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[tuple[httpx.Client, Scene]]:
    with at_work(tmp_path, away=False) as scene, scene.owner() as browser:
        yield browser, scene


def test_the_page_tells_the_figures_around_a_day_and_the_file_the_same(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    for day in range(TODAY - 20, TODAY):
        after = day >= TODAY - 10
        for number in range(6):
            says(scene.till, sale(day, 1_000 + 10 * day + number, *GOODS[: 3 + after + number % 2]))
    scene.till.sends()
    form = {"csrf": hidden(browser.get("/cash"), "csrf"), "kind": "balance", "amount": "-50.00"}
    browser.post("/cash/entry", data={**form, "date": _iso(TODAY - 12)})
    said_of = words(browser.get(f"/before-after?day={_iso(TODAY - 10)}&days=10"))
    assert "Before and after Sat 21 Feb 2026" in said_of
    assert "better" in said_of
    assert "2 of 2 before" in said_of
    assert "Pieces that came back 0.0 % (0.0 to" in said_of
    file = browser.get(f"/before-after.csv?day={_iso(TODAY - 10)}&days=10").text.splitlines()
    assert file[0].startswith("figure,before,low,high,after")
    assert file[1].startswith("order value,")
    assert [line.split(",")[0] for line in file[1:]] == ["order value", "returned", "below float"]
    with scene.cloud.database.reading() as session:
        where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
        found = before_after(session, **where, day=TODAY - 10, days=10, now=TUESDAY_14, today=TODAY)
    assert f"{found.grown:+.1%}".replace("%", " %") in said_of
    assert browser.get("/before-after?day=2026-13-01").status_code == 422
    assert browser.get("/before-after?day=2030-01-01").status_code == 422
    assert "no sale" in words(browser.get("/before-after?day=2020-01-01"))


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
