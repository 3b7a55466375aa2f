"""What is typed outlives a lost network, an answer that never came, a refusal and the end of a session; an open page
whose line breaks says so and follows again."""

import copy
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cloud_sync.accounts.rights import PROOF_MS
from scripts.browser_ import Browser, browser, chromium
from tests.cloud import serving
from tests.owner_shop import GOODS, TODAY, Scene, at_work, copied, sale, says
from tests.page_text import hidden
from tests.shop import TUESDAY_14

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")
ITEM, CASH = "/catalogue/item?sku=oat", "form[action='/cash/entry']:has(#c-amount)"
FIGURE = "document.querySelector('.money .figure').textContent"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("interrupted"), away=False) as scene:
        yield scene


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as tab:
        tab.screen(390, 844)
        yield tab


@pytest.fixture
def shop(fresh: Scene, tab: Browser) -> Iterator[Scene]:
    """A shop to change, with the browser signed in to it."""
    with fresh.owner(remember="yes") as owner:
        signed_in(tab, fresh, owner)
        yield fresh
        tab.offline(on=False)
        tab.go("about:blank")


def signed_in(tab: Browser, scene: Scene, owner: httpx.Client) -> None:
    tab.forget()
    tab.cookie(scene.cloud.url, "dropshelf", owner.cookies["dropshelf"])


def types(tab: Browser, field: str, value: str) -> None:
    tab.says(f"document.getElementById({field!r}).value = {value!r}")


def typed(tab: Browser, field: str) -> object:
    return tab.says(f"document.getElementById({field!r}).value")


def becomes(tab: Browser, look: str) -> None:
    """Wait until an expression holds in the page."""
    tab.says(f"new Promise(done => {{ const look = () => {look} ? done() : setTimeout(look, 20); look(); }})")


def hears(tab: Browser, words: str) -> None:
    """Wait until the page says these words; none: until it says nothing."""
    said = "document.querySelector('#said').textContent"
    becomes(tab, f"{said}.includes({json.dumps(words)})" if words else f"{said} === ''")


def test_what_was_typed_when_the_network_went_stays_and_is_saved_when_it_is_back(tab: Browser, shop: Scene) -> None:
    tab.go(shop.cloud.url + ITEM)
    types(tab, "i-price", "1.95")
    tab.offline(on=True)
    hears(tab, "No connection. This page stays as it is")
    tab.tap(".bar .go")
    hears(tab, "Nothing was changed. What you typed stays")
    tab.tap("nav a")
    hears(tab, "This page stays as it is")
    assert typed(tab, "i-price") == "1.95"
    tab.offline(on=False)
    hears(tab, "")
    tab.tap(".bar .go")
    tab.comes(".done")
    assert typed(tab, "i-price") == "1.95"


def test_a_refusal_is_said_beside_what_was_typed(tab: Browser, shop: Scene) -> None:
    tab.go(shop.cloud.url + "/cash")
    types(tab, "c-name", "Electricity")
    types(tab, "c-amount", "many")
    tab.tap(f"{CASH} .go")
    hears(tab, "That can't be done so: ")
    assert typed(tab, "c-name") == "Electricity"
    types(tab, "c-amount", "12.00")
    tab.tap(f"{CASH} .go")
    tab.comes(".done")


def test_who_was_signed_out_meanwhile_signs_in_beside_and_sends_what_was_typed(tab: Browser, shop: Scene) -> None:
    with shop.owner() as before, shop.owner() as anew:
        signed_in(tab, shop, before)
        tab.go(shop.cloud.url + ITEM)
        types(tab, "i-price", "1.96")
        before.post("/sign-out", data={"csrf": hidden(before.get("/"), "csrf")})
        tab.tap(".bar .go")
        hears(tab, "You are signed out.")
        assert tab.says("document.querySelector('#said a').getAttribute('href')") == "/sign-in"
        assert typed(tab, "i-price") == "1.96"
        signed_in(tab, shop, anew)
        tab.tap(".bar .go")
        tab.comes(".done")
        assert typed(tab, "i-price") == "1.96"


def test_after_a_proof_in_place_the_whole_page_goes_on_under_the_new_session(tab: Browser, shop: Scene) -> None:
    shop.cloud.set_clock(TUESDAY_14 + PROOF_MS + 60_000)
    tab.go(f"{shop.cloud.url}/orders/{shop.order('north').order}")
    tab.tap(".bar .go")
    tab.comes("#proof")
    types(tab, "proof", shop.password)
    tab.tap("main .go")
    tab.comes(".done")
    tab.tap("footer button")
    tab.comes("#password")


@contextmanager
def stands_in(port: int) -> Iterator[None]:
    """What a proxy says while nobody is behind it."""

    class Nobody(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(502)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Nobody) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@contextmanager
def back_again(scene: Scene, folder: Path) -> Iterator[Scene]:
    """The service of a copied scene, started once more at the address that it had."""
    with serving(folder, port=port_of(scene), shop=scene.cloud.shop) as cloud:
        till = copy.copy(scene.till)
        till.http = httpx.Client(base_url=cloud.url, timeout=20, trust_env=False, headers=scene.till.http.headers)
        yield Scene(cloud, till, scene.orders)
        till.close()


def port_of(scene: Scene) -> int:
    return int(scene.cloud.url.rpartition(":")[2])


@pytest.mark.parametrize("proxy", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_page_whose_line_breaks_says_so_and_shows_what_was_sold_once_the_service_is_back(
    tab: Browser, scene: Scene, tmp_path: Path, *, proxy: bool
) -> None:
    with copied(scene, tmp_path) as first, first.owner() as owner:
        signed_in(tab, first, owner)
        tab.go(first.cloud.url + "/")
        tab.says("window.same = true")
        before = tab.says(FIGURE)
    if proxy:
        with stands_in(port_of(first)):
            becomes(tab, "line.readyState === EventSource.CLOSED")
    hears(tab, "They stand as they were, and follow again by themselves.")
    with back_again(first, tmp_path) as second:
        says(second.till, sale(TODAY, 990, GOODS[0]))
        second.till.sends()
        if proxy:
            tab.says("dispatchEvent(new Event('online'))")
        becomes(tab, f"{FIGURE} !== {json.dumps(before)}")
        hears(tab, "")
        assert tab.says("window.same") is True
        tab.go("about:blank")


def test_a_form_that_no_answer_came_to_stays_and_says_how_to_find_out(
    tab: Browser, scene: Scene, tmp_path: Path
) -> None:
    with copied(scene, tmp_path) as first, first.owner() as owner:
        signed_in(tab, first, owner)
        tab.go(first.cloud.url + "/cash")
        types(tab, "c-name", "Water")
        types(tab, "c-amount", "9.00")
    for proxy in (False, True):
        with stands_in(port_of(first)) if proxy else nobody():
            tab.tap(f"{CASH} .go")
            hears(tab, "It may have arrived all the same")
            assert tab.says("document.querySelector('#said a').pathname") == "/cash"
            tab.says("say('')")
    with back_again(first, tmp_path):
        assert typed(tab, "c-name") == "Water"
        tab.tap(f"{CASH} .go")
        tab.comes(".done")
        tab.go("about:blank")


@contextmanager
def nobody() -> Iterator[None]:
    """Nothing listens there."""
    yield
