"""A till's printer, drawer and scanner: what the till tells of them, what the cloud keeps, shows and alerts."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.alerts import book
from cloud_sync.alerts.rules import Alert, Facts, Printer, alerts, next_due, open_ms
from cloud_sync.fittings import Fitted, fitted, kept, troubles, well
from cloud_sync.pages.marks import marks
from cloud_sync.speech import told_in
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.alerts import AlertRow
from edge_agent.clock import FileClock
from edge_agent.commands import pair
from edge_agent.condition import SLOW_S, Condition
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.day import HOUR_MS
from edge_agent.wire.limits import FITTINGS_CHARACTERS
from edge_agent.wire.messages import Fittings
from scripts.smtp_ import MailBox, mailbox
from tests.cloud import Cloud, FakeTill, serving
from tests.house import ROOT
from tests.owner_shop import Scene, at_work
from tests.page_text import hidden, words
from tests.paired import until
from tests.paired import words as told_to_pair
from tests.shop import SHOP, TUESDAY_14
from tests.tcp_printer import TcpPrinter
from tests.test_alerts import herald, rows

MINUTE_MS = 60_000
GOLDEN = (ROOT / "tests" / "wire" / "messages" / "fittings.json").read_text().strip()
SETTINGS = """
[shop]
zone = "Europe/London"
[till]
name = "Till 1"
[printer]
model = "epson-tm-t20iii"
wire = "tcp"
address = "127.0.0.1:{port}"
"""


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


# The alert.

DOWN = Printer("d", "Till 1", NOW, NOW - 10 * MINUTE_MS, "13:50 today", "no paper")
USUAL = Facts(NOW, "s", card=SHOP, printers=(DOWN,))


def printers(facts: Facts) -> list[str]:
    return [one.words for one in alerts(facts) if one.rule == "printer down"]


def with_printer(facts: Facts, **changed: object) -> Facts:
    return replace(facts, printers=(replace(facts.printers[0], **changed),))  # type: ignore[arg-type]


def test_a_printer_is_told_from_the_tenth_minute_on_in_which_it_is_down_and_the_shop_is_open() -> None:
    assert printers(USUAL) == [
        "The printer of Till 1 has been down since 13:50 today: no paper. "
        "Look at its power, paper and cable; the till goes on selling."
    ]
    (alert,) = alerts(USUAL)
    assert (alert.urgent, alert.link) == (True, "/devices?shop=s#d-d")
    assert printers(with_printer(USUAL, down_at=NOW - 10 * MINUTE_MS + 1)) == []
    assert printers(with_printer(USUAL, heard_at=NOW - 1)) == [], "of a till that is away nothing is known"
    assert printers(replace(USUAL, card=SHOP.model_copy(update={"hours": (None,) * 7}))) == []
    assert printers(replace(USUAL, card=None)) == []
    assert printers(replace(USUAL, printer_min=11)) == []
    assert printers(replace(USUAL, printer_min=0)) == []
    assert printers(with_printer(USUAL, down_at=None)) == []


def test_the_night_does_not_count_and_what_was_down_before_it_is_down_after_it() -> None:
    nine, night = NOW - 5 * HOUR_MS, NOW - 17 * HOUR_MS
    for minutes, told in ((9, 0), (10, 1)):
        at = nine + minutes * MINUTE_MS
        assert len(printers(with_printer(replace(USUAL, now=at), down_at=night, heard_at=at))) == told
    evening = NOW + 9 * HOUR_MS
    assert len(printers(with_printer(replace(USUAL, now=evening), heard_at=evening))) == 1, "it ends when it works"
    assert open_ms(SHOP, nine - HOUR_MS, NOW) == 5 * HOUR_MS
    assert open_ms(SHOP, NOW, NOW - HOUR_MS) == 0
    assert open_ms(SHOP, 0, NOW) > 0, "however long ago"


def test_a_printout_that_waits_ten_minutes_is_told_at_any_hour_whatever_the_printer_says() -> None:
    waits = with_printer(USUAL, down_at=None, waiting=1, waits_at=NOW - 10 * MINUTE_MS, waits="13:50 today")
    closed = replace(waits, card=None)
    assert [one.partition(". ")[0] for one in printers(closed)] == [
        "1 printout has waited for the printer of Till 1 since 13:50 today"
    ]
    assert "2 printouts have waited" in printers(with_printer(closed, waiting=2))[0]
    assert printers(with_printer(closed, waits_at=NOW - 9 * MINUTE_MS)) == []
    assert "no paper; 1 printout waits. " in printers(with_printer(waits, down_at=NOW - HOUR_MS))[0]
    assert "no paper; 4 printouts wait. " in printers(with_printer(waits, down_at=NOW - HOUR_MS, waiting=4))[0]


def test_the_herald_comes_back_at_the_minute_at_which_a_printer_is_told() -> None:
    assert next_due(with_printer(USUAL, down_at=NOW - 4 * MINUTE_MS)) == NOW + 6 * MINUTE_MS


def test_an_outage_is_told_once_however_it_flaps_and_a_new_one_after_half_an_hour(fresh: Scene) -> None:
    shop = fresh.cloud.shop
    (alert,) = alerts(USUAL)

    def told(found: list[Alert], minutes: int) -> int:
        at = NOW + minutes * MINUTE_MS
        with fresh.cloud.database.of(shop.tenant).writing() as session:
            book.note(session, tenant=shop.tenant, shop=shop.shop, found=found, now=at)
            return len(book.claim_urgent(session, tenant=shop.tenant, shop=shop.shop, now=at))

    assert [told([alert], 0), told([], 1), told([alert], 12), told([], 13), told([alert], 42)] == [1, 0, 0, 0, 0]
    assert [told([], 50), told([alert], 81)] == [0, 1]


def test_what_is_said_of_a_printer_is_told_in_german() -> None:
    down = printers(with_printer(USUAL, waiting=3, why="no printer at 10.0.0.9:9100 (Connection refused)"))[0]
    assert told_in("de", down) == (
        "Der Drucker von Till 1 ist seit heute 13:50 ausgefallen: kein Drucker an 10.0.0.9:9100 (Connection refused); "
        "3 Ausdrucke warten. Strom, Papier und Kabel ansehen; die Kasse verkauft weiter."
    )
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
    params = {"after": 0, "generation": generation, "fittings": fittings}
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


def test_the_owner_chooses_after_how_many_minutes_a_printer_is_told(fresh: Scene) -> None:
    with fresh.owner() as browser:
        page = browser.get("/alerts")
        assert 'name="minutes" inputmode="numeric" maxlength="4" value="10"' in page.text
        form = {"csrf": hidden(page, "csrf"), "shop": fresh.cloud.shop.shop}
        assert browser.post("/alerts/rules", data={**form, "minutes": "x"}).status_code == 422
        assert browser.post("/alerts/rules", data={**form, "minutes": "1441"}).status_code == 422
        assert browser.post("/alerts/rules", data={**form, "minutes": "0"}).status_code == 303
        assert 'maxlength="4" value="0"' in browser.get("/alerts").text
        down_printer(fresh)
        herald(fresh, None).go_round()
        assert "printer down" not in {row.rule for row in rows(fresh)}
        browser.post("/alerts/rules", data={**form, "minutes": "5"})
        herald(fresh, None).go_round()
        assert "printer down" in {row.rule for row in rows(fresh)}


# The whole way.


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Scene, OpenTill, TcpPrinter]]:
    """A cloud with an owner, and a paired till whose printer hangs on a network."""
    clock = FileClock(tmp_path / "clock")
    clock.set(TUESDAY_14)
    monkeypatch.setenv("DROPSHELF_CLOCK", str(clock.path))
    data = tmp_path / "till" / "data"
    data.mkdir(parents=True)
    with serving(tmp_path / "cloud") as cloud, TcpPrinter() as printer:
        cloud.owner()
        (data / "settings.toml").write_text(SETTINGS.format(port=printer.port))
        till = open_till(data, clock)
        till.close()
        assert pair.run(told_to_pair(tmp_path, cloud.url, cloud.code())) == 0
        till = open_till(data, clock)
        till._start_sync()
        yield Scene(cloud, None, {}), till, printer  # type: ignore[arg-type]
        till.close()


def test_a_network_printer_that_goes_away_reaches_the_owners_mail_once_and_ends_when_it_prints_again(
    way: tuple[Scene, OpenTill, TcpPrinter], box: MailBox
) -> None:
    scene, till, printer = way
    cloud = scene.cloud

    def stands(state: str, waiting: int = 0) -> bool:
        told = fitted(device(cloud).fittings)
        one = told.one("printer")
        return one is not None and (one.state, told.waiting) == (state, waiting)

    until(lambda: stands("ok"), "the cloud knows of the printer")
    printer.unplug()
    till.printer.print_job("receipt", b"A")
    until(lambda: stands("gone", 1), "the cloud hears that it is gone and one waits")
    teller = herald(scene, box)
    assert teller.go_round() == 0
    # Ten minutes pass, in the cloud and at the till.
    cloud.set_clock(TUESDAY_14 + 11 * MINUTE_MS)
    till.condition.now_s = lambda: time.monotonic() + 660
    until(lambda: heard(cloud) >= TUESDAY_14 + 11 * MINUTE_MS and stood(cloud) < TUESDAY_14 + MINUTE_MS, "heard again")
    cloud.count()
    assert teller.go_round() == 1
    assert teller.go_round() == 0
    (mail,) = box.taken
    assert "The printer of Till 1 has been down since 1" in str(mail["Subject"])
    assert "1 printout waits. Look at its power, paper and cable" in " ".join(str(mail.get_content()).split())
    assert f"https://shop.example/devices?shop={cloud.shop.shop}#d-{device(cloud).device}" in str(mail.get_content())
    with TcpPrinter(printer.port) as again:
        until(lambda: stands("ok"), "the cloud hears that it is back")
        assert b"A" in bytes(again.paper)
    teller.go_round()
    assert open_rows(scene) == []
    assert len(box.taken) == 1


def heard(cloud: Cloud) -> int:
    return device(cloud).last_seen_at or 0


def stood(cloud: Cloud) -> int:
    return since(device(cloud).fittings)


def open_rows(scene: Scene) -> list[AlertRow]:
    return [row for row in rows(scene) if row.rule == "printer down"]
