"""Disk faults: the rig must be able to fail, and the journal goes on after each of them without a new start."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from edge_agent.errors import Unreachable
from edge_agent.journal import writer
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.opening import open_till
from scripts.tortures import disk as row
from scripts.tortures.bad_disk import BadDisk, Fault
from tests.shop import open_journal, record, scripted_clock, sold


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_refused_sale_says_that_trying_again_helps_and_the_next_one_is_stored(journal: Journal, error: int) -> None:
    with BadDisk().writes() as disk:
        disk.fault = Fault(0, 1, error)
        with pytest.raises(Unreachable) as refused:
            record(journal, sold(1, "milk"))
        assert refused.value.again
        record(journal, sold(1, "milk"))
    with journal.reading() as memory:
        assert len(list(memory.events("sale_completed"))) == 1
        verify(memory.db)


def test_a_file_that_cannot_be_opened_again_is_tried_until_it_can(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, really = [], writer.connect

    def away(file: Path) -> apsw.Connection:
        tries.append(file)
        if len(tries) < 3:
            raise apsw.CantOpenError("unable to open database file")
        return really(file)

    monkeypatch.setattr(writer, "connect", away)
    with BadDisk().writes() as disk:
        disk.fault = Fault(0, 1, errno.EIO)
        with pytest.raises(Unreachable, match="not stored"):
            record(journal, sold(1, "milk"))
    assert len(tries) == 3
    record(journal, sold(1, "milk"))


def test_what_fails_behind_a_stored_sale_does_not_make_it_unsold(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(journal, "_note_mark", lambda: 1 / 0)
        record(journal, sold(1, "milk"))
    record(journal, sold(2, "milk"))
    with journal.reading() as memory:
        assert len(list(memory.events("sale_completed"))) == 2
        verify(memory.db)


def test_a_disk_without_room_for_notes_and_logs_stops_no_start(tmp_path: Path) -> None:
    """Files that cannot be made, as on a full disk: a folder stands where each of them would go."""
    data = tmp_path / "data"
    for name in ("settings.last_good.toml", "handed_to_printer.next", "logs/till.jsonl", "marker.next"):
        (data / name / "in the way").mkdir(parents=True)
    (data / "settings.toml").write_text('[till]\nname = "Till 1"\n')
    till = open_till(data, scripted_clock(tmp_path))
    record(till.journal, sold(1, "milk"))
    till.paper.catch_up()
    till.close()


def test_the_row_finds_nothing_wrong_in_the_till(tmp_path: Path) -> None:
    report = row.run(tmp_path, seed=3, faults=30)
    assert report.ok, report.lines


def test_the_row_finds_a_till_that_prints_before_it_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = row.Shop.sell

    def hasty(self: row.Shop, token: str, freed: Callable[[], None]) -> None:
        honest(self, token, freed)
        self.spool.put(f"{self.paid[token] + 1:08d}-receipt", b"paper")

    monkeypatch.setattr(row.Shop, "sell", hasty)
    report = row.run(tmp_path, seed=3, faults=3)
    assert not report.ok
    assert any("has no row" in line for line in report.lines)


def test_the_row_finds_a_till_that_takes_a_sale_for_stored_whose_sync_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hasty(self: writer.Acts, _result: object) -> bool:
        self._drop()
        return True

    monkeypatch.setattr(row, "planned", lambda _chance, _number: ("sync", Fault(0, 1, syncs=True)))
    monkeypatch.setattr(writer.Acts, "_looked", hasty)
    report = row.run(tmp_path, seed=3, faults=3)
    assert not report.ok
    assert any("lost: 0.0, receipt" in line for line in report.lines), report.lines
