"""The logs of till and service: what a line holds, what it must never hold, and how large the files may grow."""

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud_sync import logs as cloud_logs
from edge_agent.clock import FileClock
from edge_agent.logs import FILE, DeviceLog, Presence, acting, start_logs, stop_logs
from edge_agent.opening import open_till

NOON = 1_790_000_000_000
log = logging.getLogger("edge_agent.test")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    clock = FileClock(tmp_path / "clock")
    clock.set(NOON)
    handler = start_logs(tmp_path / "logs", clock, cap_bytes=4000, kept_files=2)
    yield tmp_path / "logs"
    stop_logs(handler)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / FILE).read_text().splitlines()]


def test_a_line_holds_the_clocks_time_the_room_and_the_words(folder: Path) -> None:
    log.info("took %d lines", 3, extra={"cursor": 17})
    (line,) = lines(folder)
    assert line == {
        "at": "2026-09-21T14:13:20.000+00:00",
        "level": "info",
        "room": "edge_agent.test",
        "words": "took 3 lines",
        "cursor": 17,
    }


def test_everything_in_one_act_carries_its_id_and_nothing_after_it(folder: Path) -> None:
    with acting("a1"):
        log.info("first")
        with acting("b2"):
            log.info("within")
        log.info("second")
    log.info("after")
    assert [line.get("act") for line in lines(folder)] == ["a1", "b2", "a1", None]


@pytest.mark.parametrize(
    "private",
    [
        "customer_name",
        "phone",
        "e_mail",
        "api_key",
        "device_secret",
        "session_token",
        "pin",
        "credential",
        "Authorization",
    ],
)
@pytest.mark.parametrize("side", ["till", "service"])
def test_a_private_field_is_hidden_by_its_name(folder: Path, tmp_path: Path, private: str, side: str) -> None:
    if side == "till":
        log.info("seen", extra={private: "Ada"})
        written = (folder / FILE).read_text()
    else:
        handler = cloud_logs.start_logs(tmp_path / "cloud.jsonl")
        logging.getLogger("cloud_sync.test").info("seen", extra={private: "Ada"})
        cloud_logs.stop_logs(handler)
        written = (tmp_path / "cloud.jsonl").read_text()
    assert "Ada" not in written
    assert json.loads(written)[private] == "(hidden)"


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def",
        "k" * 43 + "=",
        "+44 20 7946 0958",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----",
    ],
)
def test_a_key_or_phone_number_within_the_words_is_hidden(folder: Path, secret: str) -> None:
    log.info("got %s today", secret, extra={"cause": secret})
    (line,) = lines(folder)
    assert line["words"] == "got (hidden) today"
    assert line["cause"] == "(hidden)"


def test_a_barcode_is_not_taken_for_a_phone_number(folder: Path) -> None:
    log.info("unknown code 0412345678905")
    assert lines(folder)[0]["words"] == "unknown code 0412345678905"


def test_hostile_words_stay_within_one_line(folder: Path) -> None:
    hostile = '\n{"level": "error"}\x1b[2J\x9b2J\u2028\u202e\ud800' + " y" * 3000
    log.info("item: %s", hostile)
    (line,) = lines(folder)
    assert line["words"] == f"item: {hostile}"[:399] + "…"
    assert (folder / FILE).read_text().isascii()
    assert (folder / FILE).read_text().rstrip("\n").isprintable()


def test_an_error_says_where_it_happened_and_not_with_which_values(folder: Path) -> None:
    def charge(card: str) -> None:
        raise ValueError("refused")

    try:
        charge("4111 1111 1111 1111")
    except ValueError:
        log.exception("it broke")
    (line,) = lines(folder)
    assert line["error"]["kind"] == "ValueError"
    assert line["error"]["words"] == "refused"
    assert line["error"]["where"][-1].endswith(" charge")
    assert "4111" not in (folder / FILE).read_text()


def test_the_files_never_grow_beyond_their_cap(folder: Path) -> None:
    for number in range(500):
        log.info("line %d %s", number, "word " * 20)
    sizes = [file.stat().st_size for file in folder.iterdir()]
    assert len(sizes) == 3
    assert sum(sizes) <= 3 * 4000
    assert lines(folder)[-1]["words"].startswith("line 499 ")


def test_a_thing_that_goes_and_comes_back_is_told_once_each(folder: Path) -> None:
    printer = Presence(log, "printer")
    assert printer.back() is False
    news = [printer.gone("no answer") for _ in range(50)]
    assert news == [True] + [False] * 49
    assert [printer.back(), printer.back()] == [True, False]
    assert [(line["words"], line["here"], line.get("tries")) for line in lines(folder)] == [
        ("printer is gone: no answer", False, None),
        ("printer is back", True, 50),
    ]


def test_what_devices_say_is_told_when_they_go_and_when_they_are_well(folder: Path) -> None:
    devices = DeviceLog(log)
    for state, words in [("unknown", ""), ("ok", ""), ("fault", "no paper"), ("gone", ""), ("gone", ""), ("ok", "")]:
        devices.said("printer", state, words)
    devices.said("scanner", "gone", "")
    told = [line["words"] for line in lines(folder)]
    assert told == ["printer is gone: no paper", "printer is back", "scanner is gone: no answer"]


def test_a_field_never_takes_the_place_of_what_every_line_holds(folder: Path) -> None:
    log.info("the cloud is gone", extra={"words": "refused", "at": 5})
    (line,) = lines(folder)
    assert (line["words"], line["words_"], line["at_"]) == ("the cloud is gone", "refused", 5)


def test_many_threads_losing_one_thing_tell_it_once(folder: Path) -> None:
    cloud = Presence(log, "cloud")
    threads = [threading.Thread(target=cloud.gone, args=("refused",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(folder)) == 1


def test_the_services_line_holds_its_act_and_where_an_error_came_from(tmp_path: Path) -> None:
    handler = cloud_logs.start_logs(tmp_path / "cloud.jsonl")
    try:
        with cloud_logs.acting("r9"):
            logging.getLogger("cloud_sync.test").error("push failed", exc_info=ValueError("odd line"), extra={"seq": 4})
    finally:
        cloud_logs.stop_logs(handler)
    line = json.loads((tmp_path / "cloud.jsonl").read_text())
    assert (line["act"], line["room"], line["seq"], line["error"]) == (
        "r9",
        "cloud_sync.test",
        4,
        "ValueError: odd line",
    )


def test_when_the_logs_are_stopped_nothing_is_written_any_more(folder: Path, tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    handler = start_logs(tmp_path / "other", clock)
    stop_logs(handler)
    log.warning("late")
    assert not (tmp_path / "other" / FILE).read_text()


def test_an_open_till_writes_what_its_devices_do_and_a_closed_one_nothing(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.set(NOON)
    till = open_till(tmp_path / "till", clock)
    till.device_said("printer", "gone", "cable out")
    till.close()
    till.device_said("printer", "ok", "")
    told = [line["words"] for line in lines(tmp_path / "till" / "logs")]
    assert told == ["printer is gone: cable out"]
