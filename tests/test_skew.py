"""Tills and clouds of different releases: what an older till wrote and a newer one will write is taken and kept."""

import gzip
from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlmodel import col, select

from cloud_sync.openapi_examples import ACK, FEED, LINES, OPENED, PAIRED, PART
from cloud_sync.tables.events import Quarantine, RawEvent
from cloud_sync.tables.figures import Takings
from edge_agent.wire.envelope import Contract, event_of
from edge_agent.wire.messages import Ack, FeedPage, JournalPage, ModelPart, Paired, Refusal
from edge_agent.wire.messages import Session as SessionMessage
from tests.cloud import Cloud, FakeTill, sells
from tests.test_released import expected, released


def lines_of(release: Path, folder: Path) -> list[bytes]:
    """What a released program wrote, byte for byte."""
    file = folder / "journal.db"
    file.write_bytes(gzip.decompress((release / "journal.db.gz").read_bytes()))
    db = apsw.Connection(str(file))
    lines = [bytes(line) for (line,) in db.execute("SELECT CAST(line AS BLOB) FROM journal ORDER BY seq")]
    db.close()
    return lines


def aside(cloud: Cloud) -> list[tuple[int, str]]:
    """What the cloud put aside of this tenant: number and reason."""
    with cloud.database.reading() as session:
        rows = session.exec(select(Quarantine).where(Quarantine.tenant == cloud.shop.tenant)).all()
    return sorted((row.seq, row.why) for row in rows)


@released
def test_an_older_tills_lines_are_taken_as_they_are_and_counted_to_the_last(
    release: Path, tmp_path: Path, cloud: Cloud
) -> None:
    lines, told = lines_of(release, tmp_path), expected(release)
    till = FakeTill(cloud, told.journal)
    for line in lines:
        till.says_raw(line)
    till.sends()
    assert till.hashes[-1].hex() == told.head
    sales = [event for event in map(event_of, lines) if event.kind == "sale_completed"]
    with cloud.database.reading() as session:
        kept = session.exec(
            select(RawEvent.line).where(RawEvent.tenant == cloud.shop.tenant).order_by(col(RawEvent.seq))
        )
        taken = session.exec(select(Takings).where(Takings.tenant == cloud.shop.tenant)).all()
        assert list(kept) == lines
    assert aside(cloud) == []
    assert sum(row.receipts for row in taken) == len(sales) > 0
    till.close()


def test_what_a_newer_till_says_in_kinds_and_versions_of_its_own_holds_nothing_up(cloud: Cloud) -> None:
    till = FakeTill(cloud)
    sells(till, 1)
    unknown = till.says("till_flew", {"to": "the moon"})
    newer = till.says("sale_completed", {"shape": "another"}, v=99)
    sells(till, 1)
    till.sends()
    assert aside(cloud) == [(unknown, "kind"), (newer, "kind")]
    till.close()


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (Paired, PAIRED),
        (SessionMessage, OPENED),
        (Ack, ACK),
        (FeedPage, FEED),
        (JournalPage, LINES),
        (ModelPart, PART),
        (Refusal, {"error": "GAP"}),
    ],
)
def test_what_a_newer_cloud_says_besides_stops_no_till(message: type[Contract], said: dict[str, Any]) -> None:
    assert message.model_validate(newer(said)) == message.model_validate(said)


def newer(said: dict[str, Any]) -> dict[str, Any]:
    """The same with one more field in it and in what lies in it."""
    inner = {name: newer(value) if name == "limits" else value for name, value in said.items()}
    if "entries" in said:
        inner["entries"] = [{**one, "weight": 1} for one in said["entries"]]
    return {**inner, "colour": "blue"}


def test_what_a_newer_till_says_besides_is_let_in(cloud: Cloud) -> None:
    till = FakeTill(cloud)
    sells(till, 1)
    asked = {"journal": till.journal, "head_seq": 1, "head_hash": till.hashes[-1].hex(), "boot": "b", "version": "9"}
    opened = till.http.post("/v1/session", json={**asked, "accept": 1, "colour": "blue"})
    assert opened.status_code == 200
    till.session = opened.json()["session"]
    head, rest = gzip.decompress(till.batch(1, 1)).split(b"\n", 1)
    body = gzip.compress(head[:-1] + b',"colour":"blue"}\n' + rest)
    assert till.push(packed=body).json()["received"] == 1
    till.close()
