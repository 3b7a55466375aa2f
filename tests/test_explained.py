"""Six faults are told by the logs and counters alone: what, when, to which journal and line; no name and no key."""

import json
import logging
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud_sync import logs as cloud_logs
from cloud_sync.accounts.devices import set_state
from edge_agent import logs as till_logs
from edge_agent.commands import pair
from edge_agent.journal.log import Journal
from edge_agent.sync.keys import load_keys
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.envelope import link
from tests.cloud import Cloud, FakeTill
from tests.paired import a_loop, lines, reopened, until, words
from tests.shop import open_journal, record, scripted_clock, seeded_ids, sold
from tests.wire_ import Wire, wire_to


class Kept(logging.Handler):
    """Keeps the lines that a program would write to its log."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(formatter)
        self.lines: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@contextmanager
def keeping(room: str, formatter: logging.Formatter) -> Iterator[Kept]:
    kept, log = Kept(formatter), logging.getLogger(room)
    before = log.level
    log.addHandler(kept)
    log.setLevel(logging.INFO)
    try:
        yield kept
    finally:
        log.removeHandler(kept)
        log.setLevel(before)


@dataclass
class Scene:
    """A paired till on a bad wire, and the logs of both sides."""

    folder: Path
    cloud: Cloud
    wire: Wire
    journal: Journal
    loop: SyncLoop
    till_log: Kept
    cloud_log: Kept

    def counters(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.cloud.url}/metrics", timeout=20) as answer:
            return {name: int(value) for name, value in (line.split() for line in answer.read().decode().splitlines())}

    def settled(self) -> None:
        until(lambda: self.loop.state().waiting == 0 and self.loop.state().online, "it converges")


@pytest.fixture
def scene(tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    clock = scripted_clock(tmp_path / "till")
    monkeypatch.setenv("DROPSHELF_CLOCK", str(clock.path))
    open_journal(tmp_path / "till").close()
    with (
        wire_to(cloud.url) as wire,
        keeping("edge_agent", till_logs.JsonLines(clock)) as till_log,
        keeping("cloud_sync", cloud_logs.JsonLines()) as cloud_log,
    ):
        assert pair.run(words(tmp_path, wire.url, cloud.code())) == 0
        journal = reopened(tmp_path)
        loop = a_loop(tmp_path, journal)
        yield Scene(tmp_path, cloud, wire, journal, loop, till_log, cloud_log)
        loop.stop()
        journal.close()
        keys = load_keys(tmp_path / "till" / "data")
        assert keys is not None
        told = json.dumps([till_log.lines, cloud_log.lines])
        assert keys.pairing.paired.credential not in told
        assert "Corner Shop" not in told


def found(kept: Kept, said: str) -> dict[str, object]:
    """The last line whose words hold this."""
    told = [line for line in kept.lines if said in str(line["words"])]
    assert told, kept.lines
    assert told[-1]["at"]
    return told[-1]


def test_a_lost_answer_is_told_by_the_till_with_both_numbers(scene: Scene) -> None:
    lost = iter(["answer lost"])
    scene.wire.fate = lambda asked: next(lost, "well") if asked == "/v1/push" else "well"
    scene.loop.start()
    scene.settled()
    line = found(scene.till_log, "an answer was lost: the cloud has more")
    assert (line["acknowledged"], line["received"]) == (0, len(lines(scene.journal)))
    assert found(scene.till_log, "the cloud is gone")["words_"]


def test_a_cloud_that_is_gone_is_told_once_and_so_is_its_return(scene: Scene) -> None:
    scene.loop.start()
    scene.settled()
    scene.wire.fate = lambda _: "lost"
    record(scene.journal, sold(1, "milk"))
    until(lambda: not scene.loop.state().online, "it notices")
    until(lambda: scene.wire.seen.count("/v1/session") > 4, "it tries again")
    scene.wire.fate = lambda _: "well"
    scene.settled()
    told = [line["words"] for line in scene.till_log.lines if line["room"] == "edge_agent.sync.loop"]
    assert told.count("the cloud is gone") == 1
    assert told[-1] == "the cloud is back"


def test_a_cloned_till_is_told_on_both_sides_with_journal_and_line(scene: Scene) -> None:
    data, copy = scene.folder / "till" / "data", scene.folder / "copy"
    scene.loop.start()
    scene.settled()
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("lock"))
    before = scene.counters()["dropshelf_journals"]
    record(scene.journal, sold(1, "milk"))
    scene.settled()
    other = Journal.open(copy, scripted_clock(scene.folder / "other"), seeded_ids(99))
    record(other, sold(1, "bread"), sold(2, "bread"))
    was, cloned = other.id, SyncLoop(other, copy, chance=lambda: 0.01)
    cloned.start()
    until(lambda: other.id != was and cloned.state().waiting == 0, "the copy goes on by itself")
    cloned.stop()
    other.close()
    assert found(scene.till_log, "goes on in a new journal")["reason"] == "fork"
    assert scene.counters()["dropshelf_journals"] == before + 1


def test_a_poison_line_is_told_by_the_cloud_with_its_place_and_reason(scene: Scene) -> None:
    before = scene.counters()["dropshelf_events_in_quarantine"]
    till = FakeTill(scene.cloud, journal="b" * 32)
    till.says("never_heard_of", {})
    till.says_raw(b"no envelope")
    till.sends()
    till.close()
    told = [line for line in scene.cloud_log.lines if line["words"] == "a line is kept and not counted"]
    assert {(line["seq"], line["why"]) for line in told} >= {(1, "kind"), (2, "envelope")}
    assert {line["journal"] for line in told} == {"b" * 32}
    assert scene.counters()["dropshelf_events_in_quarantine"] == before + 2


def test_a_forked_push_is_told_by_the_cloud_with_what_it_refused(scene: Scene) -> None:
    till = FakeTill(scene.cloud, journal="c" * 32)
    till.says("never_heard_of", {})
    till.sends()
    till.lines[0] = till.lines[0].replace(b"never_heard_of", b"always_heard_of")
    till.hashes[1] = link(till.hashes[0], till.lines[0])
    assert till.push(1, 1).status_code == 409
    till.close()
    line = found(scene.cloud_log, "a till was refused")
    assert (line["error"], line["journal"], line["seq"]) == ("FORK", "c" * 32, 1)


def test_a_banned_till_is_told_to_be_refused(scene: Scene) -> None:
    scene.loop.start()
    scene.settled()
    keys = load_keys(scene.journal.file.parent)
    assert keys is not None
    paired = keys.pairing.paired
    with scene.cloud.database.writing() as session:
        set_state(session, tenant=paired.tenant, device=paired.device, state="banned")
    record(scene.journal, sold(1, "milk"))
    until(lambda: "refuses" in scene.loop.state().words, "it says so")
    until(lambda: scene.till_log.lines[-1]["words"] == "the cloud is gone", "the log says so")
    assert "refuses this till" in str(scene.till_log.lines[-1]["words_"])
