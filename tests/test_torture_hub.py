"""The fault matrix's row of hubs: each order leaves once, and a hub that counts twice is found."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.database import Database
from cloud_sync.hubs.desk import Desk
from scripts.tortures import hub
from scripts.tortures.memory import in_memory

ORDERS, PIECES = 12, 8


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as place:
        yield place


@pytest.fixture
def cloud(place: Path) -> Iterator[Database]:
    with hub.cloud(place / "cloud.db") as cloud:
        yield cloud


def test_whatever_is_lost_on_the_way_no_order_leaves_twice_and_none_is_lost(cloud: Database, place: Path) -> None:
    told = hub.one_hub(cloud, place, "7.1", orders=ORDERS, pieces=PIECES)
    assert told.wrong == []
    assert told.done["left"] == PIECES
    assert told.done["faults"] > 10


def test_a_hub_that_counts_what_is_said_twice_as_two_is_found(cloud: Database, place: Path) -> None:
    told = hub.one_hub(cloud, place, "7.1", orders=ORDERS, pieces=PIECES, forgets=True)
    assert any("left more than once" in words for words in told.wrong), told.wrong


def test_an_order_that_is_never_brought_on_is_found(
    cloud: Database, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Desk.go_on

    def once(desk: Desk, *said: object) -> object:
        order = whole(desk, *said)  # type: ignore[arg-type]
        monkeypatch.setattr(Desk, "go_on", lambda *_: order)
        return order

    monkeypatch.setattr(Desk, "go_on", once)
    told = hub.one_hub(cloud, place, "7.1", orders=ORDERS, pieces=PIECES)
    assert any("still not known" in words for words in told.wrong), told.wrong
