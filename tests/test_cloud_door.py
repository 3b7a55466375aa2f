"""The cloud's devices' door over real HTTP: pairing, sessions, pushes, and everything that must be refused."""

import json
from collections.abc import Iterator
from typing import get_args

import pytest
from sqlmodel import Session, col, select

from cloud_sync import tills
from cloud_sync.accounts.devices import set_state
from cloud_sync.ingest.batch import depth, envelope_of
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, Quarantine, RawEvent
from cloud_sync.tables.figures import Stock
from edge_agent.wire.messages import Refusal
from tests.cloud import Cloud, FakeTill, error, sells
from tests.house import ROOT
from tests.shop import TUESDAY_14, sold

pytestmark = pytest.mark.both


@pytest.fixture
def till(cloud: Cloud) -> Iterator[FakeTill]:
    till = FakeTill(cloud)
    yield till
    till.close()


def stored(cloud: Cloud) -> list[bytes]:
    with cloud.reading() as session:
        return list(
            session.exec(select(RawEvent.line).where(RawEvent.tenant == cloud.shop.tenant).order_by(col(RawEvent.seq)))
        )


def on_hand(cloud: Cloud, sku: str = "milk") -> int:
    cloud.count()
    with cloud.reading() as session:
        row = session.get(Stock, (cloud.shop.tenant, cloud.shop.shop, sku))
        return row.on_hand if row else 0


def tasks(cloud: Cloud, session: Session) -> list[Quarantine]:
    mine = select(Quarantine).where(Quarantine.tenant == cloud.shop.tenant)
    return list(session.exec(mine.order_by(col(Quarantine.seq))))


def test_lines_are_stored_byte_for_byte_and_acknowledged_by_content(till: FakeTill) -> None:
    sells(till, 3)
    said = till.open()
    ack = till.push().json()
    assert stored(till.cloud) == till.lines
    assert ack == {
        "journal": till.journal,
        "session": said["session"],
        "to": 3,
        "head_hash": till.hashes[3].hex(),
        "received": 3,
        "safe": 0,
    }


def test_a_batch_that_comes_twice_changes_nothing(till: FakeTill) -> None:
    sells(till, 3)
    till.open()
    first, again = till.push(), till.push()
    assert first.json() == again.json()
    assert stored(till.cloud) == till.lines
    assert on_hand(till.cloud) == -3000


def test_an_overlap_is_compared_and_only_the_rest_is_stored(till: FakeTill) -> None:
    sells(till, 5)
    till.open()
    till.push(1, 3)
    assert till.push(2, 5).json()["received"] == 5
    assert stored(till.cloud) == till.lines
    assert on_hand(till.cloud) == -5000


def test_an_old_batch_that_comes_late_is_answered_with_where_the_cloud_stands_now(till: FakeTill) -> None:
    sells(till, 5)
    till.open()
    till.push()
    late = till.push(1, 2).json()
    assert (late["to"], late["received"]) == (2, 5)


def test_a_gap_is_refused_and_nothing_is_stored(till: FakeTill) -> None:
    sells(till, 5)
    till.open()
    till.push(1, 2)
    answer = till.push(4, 5)
    assert error(answer) == (409, "GAP")
    assert (answer.json()["ack"], answer.json()["hash"]) == (2, till.hashes[2].hex())
    assert len(stored(till.cloud)) == 2


def test_the_same_seq_with_another_line_is_a_fork_and_the_first_stays(till: FakeTill) -> None:
    sells(till, 3)
    till.sends()
    kept = list(till.lines)
    till.lines, till.hashes = till.lines[:1], till.hashes[:2]
    sells(till, 3, "bread")
    till.open()
    answer = till.push()
    assert error(answer) == (409, "FORK")
    assert answer.json()["ack"] == 2
    assert stored(till.cloud) == kept


def test_lines_that_do_not_lead_to_the_signed_head_are_not_stored(till: FakeTill) -> None:
    sells(till, 2)
    till.open()
    damaged = [till.lines[0], till.lines[1].replace(b"milk", b"malt")]
    assert error(till.push(packed=till.batch(1, 2, lines=damaged))) == (409, "FORK")
    assert stored(till.cloud) == []


def test_a_newer_session_fences_the_older(till: FakeTill) -> None:
    sells(till, 1)
    old = till.open()["session"]
    till.open()
    till.session = int(str(old))
    assert error(till.push()) == (409, "FENCED")
    assert stored(till.cloud) == []


def test_a_batch_signed_by_another_key_or_for_another_cloud_is_refused(till: FakeTill) -> None:
    sells(till, 1)
    till.open()
    assert error(till.push(packed=till.batch(1, 1, audience="another"))) == (403, "SIGNATURE")
    other = FakeTill(till.cloud)
    till.private = other.private
    assert error(till.push()) == (403, "SIGNATURE")
    assert stored(till.cloud) == []
    other.close()


def test_another_tenants_credential_never_reaches_a_journal(till: FakeTill) -> None:
    sells(till, 2)
    till.sends()
    stranger = FakeTill(till.cloud.another(), till.journal)
    stranger.lines, stranger.hashes = list(till.lines), list(till.hashes)
    assert stranger.open()["ack"] == 0
    stranger.session = till.session
    sells(stranger, 1)
    assert error(stranger.push(3, 3))[0] == 409
    assert stranger.feed() == []
    assert stored(till.cloud) == till.lines
    stranger.close()


def test_an_unknown_or_missing_credential_is_refused_at_every_door(till: FakeTill) -> None:
    sells(till, 1)
    till.open()
    for value in ("", "Bearer x", f"Basic {till.paired.credential}", "Bearer"):
        till.http.headers["Authorization"] = value
        assert error(till.push()) == (401, "REVOKED")
        assert error(till.http.get("/v1/feed", params={"after": 0, "generation": "g"})) == (401, "REVOKED")
        body = {"journal": till.journal, "head_seq": 0, "head_hash": "0" * 64, "boot": "", "version": "", "accept": 1}
        assert error(till.http.post("/v1/session", json=body)) == (401, "REVOKED")


def becomes(till: FakeTill, state: str) -> None:
    with till.cloud.database.writing() as session:
        set_state(session, tenant=till.paired.tenant, device=till.paired.device, state=state)


def test_a_retired_till_still_uploads_but_takes_no_feed(till: FakeTill) -> None:
    sells(till, 2)
    becomes(till, "retired")
    generation = till.open()["generation"]
    assert till.push().status_code == 200
    answer = till.http.get("/v1/feed", params={"after": 0, "generation": str(generation)})
    assert error(answer) == (401, "REVOKED")


def test_a_suspected_tills_lines_are_kept_and_held_back(till: FakeTill) -> None:
    sells(till, 2)
    becomes(till, "suspected")
    till.sends()
    assert len(stored(till.cloud)) == 2
    assert on_hand(till.cloud) == 0
    with till.cloud.reading() as session:
        assert [row.why for row in tasks(till.cloud, session)] == ["suspected"] * 2


def test_a_banned_till_is_refused_at_once(till: FakeTill) -> None:
    sells(till, 1)
    till.open()
    becomes(till, "banned")
    assert error(till.push()) == (401, "REVOKED")
    assert stored(till.cloud) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"not json", "envelope"),
        (b"", "envelope"),
        (b"\xff\xfe", "envelope"),
        (b'{"seq":99,"id":"0000000000000099","kind":"booted","v":1,"at":1,"clock":"ntp","feed":0,"because":null,'
         b'"by":"","body":{}}', "envelope"),
        (b"[" * 10_000, "envelope"),
        (b'"' + b"x" * 70_000 + b'"', "envelope"),
    ],
    ids=["no JSON", "empty", "no UTF-8", "wrong seq", "deep", "long"],
)  # fmt: skip
def test_an_odd_line_is_kept_and_put_aside_and_those_behind_it_go_on(till: FakeTill, line: bytes, why: str) -> None:
    sells(till, 1)
    till.says_raw(line)
    sells(till, 1)
    till.sends()
    assert stored(till.cloud) == till.lines
    assert on_hand(till.cloud) == -2000
    with till.cloud.reading() as session:
        (task,) = tasks(till.cloud, session)
    assert (task.seq, task.why, task.state) == (2, why, "open")
    assert "Till 1" in task.words


def test_a_kind_of_the_future_and_a_body_that_does_not_fit_are_put_aside(till: FakeTill) -> None:
    till.says("moon_phase", {"any": "thing"})
    till.says("sale_completed", {"receipt": "one"})
    till.says("sale_completed", sold(1, "milk").model_dump(), v=2)
    sells(till, 1)
    till.sends()
    assert on_hand(till.cloud) == -1000
    with till.cloud.reading() as session:
        found = tasks(till.cloud, session)
    assert [(task.seq, task.why) for task in found] == [(1, "kind"), (2, "body"), (3, "kind")]


def test_the_same_id_under_another_journal_is_counted_once(till: FakeTill) -> None:
    till.says("sale_completed", sold(1, "milk").model_dump(), id_="00000000000000aa")
    till.sends()
    anew = FakeTill(till.cloud, "b" * 32)
    anew.says("sale_completed", sold(1, "milk").model_dump(), id_="00000000000000aa")
    anew.says("sale_completed", sold(2, "milk").model_dump())
    anew.sends()
    assert on_hand(till.cloud) == -2000
    anew.close()


def test_the_cloud_knows_when_a_till_was_last_there_and_what_it_still_holds(till: FakeTill) -> None:
    sells(till, 5)
    said = till.open()
    assert device(till).backlog == 5
    till.push(1, 3)
    assert device(till).backlog == 2
    till.cloud.set_clock(TUESDAY_14 + 60_000)
    till.http.get("/v1/feed", params={"after": 0, "generation": str(said["generation"]), "head": 9})
    seen = device(till)
    assert (seen.backlog, seen.last_seen_at) == (6, TUESDAY_14 + 60_000)


def device(till: FakeTill) -> Device:
    with till.cloud.reading() as session:
        row = session.get(Device, (till.paired.tenant, till.paired.device))
    assert row is not None
    return row


def test_a_feed_of_another_generation_starts_again(till: FakeTill) -> None:
    till.open()
    assert error(till.http.get("/v1/feed", params={"after": 0, "generation": "old"})) == (410, "REFETCH")
    generation = str(till.open()["generation"])
    assert error(till.http.get("/v1/feed", params={"after": 9, "generation": generation})) == (410, "REFETCH")


def test_an_event_of_sixteen_levels_is_well_and_of_seventeen_is_odd() -> None:
    def nested(levels: int) -> bytes:
        body = json.loads('{"a":' * levels + "1" + "}" * levels)
        head = {"seq": 1, "id": "0" * 16, "kind": "booted", "v": 1, "at": 1, "clock": "ntp", "feed": 0}
        return json.dumps({**head, "because": None, "by": "", "body": body}).encode()

    assert depth({"a": [1]}) == 2
    assert envelope_of(nested(16), 1)[1] == ""
    assert "deeper" in envelope_of(nested(17), 1)[1]


def test_a_journal_row_keeps_the_chains_head(till: FakeTill) -> None:
    sells(till, 4)
    till.sends()
    with till.cloud.reading() as session:
        row = session.get(JournalRow, (till.paired.tenant, till.journal))
    assert row is not None
    assert (row.seq, row.hash) == (4, till.hashes[4])


def test_every_refusal_and_every_door_stands_in_the_protocols_page() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    words = get_args(Refusal.model_fields["error"].annotation)
    assert words
    assert [word for word in words if f"`{word}`" not in page] == []
    doors = {getattr(route, "path", "") for route in tills.router.routes}
    assert [door for door in doors if door not in page] == []
