"""A disk that runs full: the till says so in time, and the room that was kept for that day goes to the sales."""

from pathlib import Path

import pytest

from edge_agent.ballast import BYTES, FILE, LAST_BYTES, LOW_BYTES, Ballast
from edge_agent.errors import Unreachable
from edge_agent.logs import FILE as LOG
from tests.shop import SHOP, open_journal, record

PLENTY = LOW_BYTES + BYTES


class Disk:
    """What is left on it, and what the till says about it."""

    def __init__(self, free: int) -> None:
        self.free, self.said = free, list[tuple[str, str, str]]()

    def left(self, folder: Path) -> int:
        return self.free

    def hear(self, device: str, state: str, words: str) -> None:
        self.said.append((device, state, words))


def laid(folder: Path, disk: Disk) -> Ballast:
    ballast = Ballast(folder, disk.hear, disk.left)
    ballast.tick()
    return ballast


def test_with_plenty_left_the_ballast_takes_real_room_and_says_nothing(tmp_path: Path) -> None:
    disk = Disk(PLENTY)
    laid(tmp_path, disk)
    assert (tmp_path / FILE).stat().st_blocks * 512 >= BYTES
    assert disk.said == []


def test_on_a_small_disk_no_ballast_is_laid(tmp_path: Path) -> None:
    laid(tmp_path, Disk(PLENTY - 1))
    assert not (tmp_path / FILE).exists()


def test_a_disk_that_fills_is_said_old_logs_go_first_and_the_ballast_last(tmp_path: Path) -> None:
    disk = Disk(PLENTY)
    ballast = laid(tmp_path, disk)
    (tmp_path / "logs").mkdir()
    for name in (LOG, f"{LOG}.1", f"{LOG}.2"):
        (tmp_path / "logs" / name).write_text("{}")
    disk.free = LOW_BYTES - 1
    ballast.tick()
    assert disk.said == [("disk", "fault", "299 MB left, make room")]
    assert len(list((tmp_path / "logs").iterdir())) == 3
    disk.free = LOW_BYTES // 3 - 1
    ballast.tick()
    assert [file.name for file in (tmp_path / "logs").iterdir()] == [LOG]
    assert (tmp_path / FILE).exists()
    disk.free = LAST_BYTES - 1
    ballast.tick()
    assert not (tmp_path / FILE).exists()


def test_once_there_is_room_again_the_till_is_calm_and_the_ballast_is_back(tmp_path: Path) -> None:
    disk = Disk(0)
    ballast = laid(tmp_path, disk)
    disk.free = PLENTY
    ballast.tick()
    assert disk.said[-1] == ("disk", "ok", "")
    assert (tmp_path / FILE).exists()


def test_a_refused_sale_gives_the_ballast_up_and_the_next_try_is_stored(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    disk = Disk(PLENTY)
    journal.when_full(laid(tmp_path, disk).let_go)
    pages = journal._writer.act(lambda db: db.pragma("page_count")).result()
    journal._writer.act(lambda db: db.pragma("max_page_count", pages)).result()
    with pytest.raises(Unreachable, match="full"):
        record(journal, *[SHOP] * 2000)
    assert not (tmp_path / FILE).exists()
    assert disk.said[-1] == ("disk", "fault", "full, last 64 MB in use")
    journal._writer.act(lambda db: db.pragma("max_page_count", 2**30)).result()
    record(journal, SHOP)
    journal.close()
