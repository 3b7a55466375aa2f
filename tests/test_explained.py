"""Faults of the fault matrix, five of them drawn by a seed, are explained by logs and counters alone: by the table in
`docs/installer.md` of what a line says. No name and no key is in them."""

import json
import logging
import os
import random
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest
from sqlmodel import col, delete

from cloud_sync import logs as cloud_logs
from cloud_sync.accounts.devices import set_state
from cloud_sync.tables.events import JournalRow, RawEvent
from edge_agent import logs as till_logs
from edge_agent.ballast import Ballast
from edge_agent.commands import pair
from edge_agent.errors import Unreachable
from edge_agent.journal.log import Journal
from edge_agent.journal.marker import FILE as MARKER
from edge_agent.opening import open_till
from edge_agent.sync.keys import load_keys
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.envelope import link
from scripts.house_ import free_port, shop_settings
from scripts.tortures.bad_disk import BadDisk, Fault
from scripts.venv_ import ROOT
from tests.cloud import Cloud, FakeTill
from tests.paired import a_loop, lines, reopened, until, words
from tests.shop import open_journal, record, scripted_clock, seeded_ids, sold
from tests.test_ballast import PLENTY
from tests.wire_ import Wire, wire_to

SEED = int(os.environ.get("DROPSHELF_SEED", "1"))
FIVE = 5


class Kept(logging.Handler):
    """Keeps the lines that a program would write to its log."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(formatter)
        self.lines: list[dict[str, object]] = []

    def told(self, said: str) -> list[dict[str, object]]:
        """The lines whose words hold this."""
        return [line for line in self.lines if said in str(line["words"])]

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


@dataclass(frozen=True)
class Row:
    """A row of the installer's table: how a line begins, who writes it, which fields it must have."""

    line: str
    where: str
    names: tuple[str, ...]


def rows() -> list[Row]:
    text = (ROOT / "docs" / "installer.md").read_text(encoding="utf-8")
    return [
        Row(line, where, tuple(re.findall(r"`(\w+)`", names)))
        for line, where, names in re.findall(r"^\| `([^`]+)` \| (till|cloud) \|([^|]*)\|", text, re.MULTILINE)
    ]


Told = dict[str, list[dict[str, object]]]
"""By the table's lines: what each such line of a log names."""
Hit = tuple[dict[str, dict[str, object]], dict[str, int]]
"""What is to be read out of the logs of a fault, and which counters it moves by how much."""


def explained(scene: Scene) -> Told:
    """What somebody reads out of the logs who has that table and nothing else."""
    table, told = rows(), Told()
    for where, kept in (("till", scene.till_log), ("cloud", scene.cloud_log)):
        for line in kept.lines:
            row = next((row for row in table if row.where == where and str(line["words"]).startswith(row.line)), None)
            if row is not None:
                assert line["at"]
                told.setdefault(row.line, []).append({name: line[name] for name in row.names})
    return told


GONE, BACK = "the cloud is gone", "the cloud is back"
COMPANIONS = {GONE, BACK}
"""They go with other faults, too."""


def an_answer_lost(scene: Scene) -> Hit:
    lost = iter(["answer lost"])
    scene.wire.fate = lambda asked: next(lost, "well") if asked == "/v1/push" else "well"
    scene.loop.start()
    scene.settled()
    assert scene.till_log.told(GONE)[-1]["words_"]
    return {"an answer was lost": {"acknowledged": 0, "received": len(lines(scene.journal))}}, {"journals": 1}


def the_wire_cut(scene: Scene) -> Hit:
    return _gone(scene, "lost", "does not answer")


def a_portal(scene: Scene) -> Hit:
    return _gone(scene, "portal", "text/html")


def a_gateway_broken(scene: Scene) -> Hit:
    return _gone(scene, "broken", "502")


def _gone(scene: Scene, fate: str, why: str) -> Hit:
    scene.loop.start()
    scene.settled()
    scene.wire.fate = lambda _: fate
    record(scene.journal, sold(1, "milk"))
    until(lambda: not scene.loop.state().online, "it notices")
    tried = scene.wire.seen.count("/v1/session")
    until(lambda: scene.wire.seen.count("/v1/session") > tried + 3, "it tries again")
    scene.wire.fate = lambda _: "well"
    scene.settled()
    told = [line["words"] for line in scene.till_log.lines if line["room"] == "edge_agent.sync.loop"]
    assert told.count(GONE) == 1, "once, however often it tries"
    assert told[-1] == BACK
    return {GONE: {"words_": why}}, {}


def a_card_cloned(scene: Scene) -> Hit:
    data, copy = scene.folder / "till" / "data", scene.folder / "copy"
    scene.loop.start()
    scene.settled()
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("lock"))
    record(scene.journal, sold(1, "milk"))
    scene.settled()
    other = Journal.open(copy, scripted_clock(scene.folder / "other"), seeded_ids(99))
    record(other, sold(1, "bread"), sold(2, "bread"))
    was, cloned = other.id, SyncLoop(other, copy, chance=lambda: 0.01)
    cloned.start()
    until(lambda: other.id != was and cloned.state().waiting == 0, "the copy goes on by itself")
    cloned.stop()
    other.close()
    return {"this till goes on in a new journal": {"reason": "fork"}}, {"journals": 2}


def an_older_copy_put_back(scene: Scene) -> Hit:
    data = scene.folder / "till" / "data"
    scene.journal.close()
    kept = (data / "journal.db").read_bytes()
    later = reopened(scene.folder)
    record(later, sold(1, "milk"))
    later.close()
    (data / "journal.db").write_bytes(kept)
    reopened(scene.folder).close()
    return {"the database is older than its marker": {}}, {}


def a_database_deleted(scene: Scene) -> Hit:
    scene.journal.close()
    scene.journal.file.unlink()
    reopened(scene.folder).close()
    return {"the database is gone": {"receipt": 1}}, {}


def a_file_damaged(scene: Scene) -> Hit:
    scene.journal.close()
    scene.journal.file.write_bytes(b"no database" * 400)
    reopened(scene.folder).close()
    return {"the journal's file is damaged": {"why": "not a database", "kept": "journal-damaged-"}}, {}


def a_line_flipped(scene: Scene) -> Hit:
    record(scene.journal, sold(1, "milk"))
    last = len(lines(scene.journal))
    db = apsw.Connection(str(scene.journal.file))
    db.execute("UPDATE journal SET line = CAST(replace(line, 'milk', 'silk') AS BLOB) WHERE seq = ?", (last,))
    db.close()
    scene.loop.start()
    until(lambda: bool(scene.till_log.told("damaged")), "it finds it")
    until(lambda: scene.loop.state().waiting == 0, "it goes on")
    goes_on: dict[str, object] = {"reason": "corrupt"}
    return {"a line of the journal is damaged": {"seq": last}, "this till goes on in a new journal": goes_on}, {}


def a_marker_torn(scene: Scene) -> Hit:
    scene.journal.close()
    (scene.folder / "till" / "data" / MARKER).write_bytes(b"{torn")
    reopened(scene.folder).close()
    return {"the marker cannot be read": {}}, {}


def a_sync_of_the_disk_failed(scene: Scene) -> Hit:
    scene.journal.close()
    with BadDisk().writes() as disk:
        journal = reopened(scene.folder)
        disk.fault = Fault(0, 1, syncs=True)
        with pytest.raises(Unreachable):
            record(journal, sold(1, "milk"))
        journal.close()
    return {"a commit ended in an error": {"error": ""}}, {}


def a_disk_full(scene: Scene) -> Hit:
    Ballast(scene.folder, lambda *_: None, lambda _: PLENTY).tick()
    Ballast(scene.folder, lambda *_: None, lambda _: 0).tick()
    return {"the disk is full": {}}, {}


def a_printer_unplugged(scene: Scene) -> Hit:
    data = scene.journal.file.parent
    scene.journal.close()
    address = f'[printer]\nmodel = "generic-80mm"\nwire = "tcp"\naddress = "127.0.0.1:{free_port()}"'
    (data / "settings.toml").write_text(shop_settings(address), encoding="utf-8")
    till = open_till(data, scripted_clock(scene.folder / "till"))
    until(lambda: bool(scene.till_log.told("printer is gone")), "it notices")
    till.close()
    return {"printer is gone": {"thing": "printer"}}, {}


def a_poison_line(scene: Scene) -> Hit:
    till = FakeTill(scene.cloud, journal="b" * 32)
    till.says("never_heard_of", {})
    till.says_raw(b"no envelope")
    till.sends()
    till.close()
    told = scene.cloud_log.told("a line is kept and not counted")
    assert {(line["seq"], line["why"]) for line in told} >= {(1, "kind"), (2, "envelope")}
    assert {line["journal"] for line in told} == {"b" * 32}
    where: dict[str, object] = {"journal": "b" * 32, "seq": 2, "why": "envelope"}
    return {"a line is kept and not counted": where}, {"events_in_quarantine": 2, "journals": 1}


def a_push_forged(scene: Scene) -> Hit:
    till = FakeTill(scene.cloud, journal="c" * 32)
    till.says("never_heard_of", {})
    till.sends()
    till.lines[0] = till.lines[0].replace(b"never_heard_of", b"always_heard_of")
    till.hashes[1] = link(till.hashes[0], till.lines[0])
    assert till.push(1, 1).status_code == 409
    till.close()
    where: dict[str, object] = {"error": "FORK", "journal": "c" * 32, "seq": 1}
    return {"a till was refused": where, "a line is kept and not counted": {}}, {"journals": 1}


def a_till_banned(scene: Scene) -> Hit:
    scene.loop.start()
    scene.settled()
    keys = load_keys(scene.journal.file.parent)
    assert keys is not None
    paired = keys.pairing.paired
    with scene.cloud.database.writing() as session:
        set_state(session, tenant=paired.tenant, device=paired.device, state="banned")
    record(scene.journal, sold(1, "milk"))
    until(lambda: "refuses" in scene.loop.state().words, "it says so")
    until(lambda: scene.till_log.lines[-1]["words"] == GONE, "the log says so")
    assert "refuses this till" in str(scene.till_log.lines[-1]["words_"])
    return {GONE: {"words_": "refuses this till"}}, {}


def a_cloud_put_back(scene: Scene) -> Hit:
    scene.loop.start()
    scene.settled()
    record(scene.journal, sold(1, "milk"))
    scene.settled()
    scene.loop.stop()
    had = len(lines(scene.journal)) - 1
    with scene.cloud.database.writing() as session:
        row = session.get_one(JournalRow, (scene.cloud.shop.tenant, scene.journal.id))
        before = session.get_one(RawEvent, (row.tenant, row.journal, had))
        session.exec(delete(RawEvent).where(col(RawEvent.journal) == row.journal, col(RawEvent.seq) > had))
        row.seq, row.hash = had, before.hash
    again = a_loop(scene.folder, scene.journal)
    again.start()
    until(lambda: again.state().waiting == 0 and again.state().online, "it sends again")
    again.stop()
    return {"the cloud was set back: it has less": {"acknowledged": had + 1, "received": had}}, {}


FAULTS: list[Callable[[Scene], Hit]] = [
    an_answer_lost, the_wire_cut, a_portal, a_gateway_broken, a_card_cloned, an_older_copy_put_back,
    a_database_deleted, a_file_damaged, a_line_flipped, a_marker_torn, a_sync_of_the_disk_failed, a_disk_full,
    a_printer_unplugged, a_poison_line, a_push_forged, a_till_banned, a_cloud_put_back,
]  # fmt: skip
DRAWN = random.Random(SEED).sample(FAULTS, FIVE)


def _played(fault: Callable[[Scene], Hit]) -> object:
    drawn = fault in DRAWN
    return pytest.param(fault, id=fault.__name__, marks=() if drawn else pytest.mark.long)


@pytest.mark.parametrize("fault", [_played(fault) for fault in FAULTS])
def test_a_fault_is_explained_by_logs_and_counters_alone(scene: Scene, fault: Callable[[Scene], Hit]) -> None:
    """Five of them are drawn anew with DROPSHELF_SEED; the whole suite plays all."""
    before = scene.counters()
    hit, moved = fault(scene)
    told = explained(scene)
    assert set(told) - COMPANIONS == set(hit) - COMPANIONS, f"DROPSHELF_SEED={SEED}"
    for line, names in hit.items():
        assert any(_names(found, names) for found in told[line]), (line, told[line])
    after = scene.counters()
    assert {name: after[f"dropshelf_{name}"] - before[f"dropshelf_{name}"] for name in moved} == moved


def _names(found: dict[str, object], names: dict[str, object]) -> bool:
    """What is a word need only be in what is said."""
    return all(
        value in str(found[name]) if isinstance(value, str) else value == found[name] for name, value in names.items()
    )


def test_where_nothing_went_wrong_nothing_is_explained(scene: Scene) -> None:
    scene.loop.start()
    record(scene.journal, sold(1, "milk"))
    scene.settled()
    assert set(explained(scene)) <= {BACK}


def test_every_line_of_the_table_belongs_to_a_fault_that_is_played() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert len(rows()) > 10
    assert [row.line for row in rows() if f'"{row.line}"' not in text] == []
