"""The contract: golden lines of every kind are read, and written back to the same bytes."""

from pathlib import Path

import apsw
import pytest
from pydantic import ValidationError

from edge_agent.journal.fold import VIEWS, lay_out, views_of
from edge_agent.journal.views.sold import waits
from edge_agent.wire.envelope import GENESIS_HASH, Envelope, Event, event_of, line_of, link, written
from edge_agent.wire.events import KINDS, body_class
from edge_agent.wire.messages import BatchHeader, signed_bytes

GOLDEN = Path(__file__).parent / "wire" / "v1"


def golden(kind: str) -> bytes:
    return (GOLDEN / f"{kind}.json").read_bytes().rstrip(b"\n")


@pytest.mark.parametrize("kind", sorted(kind for kind, _ in KINDS))
def test_every_kind_has_a_golden_line_that_comes_back_to_the_same_bytes(kind: str) -> None:
    line = golden(kind)
    event = event_of(line)
    model = body_class(event.kind, event.v)
    assert model is not None
    again = event.model_copy(update={"body": model.model_validate(event.body).model_dump(exclude_unset=True)})
    assert line_of(again) == line


@pytest.mark.parametrize("kind", sorted(kind for kind, _ in KINDS))
def test_a_line_is_the_same_bytes_whether_its_body_is_written_as_a_contract_or_as_an_object(kind: str) -> None:
    event = event_of(golden(kind))
    model = body_class(event.kind, event.v)
    assert model is not None
    body = model.model_validate(event.body)
    assert written(Envelope.model_validate(event.model_dump()), body) == line_of(
        event.model_copy(update={"body": body.model_dump()})
    )


def test_a_reader_keeps_the_envelope_of_a_kind_that_it_does_not_know() -> None:
    line = golden("sale_completed").replace(b"sale_completed", b"sale_sung")
    assert event_of(line).kind == "sale_sung"
    assert body_class("sale_sung", 1) is None


@pytest.mark.parametrize("wrong", ['"seq":0', '"seq":1.5', '"seq":"1"', '"seq":true', '"seq":null'])
def test_an_envelope_with_a_wrong_seq_is_refused(wrong: str) -> None:
    line = golden("booted").replace(b'"seq":2', wrong.encode())
    with pytest.raises(ValidationError):
        event_of(line)


def test_a_number_with_a_fraction_is_no_money() -> None:
    event = event_of(golden("sale_completed"))
    model = body_class(event.kind, event.v)
    assert model is not None
    with pytest.raises(ValidationError, match="total"):
        model.model_validate({**event.body, "total": 12.5})


def test_the_chain_depends_on_every_byte_and_on_what_came_before() -> None:
    one = link(GENESIS_HASH, b"a")
    assert len({link(one, b"b"), link(GENESIS_HASH, b"b"), link(GENESIS_HASH, b"c")}) == 3


def test_a_signature_covers_audience_tenant_journal_range_head_and_session() -> None:
    header = BatchHeader(journal="0" * 32, session=3, first=1, last=9, head_hash="ab" * 32, signature="0" * 128)
    base = signed_bytes("cloud", "t1", header)
    changes: list[dict[str, object]] = [{"journal": "1" * 32}, {"session": 4}, {"first": 2}, {"last": 8}]
    changes.append({"head_hash": "cd" * 32})
    others = {signed_bytes("cloud", "t1", header.model_copy(update=change)) for change in changes}
    others |= {signed_bytes("other", "t1", header), signed_bytes("cloud", "t2", header)}
    assert base not in others
    assert len(others) == 7


def test_an_event_keeps_its_field_order_on_the_wire() -> None:
    assert list(Event.model_fields) == ["seq", "id", "kind", "v", "at", "clock", "feed", "because", "by", "body"]


@pytest.mark.parametrize("kind", sorted(kind for kind, _ in KINDS))
def test_a_view_that_is_not_shown_an_event_would_not_have_asked_the_database_for_it(kind: str) -> None:
    event = event_of(golden(kind))
    model = body_class(event.kind, event.v)
    assert model is not None
    body = model.model_validate(event.body)
    db = apsw.Connection(":memory:")
    lay_out(db)
    asked: list[str] = []

    def heard(_: object, sql: str, __: object) -> bool:
        asked.append(sql)
        return True

    db.exec_trace = heard
    for view in set(VIEWS) - set(views_of(model, waiting=waits(body))):
        for seq in (event.seq, -event.seq):
            view.apply(db, event.model_copy(update={"seq": seq}), body)
    assert asked == []
