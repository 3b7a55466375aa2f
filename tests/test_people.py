"""People can be forgotten: no name or phone is in an event, a log, the cloud or a copy; what was sold stays valid."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_sync.ingest.verify import verify as verify_cloud
from edge_agent.commands import main
from edge_agent.counter.people import KEPT_MS, People
from edge_agent.errors import BadInput, Broken, NotKnown
from edge_agent.journal.ids import random_id
from edge_agent.journal.rebuild import verify
from edge_agent.logs import start_logs, stop_logs
from edge_agent.rules.person import is_person
from edge_agent.settings import load
from edge_agent.till.front import Front
from scripts.tortures.order_shop import SharedShop
from tests.shop import CAST, TUESDAY_14, scripted_clock, seeded_ids

NAME, PHONE = "Anatolia Lima-Kowalczyk", "+44 7700 900123"


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path, seeded_ids())


def hits(folder: Path) -> list[str]:
    """Files below a folder in which name or phone stand in the clear."""
    words = [word.encode() for word in (NAME, PHONE, NAME.split(maxsplit=1)[0], PHONE[4:])]
    return [
        file.name for file in folder.rglob("*") if file.is_file() and any(one in file.read_bytes() for one in words)
    ]


def test_a_person_is_known_by_name_until_forgotten(people: People) -> None:
    ana = people.add(NAME, PHONE, now=TUESDAY_14)
    assert is_person(ana.id)
    assert people.all(TUESDAY_14) == [ana]
    assert people.name_of(ana.id, TUESDAY_14) == NAME
    people.forget(ana.id)
    assert people.name_of(ana.id, TUESDAY_14) == ""
    with pytest.raises(NotKnown, match=ana.id):
        people.forget(ana.id)


def test_a_person_is_forgotten_when_the_time_has_come(people: People) -> None:
    ana = people.add(NAME, now=TUESDAY_14)
    ben = people.add("Ben", now=TUESDAY_14, keep_ms=KEPT_MS + 1)
    assert people.all(ana.keep_until) == [ben]
    assert people.forget_due(ana.keep_until) == 1
    assert people.all(TUESDAY_14) == [ben]


def test_nobody_without_a_name_and_nothing_with_another_key(people: People, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="needs a name"):
        people.add("\x1b\u202e", now=TUESDAY_14)
    people.add(NAME, now=TUESDAY_14)
    key = tmp_path / "keys" / "people.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.write_text("00" * 32)
    with pytest.raises(Broken, match="is not the one that sealed"):
        people.all(TUESDAY_14)


def test_the_command_adds_lists_and_forgets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path).path))
    data = ["--data", str(tmp_path / "till")]
    assert main(["people", "add", NAME, "--phone", PHONE, "--json", *data]) == 0
    (added,) = json.loads(capsys.readouterr().out)
    assert main(["people", "list", *data]) == 0
    assert capsys.readouterr().out == f"{added['id']}  {NAME}  {PHONE}  cashier  known until 2028-03-04\n"
    assert main(["people", "forget", added["id"], *data]) == 0
    assert main(["people", "list", *data]) == 0
    assert NAME not in capsys.readouterr().out.replace(f"{added['id']} is forgotten.", "")
    assert main(["people", "forget", added["id"], *data]) == 1


def test_the_till_records_who_sold_by_id_alone(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[till]\nstaff = "00112233445566aa"\n')
    front = Front(None, load(tmp_path))  # type: ignore[arg-type]
    assert (front.by, front.status.staff) == ("00112233445566aa", "")
    (tmp_path / "settings.toml").write_text('[till]\nstaff = "Ana"\n')
    front = Front(None, load(tmp_path))  # type: ignore[arg-type]
    assert (front.by, front.status.staff) == ("", "Ana")


def test_forgetting_leaves_chain_and_sums_valid_and_no_trace_in_journal_cloud_logs_and_later_copies(
    tmp_path: Path,
) -> None:
    shop = SharedShop(tmp_path / "shop", CAST, 1, at=TUESDAY_14)
    till, data = shop.first, tmp_path / "shop" / "till1"
    handler = start_logs(data / "logs", shop.clock)
    people = People(data, random_id)
    ana = people.add(NAME, PHONE, now=TUESDAY_14)
    till.sell("milk", by=ana.id)
    till.sync()
    assert [event.by for event in till.memory.events("sale_completed")] == [ana.id]
    people.forget(ana.id)
    till.sell("milk", by=ana.id)
    till.sync()
    assert verify(till.memory.db).head.seq == till.memory.head().seq
    assert verify_cloud(shop.office.database).journals[till.journal.id] == till.memory.head().seq
    stop_logs(handler)
    shop.close()
    shutil.copytree(tmp_path / "shop", tmp_path / "copy")
    assert hits(tmp_path) == []


def test_the_last_manager_is_neither_retired_nor_forgotten_nor_made_something_else(people: People) -> None:
    mia = people.add_first_manager("Mia", "7777", now=TUESDAY_14)
    people.add("Max", now=TUESDAY_14, role="manager")  # without PIN or badge nobody can tell that it is he
    acts: list[Callable[[], None]] = [
        lambda: people.retire(mia.id),
        lambda: people.forget(mia.id),
        lambda: people.set_role(mia.id, "supervisor"),
        lambda: people.set_pin(mia.id, "", TUESDAY_14),
    ]
    for act in acts:
        with pytest.raises(BadInput, match="last manager stays"):
            act()
    with pytest.raises(BadInput, match="a manager already"):
        people.add_first_manager("Ben", "8888", now=TUESDAY_14)
    assert people.forget_due(mia.keep_until) == 1
    assert [one.name for one in people.all(mia.keep_until + 1)] == ["Mia"]
    sue = people.add("Sue", now=TUESDAY_14, role="manager")
    people.set_pin(sue.id, "9999", TUESDAY_14)
    people.retire(mia.id)
    people.forget(mia.id)
    assert people.by_pin("7777", TUESDAY_14) is None


def test_a_first_manager_with_a_pin_that_is_none_is_nobody(people: People) -> None:
    with pytest.raises(BadInput, match="4 to 8 digits"):
        people.add_first_manager("Mia", "77", now=TUESDAY_14)
    assert people.all(TUESDAY_14) == []
