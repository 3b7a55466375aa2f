"""A backup is made while the cloud serves and proved before it is believed; a restored cloud sends nothing twice."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from cloud_sync import backups
from cloud_sync.backups import back_up, prove, put_back
from cloud_sync.commands import main
from cloud_sync.departing import forget
from cloud_sync.held import held
from cloud_sync.orders import By, approve, order_of, version_of
from cloud_sync.sending import claim_next, why_not
from cloud_sync.service import stamp
from cloud_sync.settings import Settings
from cloud_sync.tables.backups import Safe
from cloud_sync.tables.orders import Order
from edge_agent.errors import Broken, NotAllowed
from tests.cloud import EMAIL, Cloud, FakeTill, proposal, sells, serving
from tests.owner_shop import OWN, own_password
from tests.page_text import form_of
from tests.shop import SHOP, TUESDAY_14

KEY = "0" * 64
HOUR_MS = 3_600_000


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cloud]:
    with serving(tmp_path / "own") as cloud:
        yield cloud


def copied(cloud: Cloud, tmp_path: Path, at: int = TUESDAY_14) -> Path:
    return back_up(cloud.database, tmp_path / "backup.db", at).file


def test_what_a_proved_backup_holds_is_told_as_safe_in_session_and_ack(own: Cloud, tmp_path: Path) -> None:
    till = FakeTill(own)
    sells(till, 3)
    till.sends()
    assert till.open()["safe"] == 0
    copied(own, tmp_path)
    sells(till, 2)
    assert till.open()["safe"] == 3
    assert till.push(4).json()["safe"] == 3
    till.close()


def test_who_leaves_while_a_backup_is_proved_leaves_nothing(
    own: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = FakeTill(own)
    sells(till, 3)
    till.sends()

    def proves(file: Path) -> backups.Journals:
        found = prove(file)
        forget(own.database, own.shop.tenant)
        return found

    monkeypatch.setattr(backups, "prove", proves)
    assert back_up(own.database, tmp_path / "backup.db", TUESDAY_14).journals
    with own.reading() as session:
        assert session.exec(select(Safe)).all() == []
    till.close()


def test_a_copy_that_does_not_hold_is_not_believed_and_replaces_nothing(own: Cloud, tmp_path: Path) -> None:
    till = FakeTill(own)
    sells(till, 3)
    till.sends()
    good = copied(own, tmp_path).read_bytes()
    sells(till, 1)
    till.sends()
    with sqlite3.connect(own.service.settings.data / "cloud.db") as db:
        db.execute("UPDATE raw_event SET line = CAST(replace(line, 'milk', 'silk') AS BLOB) WHERE seq = 2")
    with pytest.raises(Broken, match="event 2"):
        copied(own, tmp_path)
    assert till.open()["safe"] == 3
    assert (tmp_path / "backup.db").read_bytes() == good
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["backup.db"]
    till.close()


def test_the_copy_is_one_state_though_the_cloud_goes_on_and_only_its_owner_reads_it(own: Cloud, tmp_path: Path) -> None:
    file = copied(own, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    (tmp_path / "folder").mkdir()
    dated = back_up(own.database, tmp_path / "folder", TUESDAY_14).file
    assert dated.name == "cloud-20260303-140000.db"


def test_a_restore_refuses_over_a_running_service_and_over_what_is_there(tmp_path: Path) -> None:
    data = str(tmp_path / "cloud")
    made = ("--shop", "Corner Shop", "--zone", "Europe/London", "--currency", "GBP")
    assert main(["init", *made, "--data", data]) == 0
    assert main(["backup", str(tmp_path / "b.db"), "--data", data]) == 0
    with held(tmp_path / "cloud", alone=False), pytest.raises(NotAllowed), held(tmp_path / "cloud", alone=True):
        pass
    assert main(["restore", str(tmp_path / "b.db"), "--data", data]) == 1
    assert main(["restore", str(tmp_path / "b.db"), "--force", "--data", data]) == 0
    aside = [file.name for file in (tmp_path / "cloud").glob("cloud.db.before-*")]
    assert [name for name in aside if not name.endswith(("-wal", "-shm"))], aside
    assert main(["restore", str(tmp_path / "b.db"), "--data", str(tmp_path / "empty")]) == 0
    assert main(["verify", "--data", str(tmp_path / "empty")]) == 0


def test_a_file_that_is_no_backup_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "b.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(Broken):
        put_back(Settings(data=tmp_path / "cloud"), tmp_path / "b.db", 0, force=False)
    assert not (tmp_path / "cloud" / "cloud.db").exists()


def decided(till: FakeTill, key: str = KEY, **changed: object) -> None:
    till.says("reorder_decided", proposal(key, **changed))


def approved(cloud: Cloud, key: str = KEY, at: int = TUESDAY_14) -> None:
    with cloud.database.writing() as session:
        order = order_of(session, tenant=cloud.shop.tenant, order=key)
        version = version_of(order)
        approve(session, tenant=order.tenant, order=key, version=version, by=By("ann", "Ann"), now=at)


def restored(tmp_path: Path, backup: Path, at: int) -> None:
    put_back(Settings(data=tmp_path / "again" / "cloud"), backup, at, force=False)
    (tmp_path / "again" / "cloud-clock").write_text(str(at))


def goes_over(till: FakeTill, cloud: Cloud) -> None:
    """The till speaks to the restored cloud at its own address."""
    till.cloud = cloud
    till.http.base_url = cloud.url


def renews(till: FakeTill, cloud: Cloud, *sent: str) -> None:
    """What the till records when it takes the feed of the new generation."""
    for key in sent:
        line = {"sku": "milk", "packs": 3, "qty": 18_000}
        till.says("order_was_sent", {"order": key, "number": "0000-0000", "lines": [line]})
    with cloud.reading() as session:
        generation = stamp(session, "generation")
    till.says("feed_renewed", {"before": "old", "generation": generation})
    till.sends()


def state(cloud: Cloud, key: str = KEY) -> str:
    with cloud.reading() as session:
        order = session.get(Order, (cloud.shop.tenant, key))
        return order.state if order else ""


def why(cloud: Cloud, key: str = KEY) -> str:
    with cloud.reading() as session:
        return why_not(session, order_of(session, tenant=cloud.shop.tenant, order=key))


def test_an_order_sent_after_the_backup_is_not_sent_again_by_the_restored_cloud(own: Cloud, tmp_path: Path) -> None:
    till = FakeTill(own)
    decided(till)
    till.sends()
    backup = copied(own, tmp_path)
    approved(own)
    assert claim_next(own.database, "w", TUESDAY_14) is not None
    restored(tmp_path, backup, TUESDAY_14 + 1)
    with serving(tmp_path / "again", shop=own.shop) as again:
        goes_over(till, again)
        assert state(again) == "proposed"
        approved(again, at=TUESDAY_14 + 2)
        assert claim_next(again.database, "w", TUESDAY_14 + 3) is None
        assert "Till 1 has not told yet" in why(again)
        renews(till, again, KEY)
        assert state(again) == "sent"
        assert claim_next(again.database, "w", TUESDAY_14 + 4) is None
        assert again.count() == 0
    till.close()


def test_an_order_whose_proposal_comes_later_than_the_word_that_it_was_sent_is_sent(own: Cloud, tmp_path: Path) -> None:
    till, other = FakeTill(own), FakeTill(own, journal="b" * 32, till="Till 2")
    till.sends()
    restored(tmp_path, copied(own, tmp_path), TUESDAY_14 + 1)
    with serving(tmp_path / "again", shop=own.shop) as again:
        goes_over(till, again)
        goes_over(other, again)
        renews(till, again, KEY)
        decided(other)
        renews(other, again)
        assert state(again) == "sent"
        assert claim_next(again.database, "w", TUESDAY_14 + 4) is None
    for one in (till, other):
        one.close()


def test_what_was_approved_in_the_backup_waits_for_the_owner_and_is_over_with_its_cut_off(
    own: Cloud, tmp_path: Path
) -> None:
    till = FakeTill(own)
    till.says("shop_set", SHOP.model_dump())
    decided(till)
    decided(till, "1" * 64, cutoff_at=TUESDAY_14 + 10)
    till.sends()
    for key in (KEY, "1" * 64):
        approved(own, key)
    restored(tmp_path, copied(own, tmp_path), TUESDAY_14 + 60_000)
    with serving(tmp_path / "again", shop=own.shop) as again:
        goes_over(till, again)
        renews(till, again)
        assert claim_next(again.database, "w", TUESDAY_14 + 60_001) is None
        assert "may have been sent already" in why(again)
        own_password(again)
        with httpx.Client(base_url=again.url, timeout=20, trust_env=False) as browser:
            browser.post("/sign-in", data={"email": EMAIL, "password": OWN})
            today = browser.get("/")
            assert "put back from a backup" in today.text
            form = form_of(today)
            assert browser.post("/resume", data=form).status_code == 303
            assert "put back from a backup" not in browser.get("/").text
        claim = claim_next(again.database, "w", TUESDAY_14 + 60_002)
        assert claim is not None
        assert claim.order == KEY
        assert claim_next(again.database, "w", TUESDAY_14 + 60_003) is None
        assert "cut-off" in why(again, "1" * 64)
    till.close()
