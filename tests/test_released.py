"""Data folders that a released program left: today's opens, verifies and folds them, and goes on with them."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_sync.commands import main
from cloud_sync.founding import opened
from cloud_sync.ingest.project import project
from cloud_sync.ingest.verify import verify as verify_cloud
from cloud_sync.migrations import at_revision, revisions
from cloud_sync.settings import Settings
from edge_agent.journal.fold import shape
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from tests.released.expected import Expected
from tests.shop import TUESDAY_14, record, scripted_clock, seeded_ids, sold

VERSIONS = sorted(folder for folder in (Path(__file__).parent / "released").iterdir() if (folder / "marker").exists())
released = pytest.mark.parametrize("release", VERSIONS, ids=lambda folder: folder.name)
Say = Callable[..., str]


def expected(release: Path) -> Expected:
    return Expected(**json.loads((release / "expected.json").read_text()))


def unpacked(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.decompress(source.read_bytes()))


@released
def test_a_released_tills_journal_is_opened_folded_and_sold_on(release: Path, tmp_path: Path) -> None:
    told = expected(release)
    unpacked(release / "journal.db.gz", tmp_path / "data" / "journal.db")
    shutil.copyfile(release / "marker", tmp_path / "data" / "marker")
    journal = Journal.open(tmp_path / "data", scripted_clock(tmp_path, TUESDAY_14 + 3_600_000), seeded_ids(9))
    assert (journal.id, journal.mended) == (told.journal, "")
    with journal.reading() as memory:
        head, mark = memory.head(), memory.mark()
        assert (head.seq, head.hash.hex(), mark.received) == (told.events, told.head, told.received)
        assert told.received < told.events
        assert memory._mark("views", "") == shape()
        assert (memory.next_receipt(), memory.held_count()) == (told.next_receipt, 1)
        assert memory.open_shift() is not None
        assert memory.stock("milk").counted
        record(journal, sold(told.next_receipt, "milk"))
        assert memory.next_receipt() == told.next_receipt + 1
        assert verify(memory.db).head.seq == told.events + 1
    journal.close()


@released
def test_a_released_cloud_is_moved_on_verified_and_served(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = expected(release)
    settings = Settings(data=tmp_path / "cloud")
    unpacked(release / "cloud.db.gz", settings.data / "cloud.db")
    assert main(["migrate", "--data", str(settings.data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["before"] == told.revision
    database = opened(settings)
    with database.engine.connect() as connection:
        assert at_revision(connection) == revisions()[-1]
    project(database, TUESDAY_14)
    assert verify_cloud(database).journals == {told.journal: told.received}
    database.close()


def test_there_is_a_folder_of_a_released_program() -> None:
    assert VERSIONS
    sizes = {folder.name: sum(file.stat().st_size for file in folder.iterdir()) for folder in VERSIONS}
    assert {name: size for name, size in sizes.items() if size > 300_000} == {}
