"""The owner's pages of pop-ups: planned on the phone, what each came to, and a task that is seen to."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edge_agent.wire.events.popups import (
    CameLine,
    LeftLine,
    PopUpClosed,
    PopUpOpened,
    SentLine,
    StockCame,
    StockSent,
    VisitorsCounted,
)
from tests.owner_shop import GOODS, TODAY, Scene, at_work, sale, says
from tests.page_text import hidden, words
from tests.test_pages_many import asked

FORM = {"name": "Harbour night market", "date": "2026-03-03", "kind": "night market", "attendance": "400"}


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[tuple[httpx.Client, Scene]]:
    with at_work(tmp_path, away=False) as scene, scene.owner() as browser:
        yield browser, scene


def sends(browser: httpx.Client, path: str, /, **form: str) -> httpx.Response:
    token = hidden(browser.get("/cash"), "csrf")
    return browser.post(path, data={"csrf": token, **form}, follow_redirects=True)


def test_a_pop_up_is_planned_filled_counted_and_what_is_missing_is_a_task(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    assert "No pop-up is planned." in words(browser.get("/popups"))
    planned = sends(browser, "/popups/plan", **FORM)
    assert "Nothing has come there yet." in words(planned)
    popup = str(planned.url.path).rsplit("/", maxsplit=1)[-1]
    assert "Harbour night market Tue 3 Mar 2026: night market, 400 people expected" in words(browser.get("/signals"))
    there = (
        StockSent(transfer="a" * 16, popup=popup, to="popup", lines=(SentLine(sku="tea", qty=20_000),)),
        PopUpOpened(popup=popup),
        StockCame(transfer="a" * 16, popup=popup, to="popup", lines=(CameLine(sku="tea", sent=20_000, came=18_000),)),
        VisitorsCounted(popup=popup, passed=180, stayed=72),
        *(sale(TODAY, 900 + number, GOODS[6]) for number in range(15)),
    )
    says(scene.till, *there)
    scene.till.sends()
    said = words(browser.get(f"/popups/{popup}"))
    assert "a till is there, figures as far as it was heard" in said
    assert "£48.75 taken in 15 sales" in said
    assert "Bought 15 of 180, with the range that so few leave open 8.3 % (5.1 to 13.3 %)" in said
    assert "Stayed a minute or longer 72 of 180; the others less 40.0 %" in said
    assert "Breakfast tea, 80 bags 18 came, 15 sold 3 there" in said
    assert "180 visitors, 15 sales £48.75" in words(browser.get("/popups"))
    assert sends(browser, f"/popups/{popup}/off").status_code == 422
    back = StockSent(transfer="b" * 16, popup=popup, to="shop", lines=(SentLine(sku="tea", qty=2_000),))
    says(scene.till, back, PopUpClosed(popup=popup, left=(LeftLine(sku="tea", qty=1_000),)))
    scene.till.sends()
    after = words(browser.get(f"/popups/{popup}"))
    assert "2 in boxes on the way: nobody has opened them yet." in after
    assert "18 came, 15 sold, 1 lost, 2 sent back none there" in after
    tasks = browser.get("/tasks")
    assert "On the way to Harbour night market: Breakfast tea, 80 bags: 2 missing." in words(tasks)
    assert "At the close of Harbour night market: Breakfast tea, 80 bags: 1 missing." in words(tasks)
    assert "It is not in the figures" not in words(tasks)
    seen = {"journal": hidden(tasks, "journal"), "seq": hidden(tasks, "seq")}
    assert words(sends(browser, "/tasks/seen", **seen)).count("missing.") == 1
    assert sends(browser, "/tasks/seen", journal="0" * 32, seq="1").status_code == 404


def test_what_is_off_in_the_form_is_said_and_a_pop_up_that_is_called_off_is_gone(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, _ = owner
    assert sends(browser, "/popups/plan", **{**FORM, "until": "2026-03-01"}).status_code == 422
    planned = sends(browser, "/popups/plan", **FORM)
    assert "No pop-up is planned." in words(sends(browser, f"{planned.url.path}/off"))
    assert "Harbour night market" not in words(browser.get("/signals"))


def test_a_short_link_leads_on_with_its_utm_words_and_is_counted_by_the_day(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    path = sends(browser, "/popups/plan", **FORM).url.path
    to = "https://shop.example/mugs?size=s&utm_source=old"
    made = sends(browser, f"{path}/link", name="Poster A", to=to)
    assert "Poster A" in words(made)
    assert sends(browser, f"{path}/link", name="Poster B", to="javascript:alert(1)").status_code == 422
    (entry,) = [dict(one) for one in scene.till.feed() if dict(one)["kind"] == "link_set"]
    address = str(dict(entry["body"])["url"])  # type: ignore[call-overload]
    code = address.rsplit("/", maxsplit=1)[-1]
    with scene.browser() as passer_by:
        for _ in range(27):
            answer = passer_by.get(f"/q/{code}")
        assert (answer.status_code, answer.headers["location"]) == (
            302,
            "https://shop.example/mugs?size=s&utm_source=popup&utm_medium=qr&utm_campaign=harbour-night-market"
            "&utm_content=poster-a",
        )
        assert passer_by.get(f"/q/{code}", headers={"User-Agent": "LinkPreviewBot"}).status_code == 302
        assert passer_by.get("/q/0000000").status_code == 404
    says(scene.till, PopUpOpened(popup=path.rsplit("/", maxsplit=1)[-1]))
    says(scene.till, VisitorsCounted(popup=path.rsplit("/", maxsplit=1)[-1], passed=180, stayed=0))
    scene.till.sends()
    assert "15.0 % (10.5 to 20.9 %) of the visitors 27 scans" in words(browser.get(path))


def test_the_page_of_all_pop_ups_asks_no_more_for_five_than_for_one(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner

    def statements() -> int:
        with asked(scene.cloud.database) as said:
            assert browser.get("/popups").status_code == 200
        return len(said)

    sends(browser, "/popups/plan", **FORM)
    one = statements()
    for number in range(4):
        sends(browser, "/popups/plan", **{**FORM, "name": f"Market {number}"})
    assert browser.get("/popups").text.count('class="row" href="/popups/') == 5
    assert statements() == one
