"""A real journal against a real cloud over a bad wire: whatever happens, it converges, with no new sale."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from cloud_sync import catalogue
from cloud_sync.accounts.devices import set_state
from cloud_sync.ingest.verify import verify
from cloud_sync.orders import By, approve, order_of, version_of
from cloud_sync.tables.events import FeedRow, JournalRow, RawEvent
from cloud_sync.tables.figures import Takings
from cloud_sync.tables.house import Stamp
from edge_agent.clock import FileClock
from edge_agent.commands import pair
from edge_agent.journal import log
from edge_agent.journal.chain import Head
from edge_agent.journal.lineage import succeed
from edge_agent.journal.log import Journal
from edge_agent.sync import loop as sync_loop
from edge_agent.sync.keys import load_keys
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.events.reorder import ReorderDecided
from tests.cloud import Cloud, proposal, serving
from tests.paired import a_loop, lines, reopened, until, words
from tests.shop import MILK, TUESDAY_14, open_journal, record, scripted_clock, seeded_ids, sold
from tests.wire_ import Wire, wire_to


@pytest.fixture
def wire(cloud: Cloud) -> Iterator[Wire]:
    with wire_to(cloud.url) as wire:
        yield wire


@pytest.fixture
def journal(tmp_path: Path, cloud: Cloud, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    open_journal(tmp_path / "till").close()
    assert pair.run(words(tmp_path, wire.url, cloud.code())) == 0
    journal = reopened(tmp_path)
    yield journal
    journal.close()


@pytest.fixture
def loop(tmp_path: Path, journal: Journal) -> Iterator[SyncLoop]:
    loop = a_loop(tmp_path, journal)
    yield loop
    loop.stop()


def arrived(cloud: Cloud, journal: Journal) -> list[bytes]:
    mine = select(RawEvent.line).where(RawEvent.tenant == cloud.shop.tenant, RawEvent.journal == journal.id)
    with cloud.reading() as session:
        return list(session.exec(mine.order_by(col(RawEvent.seq))))


def converges(cloud: Cloud, journal: Journal, loop: SyncLoop) -> None:
    until(lambda: loop.state().waiting == 0 and loop.state().online, f"it stands at {loop.state()}")
    assert arrived(cloud, journal) == lines(journal)
    with journal.reading() as memory:
        assert memory.mark().received == memory.head().seq


def test_everything_since_the_first_line_arrives_and_what_is_sold_after(
    cloud: Cloud, journal: Journal, loop: SyncLoop
) -> None:
    loop.start()
    converges(cloud, journal, loop)
    record(journal, *[sold(number, "milk") for number in range(1, 9)])
    converges(cloud, journal, loop)
    cloud.count()
    verify(cloud.database)


def test_what_the_cloud_tells_is_fresh_once_all_was_said_both_ways_and_no_longer_when_it_is_gone(
    cloud: Cloud, journal: Journal, loop: SyncLoop, wire: Wire
) -> None:
    assert not loop.is_fresh()
    wire.fate = lambda asked: "lost" if asked == "/v1/feed" else "well"
    loop.start()
    until(lambda: loop.state().waiting == 0 and "/v1/feed" in wire.seen, "all is sent, nothing is heard")
    assert not loop.is_fresh()
    wire.fate = lambda _: "well"
    until(loop.is_fresh, "the feed came to its head")
    wire.fate = lambda _: "lost"
    record(journal, sold(1, "milk"))
    assert not loop.is_fresh()


def test_a_till_that_sells_all_the_time_looks_into_the_feed_all_the_same(
    tmp_path: Path, journal: Journal, wire: Wire
) -> None:
    data, clock = tmp_path / "till" / "data", FileClock(tmp_path / "till" / "clock")
    loop = SyncLoop(journal, data, chance=lambda: 0.01, wait=lambda bell, _: bell.wait(20))
    loop.start()
    until(loop.is_fresh, "the feed came to its head")
    looks = wire.seen.count("/v1/feed")
    record(journal, sold(1, "milk"))
    until(lambda: loop.state().waiting == 0, "the sale is sent")
    assert wire.seen.count("/v1/feed") == looks, "it was looked into a moment ago"
    clock.set(TUESDAY_14 + 1_000)
    record(journal, sold(2, "milk"))
    until(lambda: wire.seen.count("/v1/feed") > looks, "a second later, the next sale is the time to look")
    loop.stop()


def fails_first(fate: str, times: int) -> Callable[[str], str]:
    """Each door fails so many times before it works."""
    left = {"/v1/session": times, "/v1/push": times, "/v1/feed": times}

    def fates(asked: str) -> str:
        left[asked] -= 1
        return fate if left[asked] >= 0 else "well"

    return fates


@pytest.mark.parametrize("fate", ["lost", "answer lost", "twice", "portal", "other", "redirect", "broken"])
def test_a_fault_is_survived_with_no_new_sale_and_nothing_doubled(
    cloud: Cloud, journal: Journal, loop: SyncLoop, wire: Wire, fate: str
) -> None:
    record(journal, sold(1, "milk"), sold(2, "bread"))
    wire.fate = fails_first(fate, 2)
    loop.start()
    converges(cloud, journal, loop)
    until(lambda: wire.seen.count("/v1/feed") > 2 and loop.state().words == "", "the feed comes too")
    cloud.count()
    with cloud.reading() as session:
        (day,) = session.exec(select(Takings).where(Takings.tenant == cloud.shop.tenant))
    assert (day.receipts, day.total) == (2, 200)


def test_a_sign_in_page_of_the_network_is_never_taken_for_the_cloud(
    cloud: Cloud, journal: Journal, loop: SyncLoop, wire: Wire
) -> None:
    wire.fate = lambda _path: "portal"
    loop.start()
    until(lambda: len(wire.seen) >= 3, "it keeps trying")
    state = loop.state()
    assert (state.online, state.waiting) == (False, len(lines(journal)))
    assert "text/html" in state.words
    with journal.reading() as memory:
        assert memory.mark().received == 0


def test_with_the_cloud_away_all_is_kept_and_comes_after(
    tmp_path: Path, cloud: Cloud, journal: Journal, loop: SyncLoop, wire: Wire
) -> None:
    loop.start()
    converges(cloud, journal, loop)
    wire.fate = lambda _path: "lost"
    record(journal, *[sold(number, "milk") for number in range(1, 30)])
    until(lambda: not loop.state().online, "it notices")
    state = loop.state()
    assert (state.waiting, state.oldest_at) == (29, TUESDAY_14)
    wire.fate = lambda _path: "well"
    converges(cloud, journal, loop)


def test_a_cloud_restored_from_an_old_backup_gets_what_it_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    open_journal(tmp_path / "till").close()
    with serving(tmp_path / "cloud") as cloud, wire_to(cloud.url) as wire:
        assert pair.run(words(tmp_path, wire.url, cloud.code())) == 0
        journal = reopened(tmp_path)
        loop = a_loop(tmp_path, journal)
        restores(cloud, journal, loop, wire)
        loop.stop()
        journal.close()


def restores(cloud: Cloud, journal: Journal, loop: SyncLoop, wire: Wire) -> None:
    loop.start()
    converges(cloud, journal, loop)
    wire.fate = lambda _path: "lost"
    record(journal, sold(1, "milk"))
    until(lambda: not loop.state().online, "it notices")
    forget(cloud, keep=3)
    wire.fate = lambda _path: "well"
    converges(cloud, journal, loop)


def forget(cloud: Cloud, *, keep: int) -> None:
    """What a restore of an old backup leaves: the first lines, an empty feed, a new generation."""
    from sqlalchemy import delete

    from cloud_sync.tables import PROJECTIONS

    with cloud.database.writing() as session:
        for model in PROJECTIONS:
            session.execute(delete(model))
        session.execute(delete(FeedRow))
        session.execute(delete(RawEvent).where(col(RawEvent.seq) > keep))
        row = session.exec(select(JournalRow)).one()
        row.seq, row.session = keep, 0
        row.hash = session.exec(select(RawEvent.hash).where(RawEvent.seq == keep)).one()
        stamp = session.get(Stamp, "generation")
        assert stamp is not None
        stamp.value = "after the restore"
        session.add_all([row, stamp])


def test_a_copied_till_goes_on_in_a_journal_of_its_own_and_nothing_of_either_is_lost(
    tmp_path: Path, cloud: Cloud, journal: Journal, loop: SyncLoop
) -> None:
    loop.start()
    converges(cloud, journal, loop)
    loop.stop()
    copy = tmp_path / "copy"
    copy_of(tmp_path / "till" / "data", copy)
    record(journal, sold(1, "milk"))
    again = a_loop(tmp_path, journal)
    again.start()
    converges(cloud, journal, again)
    again.stop()
    other = Journal.open(copy, scripted_clock(tmp_path / "till"), seeded_ids(8))
    record(other, sold(1, "bread"), sold(2, "bread"))
    forked = SyncLoop(other, copy, chance=lambda: 0.01)
    forked.start()
    was = journal.id
    until(lambda: other.id != was and forked.state().waiting == 0, "the copy goes on by itself")
    forked.stop()
    assert arrived(cloud, journal) == lines(journal)
    assert arrived(cloud, other) == lines(other)
    with other.reading() as memory:
        assert memory.event(1).body["parent"] == was
        assert [event.kind for event in memory.events()].count("sale_completed") == 2
    other.close()
    cloud.count()
    with cloud.reading() as session:
        taken = session.exec(select(Takings).where(Takings.tenant == cloud.shop.tenant)).all()
    assert sum(row.total for row in taken) == 300


def test_a_copied_till_whose_disk_is_slow_begins_one_new_journal(
    tmp_path: Path, cloud: Cloud, journal: Journal, loop: SyncLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.start()
    converges(cloud, journal, loop)
    copy_of(tmp_path / "till" / "data", tmp_path / "copy")
    record(journal, sold(1, "milk"))
    converges(cloud, journal, loop)
    other = Journal.open(tmp_path / "copy", scripted_clock(tmp_path / "till"), seeded_ids(8))
    record(other, sold(1, "bread"))
    begun: list[str] = []

    def slowly(*given: Any, **named: Any) -> Head:
        begun.append(str(given[1]))
        time.sleep(0.2)
        return succeed(*given, **named)

    monkeypatch.setattr(log, "succeed", slowly)
    monkeypatch.setattr(sync_loop, "KEPT_S", 0.05)
    forked, was = SyncLoop(other, tmp_path / "copy", chance=lambda: 0.01), other.id
    forked.start()
    until(lambda: bool(begun), "it goes on in a new journal")
    monkeypatch.setattr(sync_loop, "KEPT_S", 30.0)
    until(lambda: other.id != was and forked.state().waiting == 0 and forked.state().online, "the copy goes on")
    forked.stop()
    assert begun == [was]
    other.close()


def copy_of(data: Path, to: Path) -> None:
    import shutil

    shutil.copytree(data, to, ignore=shutil.ignore_patterns("lock"))


def test_a_banned_till_says_so_and_goes_on_when_it_is_let_in_again(
    cloud: Cloud, journal: Journal, loop: SyncLoop
) -> None:
    keys = load_keys(journal.file.parent)
    assert keys is not None
    paired = keys.pairing.paired
    for state in ("banned", "active"):
        with cloud.database.writing() as session:
            set_state(session, tenant=paired.tenant, device=paired.device, state=state)
        if state == "banned":
            loop.start()
            until(lambda: "banned" in loop.state().words, "it says so")
    loop.wake()
    converges(cloud, journal, loop)


def test_the_owners_word_and_the_clouds_catalogue_come_back_in_the_feed(
    cloud: Cloud, journal: Journal, loop: SyncLoop
) -> None:
    record(journal, ReorderDecided.model_validate(proposal()))
    loop.start()
    converges(cloud, journal, loop)
    cloud.count()
    place = {"tenant": cloud.shop.tenant, "shop": cloud.shop.shop}
    with cloud.database.writing() as session:
        seen = version_of(order_of(session, tenant=cloud.shop.tenant, order="0" * 64))
        approve(
            session,
            tenant=cloud.shop.tenant,
            order="0" * 64,
            version=seen,
            by=By("ann", "Ann"),
            now=TUESDAY_14,
            packs={"milk": 1},
        )
        catalogue.set_item(session, **place, item=MILK.model_copy(update={"price": 222}), at=TUESDAY_14)
    loop.wake()

    def told() -> bool:
        with journal.reading() as memory:
            order, milk = memory.order("0000-0000"), memory.item("milk")
            return order is not None and order.state == "approved" and milk is not None and milk.price == 222

    until(told, "the till learns of it")
    with journal.reading() as memory:
        order = memory.order("0000-0000")
        assert order is not None
        assert {line.sku: line.packs for line in order.lines} == {"milk": 1, "bread": 2}


def test_stopping_does_not_wait_for_a_cloud_that_hangs(tmp_path: Path, journal: Journal, wire: Wire) -> None:
    def hangs(_path: str) -> str:
        time.sleep(3)
        return "lost"

    wire.fate = hangs
    loop = a_loop(tmp_path, journal)
    loop.start()
    until(lambda: bool(wire.seen), "it asks")
    begun = time.monotonic()
    loop.stop()
    assert time.monotonic() - begun < 2


def test_a_sync_that_was_stopped_is_told_nothing_more(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    stopped, other = SyncLoop(journal, tmp_path / "data"), SyncLoop(journal, tmp_path / "data")
    stopped.stop()
    before = stopped.state().waiting
    record(journal, sold(1, "milk"))
    assert (stopped.state().waiting, other.state().waiting) == (before, before + 1)
    other.stop()
    journal.close()


def test_an_unpaired_till_has_no_thread_and_nothing_to_say(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    loop = SyncLoop(journal, tmp_path / "data")
    loop.start()
    state = loop.state()
    assert (state.paired, state.online, state.words) == (False, False, "")
    loop.stop()
    journal.close()
