"""In a real Chromium: the first page is small on the wire, no page asks another host, none breaks its own policy."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from scripts.browser_ import Browser, browser, chromium
from tests.owner_shop import Scene, at_work
from tests.walls import TABLE

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")
FIRST_BYTES = 15 * 1024
LISTENS = """window.broken = [];
document.addEventListener("securitypolicyviolation", (one) =>
  window.broken.push(`${one.violatedDirective} ${one.blockedURI}`));"""
PAGES = [
    row.path
    for row in TABLE
    if row.method == "GET" and "owner" in row.may and row.good == (200,) and "nobody" not in row.may
]
PAGES = ["/sign-in", *(path for path in PAGES if not path.startswith("/v1/") and "." not in path and path != "/live")]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("policy")) as scene:
        yield scene


@pytest.fixture(scope="module")
def tab(scene: Scene) -> Iterator[Browser]:
    """A browser that is signed in, and listens to what the policy forbids."""
    with browser() as tab, scene.owner() as owner:
        tab.screen(390, 844)
        tab.before_every_page(LISTENS)
        tab.cookie(scene.cloud.url, "dropshelf", owner.cookies["dropshelf"])
        yield tab


def test_the_first_page_crosses_the_wire_in_15_kilobytes_with_all_that_it_needs(tab: Browser, scene: Scene) -> None:
    tab.go(scene.cloud.url + "/")
    tab.says("new Promise(done => setTimeout(done, 300))")
    kinds = {url.rpartition(".")[2] for url in tab.asked if "/assets/" in url}
    assert kinds >= {"css", "js"}, "style and script came, too"
    assert 3_000 < tab.crossed <= FIRST_BYTES


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_its_own_host_alone_and_keeps_its_policy(tab: Browser, scene: Scene, path: str) -> None:
    tab.asked.clear()
    tab.go(scene.cloud.url + path.replace("{key}", scene.order("north").order))
    tab.says("for (const one of document.querySelectorAll('details')) one.open = true")
    assert tab.says("window.broken") == []
    # The browser's own pictures (of a field for a date) are data and no request.
    assert {urlsplit(url).netloc for url in tab.asked if not url.startswith("data:")} == {
        urlsplit(scene.cloud.url).netloc
    }


def test_what_the_policy_forbids_would_have_been_heard(tab: Browser, scene: Scene) -> None:
    tab.go(scene.cloud.url + "/")
    tab.says("document.body.append(Object.assign(document.createElement('img'), {src: 'https://other.example/x.png'}))")
    heard = "new Promise(done => setTimeout(() => done(window.broken), 200))"
    assert tab.says(heard) == ["img-src https://other.example/x.png"]
