"""axe-core on every page of the owner in each of its states: WCAG 2.2 A and AA, small, light, dark, after each act."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.axe_ import axe
from scripts.browser_ import Browser, browser, chromium
from scripts.owner_pictures_ import PLACES, WITHIN_CAPS, acts, done, scene_of
from scripts.owner_scene_ import Filled, speaking
from tests.owner_shop import Scene, copied

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
LEAST_PAGES = 35
OUTSIDE = [path for path, place in PLACES.items() if "stranger" in place.states]
INSIDE = [path for path in PLACES if path not in OUTSIDE]
OWN_DOORS = ("/password", "/prove")
ASK = f"axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ['violations']}})"
TOLD = "found => found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))])"


@pytest.fixture(scope="module")
def all_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """A shop in which every page has something to show."""
    with scene_of("filled", tmp_path_factory.mktemp("axe")) as all_:
        yield all_


@pytest.fixture(scope="module")
def tab(all_: Filled) -> Iterator[Browser]:
    with browser() as tab:
        comes_in(tab, all_.scene)
        yield tab


@pytest.fixture(scope="module")
def judge() -> str:
    return axe()


def comes_in(tab: Browser, scene: Scene) -> None:
    with scene.owner(remember="yes") as owner:
        tab.cookie(scene.cloud.url, "dropshelf", owner.cookies["dropshelf"])


def address(all_: Filled, path: str) -> str:
    place = PLACES[path]
    return all_.scene.cloud.url + (place.address(all_) if place.address else path)


def violations(tab: Browser, judge: str) -> object:
    """What axe has against the page that is open, with everything that can be opened on it opened."""
    tab.says("for (const one of document.querySelectorAll('details')) one.open = true")
    tab.says(f"{judge}; 0")
    return tab.says(f"{ASK}.then({TOLD})")


def test_the_pages_that_are_judged_are_those_of_the_table_of_routes() -> None:
    """`tests/test_pictures.py` holds the list against the table."""
    assert len(PLACES) >= LEAST_PAGES
    assert set(INSIDE) | set(OUTSIDE) == set(PLACES)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_small_in_the_light_or_on_a_phone_in_the_dark(
    tab: Browser, all_: Filled, judge: str, look: str
) -> None:
    tab.screen(390 if look == "dark" else 320, 844, dark=look == "dark")
    for path in INSIDE:
        tab.go(address(all_, path))
        assert path in OWN_DOORS or tab.says("document.querySelector('.door') === null"), f"{path} is not there"
        assert violations(tab, judge) == [], path
    tab.go(all_.scene.cloud.url + "/nowhere")
    assert violations(tab, judge) == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_at_the_doors_of_who_is_not_signed_in(all_: Filled, judge: str, look: str) -> None:
    with browser() as stranger:
        stranger.screen(390 if look == "dark" else 320, 844, dark=look == "dark")
        for path in OUTSIDE:
            stranger.go(address(all_, path))
            assert violations(stranger, judge) == [], path


@pytest.mark.long
@pytest.mark.parametrize("state", ["empty", "stale", "partial", "full", "capped", "down"])
def test_axe_finds_nothing_on_a_page_in_any_of_its_states(judge: str, tmp_path: Path, state: str) -> None:
    with scene_of(state, tmp_path) as all_, browser() as tab:
        comes_in(tab, all_.scene)
        tab.screen(390, 844)
        for path, place in PLACES.items():
            if state in place.states:
                tab.go(all_.scene.cloud.url + (place.address(all_).partition("?")[0] if place.address else path))
                assert violations(tab, judge) == [], path
        if state == "capped":
            done(tab, all_.scene.cloud.url, WITHIN_CAPS)
            assert violations(tab, judge) == []


@pytest.mark.long
def test_axe_finds_nothing_in_german(tab: Browser, all_: Filled, judge: str) -> None:
    tab.screen(320, 844)
    with speaking(all_.scene, "de"):
        for path in INSIDE:
            tab.go(address(all_, path))
            assert violations(tab, judge) == [], path


def test_axe_finds_nothing_after_a_refusal_in_place_and_without_a_network(
    tab: Browser, all_: Filled, judge: str
) -> None:
    tab.screen(390, 844)
    tab.go(address(all_, "/catalogue/item"))
    tab.says("document.querySelector('#i-price').value = 'three'")
    tab.tap(".bar .go")
    tab.comes(".wrong")
    assert violations(tab, judge) == []
    tab.says("say(words('unsure'), {to: location.href, link: words('look')})")
    assert violations(tab, judge) == []


def test_axe_would_find_a_picture_without_words(tab: Browser, all_: Filled, judge: str) -> None:
    tab.go(address(all_, "/stock"))
    tab.says("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/assets/0/icon.svg\">')")
    assert "image-alt" in json.dumps(violations(tab, judge))


@pytest.mark.long
def test_axe_finds_nothing_after_each_act(tab: Browser, all_: Filled, judge: str, tmp_path: Path) -> None:
    tab.screen(390, 844)
    with copied(all_.scene, tmp_path) as fresh:
        for act in acts(replace(all_, scene=fresh)):
            done(tab, fresh.cloud.url, act)
            assert violations(tab, judge) == [], act.name
