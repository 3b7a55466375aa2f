"""The fault matrix's row of reservations: what is promised is there, and the rig finds it when it is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.split import Split
from scripts.tortures import reserve
from scripts.tortures.memory import in_memory

SEED = "1.0"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as place:
        yield place


def test_all_pieces_are_sold_and_no_more_whoever_reserves_and_comes(place: Path) -> None:
    told = reserve.one_shop(place / "shop", SEED, 1)
    assert told.wrong == []
    assert (told.done["sold"], told.done["oversold"]) == (20, 0)
    assert all(told.done[what] for what in ("reserved", "fetched", "none left")), told.done


def test_a_page_that_promises_what_is_promised_already_is_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Split, "free", lambda split, _channel: max(0, split.pool))
    told = reserve.one_shop(place / "shop", SEED, 1)
    assert told.done["oversold"], told.done
    assert told.wrong
