"""The till's clock: believed where it can be, and never back to 1970."""

from pathlib import Path

import pytest

from edge_agent.clock import FIRST_TILL_MS, LONGEST_SLEEP_MS, Moment, SureClock
from edge_agent.journal import timing
from edge_agent.rules.true_time import Stand
from scripts.tortures import clock as row
from scripts.tortures.clock import Wall
from tests.shop import TUESDAY_14

HOUR = 3_600_000


def sure(wall: Wall, floor: int = TUESDAY_14) -> SureClock:
    return SureClock(wall, floor, lambda: wall.ticks)


def test_a_board_that_wakes_up_in_1970_goes_on_from_the_last_event() -> None:
    wall = Wall(at=5_000)
    clock = sure(wall)
    wall.at, wall.ticks = 5_000 + HOUR, HOUR / 1000
    assert (clock.now(), clock.quality()) == (TUESDAY_14 + HOUR, "floor")


def test_a_new_till_in_1970_begins_when_tills_began() -> None:
    assert sure(Wall(at=5_000), floor=0).now() == FIRST_TILL_MS


@pytest.mark.parametrize("behind", [0, HOUR, LONGEST_SLEEP_MS])
def test_a_battery_clock_not_far_behind_the_last_event_is_believed(behind: int) -> None:
    clock = sure(Wall(at=TUESDAY_14 + behind))
    assert (clock.now(), clock.quality()) == (TUESDAY_14 + behind, "rtc")


@pytest.mark.parametrize("off", [-1, LONGEST_SLEEP_MS + 1, 10 * LONGEST_SLEEP_MS])
def test_a_battery_clock_that_went_back_or_leapt_is_not(off: int) -> None:
    clock = sure(Wall(at=TUESDAY_14 + off))
    assert (clock.now(), clock.quality()) == (TUESDAY_14, "floor")


@pytest.mark.parametrize("off", [-10 * LONGEST_SLEEP_MS, 10 * LONGEST_SLEEP_MS])
def test_a_time_server_is_always_believed(off: int) -> None:
    clock = sure(Wall(at=TUESDAY_14 + off, said="ntp"))
    assert (clock.now(), clock.quality()) == (TUESDAY_14 + off, "ntp")


def test_a_clock_that_is_set_while_the_till_runs_is_believed_from_then_on() -> None:
    wall = Wall(at=5_000)
    clock = sure(wall)
    assert clock.quality() == "floor"
    wall.at, wall.said = TUESDAY_14 + 9 * HOUR, "ntp"
    assert (clock.now(), clock.quality()) == (TUESDAY_14 + 9 * HOUR, "ntp")


def test_hundreds_of_wrong_clocks_change_no_order_of_events(tmp_path: Path) -> None:
    assert wrong_words(tmp_path) == []


def test_a_till_that_believes_every_clock_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SureClock, "_believed", lambda *_: True)
    assert any("1970" in wrong for wrong in wrong_words(tmp_path))


def test_a_till_that_holds_on_to_a_future_that_never_was_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = timing.moment

    def stubborn(clock: SureClock, last_at: int, born_at: int) -> Moment:
        now = honest(clock, last_at, born_at)
        return now._replace(at=max(last_at, now.at))

    monkeypatch.setattr(timing, "moment", stubborn)
    assert any(
        "time server" in wrong for seed in range(9) for wrong in row.one_till(tmp_path / str(seed), str(seed)).wrong
    )


def wrong_words(folder: Path) -> list[str]:
    return [wrong for seed in range(5) for wrong in row.one_till(folder / str(seed), str(seed)).wrong]


def test_a_till_that_does_not_say_when_its_clock_moves_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stand, "is_news", lambda *_: False)
    assert any(
        "within 2 s" in wrong for seed in range(9) for wrong in row.one_till(tmp_path / str(seed), str(seed)).wrong
    )


def test_times_that_are_read_as_recorded_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row, "true_times", lambda lines: {event.seq: event.at for event, _ in lines})
    assert any(
        "within 2 s" in wrong for seed in range(9) for wrong in row.one_till(tmp_path / str(seed), str(seed)).wrong
    )
