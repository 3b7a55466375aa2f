"""A till whose journal is damaged sells on: the file is kept as it was, what is sound goes on in a new journal."""

import json
from pathlib import Path

import apsw
import pytest

from edge_agent.journal.checking import DAY_MS, DailyCheck
from edge_agent.journal.log import Journal
from edge_agent.journal.marker import FILE
from edge_agent.journal.rebuild import verify
from edge_agent.opening import open_till
from tests.shop import CAST, MILK, TUESDAY_14, open_journal, record, scripted_clock, seeded_ids, sold
from tests.test_lineage import acknowledge

LAST = 1 + len(CAST) + 4
"""The seq of the last of four sales."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a till of four sales, two of which the cloud has."""
    journal = open_journal(tmp_path)
    record(journal, *[sold(number, "milk") for number in range(1, 5)])
    acknowledge(journal, LAST - 2)
    journal.close()
    return tmp_path / "data" / "journal.db"


def touched(file: Path, *sql: str) -> bytes:
    db = apsw.Connection(str(file))
    for one in sql:
        db.execute(one)
    db.close()
    return file.read_bytes()


def reopened(file: Path) -> Journal:
    return Journal.open(file.parent, scripted_clock(file.parent.parent), seeded_ids(9))


def kept(file: Path) -> list[Path]:
    return sorted(file.parent.glob("journal-damaged-*"))


FLIP = "UPDATE journal SET line = CAST(replace(line, '\"total\":100', '\"total\":101') AS BLOB) WHERE seq = {}"


@pytest.mark.parametrize("seq", [LAST, LAST - 1, LAST - 3, 3])
def test_a_damaged_line_costs_itself_alone_and_the_till_sells_on(file: Path, seq: int) -> None:
    damaged = touched(file, FLIP.format(seq) if seq > 3 else "UPDATE journal SET line = x'7b' WHERE seq = 3")
    journal = reopened(file)
    with journal.reading() as memory:
        born = memory.event(1).body
        assert (born["reason"], born["parent_seq"], born["next_receipt"]) == ("corrupt", min(seq - 1, LAST - 2), 5)
        assert born["parent_hash"]
        proved = verify(memory.db)
        assert memory.takings(739_678).receipts == (3 if seq > 3 else 4)
        record(journal, sold(5, "milk"))
        assert memory.next_receipt() == 6
        assert memory.head().seq == proved.head.seq + 1
    journal.close()
    assert [one.read_bytes() for one in kept(file)] == [damaged]


def test_a_link_that_was_damaged_costs_nothing(file: Path) -> None:
    for seq in (LAST, LAST - 3):
        touched(file, f"UPDATE journal SET hash = zeroblob(32) WHERE seq = {seq}")
    journal = reopened(file)
    with journal.reading() as memory:
        assert memory.takings(739_678).receipts == 4
        assert memory.stock("milk").on_hand == -4000
        verify(memory.db)
    journal.close()


def test_a_damaged_first_line_leaves_every_other(file: Path) -> None:
    touched(file, "UPDATE journal SET line = x'7b' WHERE seq = 1")
    journal = reopened(file)
    with journal.reading() as memory:
        assert memory.takings(739_678).receipts == 4
        assert memory.event(1).body["parent_seq"] == 0
        verify(memory.db)
    journal.close()


@pytest.mark.parametrize("content", [b"no database " * 999, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_file_that_cannot_be_read_at_all_goes_on_from_the_marker(file: Path, content: bytes) -> None:
    marker = json.loads((file.parent / FILE).read_bytes())
    file.write_bytes(content)
    journal = reopened(file)
    with journal.reading() as memory:
        born = memory.event(1).body
        assert (born["reason"], born["parent"], born["parent_seq"]) == ("corrupt", marker["journal"], LAST)
        assert memory.next_receipt() == 5
    journal.close()
    assert [one.read_bytes() for one in kept(file)] == [content]


def test_a_torn_page_in_the_middle_loses_what_lay_on_it_alone(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    record(journal, *[sold(number, "milk") for number in range(1, 201)])
    journal.close()
    file = tmp_path / "data" / "journal.db"
    pages = file.read_bytes()
    at = pages.index(b'"receipt":100,') // 4096 * 4096
    file.write_bytes(pages[:at] + bytes(4096) + pages[at + 4096 :])
    again = reopened(file)
    with again.reading() as memory:
        assert 180 <= memory.takings(739_678).receipts < 200
        assert memory.receipt(200) is not None
        verify(memory.db)
    again.close()


def test_an_ordinary_start_sets_nothing_aside_and_a_second_start_neither(file: Path) -> None:
    reopened(file).close()
    assert kept(file) == []
    touched(file, FLIP.format(LAST))
    for _ in range(2):
        reopened(file).close()
        assert len(kept(file)) == 1


@pytest.mark.parametrize("stops", [1, 2])
def test_a_stop_between_two_steps_is_made_good_at_the_next_start(
    file: Path, monkeypatch: pytest.MonkeyPatch, stops: int
) -> None:
    touched(file, FLIP.format(LAST))
    steps, replace = iter(range(9)), Path.replace

    def stopping(self: Path, target: Path) -> Path:
        if next(steps) == stops:
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as inside:
        inside.setattr(Path, "replace", stopping)
        with pytest.raises(KeyboardInterrupt):
            reopened(file)
    journal = reopened(file)
    with journal.reading() as memory:
        assert memory.takings(739_678).receipts == 3
        verify(memory.db)
    journal.close()
    assert [one.suffix for one in kept(file)] == [".db"]


def test_the_till_says_on_its_screen_what_to_do(file: Path) -> None:
    touched(file, FLIP.format(LAST))
    till = open_till(file.parent, scripted_clock(file.parent.parent))
    state, words = till.devices["journal"]
    assert state == "fault"
    assert words.startswith("sell on, tell the owner: ")
    till.close()


def test_the_daily_check_finds_what_rots_in_old_lines_and_the_till_goes_on(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    record(journal, *[sold(number, "milk") for number in range(1, 1_101)])
    touched(journal.file, FLIP.format(8))
    journal.close()
    clock, said = scripted_clock(tmp_path), list[str]()
    journal = reopened(tmp_path / "data" / "journal.db")
    assert journal.mended == ""
    check = DailyCheck(journal, clock, said.append, lambda _: None)
    check.tick()
    assert said == []
    clock.path.write_text(str(TUESDAY_14 + DAY_MS))
    check.tick()
    check.tick()
    assert [words.startswith("sell on, tell the owner: ") for words in said] == [True]
    with journal.reading() as memory:
        assert memory.takings(739_678).receipts == 1_099
        verify(memory.db)
    journal.close()


def test_a_file_found_damaged_by_the_daily_check_is_set_aside_at_the_next_start(file: Path) -> None:
    with_hole = file.read_bytes()
    db = apsw.Connection(str(file))
    ((page,),) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'demand_day'").fetchall()
    db.close()
    at = (int(str(page)) - 1) * 4096
    file.write_bytes(with_hole[:at] + bytes(4096) + with_hole[at + 4096 :])
    clock, said = scripted_clock(file.parent.parent), list[str]()
    journal = reopened(file)
    (file.parent / "checked").write_text("0")
    DailyCheck(journal, clock, said.append, lambda _: None).tick()
    assert [words.startswith("restart the till") for words in said] == [True]
    journal.close()
    again = reopened(file)
    with again.reading() as memory:
        assert memory.takings(739_678).receipts == 4
        verify(memory.db)
    again.close()
    assert len(kept(file)) == 1


def test_a_database_lost_twice_with_no_sale_between_still_counts_on(file: Path) -> None:
    for _ in range(2):
        for one in file.parent.glob("journal.db*"):
            one.unlink()
        journal = reopened(file)
        with journal.reading() as memory:
            assert memory.next_receipt() == 5
        record(journal, MILK)
        journal.close()
