"""The alert "printer down": told once an outage while the shop is open, from a printer's plug to the owner's mail."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.alerts import book
from cloud_sync.alerts.rules import Alert, Facts, Printer, alerts, next_due, open_ms
from cloud_sync.fittings import fitted
from cloud_sync.speech import told_in
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.alerts import AlertRow
from edge_agent.clock import FileClock
from edge_agent.commands import pair
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.day import HOUR_MS
from scripts.owner_scene_ import printer_down
from scripts.smtp_ import MailBox, mailbox
from tests.cloud import Cloud, serving
from tests.owner_shop import Scene, at_work
from tests.page_text import hidden
from tests.paired import until, words
from tests.shop import SHOP, TUESDAY_14
from tests.tcp_printer import TcpPrinter
from tests.test_alerts import herald, rows

MINUTE_MS = 60_000
NOW = TUESDAY_14
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


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner"), away=False) as scene:
        yield scene


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


def test_the_alert_is_told_in_german() -> None:
    down = printers(with_printer(USUAL, waiting=3, why="no printer at 10.0.0.9:9100 (Connection refused)"))[0]
    assert told_in("de", down) == (
        "Der Drucker von Till 1 ist seit heute 13:50 ausgefallen: kein Drucker an 10.0.0.9:9100 (Connection refused); "
        "3 Ausdrucke warten. Strom, Papier und Kabel ansehen; die Kasse verkauft weiter."
    )


def test_the_owner_chooses_after_how_many_minutes_a_printer_is_told(fresh: Scene) -> None:
    with fresh.owner() as browser:
        page = browser.get("/alerts")
        assert 'name="minutes" inputmode="numeric" maxlength="4" value="10"' in page.text
        form = {"csrf": hidden(page, "csrf"), "shop": fresh.cloud.shop.shop}
        assert browser.post("/alerts/rules", data={**form, "minutes": "x"}).status_code == 422
        assert browser.post("/alerts/rules", data={**form, "minutes": "1441"}).status_code == 422
        assert browser.post("/alerts/rules", data={**form, "minutes": "0"}).status_code == 303
        assert 'maxlength="4" value="0"' in browser.get("/alerts").text
        printer_down(fresh)
        herald(fresh, None).go_round()
        assert open_rows(fresh) == []
        browser.post("/alerts/rules", data={**form, "minutes": "5"})
        herald(fresh, None).go_round()
        assert len(open_rows(fresh)) == 1


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
        assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
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
    until(lambda: till.devices["printer"][0] == "gone", "the till sees it")
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
    return next(one.since for one in fitted(device(cloud).fittings).fittings)


def open_rows(scene: Scene) -> list[AlertRow]:
    return [row for row in rows(scene) if row.rule == "printer down"]


def device(cloud: Cloud) -> Device:
    with cloud.reading() as session:
        return session.exec(select(Device).where(Device.tenant == cloud.shop.tenant)).one()
