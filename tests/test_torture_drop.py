"""The fault matrix's row of drops: all are sold and no more, and the rig finds it when they are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.counter.drops import Drops
from edge_agent.journal.reading import Reading
from scripts.tortures import drop
from scripts.tortures.memory import in_memory

SEED = "3.0"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as place:
        yield place


def test_all_pieces_of_a_drop_are_sold_and_no_more(place: Path) -> None:
    told = drop.one_shop(place / "shop", SEED, 1)
    assert told.wrong == []
    assert told.done["sold"] == drop.PIECES
    assert all(told.done[what] for what in ("offline", "refused", "gave", "late")), told.done


def test_tills_that_sell_by_the_stock_that_they_see_are_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reading, "may_sell", lambda memory, sku: memory.stock(sku).on_hand)
    told = drop.one_shop(place / "shop", SEED, 1)
    assert told.done["oversold"], told.done


def test_a_drop_that_is_never_closed_is_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Drops, "tick", lambda _: None)
    told = drop.one_shop(place / "shop", SEED, 1)
    assert any("0 journals closed it" in words for words in told.wrong), told.wrong
