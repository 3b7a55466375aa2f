"""The bench of the sync sends real sales to a real cloud, counts what crosses, and says when PouchDB is left out."""

import random
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.benches.pouch import Pouch, pouch
from scripts.benches.relay import Relay
from scripts.benches.sync_till import SyncTill, five_lines
from scripts.house_ import House, difference
from scripts.tortures.bad_wire import address_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "house", None)
    house.found_cloud()
    yield house
    house.close()


def test_a_sale_of_the_bench_has_five_lines_and_adds_up() -> None:
    sale = five_lines(random.Random(1), 7)
    assert len(sale.lines) == 5
    assert sale.total == sum(line.gross for line in sale.lines) == sale.tenders[0].amount


def test_what_the_bench_sends_by_the_relay_arrives_and_is_counted_in_bytes(house: House) -> None:
    till = SyncTill(house)
    relay = Relay(address_of(house.url))
    try:
        lines = till.sell(20)
        till.goes_by(relay.url)
        assert till.drain() > 0
        assert difference(house.till_data, house.cloud_data) == (0, 0)
        assert 0 < relay.sent < sum(map(len, lines)) + 100_000
        assert relay.answered > 0
        assert relay.requests >= 2
    finally:
        till.close()
        relay.close()


def test_the_relay_counts_one_request_and_passes_its_answer_on(house: House) -> None:
    relay = Relay(address_of(house.url))
    with urllib.request.urlopen(f"{relay.url}/health/live", timeout=20) as answer:
        assert answer.read() == b'{"live":true}'
    assert relay.requests == 1
    relay.close()


def test_pouchdb_is_left_out_where_node_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert not isinstance(said := pouch(), Pouch)
    assert said.startswith("left out")
