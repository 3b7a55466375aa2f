"""The books for an auditor: one zip, checked by a program that knows nothing of us; each touch of it is named."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.commands import main
from edge_agent.counter.shift import Counted
from edge_agent.sync import books
from edge_agent.sync.keys import own_key
from edge_agent.wire.envelope import GENESIS_HASH, link
from edge_agent.wire.messages import BatchHeader, signed_bytes
from tests.house import imported
from tests.shop import TUESDAY_14
from tests.test_books_day import DAY_MS, Day
from tests.test_refund import Desk

Touch = Callable[[dict[str, bytes]], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A till after three days with every exception, in two journals."""
    folder = tmp_path_factory.mktemp("books")
    day = Day(folder, 17)
    for number in range(90):
        day.desk.clock.set(TUESDAY_14 + number * DAY_MS // 30)
        day.act()
        if number == 40:
            day.desk.journal.begin_again("restored").result()
    day.desk.close()
    return folder


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    made = folder / "books.zip"
    assert main(["export", "--books", str(made), "--data", str(folder / "data")]) == 0
    return made


def checked(file: Path, *key: str) -> tuple[int, str]:
    """What the verifier says, run as the auditor runs it: out of the zip, away from here."""
    with zipfile.ZipFile(file) as opened:
        script = file.parent / "verify_books.py"
        script.write_bytes(opened.read("verify_books.py"))
    argv = [sys.executable, "-I", str(script), str(file), *key]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def table(file: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(file) as opened:
        return list(csv.DictReader(io.StringIO(opened.read(f"{name}.csv").decode())))


def test_the_verifier_imports_nothing_of_ours() -> None:
    assert {name.partition(".")[0] for name in imported(books.VERIFIER)} <= {*sys.stdlib_module_names, "cryptography"}


def test_books_hold_and_their_tables_say_what_the_lines_say(file: Path) -> None:
    code, said = checked(file)
    assert (code, "closings hold" in said) == (0, True), said
    receipts = table(file, "receipts")
    assert [int(row["receipt"]) for row in receipts] == list(range(1, len(receipts) + 1))
    vat, tenders = table(file, "vat"), table(file, "tenders")
    total = sum(int(row["total_minor"]) for row in receipts)
    assert round(100 * sum(float(row["gross"]) for row in vat)) == total
    assert round(100 * sum(float(row["amount"]) for row in tenders)) == total
    assert {row["what"] for row in table(file, "closings")} >= {"shift", "day"}
    assert any(row["of_receipt"] for row in receipts)


def test_another_key_is_not_the_tills(file: Path) -> None:
    code, said = checked(file, "ab" * 32)
    assert code == 1
    assert "WRONG" in said


def change(name: str, old: bytes, new: bytes) -> Touch:
    """One part with the first `old` in it made `new`."""

    def touch(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return touch


@pytest.mark.parametrize(
    ("touch", "words"),
    [
        (change("archive.txt", b'"gross":185', b'"gross":184'), "is not what was written"),
        (change("archive.txt", b'"signature":"', b'"signature":"00'), "was not signed by this key"),
        (change("receipts.csv", b",GBP,", b",GBP,1,"), "receipts.csv does not say"),
        (change("events.jsonl", b"\n", b""), "events.jsonl does not hold"),
        (lambda parts: parts.update({"archive.txt": b"\n".join(parts["archive.txt"].split(b"\n")[:9])}), "WRONG"),
    ],
)
def test_each_touch_is_named(file: Path, tmp_path: Path, touch: Touch, words: str) -> None:
    with zipfile.ZipFile(file) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    touch(parts)
    touched = tmp_path / "touched.zip"
    with zipfile.ZipFile(touched, "w") as out:
        for name, data in parts.items():
            out.writestr(name, data)
    code, said = checked(touched)
    assert code == 1
    assert words in said


def test_a_chain_that_was_written_anew_with_the_tills_own_key_no_longer_fits_its_closings(tmp_path: Path) -> None:
    """Who holds the key can write a whole new chain, but not under a closing that was noted before."""
    desk = Desk(tmp_path)
    desk.sell("milk")
    desk.shifts.close(Counted({}, 0)).result()
    desk.close()
    made, data = tmp_path / "forged.zip", tmp_path / "data"
    assert main(["export", "--books", str(made), "--data", str(data)]) == 0
    assert checked(made)[0] == 0
    with zipfile.ZipFile(made) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    parts["archive.txt"] = chained_anew(parts, own_key(data))
    parts["receipts.csv"] = parts["receipts.csv"].replace(b"1.85,185", b"2.85,285")
    with zipfile.ZipFile(made, "w") as out:
        for name, part in parts.items():
            out.writestr(name, part)
    code, said = checked(made)
    assert code == 1
    # The closing holds the link of the line that it ends at, under its own signature.
    assert "the closing of shift 1 ends at another line than it says" in said


def chained_anew(parts: dict[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """The archive with the first sale's total raised, and every link and head made right again."""
    lines, previous, journal = list[bytes](), GENESIS_HASH, ""
    for raw in parts["events.jsonl"].split(b"\n")[:-1]:
        event = json.loads(raw)
        journal = journal or event["body"]["journal"]
        if event["kind"] == "sale_completed":
            event["body"]["total"] += 100
        forged = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        previous = link(previous, forged)
        lines.append(previous.hex().encode() + b" " + forged)
    last, head = len(lines), previous.hex()
    header = BatchHeader(journal=journal, session=0, first=1, last=last, head_hash=head, signature="0" * 128)
    signed = header.model_copy(update={"signature": key.sign(signed_bytes("", "", header)).hex()})
    owner = parts["archive.txt"].split(b"\n")[0]
    return b"\n".join([owner, signed.model_dump_json().encode(), *lines, b""])
