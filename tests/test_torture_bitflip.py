"""The fault matrix's row of flipped bits: none goes unnoticed, and a verifier that looks away is found."""

from collections.abc import Iterable
from pathlib import Path

import apsw
import pytest

from cloud_sync.ingest import receive
from edge_agent.errors import Broken
from edge_agent.journal import chain
from edge_agent.journal.chain import Head
from edge_agent.journal.rebuild import verify_file
from scripts.tortures import bitflip
from scripts.tortures.bitflip import run
from tests.shop import open_journal


def test_every_flipped_bit_is_found_or_changes_nothing(tmp_path: Path) -> None:
    report = run(tmp_path, seed=1, flips=40)
    assert report.ok, report.lines
    assert "missed 0" in report.lines
    assert all(any(line.startswith(f"{place}: ") for line in report.lines) for place, _ in bitflip.PLACES)


def test_a_verifier_that_skips_the_link_check_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def believes(rows: Iterable[tuple[int, bytes, bytes]]) -> Head:
        head = Head(0, bytes(32), 0)
        for seq, line, stored in rows:
            head = Head(seq, stored, chain.readable(seq, line).at)
        return head

    monkeypatch.setattr(chain, "_walk", believes)
    report = run(tmp_path, seed=1, flips=40)
    assert not report.ok
    assert any("till's rows: MISSED" in line for line in report.lines), report.lines


def test_a_cloud_that_believes_the_lines_it_is_sent_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "_compare", lambda *_: None)
    assert any("push: MISSED" in line for line in run(tmp_path, seed=1, flips=30).lines)


@pytest.mark.parametrize(
    ("touch", "words"),
    [
        ("UPDATE mark SET value = 'b' || substr(value, 2) WHERE name = 'journal'", "another id"),
        ("INSERT INTO feed VALUES(7, CAST('{\"cursor\":6}' AS BLOB))", "feed entry 7"),
    ],
)
def test_what_is_kept_beside_the_lines_must_say_what_they_say(tmp_path: Path, touch: str, words: str) -> None:
    open_journal(tmp_path).close()
    file = tmp_path / "data" / "journal.db"
    db = apsw.Connection(str(file))
    db.execute(touch)
    db.close()
    with pytest.raises(Broken, match=words):
        verify_file(file)


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(b"no database at all " * 500)
    with pytest.raises(Broken, match="damaged"):
        verify_file(file)
