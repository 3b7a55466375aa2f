"""The bad wire loses nothing of a right till, and catches a till that believes too easily and a sale that is gone."""

import random
from pathlib import Path

import pytest

from cloud_sync.ingest.body import unpack
from edge_agent.errors import Unreachable
from edge_agent.sync import http
from edge_agent.wire.messages import Ack, BatchHeader
from scripts.tortures import proxy
from scripts.tortures.bad_wire import shuffled
from scripts.tortures.wire_faults import KINDS, fits


def test_every_kind_is_played_as_often_as_any_other() -> None:
    deck = shuffled(KINDS, 160, random.Random(1))
    assert {kind: deck.count(kind) for kind in KINDS} == dict.fromkeys(KINDS, 10)
    assert len(KINDS) == 16


def test_only_a_push_is_acknowledged_wrongly() -> None:
    assert fits("wrong ack", "push")
    assert not fits("wrong ack", "session")


def test_two_tills_over_a_bad_wire_lose_nothing_and_converge_by_themselves(tmp_path: Path) -> None:
    tally = proxy.play(tmp_path, seed=3, requests=32, tills=2, heal_every=16)
    assert tally.ok, tally.lines()
    assert tally.faults.total() == 32
    assert len(tally.heals) == 2
    assert len(tally.said) > 20


class Gullible(http.Door):
    """The planted bug: whatever comes with status 200 is an acknowledgement."""

    def push(self, packed: bytes) -> Ack:
        head = BatchHeader.model_validate_json(unpack(packed).partition(b"\n")[0])
        if self.carry("POST", "/v1/push", content=packed, headers=http.LINES).status != 200:
            raise Unreachable("no")
        echo = head.model_dump(include={"journal", "session", "head_hash"})
        return Ack(**echo, to=head.last, received=head.last, safe=0)


def test_a_till_that_takes_a_sign_in_page_for_an_acknowledgement_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "Door", Gullible)
    kinds = ("200 with HTML",)
    tally = proxy.play(tmp_path, seed=1, requests=30, kinds=kinds, tills=1, heal_every=1, heals_s=3)
    assert not tally.ok
    assert "the till believes that" in tally.wedged[0]


def test_a_sale_that_was_said_and_never_arrived_is_found_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy.Till, "sell", lambda *_: ("0" * 16, b"never recorded"))
    tally = proxy.play(tmp_path, seed=1, requests=1, kinds=("302",), tills=1, heal_every=1)
    assert tally.lost == [f"sale {'0' * 16} was said to be paid, the cloud has not its line"]
