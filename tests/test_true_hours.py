"""The hours of the day that the forecast learns from: those in which it was sold, not those that a wrong clock said."""

from pathlib import Path

from edge_agent.clock import Quality, SureClock
from edge_agent.counter.paying import Paying
from edge_agent.counter.selling import Selling
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import verify
from edge_agent.rules.day import local
from edge_agent.rules.sale import Tendered
from edge_agent.wire.events.device import Booted
from scripts.tortures.clock import Wall
from tests.shop import CAST, MILK, SHOP, TUESDAY_14

HOUR, DAY = 3_600_000, 86_400_000


class Till:
    """A till whose clock and boot's time are set by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wall, self.boots = folder, Wall(at=TUESDAY_14, said="ntp"), 0
        self._open()
        self.journal.record(lambda _: [Draft(body) for body in CAST]).result()

    def _open(self) -> None:
        self.journal = Journal.open(self.folder, self.wall, random_id)
        self.memory = self.journal.reading()
        self.journal.clock = SureClock(self.wall, self.memory.head().at, lambda: self.wall.ticks)

    def boot(self, at: int, said: Quality = "rtc") -> None:
        self.close()
        self.boots, self.wall.at, self.wall.said = self.boots + 1, at, said
        self._open()
        body = Booted(boot=str(self.boots), monotonic_ms=int(self.wall.ticks * 1000), version="0")
        self.journal.record(lambda _: [Draft(body)]).result()

    def sell(self, times: int = 1) -> None:
        for _ in range(times):
            selling = Selling(self.memory, self.journal.clock)
            selling.scan(MILK.codes[0], 1_000)
            Paying(self.journal, lambda *_: None).pay(selling.sale, [Tendered("cash", selling.sale.total)]).result()

    def pass_(self, ms: int) -> None:
        self.wall.at, self.wall.ticks = self.wall.at + ms, self.wall.ticks + ms / 1000

    def close(self) -> None:
        self.memory.close()
        self.journal.close()


def hours(memory: Reading) -> dict[tuple[int, int], int]:
    profile = memory.hour_profile()
    return {(day, hour): qty for day in range(7) for hour in range(24) if (qty := profile[day][hour])}


def place(at: int) -> tuple[int, int]:
    when = local(at, SHOP.zone)
    return when.weekday(), when.hour


def test_what_a_board_in_1970_sold_is_learnt_at_its_hour_once_a_server_told_it(tmp_path: Path) -> None:
    till, truth = Till(tmp_path), TUESDAY_14 + 2 * DAY + 5 * HOUR
    till.boot(5_000)
    till.sell(2)
    assert hours(till.memory) == {place(TUESDAY_14): 2_000}
    till.pass_(HOUR)
    till.sell()
    receipts = till.memory.receipts_after(0)
    till.wall.at, till.wall.said = truth + HOUR, "ntp"
    till.sell()
    assert hours(till.memory) == {place(truth): 2_000, place(truth + HOUR): 2_000}
    # What the receipts say stays.
    assert till.memory.receipts_after(0)[:3] == receipts
    verify(till.memory.db)
    till.close()


def test_a_boot_that_no_server_helped_stays_as_recorded(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.boot(5_000)
    till.sell()
    till.boot(TUESDAY_14 + 3 * HOUR, "ntp")
    till.sell()
    assert hours(till.memory) == {place(TUESDAY_14): 1_000, place(TUESDAY_14 + 3 * HOUR): 1_000}
    till.close()


def test_hours_are_set_right_over_a_settlement(tmp_path: Path) -> None:
    """Some of the sales were added up before the time was known, and some are after."""
    till, truth = Till(tmp_path), TUESDAY_14 + 4 * HOUR
    till.boot(TUESDAY_14 + HOUR)
    till.sell(66)
    till.wall.at, till.wall.said = truth, "ntp"
    till.sell(63)
    assert hours(till.memory) == {place(truth): 129_000}
    verify(till.memory.db)
    till.close()
