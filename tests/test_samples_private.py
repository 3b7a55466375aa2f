"""Numbers that were given with samples stay at their till: no byte of them is in the cloud, in a log or a journal."""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cloud_sync.logs import start_logs, stop_logs
from edge_agent.commands import main
from edge_agent.counter.samples import normal
from edge_agent.opening import OpenTill
from edge_agent.settings import parse
from edge_agent.sync.loop import SyncLoop
from tests.cloud import Cloud, FakeTill, serving
from tests.paired import until
from tests.screen import SETTINGS, stocked
from tests.shop import scripted_clock

WRITTEN_TO, ANSWERS, SAYS_STOP, COLLECTS = "07700 900123", "+44 7700 900456", "0044 7700-900789", "07700 900555"
ABROAD = "+49 170 1234567"
NUMBERS = (WRITTEN_TO, ANSWERS, SAYS_STOP, COLLECTS, ABROAD)
PASS = "correct horse battery"
HASHES = ("sha256", "sha1", "md5")


def forms(number: str) -> set[str]:
    """How somebody writes a number: as it was typed, international, national, bare and spaced."""
    whole = normal(number, "+44").removeprefix("+")
    bare = whole[2:]
    parts = (f"{bare[:4]} {bare[4:]}", f"{bare[:4]} {bare[4:7]} {bare[7:]}", f"{bare[:3]} {bare[3:]}")
    spaced = {sign.join(text.split()) for text in parts for sign in " -"}
    return {number, whole, f"+{whole}", f"00{whole}", bare, f"0{bare}", *spaced}


def traces(number: str) -> set[bytes]:
    """Its forms as they lie on disk, and what quick hashes without a salt make of them."""
    found = set()
    for text in forms(number):
        found |= {text.encode(), text.encode("utf-16-le"), base64.b64encode(text.encode())}
        for name in HASHES:
            digest = hashlib.new(name, text.encode()).digest()
            lettered = (base64.b64encode(digest).rstrip(b"="), base64.urlsafe_b64encode(digest).rstrip(b"="))
            found |= {digest, digest.hex().encode(), digest.hex().upper().encode(), *lettered}
    return found


TRACES = {trace: number for number in NUMBERS for trace in traces(number)}


def cells(file: Path) -> Iterator[bytes]:
    """Every cell of every table of a database; numbers as text."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in db.execute(f'SELECT * FROM "{table}"'):
                yield from (cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)


def found_in(places: Iterable[bytes]) -> set[str]:
    """The numbers of which a trace is somewhere there."""
    text = b"\0".join(places)
    return {number for trace, number in TRACES.items() if trace in text}


def everything(folder: Path) -> Iterator[bytes]:
    """All files below a folder as they are, and all cells of its databases."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            yield content
            if content.startswith(b"SQLite format 3"):
                yield from cells(file)


class Lived:
    """A till that gave samples, was given numbers and has synced, with its cloud, which still runs."""

    def __init__(self, folder: Path, cloud: Cloud) -> None:
        self.folder, self.cloud, self.data = folder, cloud, folder / "data"
        stocked(folder)
        self.edge("pair", cloud.url, cloud.code())
        self.edge("samples", "key")
        self.at_work(self._counter)
        answers = folder / "answers.csv"
        answers.write_text(f"phone,text\n{ANSWERS},Stop please\n{WRITTEN_TO},thanks!\n")
        self.edge("samples", "send", str(folder / "texts.csv"))
        self.edge("samples", "replies", str(answers))
        self.edge("samples", "stop", ABROAD)
        self.at_work(lambda _: None)
        cloud.count()

    def edge(self, *words: str) -> None:
        assert main([*words, "--data", str(self.data)]) == 0

    def at_work(self, act: Callable[[OpenTill], None]) -> None:
        """Open the till, let it work, and let it send everything to the cloud."""
        till = OpenTill(self.data, scripted_clock(self.folder), parse(SETTINGS))
        loop = SyncLoop(till.journal, self.data, chance=lambda: 0.01)
        try:
            act(till)
            loop.start()
            until(lambda: till.reading.mark().received == till.reading.last_seq(), "the cloud has everything")
        finally:
            loop.stop()
            till.close()

    def _counter(self, till: OpenTill) -> None:
        for number in (WRITTEN_TO, ANSWERS, SAYS_STOP, ABROAD):
            till.samples.agree(till.samples.give("milk", 1000).result(), number).result()
        till.samples.stop(SAYS_STOP).result()
        till.customers.add("Ann Example", COLLECTS, now=till.clock.now())


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lived]:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    monkeypatch.setenv("DROPSHELF_PASSPHRASE", PASS)
    (tmp_path / "service").mkdir()
    handler = start_logs(tmp_path / "service" / "cloud.log")
    try:
        with serving(tmp_path / "service") as cloud:
            yield Lived(tmp_path, cloud)
    finally:
        stop_logs(handler)


def test_no_trace_of_a_number_given_with_a_sample_is_in_the_cloud_its_logs_its_feed_or_the_journal(
    lived: Lived,
) -> None:
    assert normal(WRITTEN_TO, "+44") in (lived.folder / "texts.csv").read_text(), "a text did leave"
    other = FakeTill(lived.cloud, journal="b" * 32, till="Till 2")
    fed = json.dumps(other.feed())
    other.close()
    assert '"texts_stopped"' in fed, "the stops are known at other tills"
    assert found_in([fed.encode()]) == set()
    at_cloud = list(everything(lived.folder / "service"))
    assert any(b'"texts_agreed"' in part for part in at_cloud), "what was agreed is there"
    assert found_in(at_cloud) == set()
    assert found_in([*everything(lived.data), *cells(lived.data / "journal.db")]) == set()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_written_in_any_form_or_hashed_is_found_by_the_search(tmp_path: Path, number: str) -> None:
    with closing(sqlite3.connect(tmp_path / "some.db")) as db:
        db.execute("CREATE TABLE t(x)")
        bare = int(normal(number, "+44").removeprefix("+"))
        mark = hashlib.sha256(normal(number, "+44").encode()).hexdigest()
        for planted in (bare, f"call {number} now", mark, bytes.fromhex(mark), base64.b64encode(bytes.fromhex(mark))):
            db.execute("DELETE FROM t")
            db.execute("INSERT INTO t VALUES(?)", (planted,))
            db.commit()
            assert found_in(everything(tmp_path)) == {number}, planted
