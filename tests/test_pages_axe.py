"""axe-core on every page of the owner: WCAG 2.2 A and AA, small and light, dark, and after what an owner does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.alerts.herald import Herald
from cloud_sync.post.ways import ways_of
from edge_agent.rules.imports_made import source_of
from scripts.axe_ import axe
from scripts.browser_ import Browser, browser, chromium
from tests.owner_shop import Scene, at_work, copied
from tests.test_cloud_signals import pushes
from tests.test_pages_imports import OWN_ITEMS, shows
from tests.walls import TABLE

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PROGRAMS = ("/v1/", "/health/", "/metrics", "/assets/", "/live", "/answer/")
LEAST_PAGES = 11
FILE = OWN_ITEMS + b"bad,Bad,cheap,1,0\n"
ASK = f"axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ['violations']}})"
TOLD = "found => found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))])"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("axe")) as scene:
        with scene.owner() as owner:
            shows(owner, FILE)
            pushes(owner, events=[{"name": "Harbour market", "date": "2026-03-06", "kind": "market"}])
        Herald(scene.cloud.database, scene.cloud.service.clock, ways_of(scene.cloud.service.settings)).go_round()
        yield scene


@pytest.fixture(scope="module")
def tab(scene: Scene) -> Iterator[Browser]:
    with browser() as tab, scene.owner(remember="yes") as owner:
        tab.cookie(scene.cloud.url, "dropshelf", owner.cookies["dropshelf"])
        yield tab


@pytest.fixture(scope="module")
def judge() -> str:
    return axe()


def pages(scene: Scene) -> list[str]:
    """Every page that the table of routes knows, of this scene."""
    paths = {row.path for row in TABLE if row.method == "GET" and not row.path.startswith(PROGRAMS)}
    shown = sorted(
        path.replace("{key}", scene.order("north").order).replace("{source}", source_of(FILE))
        for path in paths
        if not path.endswith((".csv", ".zip"))
    )
    assert len(shown) >= LEAST_PAGES
    return [*shown, "/catalogue/item?sku=oat", "/suppliers/terms?supplier=north", "/nowhere"]


def violations(tab: Browser, judge: str) -> object:
    """What axe has against the page that is open, with everything that can be opened on it opened."""
    tab.says("for (const one of document.querySelectorAll('details')) one.open = true")
    tab.says(f"{judge}; 0")
    return tab.says(f"{ASK}.then({TOLD})")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_small_in_the_light_or_on_a_phone_in_the_dark(
    tab: Browser, scene: Scene, judge: str, look: str
) -> None:
    tab.screen(390 if look == "dark" else 320, 844, dark=look == "dark")
    for path in pages(scene):
        tab.go(scene.cloud.url + path)
        assert violations(tab, judge) == [], path


def test_axe_finds_nothing_at_the_door(scene: Scene, judge: str) -> None:
    with browser() as stranger:
        stranger.screen(320, 844)
        stranger.go(scene.cloud.url + "/")
        assert stranger.says("document.querySelector('#password') !== null")
        assert violations(stranger, judge) == []


def test_axe_finds_nothing_after_an_act_and_after_a_refusal(
    tab: Browser, scene: Scene, judge: str, tmp_path: Path
) -> None:
    with copied(scene, tmp_path) as fresh, fresh.owner() as owner:
        tab.screen(390, 844)
        tab.cookie(fresh.cloud.url, "dropshelf", owner.cookies["dropshelf"])
        tab.script(on=False)
        tab.go(f"{fresh.cloud.url}/orders/{fresh.order('north').order}")
        tab.tap(".bar .go")
        tab.settled()
        tab.script(on=True)
        assert tab.says("document.querySelector('.done') !== null")
        assert violations(tab, judge) == []
        tab.go(f"{fresh.cloud.url}/catalogue/item?sku=oat")
        tab.says("document.querySelector('#i-price').value = 'three'")
        tab.says("document.querySelector('.bar .go').click()")
        tab.comes(".wrong")
        assert violations(tab, judge) == []


def test_axe_would_find_a_picture_without_words(tab: Browser, scene: Scene, judge: str) -> None:
    tab.go(scene.cloud.url + "/stock")
    tab.says("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/assets/0/icon.svg\">')")
    assert "image-alt" in json.dumps(violations(tab, judge))
