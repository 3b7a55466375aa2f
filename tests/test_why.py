"""Commands `why` and `reorder` beside a till: the arithmetic replays, an altered record is found."""

import json
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from edge_agent.commands import main
from tests.shelf import ms
from tests.test_replenish import Shop, opened


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    with opened(tmp_path) as one:
        one.forecast("milk", "bread")
        one.count(milk=36, bread=30)
        one.replenish.start()
        one.settle()
        yield one


def run(shop: Shop, *words: str) -> int:
    return main([*words, "--data", str(shop.journal.file.parent)])


def test_why_prints_the_arithmetic_and_replays_it_to_the_same_number(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    order = shop.open()
    assert run(shop, "why", order.number) == 0
    said = capsys.readouterr().out
    for words in ("Northside", "Oat milk 1 l", "Order 54 (9 packs of 6)", "36 on hand", "9 x 6 = 54", "replayed: same"):
        assert words in said


@pytest.mark.parametrize("cut", [8, 20, 64])
def test_an_order_is_found_by_the_beginning_of_its_key(
    shop: Shop, capsys: pytest.CaptureFixture[str], cut: int
) -> None:
    assert run(shop, "why", shop.open().key[:cut]) == 0
    assert "replayed: same" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["ffff-ffff", "", "%", "a"])
def test_an_unknown_order_is_named_and_the_next_step_said(
    shop: Shop, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    assert run(shop, "why", word) == 1
    assert "`edge-agent reorder` lists them" in capsys.readouterr().err


def test_why_as_json_carries_the_decision_as_data(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    order = shop.open()
    assert run(shop, "why", order.number, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    milk = next(line for line in said["lines"] if line["snapshot"]["sku"] == "milk")
    assert said["replayed"] is True
    assert (milk["packs"], milk["need"]["level"] - 36_000, milk["need"]["position"]) == (9, milk["need"]["raw"], 36_000)
    assert milk["what_if"][9]["cost"] == milk["cost"]


def test_a_record_that_was_altered_does_not_replay_and_exits_1(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    order = shop.open()
    db = apsw.Connection(str(shop.journal.file))
    line = shop.memory.lines(order.seq, order.seq)[0]
    db.execute(
        "UPDATE journal SET line = ? WHERE seq = ?", (line.replace(b'"stock":[36000', b'"stock":[16000'), order.seq)
    )
    db.close()
    assert run(shop, "why", order.number) == 1
    assert "replayed: NOT the same for milk" in capsys.readouterr().out


def test_reorder_lists_open_orders_with_their_reasons(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    order = shop.open()
    assert run(shop, "reorder") == 0
    said = capsys.readouterr().out
    for words in (order.number, "Northside", "proposed", "in by Tue 15:00", "9 packs", "If you skip this delivery"):
        assert words in said


def test_reorder_shows_what_the_owner_made_of_a_proposal(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    order = shop.open()
    shop.decide(order, "approved", {"milk": 2})
    shop.settle()
    assert run(shop, "reorder") == 0
    said = capsys.readouterr().out
    assert "2 packs (proposed 9)" in said
    assert "0 packs (proposed" in said
    assert run(shop, "why", order.number) == 0
    assert "since then: approved" in capsys.readouterr().out


def test_a_proposal_past_its_cutoff_is_said_to_be_missed(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.clock.set(ms("2026-03-03T15:30"))
    assert run(shop, "reorder", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "missed"


def test_no_open_order_is_said_in_words(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.decide(shop.open(), "rejected", {})
    shop.replenish.stop()
    for order in shop.memory.orders(("proposed",)):
        shop.decide(order, "rejected", {})
    assert run(shop, "reorder") == 0
    assert capsys.readouterr().out == "No order is open.\n"
    assert run(shop, "reorder", "--all") == 0
    assert "rejected" in capsys.readouterr().out


def test_a_folder_without_a_journal_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reorder", "--data", str(tmp_path)]) == 1
    assert "there is no journal" in capsys.readouterr().err
