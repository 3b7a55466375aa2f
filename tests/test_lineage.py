"""A database put back from an older copy never writes on under used-up numbers: a new journal goes on from it."""

import shutil
from pathlib import Path

import pytest

from edge_agent.journal.log import Journal
from edge_agent.journal.marker import FILE
from edge_agent.journal.rebuild import verify
from edge_agent.wire.messages import Ack
from tests.shop import CAST, open_journal, record, scripted_clock, seeded_ids, sold


def reopened(folder: Path, seed: int = 9) -> Journal:
    return Journal.open(folder / "data", scripted_clock(folder), seeded_ids(seed))


def acknowledge(journal: Journal, received: int) -> None:
    said = Ack(journal=journal.id, session=1, to=received, head_hash="00" * 32, received=received, safe=0)
    journal.acknowledge(said).result()


def with_backup(folder: Path, *, received: int, later: int) -> tuple[str, list[str]]:
    """A till of three sales, copied; the cloud knows `received` events, `later` more sales come after the copy."""
    journal = open_journal(folder)
    record(journal, sold(1, "milk"), sold(2, "bread"), sold(3, "milk"))
    acknowledge(journal, received)
    with journal.reading() as memory:
        ids = [event.id for event in memory.events("sale_completed")]
    journal.close()
    shutil.copytree(folder / "data", folder / "backup")
    again = reopened(folder, seed=5)
    for number in range(4, 4 + later):
        record(again, sold(number, "milk"))
    again.close()
    return again.id, ids


def put_back(folder: Path) -> None:
    """What a restore does: database files go back, the marker outside of the backup stays."""
    for file in (folder / "data").glob("journal.db*"):
        file.unlink()
    shutil.copy(folder / "backup" / "journal.db", folder / "data" / "journal.db")


def test_an_older_database_goes_on_in_a_new_journal_that_names_its_parent(tmp_path: Path) -> None:
    old, _ = with_backup(tmp_path, received=7, later=2)
    put_back(tmp_path)
    journal = reopened(tmp_path)
    assert journal.id != old
    with journal.reading() as memory:
        first = memory.event(1)
        assert first.kind == "genesis"
        named = {key: first.body[key] for key in ("parent", "parent_seq", "reason", "next_receipt")}
        assert named == {"parent": old, "parent_seq": 7, "reason": "restored", "next_receipt": 6}
        verify(memory.db)
    journal.close()


def test_what_the_cloud_may_lack_goes_along_with_its_own_ids_and_nothing_else(tmp_path: Path) -> None:
    _, ids = with_backup(tmp_path, received=7, later=1)
    put_back(tmp_path)
    journal = reopened(tmp_path)
    with journal.reading() as memory:
        assert [event.id for event in memory.events("sale_completed")] == ids[1:]
        assert memory.mark().received == 0
        assert memory.stock("milk").on_hand == -2000
        assert [memory.takings(739_678).receipts, memory.takings(739_678).total] == [3, 300]
    journal.close()


def test_a_receipt_of_an_ancestor_is_still_found(tmp_path: Path) -> None:
    with_backup(tmp_path, received=7, later=1)
    put_back(tmp_path)
    journal = reopened(tmp_path)
    with journal.reading() as memory:
        for number, sku in ((1, "milk"), (2, "bread"), (3, "milk")):
            stored = memory.receipt(number)
            assert stored is not None
            assert memory.event(stored.seq).body["lines"][0]["sku"] == sku
            assert memory.hash_at(stored.seq)
    journal.close()


def test_receipt_numbers_that_were_used_up_are_not_used_again(tmp_path: Path) -> None:
    with_backup(tmp_path, received=8, later=3)
    put_back(tmp_path)
    journal = reopened(tmp_path)
    with journal.reading() as memory:
        assert memory.next_receipt() == 7
        record(journal, sold(7, "milk"))
        assert memory.next_receipt() == 8
        verify(memory.db)
    journal.close()


def test_an_ordinary_start_writes_on_in_the_same_journal(tmp_path: Path) -> None:
    old, _ = with_backup(tmp_path, received=8, later=1)
    for _ in range(2):
        journal = reopened(tmp_path)
        assert journal.id == old
        journal.close()


@pytest.mark.parametrize("content", [None, b"", b"not json", b'{"journal":"x"}'])
def test_a_lost_or_broken_marker_never_stops_the_till(tmp_path: Path, content: bytes | None) -> None:
    old, _ = with_backup(tmp_path, received=8, later=0)
    marker = tmp_path / "data" / FILE
    marker.unlink()
    if content is not None:
        marker.write_bytes(content)
    journal = reopened(tmp_path)
    assert journal.id == old
    journal.close()
    assert old.encode() in marker.read_bytes()


def test_a_till_put_back_twice_keeps_every_ancestor(tmp_path: Path) -> None:
    with_backup(tmp_path, received=8, later=1)
    put_back(tmp_path)
    first = reopened(tmp_path)
    record(first, sold(6, "choc"))
    acknowledge(first, 2)
    first.begin_again("fork").result()
    record(first, sold(first.reading().next_receipt(), "bread"))
    with first.reading() as memory:
        proved = verify(memory.db)
        assert proved.head == memory.head()
        parents = memory.db.execute("SELECT count(DISTINCT journal) FROM ancestor").fetchone()
        assert parents is not None
        assert parents[0] == 2
        assert memory.takings(739_678).receipts == 5
        assert len(list(memory.items())) == len(CAST) - 2
    first.close()


def test_a_tampered_ancestor_is_found(tmp_path: Path) -> None:
    with_backup(tmp_path, received=7, later=1)
    put_back(tmp_path)
    journal = reopened(tmp_path)
    with journal.reading() as memory:
        db = memory.db
        db.execute("PRAGMA query_only=OFF")
        db.execute("UPDATE ancestor SET line = CAST(replace(line, 'Oat', 'Cat') AS BLOB) WHERE seq = 4")
        with pytest.raises(Exception, match="event 4"):
            verify(db)
    journal.close()


def test_a_journal_that_the_cloud_never_heard_of_is_said_again_without_its_birth(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    record(journal, sold(1, "milk"))
    was = journal.id
    journal.begin_again("fork").result()
    with journal.reading() as memory:
        births = [event.body for event in memory.events("genesis")]
        assert [(birth["parent"], birth["parent_seq"]) for birth in births] == [(was, 1)]
        assert len(list(memory.events("sale_completed"))) == 1
        verify(memory.db)
    journal.close()


def test_an_elder_whose_numbers_are_somebody_elses_is_said_again_with_all_that_followed(tmp_path: Path) -> None:
    _, sales = with_backup(tmp_path, received=8, later=0)
    journal = reopened(tmp_path)
    elder = journal.id
    journal.begin_again("restored").result()
    record(journal, sold(6, "choc"))
    acknowledge(journal, 2)
    journal.begin_again("restored").result()
    journal.begin_again("fork", elder=elder).result()
    with journal.reading() as memory:
        assert [event.id for event in memory.events("sale_completed")][:3] == sales
        assert [event.body["parent"] for event in memory.events("genesis")] == [elder]
        assert memory.elders() == [(elder, 1)]
        assert memory.takings(739_678).receipts == 4
        verify(memory.db)
    journal.close()
