"""The row of cloned cards and old backups passes, and its planted bugs are found."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from edge_agent.journal import log as journal_log
from edge_agent.journal import reading
from edge_agent.sync import loop
from edge_agent.sync import session as protocol
from edge_agent.wire.events.device import FeedRenewed
from edge_agent.wire.messages import Session
from scripts.tortures import restore
from scripts.tortures.order_shop import StepClock
from scripts.tortures.restore_world import Play, World, founded


def played(folder: Path, play: Play, seed: str = "1") -> list[str]:
    """What one run of a scenario came to."""
    settings, shop = founded(folder / seed / "cloud", restore.BEGINS)
    world = World(folder / seed, random.Random(seed), StepClock(restore.BEGINS), shop, settings)
    try:
        return restore.one_run(world, play)
    finally:
        shutil.rmtree(folder / seed)


@pytest.mark.parametrize("play", restore.SCENARIOS)
def test_each_scenario_loses_and_doubles_nothing(tmp_path: Path, play: Play) -> None:
    assert played(tmp_path, play) == []


def test_a_damaged_journal_that_went_before_is_not_offered_again_and_again(tmp_path: Path) -> None:
    def elder_damaged(world: World) -> None:
        till = world.till()
        file = world.backup()
        till.sell()
        till.sync()
        world.count()
        till.journal.begin_again("restored").result()
        till.sync()
        db = apsw.Connection(str(till.journal.file))
        db.execute("UPDATE ancestor SET hash = zeroblob(32) WHERE place = 2")
        db.close()
        world.restore(file)
        was = till.journal.id
        till.sell()
        sold = set(world.paid)
        till.sync()
        assert till.journal.id == was
        with till.journal.reading() as memory:
            assert not memory.has_elders_to_offer()
            world.paid = {event.id for event in memory.events("sale_completed")}
        assert world.paid < sold
        raise Played

    with pytest.raises(Played):
        played(tmp_path, elder_damaged)


class Played(Exception):
    """The scenario went as it should; what a damaged ancestor says is no business of the judge."""


def test_a_till_that_never_lets_its_mark_go_down_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = protocol.opened

    def greedy(talk: protocol.Talk, own: protocol.Own, said: Session, hash_: str | None) -> protocol.Talk:
        after = honest(talk, own, said, hash_)
        return after if after.session is None else replace(after, ack=max(after.ack, own.head))

    monkeypatch.setattr(protocol, "opened", greedy)
    assert any("lost" in word for word in played(tmp_path, restore.cloud_backup))


def test_a_till_that_does_not_offer_its_earlier_journals_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.Reading, "has_elders_to_offer", lambda _: False)
    assert any("lost" in word for word in played(tmp_path, restore.cloud_backup_branched))


def test_a_till_that_does_not_tell_what_was_sent_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        journal_log, "lost_with_feed", lambda memory, generation: [FeedRenewed(before="", generation=generation)]
    )
    assert any("sent 2 times" in word for word in played(tmp_path, restore.cloud_backup, "5"))


def test_a_till_that_goes_on_under_used_up_numbers_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "reached", lambda _head, _lines: "")
    assert played(tmp_path, restore.till_backup_online) == ["the till did not get its own events back"]
