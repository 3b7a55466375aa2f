"""Open pages follow their shop: a sale that is counted is told within seconds, to this tenant's listeners alone."""

import re
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from cloud_sync.accounts.sessions import IDLE_MS
from cloud_sync.pages.live import Watch
from scripts.browser_ import browser, chromium
from tests.owner_shop import GOODS, TODAY, Scene, at_work, sale, says
from tests.shop import TUESDAY_14


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner"), away=False) as scene:
        yield scene


def sells(scene: Scene, receipt: int) -> None:
    says(scene.till, sale(TODAY, receipt, GOODS[0]))
    scene.till.sends()


def watch_of(scene: Scene) -> Watch:
    assert scene.cloud.server is not None
    app = scene.cloud.server.config.app
    assert isinstance(app, FastAPI)
    watch: Watch = app.state.watch
    return watch


def heard(lines: Iterator[str], seconds: float = 10) -> bool:
    """Whether `changed` comes in time; a line that says nothing goes on being read."""
    until = time.monotonic() + seconds
    for line in lines:
        if line == "event: changed":
            return True
        if time.monotonic() > until:
            return False
    return False


def test_a_sale_is_told_to_whoever_looks_at_its_shop(fresh: Scene) -> None:
    with fresh.owner() as owner, owner.stream("GET", "/live", params={"shop": fresh.cloud.shop.shop}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "retry: 3000"
        time.sleep(2.5)
        sells(fresh, 900)
        assert heard(lines)


def test_what_was_counted_since_the_page_was_made_is_told_at_once(fresh: Scene) -> None:
    with fresh.owner() as owner:
        (mark,) = re.findall(r'data-mark="([^"]+)"', owner.get("/").text)
        asked = {"shop": fresh.cloud.shop.shop, "seen": mark}
        watch, place = watch_of(fresh), (fresh.cloud.shop.tenant, fresh.cloud.shop.shop)
        assert not watch.moved(place, mark)
        sells(fresh, 901)
        until = time.monotonic() + 10
        while mark in owner.get("/").text and time.monotonic() < until:
            time.sleep(0.2)
        with owner.stream("GET", "/live", params=asked) as answer:
            lines = answer.iter_lines()
            assert [next(lines) for _ in range(3)] == ["retry: 3000", "", "event: changed"]


def test_a_page_that_is_left_open_keeps_no_session_alive(fresh: Scene) -> None:
    with fresh.owner() as owner:
        for minute in (10, 20, 29):
            fresh.cloud.set_clock(TUESDAY_14 + minute * 60_000)
            with owner.stream("GET", "/live") as answer:
                assert next(answer.iter_lines()) == "retry: 3000"
            assert owner.get("/", headers={"X-By-Itself": "yes"}).status_code == 200
        fresh.cloud.set_clock(TUESDAY_14 + IDLE_MS)
        assert owner.get("/live").headers["location"].startswith("/sign-in")
        assert owner.get("/", headers={"X-By-Itself": "yes"}).headers["location"].startswith("/sign-in")


def test_who_touches_a_page_stays_signed_in(fresh: Scene) -> None:
    with fresh.owner() as owner:
        for minute in (20, 40, 60):
            fresh.cloud.set_clock(TUESDAY_14 + minute * 60_000)
            assert owner.get("/").status_code == 200


def test_nobody_listens_without_a_sign_in_or_to_another_shop(fresh: Scene) -> None:
    with fresh.browser() as stranger, fresh.owner() as owner:
        assert stranger.get("/live").status_code == 303
        assert owner.get("/live", params={"shop": "nowhere"}).status_code == 404


def test_ears_that_left_are_forgotten(fresh: Scene) -> None:
    watch = watch_of(fresh)
    with fresh.owner() as owner:
        for _ in range(3):
            with owner.stream("GET", "/live") as answer:
                next(answer.iter_lines())
        until = time.monotonic() + 10
        while watch.listening and time.monotonic() < until:
            sells(fresh, int(time.monotonic() * 1000) % 1_000_000)
            time.sleep(0.2)
    assert watch.listening == 0


@pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")
def test_the_page_of_today_shows_a_sale_without_being_loaded_again(fresh: Scene) -> None:
    with browser() as tab, fresh.owner() as owner:
        tab.screen(390, 844)
        tab.cookie(fresh.cloud.url, "dropshelf", owner.cookies["dropshelf"])
        tab.go(fresh.cloud.url + "/")
        tab.says("window.same = true")
        figure = "document.querySelector('.money .figure').textContent"
        before = tab.says(figure)
        time.sleep(2.5)
        sells(fresh, 901)
        look = f"const look = () => {figure} !== {before!r} ? done() : setTimeout(look, 50); look();"
        tab.says(f"new Promise(done => {{ {look} }})")
        assert tab.says("window.same") is True
