"""A till's backup is sealed and proved; put back, the till gets the rest from the cloud or goes on in a new journal."""

import io
import tarfile
from pathlib import Path

import pytest

from edge_agent.commands import main, pair
from edge_agent.errors import BadInput, Broken, NotAllowed
from edge_agent.journal.backup import back_up, put_back
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.journal.sealed import CHUNK, seal, unsealed
from tests.cloud import Cloud
from tests.paired import words
from tests.shop import open_journal, record, scripted_clock, sold
from tests.test_set_back import synced

WORDS = "correct horse battery"
RANDOM = bytes(range(23))


def sealed(plain: bytes) -> bytes:
    out = io.BytesIO()
    seal(io.BytesIO(plain), out, WORDS, RANDOM)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_comes_back(size: int) -> None:
    plain = bytes(number % 251 for number in range(size))
    assert b"".join(unsealed(io.BytesIO(sealed(plain)), WORDS)) == plain


def test_a_flipped_bit_a_lost_end_another_order_and_other_words_are_refused() -> None:
    whole = sealed(bytes(3 * CHUNK))
    head, part = len(whole) - 3 * (CHUNK + 16), CHUNK + 16
    chunks = [whole[head + n * part : head + (n + 1) * part] for n in range(3)]
    wrong = [
        bytes([*whole[:at], whole[at] ^ 1, *whole[at + 1 :]]) for at in (head - 1, head, head + part, len(whole) - 1)
    ]
    wrong += [whole[:-1], whole[: head + part], whole[: head + 2 * part], whole + b"x"]
    wrong += [whole[:head] + b"".join(chunks[n] for n in order) for order in ((1, 0, 2), (0, 2), (0, 0, 1, 2))]
    for one in wrong:
        with pytest.raises(NotAllowed):
            list(unsealed(io.BytesIO(one), WORDS))
    with pytest.raises(NotAllowed):
        list(unsealed(io.BytesIO(whole), "some other words"))
    with pytest.raises(BadInput):
        list(unsealed(io.BytesIO(b"DROPSHELF-SEALED-2\n" + whole[19:]), WORDS))
    with pytest.raises(BadInput, match="12 characters"):
        seal(io.BytesIO(b""), io.BytesIO(), "short", RANDOM)


def a_till(tmp_path: Path) -> Journal:
    journal = open_journal(tmp_path / "till")
    record(journal, sold(1, "milk"), sold(2, "bread"))
    return journal


def test_a_backup_is_made_beside_a_running_till_and_holds_no_key_and_nothing_plain(tmp_path: Path) -> None:
    journal = a_till(tmp_path)
    data = tmp_path / "till" / "data"
    (data / "keys").mkdir()
    (data / "keys" / "device.key").write_text("ab" * 32)
    copied = back_up(data, tmp_path / "stick.sealed", WORDS, RANDOM)
    with journal.reading() as memory:
        assert copied.head == memory.head()
    journal.close()
    plain = b"".join(unsealed(io.BytesIO((tmp_path / "stick.sealed").read_bytes()), WORDS))
    assert b"ab" * 32 not in plain
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        assert tar.getnames() == ["journal.db"]
    assert b"Sourdough" not in (tmp_path / "stick.sealed").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["stick.sealed", "till"]
    assert not [file for file in data.iterdir() if file.name.startswith(".backup")]


def test_a_tampered_journal_is_not_backed_up(tmp_path: Path) -> None:
    journal = a_till(tmp_path)
    with journal.reading() as memory:
        memory.db.execute("PRAGMA query_only=OFF")
        memory.db.execute("UPDATE journal SET line = CAST(replace(line, 'Oat', 'Cat') AS BLOB) WHERE seq = 4")
    with pytest.raises(Broken, match="event 4"):
        back_up(tmp_path / "till" / "data", tmp_path / "stick.sealed", WORDS, RANDOM)
    assert not (tmp_path / "stick.sealed").exists()
    journal.close()


def test_a_backup_goes_back_into_an_empty_folder_alone(tmp_path: Path) -> None:
    a_till(tmp_path).close()
    back_up(tmp_path / "till" / "data", tmp_path / "stick", WORDS, RANDOM)
    with pytest.raises(BadInput, match="not empty"):
        put_back(tmp_path / "stick", tmp_path / "till" / "data", WORDS)
    with pytest.raises(NotAllowed):
        put_back(tmp_path / "stick", tmp_path / "new", "other words, wrong")
    assert list((tmp_path / "new").iterdir()) == []
    put_back(tmp_path / "stick", tmp_path / "new", WORDS)


def test_a_till_that_is_opened_after_a_restore_goes_on_in_a_new_journal_with_the_number_from_its_last_paper(
    tmp_path: Path,
) -> None:
    journal = a_till(tmp_path)
    was = journal.id
    journal.close()
    back_up(tmp_path / "till" / "data", tmp_path / "stick", WORDS, RANDOM)
    put_back(tmp_path / "stick", tmp_path / "new", WORDS, next_receipt=9)
    for _ in range(2):
        again = Journal.open(tmp_path / "new", scripted_clock(tmp_path / "till"), random_id)
        with again.reading() as memory:
            born = memory.event(1).body
            assert (born["parent"], born["reason"], memory.next_receipt()) == (was, "restored", 9)
            assert memory.takings(739_678).receipts == 2
            verify(memory.db)
        again.close()


def test_a_till_that_is_paired_after_a_restore_gets_its_later_sales_back_and_goes_on_in_its_journal(
    tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    a_till(tmp_path).close()
    assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
    data = tmp_path / "till" / "data"
    back_up(data, tmp_path / "stick", WORDS, RANDOM)
    journal = Journal.open(data, scripted_clock(tmp_path / "till"), random_id)
    was = journal.id
    record(journal, sold(3, "milk"), sold(4, "choc"))
    synced(tmp_path, cloud, journal)
    journal.close()
    data.rename(tmp_path / "stolen")
    put_back(tmp_path / "stick", data, WORDS)
    assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
    again = Journal.open(data, scripted_clock(tmp_path / "till"), random_id)
    assert again.id == was
    with again.reading() as memory:
        assert memory.next_receipt() == 5
        assert [event.kind for event in memory.events()].count("sale_completed") == 4
    synced(tmp_path, cloud, again)
    again.close()


def test_the_commands_take_the_passphrase_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_till(tmp_path).close()
    (tmp_path / "words").write_text(f"{WORDS}\n")
    told = ("--passphrase-file", str(tmp_path / "words"))
    data = str(tmp_path / "till" / "data")
    assert main(["backup", str(tmp_path / "stick"), *told, "--data", data]) == 0
    assert main(["restore", str(tmp_path / "stick"), *told, "--data", data]) == 1
    assert main(["restore", str(tmp_path / "stick"), *told, "--data", str(tmp_path / "new")]) == 0
    assert main(["verify", "--data", str(tmp_path / "new")]) == 0
    assert WORDS not in "".join(capsys.readouterr())
