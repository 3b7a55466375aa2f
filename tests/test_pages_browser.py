"""The owner's pages in a real Chromium on a phone: reflow, plus and minus, approve with and without script, offline."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.rules.record import what_if
from edge_agent.wire.events.reorder import OrderLine
from scripts.browser_ import Browser, browser, chromium
from tests.owner_shop import Scene, at_work, copied
from tests.test_cloud_signals import pushes

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("browser")) as scene:
        yield scene


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as tab:
        yield tab


@pytest.fixture
def fresh(scene: Scene, tmp_path: Path, tab: Browser) -> Iterator[Scene]:
    """A scene to change, with the browser signed in to it."""
    with copied(scene, tmp_path) as fresh, fresh.owner() as owner:
        tab.screen(390, 844)
        tab.cookie(fresh.cloud.url, "dropshelf", owner.cookies["dropshelf"])
        yield fresh
        tab.go("about:blank")


def text(tab: Browser, selector: str) -> str:
    found = tab.says(f"document.querySelector({selector!r}).textContent")
    assert isinstance(found, str)
    return " ".join(found.split())


def first(scene: Scene) -> OrderLine:
    """The line that stands first: what would most likely run out without the order."""
    return min(scene.order("north").lines, key=lambda line: -what_if(line)[0].out)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways_and_everything_to_tap_is_large_enough(tab: Browser, fresh: Scene, width: int) -> None:
    order = f"/orders/{fresh.order('north').order}"
    with fresh.owner() as owner:
        pushes(owner, events=[{"name": "Harbour market", "date": "2026-03-06", "kind": "market"}])
    for path in (
        "/",
        "/orders",
        order,
        "/takings",
        "/stock",
        "/tasks",
        "/signals",
        "/suppliers",
        "/catalogue",
        "/catalogue/item",
        "/catalogue/item?sku=oat",
        "/account",
        "/people",
        "/devices",
        "/audit",
        "/prove",
    ):
        tab.screen(width, 844)
        tab.go(fresh.cloud.url + path)
        tab.says("for (const one of document.querySelectorAll('details')) one.open = true")
        assert tab.says("document.documentElement.scrollWidth") <= width, path
        small = tab.says(
            "[...document.querySelectorAll('button, main a, nav a, summary')].map(e => [e.textContent.trim(),"
            " e.getBoundingClientRect().height]).filter(([, height]) => height < 43.5)"
        )
        assert small == [], path


SEEN = """[...document.querySelectorAll(".decide .row, .money .figure, .tills .row, .out .row")].map((one) =>
  [one.closest("section").className, one.getBoundingClientRect().bottom + scrollY])"""


@pytest.mark.parametrize("away", [False, True])
def test_what_an_owner_asks_in_ten_seconds_is_seen_on_a_phone_without_scrolling(
    tab: Browser, tmp_path: Path, *, away: bool
) -> None:
    """Orders to approve, takings, the tills and what runs out first, also while a till is away."""
    with at_work(tmp_path, away=away) as scene, scene.owner() as owner:
        tab.cookie(scene.cloud.url, "dropshelf", owner.cookies["dropshelf"])
        tab.screen(390, 844)
        tab.go(scene.cloud.url + "/")
        found = tab.says(SEEN)
    seen = Counter(of for of, bottom in found if bottom <= 844)
    assert seen["decide"] == 2
    assert seen["money"] == 1
    assert seen["tills"] == 1 + away
    assert seen["out"] >= 3 - away


def test_plus_and_minus_look_up_the_tills_table_without_asking_the_cloud(tab: Browser, fresh: Scene) -> None:
    line = first(fresh)
    rows = {row.packs: row for row in what_if(line)}
    tab.go(f"{fresh.cloud.url}/orders/{fresh.order('north').order}")
    tab.offline(on=True)
    before = text(tab, ".go [data-of=total]")
    tab.tap(".line [name=more]")
    assert text(tab, ".line [data-of=packs]") == str(line.packs + 1)
    assert text(tab, ".line [data-of=cost]") == f"£{rows[line.packs + 1].cost / 100:.2f}"
    assert text(tab, ".go [data-of=total]") != before
    assert "the till said" in text(tab, ".line .of small")
    assert tab.says("document.querySelector('.line .of small').hidden") is False
    tab.tap(".line [name=less]")
    assert text(tab, ".go [data-of=total]") == before
    tab.offline(on=False)


def test_offline_says_that_nothing_was_changed(tab: Browser, fresh: Scene) -> None:
    tab.go(f"{fresh.cloud.url}/orders/{fresh.order('north').order}")
    tab.offline(on=True)
    tab.tap(".bar .go")
    assert text(tab, "#said").startswith("No connection. Nothing was changed.")
    tab.offline(on=False)
    with fresh.owner() as owner:
        assert "Approve <span" in owner.get(f"/orders/{fresh.order('north').order}").text


def test_approving_with_script_shows_the_outcome_in_place(tab: Browser, fresh: Scene) -> None:
    tab.go(f"{fresh.cloud.url}/orders/{fresh.order('north').order}")
    tab.says("window.same = true")
    tab.tap(".line [name=more]")
    tab.tap(".bar .go")
    look = "const look = () => document.querySelector('.done') ? done() : setTimeout(look, 20); look();"
    tab.says(f"new Promise(done => {{ {look} }})")
    assert tab.says("window.same") is True
    assert text(tab, ".done").startswith("Approved, edited.")


def test_approving_works_without_script(tab: Browser, fresh: Scene) -> None:
    tab.script(on=False)
    tab.go(f"{fresh.cloud.url}/orders/{fresh.order('north').order}")
    packs = first(fresh).packs
    tab.tap(".line [name=more]")
    tab.settled()
    tab.tap(".bar .go")
    tab.settled()
    tab.script(on=True)
    assert text(tab, ".done").startswith("Approved, edited.")
    assert text(tab, ".line .fixed") == f"{packs + 1} packs"


def test_the_browser_finds_nothing_that_the_policy_forbids(tab: Browser, fresh: Scene) -> None:
    tab.go(fresh.cloud.url + "/")
    assert tab.says("getComputedStyle(document.querySelector('.decide')).borderRadius") != "0px"
    broken = tab.says(
        "new Promise(done => { const s = document.createElement('script'); s.textContent = 'window.ran = true';"
        " document.body.append(s); setTimeout(() => done(window.ran === true), 50); })"
    )
    assert broken is False
