"""A till's archive can be checked by anybody, taken in by its cloud, and names the first event that was touched."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.accounts.devices import set_state
from cloud_sync.ingest.archive import take_in
from cloud_sync.ingest.project import release
from cloud_sync.tables.events import JournalRow, RawEvent
from cloud_sync.tables.figures import Takings
from edge_agent.commands import main, pair
from edge_agent.errors import NotAllowed
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.sync.keys import load_keys
from tests.cloud import Cloud, FakeTill, error, sells
from tests.house import ROOT, imported
from tests.paired import words
from tests.shop import TUESDAY_14, open_journal, record, scripted_clock, sold

SCRIPT = ROOT / "scripts" / "verify_archive.py"
DAY_MS = 86_400_000


@pytest.fixture
def data(tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a paired till with an ancestor, whose sales are all still with it."""
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    open_journal(tmp_path / "till").close()
    assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
    data = tmp_path / "till" / "data"
    journal = Journal.open(data, scripted_clock(tmp_path / "till"), random_id)
    record(journal, *[sold(number, "milk") for number in range(1, 121)])
    journal.begin_again("restored").result()
    record(journal, *[sold(number, "bread") for number in range(121, 125)])
    journal.close()
    return data


def exported(data: Path, to: Path) -> list[bytes]:
    assert main(["export", str(to), "--data", str(data), "--json"]) == 0
    return to.read_bytes().split(b"\n")[:-1]


def checked(file: Path, *key: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, str(SCRIPT), str(file), *key], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_verifier_imports_nothing_of_ours() -> None:
    assert not [name for name in imported(SCRIPT) if name.partition(".")[0] in ("edge_agent", "cloud_sync", "scripts")]
    assert len(SCRIPT.read_text().splitlines()) <= 120


def test_an_archive_holds_and_each_touch_of_it_is_named(data: Path, tmp_path: Path) -> None:
    lines = exported(data, tmp_path / "a")
    keys = load_keys(data)
    assert keys is not None
    public = keys.private.public_key().public_bytes_raw().hex()
    code, said = checked(tmp_path / "a", public)
    assert (code, said.count("chain and signed heads hold")) == (0, said.count("journal "))
    assert checked(tmp_path / "a", "ab" * 32)[0] == 1
    at = next(place for place, line in enumerate(lines) if b"sale_completed" in line)
    seq = json.loads(lines[at].partition(b" ")[2])["seq"]
    for wrong in (
        [*lines[:at], lines[at].replace(b"milk", b"silk"), *lines[at + 1 :]],
        [*lines[:at], *lines[at + 1 :]],
        [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
        lines[: at + 1],
    ):
        (tmp_path / "b").write_bytes(b"\n".join([*wrong, b""]))
        code, said = checked(tmp_path / "b", public)
        assert code == 1
        assert f"event {seq}" in said or f"event {seq + 1} " in said
    forged = [line.replace(b'"head_hash":"', b'"head_hash":"0', 1) for line in lines]
    (tmp_path / "b").write_bytes(b"\n".join([*forged, b""]))
    assert checked(tmp_path / "b", public)[0] == 1


def test_a_banned_tills_archive_is_taken_in_once_held_back_and_counted_when_it_is_released(
    data: Path, tmp_path: Path, cloud: Cloud
) -> None:
    keys = load_keys(data)
    assert keys is not None
    device = keys.pairing.paired.device
    with cloud.database.writing() as session:
        set_state(session, tenant=cloud.shop.tenant, device=device, state="banned", now=TUESDAY_14)
    lines = exported(data, tmp_path / "a")
    events = len([line for line in lines if line[:1] != b"{"])
    assert take_in(cloud.database, lines, TUESDAY_14).fresh == events
    assert take_in(cloud.database, lines, TUESDAY_14).fresh == 0
    cloud.count()
    with cloud.reading() as session:
        mine = select(RawEvent).where(RawEvent.tenant == cloud.shop.tenant)
        assert len(session.exec(mine).all()) == events
        assert receipts(cloud) == 0
        journals = session.exec(select(JournalRow.journal).where(JournalRow.tenant == cloud.shop.tenant)).all()
    for journal in journals:
        release(cloud.database, tenant=cloud.shop.tenant, journal=journal, now=TUESDAY_14)
    assert receipts(cloud) == 124


def receipts(cloud: Cloud) -> int:
    with cloud.reading() as session:
        return sum(row.receipts for row in session.exec(select(Takings).where(Takings.tenant == cloud.shop.tenant)))


def test_an_archive_that_was_touched_or_is_of_another_till_is_not_taken_in(
    data: Path, tmp_path: Path, cloud: Cloud
) -> None:
    lines = exported(data, tmp_path / "a")
    touched = [line.replace(b'"signature":"', b'"signature":"00', 1)[: len(line)] for line in lines]
    with pytest.raises(NotAllowed):
        take_in(cloud.database, [lines[0].replace(b'"public_key": "', b'"public_key": "00'), *lines[1:]], TUESDAY_14)
    with pytest.raises(Exception, match=r"signed|header"):
        take_in(cloud.database, touched, TUESDAY_14)
    with cloud.reading() as session:
        assert session.exec(select(RawEvent).where(RawEvent.tenant == cloud.shop.tenant)).all() == []


def test_a_retired_till_uploads_for_thirty_days_and_then_no_more(cloud: Cloud) -> None:
    till = FakeTill(cloud)
    sells(till, 2)
    with cloud.database.writing() as session:
        set_state(session, tenant=cloud.shop.tenant, device=till.paired.device, state="retired", now=TUESDAY_14)
    cloud.set_clock(TUESDAY_14 + 30 * DAY_MS)
    till.open()
    assert till.push().status_code == 200
    cloud.set_clock(TUESDAY_14 + 30 * DAY_MS + 1)
    sells(till, 1)
    assert error(till.push(3)) == (401, "REVOKED")
    till.close()


def test_the_owner_says_by_command_what_a_till_may_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from cloud_sync.commands import main as cloud_main
    from tests.cloud import serving

    with serving(tmp_path / "own") as own:
        till = FakeTill(own, till="Counter")
        folder = ("--data", str(own.service.settings.data))
        for word, state in (("--suspect", "suspected"), ("--ban", "banned"), ("--activate", "active")):
            assert cloud_main(["tills", word, "Counter", "--json", *folder]) == 0
            (row,) = json.loads(capsys.readouterr().out)
            assert (row["till"], row["state"]) == ("Counter", state)
        assert cloud_main(["tills", "--suspect", "Counter", *folder]) == 0
        sells(till, 3)
        till.sends()
        assert cloud_main(["tills", "--release", "Counter", *folder]) == 0
        assert "3 events are counted now" in capsys.readouterr().out
        assert cloud_main(["tills", "--ban", "Nobody", *folder]) == 1
        till.close()
