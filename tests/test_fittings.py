"""A till's printer, drawer and scanner: what the till tells of them, what the cloud keeps, shows and alerts."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from cloud_sync.fittings import Fitted, fitted, kept, troubles, well
from cloud_sync.pages.marks import marks
from cloud_sync.speech import told_in
from cloud_sync.tables.accounts import Device
from edge_agent.condition import SLOW_S, Condition
from edge_agent.rules.day import HOUR_MS
from edge_agent.wire.limits import FITTINGS_CHARACTERS
from edge_agent.wire.messages import Fittings
from tests.cloud import Cloud, FakeTill
from tests.house import ROOT
from tests.owner_shop import Scene, at_work
from tests.page_text import words
from tests.shop import TUESDAY_14

MINUTE_MS = 60_000
GOLDEN = (ROOT / "tests" / "wire" / "messages" / "fittings.json").read_text().strip()


class Seconds:
    """A count of seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner"), away=False) as scene:
        yield scene


# The till.


def said(condition: Condition) -> Fittings:
    return Fittings.model_validate_json(condition.told())


def test_a_till_tells_what_is_fitted_since_when_and_how_many_printouts_wait() -> None:
    seconds, jobs = Seconds(), list[str]()
    condition = Condition(seconds)
    assert condition.told() == "", "nothing is fitted"
    condition.expects_printer(lambda: tuple(jobs))
    condition.said("printer", "ok", "")
    condition.said("journal", "fault", "damaged")
    seconds.now += 60
    condition.said("printer", "fault", "no paper")
    jobs += ["1", "2"]
    condition.told()
    seconds.now += 30
    condition.said("printer", "gone", "no printer at x")
    (one,), stand = said(condition).fittings, said(condition)
    assert (one.fitting, one.state, one.words, one.for_s, one.at_least) == (
        "printer", "gone", "no printer at x", 30, False,
    ), "what is out of order keeps its moment"  # fmt: skip
    assert (stand.waiting, stand.waiting_s) == (2, 30)


def test_what_has_been_so_since_the_program_began_may_have_been_so_for_longer() -> None:
    condition = Condition(Seconds())
    condition.expects_printer(tuple)
    assert [(one.state, one.at_least) for one in said(condition).fittings] == [("unknown", True)]
    condition.said("printer", "gone", "no printer")
    assert [(one.state, one.at_least) for one in said(condition).fittings] == [("gone", True)]
    condition.said("printer", "ok", "")
    condition.said("printer", "gone", "no printer")
    assert [(one.state, one.at_least) for one in said(condition).fittings] == [("gone", False)]


def test_a_printout_that_comes_out_now_does_not_wait_and_one_that_is_stuck_does() -> None:
    seconds, jobs = Seconds(), ["1"]
    condition = Condition(seconds)
    condition.expects_printer(lambda: tuple(jobs))
    condition.said("printer", "ok", "")
    assert said(condition).waiting == 0
    seconds.now += SLOW_S
    jobs[0] = "2"
    assert said(condition).waiting == 0
    seconds.now += SLOW_S
    assert (said(condition).waiting, said(condition).waiting_s) == (1, SLOW_S)


def test_hostile_words_of_a_device_are_cleaned_and_the_statement_stays_small() -> None:
    condition = Condition(Seconds())
    for device in ("printer", "drawer", "scanner", "scale", "fiscal device", "labels", "disk"):
        condition.said(device, "gone", '\x1b[2J\u202e"\\' * 200)
    assert len(condition.told()) <= FITTINGS_CHARACTERS
    assert all(one.words.isprintable() for one in said(condition).fittings)
    assert len(said(condition).fittings) == 5


def test_the_statement_has_a_golden_line_that_comes_back_to_the_same_bytes() -> None:
    assert Fittings.model_validate_json(GOLDEN).model_dump_json(exclude_defaults=True) == GOLDEN


# The cloud keeps it.

GONE = (
    '{"fittings":[{"fitting":"printer","state":"gone","words":"no printer","for_s":%d%s}],"waiting":2,"waiting_s":60}'
)
NOW = TUESDAY_14


def since(text: str) -> int:
    one = fitted(text).one("printer")
    assert one is not None
    return one.since


def test_what_is_told_again_changes_nothing_that_is_kept() -> None:
    first = kept(GONE % (600, ""), "", NOW)
    assert (since(first), fitted(first).waiting, fitted(first).waits_since) == (NOW - 600_000, 2, NOW - 60_000)
    again = kept((GONE % (631, "")).replace('"waiting_s":60', '"waiting_s":91'), first, NOW + 30_000)
    assert again == first


def test_a_till_that_was_started_anew_does_not_begin_the_outage_anew() -> None:
    first = kept(GONE % (600, ""), "", NOW)
    begun = '{"fittings":[{"fitting":"printer","state":"unknown","for_s":1,"at_least":true}]}'
    unheard = kept(begun, first, NOW + HOUR_MS)
    assert since(unheard) == since(first)
    assert since(kept(GONE % (3, ',"at_least":true'), unheard, NOW + HOUR_MS)) == since(first)
    assert since(kept(GONE % (3, ""), unheard, NOW + HOUR_MS)) == NOW + HOUR_MS - 3_000, "it had worked meanwhile"


@pytest.mark.parametrize("odd", ["no json", "[]", '{"fittings":[{}]}', '{"fittings":' + "[" * 3_000, "\ud800", "{" * 9])
def test_what_is_no_statement_changes_nothing(odd: str) -> None:
    first = kept(GONE % (600, ""), "", NOW)
    assert kept(odd, first, NOW) == first


def test_a_till_of_an_older_program_has_nothing_fitted_and_a_newer_one_may_say_more() -> None:
    first = kept(GONE % (600, ""), "", NOW)
    assert kept("", first, NOW) == ""
    assert fitted("") == fitted('{"of": "another program"}') == Fitted()
    newer = '{"fittings":[{"fitting":"display","state":"ok","for_s":1,"colour":"red"}],"moon":"full"}'
    assert well(fitted(kept(newer, "", NOW))) == ["display"]


def test_hostile_words_and_figures_of_a_statement_are_cleaned_and_bounded() -> None:
    hostile = '{"fittings":[{"fitting":"printer","state":"gone","words":"a\\u0000\\u202eb","for_s":%d}],"waiting":%d}'
    told = fitted(kept(hostile % (2**62, 2**62), "", NOW))
    (one,) = told.fittings
    assert (one.words, one.since, told.waiting) == ("ab", 0, 99_999)


def test_the_door_takes_a_statement_with_the_feed_and_one_that_is_odd_stops_no_feed(cloud: Cloud) -> None:
    till = FakeTill(cloud)
    generation = str(till.open()["generation"])

    def polls(**more: str) -> str:
        answer = till.http.get("/v1/feed", params={"after": 0, "generation": generation, **more})
        assert answer.status_code == 200, answer.text
        return device(cloud).fittings

    assert polls() == ""
    told = polls(fittings=GOLDEN)
    assert [(one.fitting, one.state) for one in fitted(told).fittings] == [("printer", "gone"), ("drawer", "ok")]
    assert fitted(told).waiting == 3
    changed_at = device(cloud).fittings_at
    cloud.set_clock(TUESDAY_14 + 5_000)
    assert (polls(fittings=GOLDEN), device(cloud).fittings_at) == (told, changed_at), "nothing new is not written"
    assert polls(fittings="x" * 9_000) == told
    assert polls() == ""
    till.close()


def device(cloud: Cloud) -> Device:
    with cloud.reading() as session:
        return session.exec(select(Device).where(Device.tenant == cloud.shop.tenant)).one()


def test_what_is_said_of_a_printer_is_told_in_german() -> None:
    told = fitted(kept(GONE % (600, ""), "", NOW)).model_copy(update={"waiting": 1})
    (one,) = troubles(told, lambda _: "13:50 today")
    assert told_in("de", one.words) == "Drucker seit heute 13:50 ausgefallen: ohne Drucker; 1 Ausdruck wartet"
    assert told_in("de", one.step).startswith("Strom, Papier und Kabel")
    assert told_in("de", "Printer: paper nearly out") == "Drucker: Papier fast zu Ende"
    assert told_in("de", "1 printout has waited for the printer since 13:50 today") == (
        "1 Ausdruck wartet seit heute 13:50 auf den Drucker"
    )


# The pages.


def down_printer(scene: Scene, fittings: str = GOLDEN) -> None:
    generation = str(scene.till.open()["generation"])
    params: dict[str, str | int] = {"after": 0, "generation": generation, "fittings": fittings}
    assert scene.till.http.get("/v1/feed", params=params).status_code == 200


def test_devices_and_today_tell_what_is_down_since_when_what_waits_and_what_to_do(fresh: Scene) -> None:
    with fresh.owner() as browser:
        assert "Printer" not in words(browser.get("/devices"))
        down_printer(fresh)
        line = "Printer down since 13:47 today: no printer at 192.168.1.20:9100 (Connection refused); 3 printouts wait."
        step = "Look at its power, paper and cable; what waits is printed by itself."
        for path in ("/devices", "/"):
            assert f"{line} {step}" in words(browser.get(path))
        assert "Works: drawer." in words(browser.get("/devices"))
        assert ",gone," in browser.get("/tables/devices.csv").text
        fresh.cloud.set_clock(TUESDAY_14 + 20 * MINUTE_MS)
        assert "So it was when the till was last heard, 20 min ago." in words(browser.get("/devices"))


def test_an_open_page_hears_of_a_printer_that_goes(fresh: Scene) -> None:
    with fresh.owner() as browser:
        before = browser.get("/").text.partition('data-mark="')[2].partition('"')[0]
        down_printer(fresh)
        after = browser.get("/").text.partition('data-mark="')[2].partition('"')[0]
        assert before != after
    shop = fresh.cloud.shop
    with fresh.cloud.reading() as session:
        assert marks(session, [(shop.tenant, shop.shop)]) == {(shop.tenant, shop.shop): after}
