"""Signals and events in the cloud: form, file and JSON publish them into the feed; what a till recorded comes back."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from cloud_sync.ingest.verify import verify
from edge_agent.journal.log import Journal
from edge_agent.rules.day import DAY_MS
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded
from edge_agent.wire.messages import FeedEntry
from tests.cloud import FakeTill
from tests.owner_shop import TODAY, Scene, at_work, says
from tests.page_text import hidden, words
from tests.shop import TUESDAY_14, open_journal

MARKET = {"name": "Harbour market", "date": "2026-03-06", "kind": "Night market"}
VALUE = {"name": "Searches", "value": "72", "kind": "trend", "time": "2026-03-02T09:30", "about": "oat"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner")) as scene:
        yield scene


def sends(browser: httpx.Client, what: str, form: dict[str, str]) -> httpx.Response:
    token = hidden(browser.get("/signals"), "csrf")
    return browser.post(f"/signals/{what}", data={"csrf": token, **form}, follow_redirects=True)


def fed(scene: Scene, kind: str) -> list[dict[str, object]]:
    """What the till's feed says."""
    entries: list[dict[str, object]] = [dict(one) for one in scene.till.feed()]
    return [dict(one["body"]) for one in entries if one["kind"] == kind]  # type: ignore[call-overload]


def pushes(browser: httpx.Client, **asked: object) -> httpx.Response:
    token = hidden(browser.get("/signals"), "csrf")
    return browser.post("/v1/owner/signals", json=asked, headers={"X-CSRF-Token": token})


def test_a_value_from_the_form_is_shown_with_its_age_and_source_and_reaches_the_tills(fresh: Scene) -> None:
    with fresh.owner() as browser:
        said = words(sends(browser, "value", VALUE))
    assert "1 entered; the tills take it with their next look." in said
    assert "Searches about oat, 28 h ago, says the owner; counts once a few values are known 72" in said
    (one,) = fed(fresh, "signal_recorded")
    assert (one["value"], one["about"], one["at"]) == (72_000, "oat", TUESDAY_14 - (28 * 60 + 30) * 60_000)


def test_the_same_value_again_changes_nothing_and_a_corrected_one_holds(fresh: Scene) -> None:
    with fresh.owner() as browser:
        sends(browser, "value", VALUE)
        assert "That was known already" in words(sends(browser, "value", VALUE))
        assert "1 entered" in words(sends(browser, "value", {**VALUE, "value": "60"}))
        assert "72" not in words(browser.get("/signals"))
    assert [one["value"] for one in fed(fresh, "signal_recorded")] == [72_000, 60_000]


def test_an_event_stands_on_the_calendar_until_it_is_called_off(fresh: Scene) -> None:
    with fresh.owner() as browser:
        said = words(
            sends(browser, "event", {**MARKET, "attendance": "1500", "distance_km": "0.8", "source": "council"})
        )
        assert "Harbour market Fri 6 Mar 2026: night market, 1500 people expected, 0.8 km away, says council" in said
        assert "Signals and events Harbour market Fri 6 Mar 2026" in words(browser.get("/"))
        page = browser.get("/signals").text
        assert 'name="called_off" value="yes"' in page
        assert "Harbour market" not in words(sends(browser, "event", {**MARKET, "called_off": "yes"}))
    assert [one["called_off"] for one in fed(fresh, "local_event_added")] == [False, True]


def test_a_file_is_taken_whole_or_not_at_all(fresh: Scene) -> None:
    good = "name,time,value,source\n" + "".join(
        f"Searches,2026-02-{day:02d},{40 + day},index\n" for day in range(1, 29)
    )
    with fresh.owner() as browser:
        token = hidden(browser.get("/signals"), "csrf")

        def takes(content: str) -> httpx.Response:
            file = {"file": ("trends.csv", content, "text/csv")}
            return browser.post("/signals/file", data={"csrf": token}, files=file, follow_redirects=True)

        wrong = takes(good + "Searches,2026-03-01,1e9,index\n")
        assert wrong.status_code == 422
        assert "the file, line 30, column value" in words(wrong)
        assert fed(fresh, "signal_recorded") == []
        assert "28 entered" in words(takes(good))
        assert "68, usually 54.5" in words(browser.get("/signals"))
        assert "Choose a file first" in words(browser.post("/signals/file", data={"csrf": token}))
    assert len(fed(fresh, "signal_recorded")) == 28


def test_an_old_signal_is_said_to_be_too_old_to_count(fresh: Scene) -> None:
    with fresh.owner() as browser:
        sends(browser, "value", {**VALUE, "time": "2026-02-20"})
        assert "too old to count" in words(browser.get("/signals"))
        assert "1 signal, the newest 11 days ago; 1 too old to count" in words(browser.get("/"))


@pytest.mark.parametrize(
    ("what", "form", "said"),
    [
        ("value", {**VALUE, "value": "-1"}, "the form: value '-1' is negative"),
        ("value", {**VALUE, "name": " "}, "the form: name is empty"),
        ("value", {**VALUE, "time": "2026-03-04T00:00"}, "is still to come"),
        ("event", {**MARKET, "until": "2026-03-01"}, "the form: until lies before the first day"),
        ("event", {**MARKET, "date": "6/3/2026"}, "is not a date like 2026-03-01"),
    ],
)
def test_a_form_that_is_off_says_where(fresh: Scene, what: str, form: dict[str, str], said: str) -> None:
    with fresh.owner() as browser:
        answer = sends(browser, what, form)
    assert answer.status_code == 422
    assert said in words(answer)


def test_a_program_pushes_values_and_events_and_reads_them_with_their_age(fresh: Scene) -> None:
    value = {"name": "SMS opt-ins", "time": "2026-03-02", "value": 90, "source": "the list", "kind": "count"}
    with fresh.owner() as browser:
        assert pushes(browser, signals=[value], events=[MARKET]).json() == {"new": 2, "known": 0}
        assert pushes(browser, signals=[value], events=[MARKET]).json() == {"new": 0, "known": 2}
        told = browser.get("/v1/owner/signals").json()
        off = pushes(browser, signals=[value, {**value, "kind": "index"}])
        strange = pushes(browser, signals=[{**value, "weight": 3}])
        unsigned = browser.post("/v1/owner/signals", json={"signals": [value]})
    assert (told["signals"][0]["value"], told["signals"][0]["age_days"], told["signals"][0]["counts"]) == (
        90_000,
        1,
        True,
    )
    assert told["events"][0]["first_day"] == date(2026, 3, 6).toordinal()
    assert (off.status_code, off.json()) == (422, {"error": "signals[1]: kind 'index' is neither trend nor count"})
    assert (strange.status_code, unsigned.status_code) == (422, 403)


def test_what_a_till_recorded_is_on_the_page_and_comes_back_to_every_till(fresh: Scene) -> None:
    second = FakeTill(fresh.cloud, "c" * 32, "Till 3")
    visitors = {"name": "Visitors", "kind": "count", "about": "", "value": 180_000, "source": "clicker"}
    closed = {"name": "Stocktaking", "kind": "closed", "about": "", "attendance": 0, "distance": 0, "source": ""}
    made: list[Contract] = [
        SignalRecorded(at=TUESDAY_14 - DAY_MS, **visitors),
        LocalEventAdded(first_day=TODAY + 2, last_day=TODAY + 2, **closed),
    ]
    says(fresh.till, *made)
    fresh.till.sends()
    with fresh.owner() as browser:
        said = words(browser.get("/signals"))
    assert "Visitors 24 h ago, says clicker" in said
    assert "Stocktaking Thu 5 Mar 2026: closed" in said
    kinds = [str(one["kind"]) for one in second.feed()]
    assert (kinds.count("signal_recorded"), kinds.count("local_event_added")) == (1, 1)
    assert len(fed(fresh, "signal_recorded")) == 1, "to its author too: of two words all keep the same"
    verify(fresh.cloud.database)
    second.close()


def test_a_till_folds_what_the_owner_entered(fresh: Scene, tmp_path: Path) -> None:
    with fresh.owner() as browser:
        pushes(browser, signals=[{**VALUE, "source": "index"}], events=[MARKET])
    entries = [FeedEntry.model_validate(one) for one in fresh.till.feed()]
    journal: Journal = open_journal(tmp_path / "till")
    journal.take_feed("g", [one for one in entries if one.kind in ("signal_recorded", "local_event_added")]).result()
    with journal.reading() as memory:
        assert [one.value for one in memory.signal("Searches", "oat", TUESDAY_14)] == [72_000]
        assert [one.name for one in memory.local_events(TODAY)] == ["Harbour market"]
    journal.close()


def test_hostile_words_stay_words(fresh: Scene) -> None:
    name = "<script>alert(1)</script>\u202e {{ 7 * 7 }}"
    with fresh.owner() as browser:
        sends(browser, "value", {**VALUE, "name": name, "source": "=cmd|' /C calc'!A0"})
        text = browser.get("/signals").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert json.dumps(fed(fresh, "signal_recorded")[0]["name"]) == json.dumps("<script>alert(1)</script> {{ 7 * 7 }}")
