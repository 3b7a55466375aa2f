"""The owner plans drops and sees the cash: what is missing is said, what does not fit is refused by day and bill."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edge_agent.wire.events.drops import ClosedPart, DropClosed
from edge_agent.wire.events.samples import SampleGiven
from tests.owner_shop import Scene, at_work, says
from tests.page_text import hidden, words
from tests.shop import TUESDAY_14, sold

HOUR = 3_600_000
FORM = {
    "name": "Spring tea",
    "product": "Tea",
    "start": "2026-03-13T10:00",
    "end": "2026-03-15T18:00",
    "sku1": "tea",
    "units1": "60",
    "sku2": "choc",
    "units2": "20",
    "price2": "1.50",
    "likely": "60",
    "cap": "3",
    "salvage_percent": "50",
}
BALANCE = {"kind": "balance", "date": "2026-03-02", "amount": "1000.00"}


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[tuple[httpx.Client, Scene]]:
    with at_work(tmp_path, away=False) as scene, scene.owner() as browser:
        yield browser, scene


def sends(browser: httpx.Client, to: str, form: dict[str, str]) -> httpx.Response:
    token = hidden(browser.get("/cash"), "csrf")
    return browser.post(to, data={"csrf": token, **form}, follow_redirects=True)


def test_without_a_balance_the_page_says_what_is_missing_and_a_drop_can_still_be_planned(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    assert "The bank balance is missing" in words(browser.get("/cash"))
    planned = words(sends(browser, "/drops/plan", FORM))
    assert "Spring tea Fri 13 Mar 10:00 to Sun 15 Mar 18:00, at most 3 for one customer" in planned
    assert "Careful:" in planned
    assert "Best:" in planned
    assert "Cash: " not in planned
    assert "The bank balance is missing" in planned
    (entry,) = [dict(one) for one in scene.till.feed() if dict(one)["kind"] == "drop_set"]
    assert dict(entry["body"])["cap"] == 3  # type: ignore[call-overload]
    limited = [dict(dict(one)["body"]) for one in scene.till.feed() if dict(one)["kind"] == "item_set"]  # type: ignore[call-overload]
    assert sorted(one["sku"] for one in limited if one["limited"]) == ["choc", "tea"]
    wrong = sends(browser, "/drops/plan", {**FORM, "name": "Another"})
    assert wrong.status_code == 422
    assert "they overlap" in words(wrong)
    assert "Spring tea" in words(browser.get("/drops"))
    off = f"{scene_drop(browser)}/off"
    assert "No drop is planned." in words(sends(browser, off, {}))


def scene_drop(browser: httpx.Client) -> str:
    """The path of the one drop that is planned."""
    return browser.get("/drops").text.split('class="row" href="')[1].split("?")[0]


def test_a_drop_that_the_account_does_not_bear_is_refused_with_the_day_and_the_bill(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, _ = owner
    assert "1 entered." in words(sends(browser, "/cash/entry", BALANCE))
    rich = words(browser.get("/cash"))
    assert "The lowest day:" in rich
    assert "No drop in the next two weeks needs a float." in rich
    sends(browser, "/cash/entry", {"kind": "bill", "date": "2026-03-12", "amount": "99999.00", "name": "New roof"})
    refused = sends(browser, "/drops/plan", FORM)
    assert refused.status_code == 422
    said = words(refused)
    assert "Not planned: with 80 pieces the account would be £" in said
    assert "What binds is " in said
    assert "No size fits." in said
    assert "No drop is planned." in words(browser.get("/drops"))
    gone = {"kind": "bill", "date": "2026-03-12", "amount": "99999.00", "name": "New roof", "gone": "yes"}
    sends(browser, "/cash/entry", gone)
    file = b"kind,date,amount,name\nbalance,2026-03-02,90000.00,\nrent,2026-03-05,600.00,Harbour estate\n"
    token = hidden(browser.get("/cash"), "csrf")
    taken = browser.post("/cash/file", data={"csrf": token}, files={"file": ("c.csv", file)}, follow_redirects=True)
    assert "Harbour estate" in words(taken)
    planned = words(sends(browser, "/drops/plan", FORM))
    assert "above the float on the lowest day" in planned


def test_a_balance_of_tomorrow_or_a_file_that_is_off_is_refused(owner: tuple[httpx.Client, Scene]) -> None:
    browser, _ = owner
    assert sends(browser, "/cash/entry", {**BALANCE, "date": "2026-03-04"}).status_code == 422
    token = hidden(browser.get("/cash"), "csrf")
    file = b"kind,date,amount\nmoney,2026-03-02,90.00\n"
    answer = browser.post("/cash/file", data={"csrf": token}, files={"file": ("c.csv", file)})
    assert "line 2, column kind" in words(answer)
    sends(browser, "/cash/entry", {**BALANCE, "date": "2026-02-01"})
    assert "days old: enter a newer one" in words(browser.get("/cash"))


def test_a_drop_that_is_over_shows_what_it_came_to_and_the_next_size(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    near = {**FORM, "start": "2026-03-03T16:00", "end": "2026-03-03T20:00"}
    path = str(sends(browser, "/drops/plan", near).url.path)
    parts = (
        ClosedPart(sku="tea", sold=60_000, back=0, left=0, last_at=TUESDAY_14 + 4 * HOUR),
        ClosedPart(sku="choc", sold=12_000, back=1_000, left=9_000, last_at=TUESDAY_14 + 5 * HOUR),
    )
    name = path.rsplit("/", maxsplit=1)[-1]
    closed = DropClosed(drop=name, journal="a" * 32, parts=parts, hours=(1000, 1000, 1000, 1000))
    scene.cloud.set_clock(TUESDAY_14 + 7 * HOUR)
    says(scene.till, closed)
    scene.till.sends()
    with scene.owner() as later:
        said, listed = words(later.get(path)), words(later.get("/drops"))
    assert "72 sold, 9 left" in said
    assert "132 were wanted over the whole window" in said
    assert "sold out 18:00 today, after 50 % of the window’s demand; 120 wanted 60 of 60" in said
    assert "1 came back" in said
    assert "The next size" in said
    assert "72 sold, 9 left; 132 were wanted" in listed


def test_a_drop_that_goes_abroad_shows_its_list_and_samples_stand_on_their_page(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    planned = sends(browser, "/drops/plan", {**FORM, "home": "gb", "countries": "DE fr"})
    assert "7 points of its checklist for DE FR are open: until then no till sells it" in words(planned)
    path = str(planned.url.path)
    assert "6 points" in words(sends(browser, f"{path}/checklist", {"checked": "customs"}))
    opened = words(sends(browser, f"{path}/checklist", {"name": "A lawyer looked at it"}))
    assert "Opened all the same: A lawyer looked at it" in opened
    assert "are open" not in opened
    assert "None yet." in words(browser.get("/samples"))
    says(
        scene.till,
        *(
            SampleGiven(sample=f"{n:016x}", sku="tea", qty=1000, day=739_660, expires=739_674, percent=1000)
            for n in range(4)
        ),
    )
    says(scene.till, sold(900, "tea", day=739_664).model_copy(update={"sample": f"{1:016x}"}))
    says(scene.till, SampleGiven(sample="f" * 16, sku="choc", qty=1000, day=739_678, expires=739_680, percent=0))
    scene.till.sends()
    said = words(browser.get("/samples"))
    assert "5 samples given Breakfast tea, 80 bags 1 bought within the week 4" in said
    assert "Since the last drop 1 of 4, with the range that so few leave open 25.0 % (4.6 to 69.9 %)" in said
    assert "0 numbers may be written to; 0 texts left so far." in said
