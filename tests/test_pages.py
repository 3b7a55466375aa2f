"""The owner's pages over HTTP against a real cloud: signing in, today with its states, and the files."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud_sync.pages.look import TYPES, asset
from edge_agent.rules.day import HOUR_MS
from tests.cloud import EMAIL, Cloud, FakeTill, serving
from tests.owner_shop import GOODS, OWN, TODAY, Scene, at_work, history, later, own_password, sale, says
from tests.page_text import hidden, words
from tests.shop import SHOP, TUESDAY_14


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene for tests that only look."""
    with at_work(tmp_path_factory.mktemp("owner")) as scene:
        yield scene


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Cloud]:
    """A cloud that was only just founded."""
    with serving(tmp_path) as cloud:
        yield cloud


# Signing in


def test_without_a_session_every_page_leads_to_the_sign_in(scene: Scene) -> None:
    with scene.browser() as browser:
        for path in ("/", "/orders", "/takings", "/stock", "/tasks", "/takings.csv", "/stock.csv", "/password"):
            answer = browser.get(path)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), path


def test_after_signing_in_the_owner_comes_to_the_page_he_asked_for(scene: Scene) -> None:
    with scene.browser() as browser:
        asked = browser.get("/takings?shop=").headers["location"]
        answer = browser.post(asked, data={"email": EMAIL, "password": OWN})
        assert answer.headers["location"] == "/takings?shop="


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site_after_signing_in(scene: Scene, to: str) -> None:
    with scene.browser() as browser:
        answer = browser.post("/sign-in", params={"to": to}, data={"email": EMAIL, "password": OWN})
        assert answer.headers["location"] == "/"


def test_an_unknown_account_and_a_wrong_password_are_answered_in_the_same_words(fresh: Scene) -> None:
    with fresh.browser() as browser:
        wrong = browser.post("/sign-in", data={"email": EMAIL, "password": "not it at all"})
        unknown = browser.post("/sign-in", data={"email": "bob@shop.example", "password": "not it at all"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(EMAIL, "*") == unknown.text.replace("bob@shop.example", "*")


def test_after_five_wrong_passwords_the_page_says_when_to_try_again(fresh: Scene) -> None:
    with fresh.browser() as browser:
        for _ in range(5):
            assert browser.post("/sign-in", data={"email": EMAIL, "password": "wrong one"}).status_code == 401
        answer = browser.post("/sign-in", data={"email": EMAIL, "password": OWN})
    assert answer.status_code == 429
    assert "Try again in 15 minutes" in words(answer)
    assert 0 < int(answer.headers["retry-after"]) <= 900


def test_the_one_time_password_leads_to_an_own_one_and_nowhere_else(empty: Cloud) -> None:
    once = empty.owner()
    with httpx.Client(base_url=empty.url, trust_env=False) as browser:
        answer = browser.post("/sign-in", data={"email": EMAIL, "password": once})
        assert answer.headers["location"] == "/password"
        assert browser.get("/").headers["location"] == "/password"
        form = browser.get("/password")
        csrf = hidden(form, "csrf")
        assert "15 or more" in words(form)
        short = browser.post("/password", data={"csrf": csrf, "password": "short", "again": "short"})
        assert (short.status_code, "8 to 256 characters" in words(short)) == (422, True)
        two = browser.post("/password", data={"csrf": csrf, "password": OWN, "again": OWN + "!"})
        assert (two.status_code, "differ" in words(two)) == (422, True)
        done = browser.post("/password", data={"csrf": csrf, "password": OWN, "again": OWN})
        assert done.headers["location"] == "/"
        assert browser.get("/").status_code == 200
        assert browser.post("/sign-in", data={"email": EMAIL, "password": once}).status_code == 401


def test_signing_out_ends_the_session_also_for_a_copied_cookie(fresh: Scene) -> None:
    with fresh.owner() as browser:
        cookie = browser.cookies["dropshelf"]
        answer = browser.post("/sign-out", data={"csrf": hidden(browser.get("/"), "csrf")})
        assert answer.headers["location"] == "/sign-in"
        assert browser.get("/", headers={"Cookie": f"dropshelf={cookie}"}).status_code == 303


# Today


def test_today_tells_what_to_decide_what_was_taken_what_runs_out_and_how_the_tills_are(scene: Scene) -> None:
    with scene.owner() as browser:
        said = words(browser.get("/"))
    assert "2 orders to approve, the first before 15:00 today" in said
    assert "Northside before 15:00, 4 items £231.51" in said
    assert "Taken today £179.49 38 receipts. Usual Tuesday £86.85 to £199.95" in said
    assert "Sourdough 800 g 0 left, order before 17:30 out now" in said
    assert "Oat milk 1 l 6 left, order before 15:00 tomorrow" in said
    assert "Breakfast tea" not in said
    assert "Till 1 seen just now all here" in said
    assert "Till 2 seen 3 h ago 14 events waiting" in said


def test_a_till_that_is_away_is_named_and_the_figures_are_dated_and_greyed_not_hidden(fresh: Scene) -> None:
    with fresh.owner() as browser:
        fresh.cloud.set_clock(TUESDAY_14 + HOUR_MS // 4)
        answer = browser.get("/")
    assert "Till 2 last seen 3 h ago, 14 events waiting. Figures as of 11:00." in words(answer)
    assert "Till 1 last seen 15 min ago. Figures as of 11:00." in words(answer)
    assert re.search(r'<main id="main" class="today old">', answer.text)
    assert "£179.49" in answer.text


def test_a_cloud_without_a_till_says_what_to_do_next(empty: Cloud) -> None:
    own_password(empty)
    with httpx.Client(base_url=empty.url, trust_env=False) as browser:
        browser.post("/sign-in", data={"email": EMAIL, "password": OWN})
        said = words(browser.get("/"))
    assert "No till yet" in said
    assert "cloud-sync pair-code" in said


def test_without_four_same_weekdays_no_range_is_called_usual(empty: Cloud) -> None:
    own_password(empty)
    till = FakeTill(empty)
    says(till, SHOP, *(good.item() for good in GOODS))
    history(till, weeks=3)
    till.sends()
    with Scene(empty, till, {}).owner() as browser:
        said = words(browser.get("/"))
        says(till, sale(TODAY - 28, 99, GOODS[0]))
        till.sends()
        assert "Usual Tuesday £1.85 to £199.95" in words(browser.get("/"))
    till.close()
    assert "£0.00 No receipt yet" in said
    assert "Nothing to approve" in said
    assert "Usual" not in said


def test_odd_events_are_a_task_on_the_first_page(fresh: Scene) -> None:
    fresh.till.says("sale_completed", {"receipt": "none"})
    fresh.till.says("sale_completed", {"receipt": "none either"})
    fresh.till.sends()
    with fresh.owner() as browser:
        assert "2 events need a look" in words(browser.get("/"))
        tasks = words(browser.get("/tasks"))
    assert "Till 1, event" in tasks
    assert "Nothing is lost" in tasks


# Files


def test_takings_and_stock_leave_as_csv_that_adds_up(scene: Scene) -> None:
    with scene.owner() as browser:
        days = list(csv.DictReader(io.StringIO(browser.get("/takings.csv").text)))
        stock = {row["sku"]: row for row in csv.DictReader(io.StringIO(browser.get("/stock.csv").text))}
    today = [row for row in days if row["date"] == "2026-03-03"]
    assert [(row["total"], row["vat_rate"], row["gross"], row["vat"]) for row in today] == [
        ("179.49", "20", "36.09", "6.07"),
        ("179.49", "0", "143.40", "0.00"),
    ]
    assert (stock["oat"]["name"], stock["oat"]["on_hand"], stock["oat"]["counted"]) == ("Oat milk 1 l", "6", "yes")


def test_later_days_of_the_scene_move_the_figures_into_the_past(fresh: Scene) -> None:
    fresh.cloud.set_clock(later(1))
    with fresh.owner() as browser:
        said = words(browser.get("/takings"))
    assert "Wed 4 Mar 2026 £0.00" in said
    assert "Tue 3 Mar 2026 38 £179.49" in said


def test_the_scripts_stay_short_and_write_no_html() -> None:
    for name in TYPES:
        if name.endswith(".js"):
            assert len(asset(name).decode().splitlines()) <= 95, name
            assert "innerHTML" not in asset(name).decode()
