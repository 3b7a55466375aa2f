"""72 hours: what runs out, when and how surely, what stands against it, what is at risk, and the file."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud_sync.pages.outlook import runs_out
from cloud_sync.pages.running_out import Gap, gaps
from cloud_sync.pages.shown import shown
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.dayparts import HIGH
from edge_agent.rules.packs import Odds
from edge_agent.rules.plan import expected
from tests.cloud import EMAIL, Cloud, serving
from tests.owner_shop import GOODS, OWN, Scene, at_work, own_password
from tests.page_text import words
from tests.shop import TUESDAY_14


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A shop at work, for tests that only look."""
    with at_work(tmp_path_factory.mktemp("running")) as scene:
        yield scene


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Cloud]:
    """A cloud that was only just founded."""
    with serving(tmp_path) as cloud:
        own_password(cloud)
        yield cloud


def _gaps(scene: Scene) -> dict[str, Gap]:
    where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
    with scene.cloud.database.reading() as session:
        here = shown(session, **where, now=TUESDAY_14)
        return {one.risk.sku: one for one in gaps(session, here, runs_out(session, here, here.now), here.now)}


def test_the_earliest_moment_is_the_hour_by_which_it_is_gone_one_time_of_ten(scene: Scene) -> None:
    one = _gaps(scene)["oat"]
    told = one.risk.told

    def enough(at: int) -> int:
        return 1000 * Odds(expected(told.forecast, told.hours, TUESDAY_14, at), told.forecast.phi_milli).level(HIGH)

    assert TUESDAY_14 < one.earliest < one.risk.out_at
    assert enough(one.earliest) >= one.risk.left > enough(one.earliest - HOUR_MS)


def test_at_risk_is_what_is_expected_until_the_next_delivery_at_its_price(scene: Scene) -> None:
    prices = {good.sku: good.price for good in GOODS}
    found = _gaps(scene)
    assert found
    for sku, one in found.items():
        told, risk = one.risk.told, one.risk
        assert one.unsold == expected(told.forecast, told.hours, risk.out_at, risk.next_at)
        assert one.money == (one.unsold * prices[sku] + 500) // 1000


def test_the_page_lists_what_today_lists_and_is_reached_from_there(scene: Scene) -> None:
    found = _gaps(scene)
    with scene.owner() as browser:
        today, said = browser.get("/"), browser.get("/running-out")
    assert 'href="/running-out?shop=' in today.text
    assert all(one.risk.name in words(said) for one in found.values())
    assert "order before 15:00" in words(said)
    assert scene.order("north").order in said.text
    assert said.text.count("<svg") == 1
    assert f"Fri 14:00 {len(found)} {len(found)}" in words(said)


def test_the_file_has_the_same_rows(scene: Scene) -> None:
    with scene.owner() as browser:
        rows = list(csv.DictReader(io.StringIO(browser.get("/tables/running-out.csv").text)))
    assert {row["sku"] for row in rows} == set(_gaps(scene))
    assert all(row["earliest_out"] <= row["likely_out"] for row in rows)


def test_without_a_till_the_page_says_what_to_do_next(empty: Cloud) -> None:
    with httpx.Client(base_url=empty.url, timeout=20, trust_env=False) as browser:
        browser.post("/sign-in", data={"email": EMAIL, "password": OWN})
        assert "No till yet: pair the first" in words(browser.get("/running-out"))
