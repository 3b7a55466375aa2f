"""A till that stands on an old copy of its journal gets its own later events back, or goes on in a new journal."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from sqlmodel import select

from cloud_sync.orders import By, approve, note_sent, order_of, version_of
from cloud_sync.service import stamp
from cloud_sync.tables.events import JournalRow, RawEvent
from cloud_sync.tables.house import Stamp
from edge_agent.commands import pair
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.journal.marker import FILE
from edge_agent.journal.rebuild import verify
from edge_agent.wire.events.reorder import ReorderDecided
from tests.cloud import Cloud, FakeTill, error, proposal
from tests.paired import a_loop, lines, until, words
from tests.shop import TUESDAY_14, open_journal, record, scripted_clock, sold


@pytest.fixture
def journal(tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A paired till whose copy lies beside it; two more sales were made since, and all of it is in the cloud."""
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    open_journal(tmp_path / "till").close()
    assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
    first = reopened(tmp_path)
    record(first, sold(1, "milk"))
    synced(tmp_path, cloud, first)
    first.close()
    shutil.copytree(tmp_path / "till" / "data", tmp_path / "copy")
    second = reopened(tmp_path)
    record(second, sold(2, "milk"), sold(3, "bread"))
    synced(tmp_path, cloud, second)
    second.close()
    shutil.rmtree(tmp_path / "till" / "data")
    shutil.move(tmp_path / "copy", tmp_path / "till" / "data")
    (tmp_path / "till" / "data" / FILE).unlink()
    third = reopened(tmp_path)
    yield third
    third.close()


def reopened(tmp_path: Path) -> Journal:
    return Journal.open(tmp_path / "till" / "data", scripted_clock(tmp_path / "till"), random_id)


def synced(tmp_path: Path, cloud: Cloud, journal: Journal) -> None:
    loop = a_loop(tmp_path, journal)
    loop.start()
    until(lambda: loop.state().online and stands_equal(cloud, journal), f"it stands at {loop.state()}")
    loop.stop()


def stands_equal(cloud: Cloud, journal: Journal) -> bool:
    """Till and cloud have the same of the journal, and the till the feed of the cloud's generation."""
    with journal.reading() as memory, cloud.reading() as session:
        row = session.get(JournalRow, (cloud.shop.tenant, journal.id))
        mark, head = memory.mark(), memory.head().seq
        return row is not None and (head, mark.received, mark.generation) == (
            row.seq,
            head,
            stamp(session, "generation"),
        )


def stored(cloud: Cloud, journal: Journal) -> list[bytes]:
    with cloud.reading() as session:
        return list(session.exec(select(RawEvent.line).where(RawEvent.journal == journal.id).order_by(RawEvent.seq)))  # type: ignore[arg-type]


def test_an_old_copy_that_recorded_nothing_gets_its_own_events_back_and_goes_on_in_the_same_journal(
    tmp_path: Path, cloud: Cloud, journal: Journal
) -> None:
    was = journal.id
    with journal.reading() as memory:
        assert memory.next_receipt() == 2
    synced(tmp_path, cloud, journal)
    assert journal.id == was
    with journal.reading() as memory:
        assert memory.next_receipt() == 4
        assert memory.stock("milk").on_hand == -2000
        assert [event.kind for event in memory.events()][-1] == "feed_renewed"
        verify(memory.db)
    record(journal, sold(4, "milk"))
    synced(tmp_path, cloud, journal)
    assert stored(cloud, journal) == lines(journal)
    assert reopens_in_the_same_journal(tmp_path, journal) == was


def reopens_in_the_same_journal(tmp_path: Path, journal: Journal) -> str:
    """The marker stands where the journal does."""
    journal.close()
    again = reopened(tmp_path)
    name = again.id
    again.close()
    return name


def test_an_old_copy_that_sold_on_goes_on_in_a_new_journal_and_nothing_is_lost(
    tmp_path: Path, cloud: Cloud, journal: Journal
) -> None:
    was = journal.id
    record(journal, sold(2, "choc"))
    synced(tmp_path, cloud, journal)
    assert journal.id != was
    with cloud.reading() as session:
        mine = select(RawEvent.id).where(RawEvent.kind == "sale_completed", RawEvent.tenant == cloud.shop.tenant)
        assert len(set(session.exec(mine))) == 4
    with journal.reading() as memory:
        verify(memory.db)


def test_a_till_is_given_its_own_journal_alone_and_only_while_it_is_active(cloud: Cloud) -> None:
    till, other = FakeTill(cloud), FakeTill(cloud, journal="b" * 32)
    for one in (till, other):
        for receipt in (1, 2, 3):
            one.says("sale_completed", sold(receipt, "milk").model_dump())
        one.sends()
    answer = till.http.get("/v1/journal", params={"journal": till.journal, "after": 1})
    assert [line.encode() for line in answer.json()["lines"]] == till.lines[1:]
    asked: dict[str, str | int] = {"journal": other.journal, "after": 0}
    assert error(till.http.get("/v1/journal", params=asked)) == (401, "REVOKED")
    assert error(till.http.get("/v1/journal", params={"journal": "c" * 32, "after": 0})) == (401, "REVOKED")
    del till.http.headers["Authorization"]
    assert error(till.http.get("/v1/journal", params=asked)) == (401, "REVOKED")
    for one in (till, other):
        one.close()


def test_what_the_feed_said_was_sent_is_recorded_before_another_generations_feed_begins(
    tmp_path: Path, cloud: Cloud, journal: Journal
) -> None:
    key = "0" * 64
    synced(tmp_path, cloud, journal)
    record(journal, ReorderDecided.model_validate(proposal(key)))
    synced(tmp_path, cloud, journal)
    cloud.count()
    with cloud.database.writing() as session:
        order = order_of(session, tenant=cloud.shop.tenant, order=key)
        version = version_of(order)
        approve(session, tenant=order.tenant, order=key, version=version, by=By(), now=TUESDAY_14)
        note_sent(session, order, [], by=By(), reason="", now=TUESDAY_14)
        generation = session.get(Stamp, "generation")
        assert generation is not None
        before = generation.value
    loop = a_loop(tmp_path, journal)
    loop.start()
    until(lambda: state(journal, key) == "sent", "it hears that the order was sent")
    with cloud.database.writing() as session:
        generation = session.get(Stamp, "generation")
        assert generation is not None
        generation.value = "restored"
        session.add(generation)
    until(lambda: last(journal) == "feed_renewed", "it says that it begins anew")
    loop.stop()
    with journal.reading() as memory:
        told, renewed = list(memory.events())[-2:]
        assert (told.kind, told.body["order"]) == ("order_was_sent", key)
        assert renewed.body == {"before": before, "generation": "restored"}
        assert state(journal, key) == "sent"
        verify(memory.db)


def state(journal: Journal, key: str) -> str:
    with journal.reading() as memory:
        order = memory.order(key)
        return order.state if order else ""


def last(journal: Journal) -> str:
    with journal.reading() as memory:
        return memory.event(memory.head().seq).kind


OTHER = "line = CAST(replace(line, '\"at\":', '\"at\": ') AS BLOB)"


@pytest.mark.parametrize(
    ("touch", "back"), [(OTHER, 0), (OTHER, 2), ("line = x'7b'", 0), ("line = x'7b'", 1), ("hash = zeroblob(32)", 0)]
)
def test_a_line_damaged_while_the_till_is_open_costs_itself_alone_and_the_rest_arrives(
    tmp_path: Path, cloud: Cloud, journal: Journal, touch: str, back: int
) -> None:
    synced(tmp_path, cloud, journal)
    was, loop = journal.id, a_loop(tmp_path, journal)
    record(journal, *[sold(number, "milk") for number in range(4, 8)])
    db = apsw.Connection(str(journal.file))
    db.execute(f"UPDATE journal SET {touch} WHERE seq = (SELECT max(seq) FROM journal) - ?", (back,))
    db.close()
    loop.start()
    until(lambda: journal.id != was and stands_equal(cloud, journal), f"the till is wedged: {loop.state().words}")
    loop.stop()
    with journal.reading() as memory:
        assert memory.event(1).body["reason"] == "corrupt"
        assert memory.takings(739_678).receipts == 6
        verify(memory.db)
    assert journal.mended.startswith("sell on, tell the owner")
    assert len(list(journal.file.parent.glob("journal-damaged-*.db"))) == 1
