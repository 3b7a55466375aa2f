"""A model on its way to the till: fetched in parts that survive a stop, and refused for every reason there is."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge_agent import shelf as shelves
from edge_agent.demand.schema import SCHEMA
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.shelf import Shelf
from edge_agent.sync.model import Bringing, Judge
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.models import ModelPublished
from edge_agent.wire.limits import MODEL_BYTES
from edge_agent.wire.messages import ModelPart
from tests.model_offers import AUDIENCE, PINNED, STRANGER, entry, offer
from tests.shop import TUESDAY_14, open_journal, record

FILE = bytes(range(256)) * 40
DAY = 86_400_000


@dataclass
class Bytes:
    """A cloud's file, handed out in parts of 4,000 bytes; `stops` makes it silent after so many."""

    file: bytes = FILE
    asked: list[int] = field(default_factory=list)
    stops: int = 99

    def model_part(self, *, sha256: str, after: int) -> ModelPart:
        self.asked.append(after)
        piece = self.file[after : after + 4_000] if len(self.asked) <= self.stops else b""
        return ModelPart(sha256=sha256, after=after, data=base64.b64encode(piece).decode())


class House:
    """A till with an offer in its feed, and what it does about it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal: Journal = open_journal(folder)
        record(self.journal, DevicePaired(tenant="t", shop="s", device="d", audience=AUDIENCE, catalogue_to=0))
        self.memory = self.journal.reading()
        self.shelf = Shelf(folder / "data")
        self._cursor = 0

    def offers(self, model: ModelPublished) -> None:
        self._cursor += 1
        self.journal.take_feed("g", [entry(self._cursor, model)]).result()

    def brings(self, door: Bytes, key: str = PINNED) -> None:
        """Steps until there is nothing to do about it."""
        bringing = Bringing(self.journal, self.memory, door, self.shelf, key, AUDIENCE)
        while bringing.step():
            pass

    def said(self) -> list[str]:
        """What was recorded of models: `taken VERSION` or `refused WHY`."""
        found = []
        for event in self.memory.events("model_taken", "model_refused"):
            taken = event.kind == "model_taken"
            found.append(f"taken {event.body['version']}" if taken else f"refused {event.body['why']}")
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    verify(house.memory.db)
    house.memory.close()
    house.journal.close()


def test_a_signed_model_is_fetched_in_parts_and_waits_in_the_shadow(house: House) -> None:
    model, door = offer(FILE), Bytes()
    house.offers(model)
    house.brings(door)
    assert house.said() == [f"taken {model.version}"]
    assert house.shelf.path(model.sha256).read_bytes() == FILE
    assert [(one.state, one.sha256) for one in house.memory.models()] == [("shadow", model.sha256)]
    assert door.asked == [0, 4_000, 8_000]
    house.brings(door)
    assert len(door.asked) == 3


def test_a_fetch_that_was_cut_off_goes_on_where_it_ended(house: House) -> None:
    house.offers(offer(FILE))
    house.brings(Bytes(stops=2))
    assert house.said() == []
    later = Bytes()
    house.brings(later)
    assert (house.said(), later.asked) == (["taken 2026030301"], [8_000])


def test_a_file_that_is_here_already_is_not_fetched_again(house: House, tmp_path: Path) -> None:
    (tmp_path / "same").write_bytes(FILE)
    house.shelf.put(tmp_path / "same")
    house.offers(offer(FILE))
    door = Bytes()
    house.brings(door)
    assert (house.said(), door.asked) == (["taken 2026030301"], [])


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (offer(FILE, key=STRANGER), "key"),
        (offer(FILE, audience="another cloud"), "key"),
        (offer(FILE).model_copy(update={"length": len(FILE) + 1}), "key"),
        (offer(FILE).model_copy(update={"expires_at": TUESDAY_14 + 99 * DAY}), "key"),
        (offer(FILE, features="demand-0"), "schema"),
        (offer(FILE, expires_at=TUESDAY_14 - 1), "expired"),
        (offer(FILE, length=MODEL_BYTES + 1), "longer"),
    ],
)
def test_what_is_wrong_with_an_offer_is_seen_before_a_byte_is_fetched(
    house: House, model: ModelPublished, why: str
) -> None:
    door = Bytes()
    house.offers(model)
    house.brings(door)
    assert (house.said(), door.asked) == ([f"refused {why}"], [])
    house.brings(door)
    assert house.said() == [f"refused {why}"]


@pytest.mark.parametrize(
    ("file", "why"),
    [(FILE + b"more", "longer"), (b"X" + FILE[1:], "bytes"), (FILE[:-1] + b"\x00", "bytes")],
)
def test_what_is_wrong_with_the_bytes_is_refused_and_nothing_of_them_stays(
    house: House, tmp_path: Path, file: bytes, why: str
) -> None:
    house.offers(offer(FILE))
    house.brings(Bytes(file))
    assert house.said() == [f"refused {why}"]
    assert list((tmp_path / "data" / "models").iterdir()) == []


def test_a_version_that_is_not_newer_is_refused_and_what_was_taken_stays(house: House) -> None:
    house.offers(offer(FILE))
    house.brings(Bytes())
    for version, other in ((2026030301, b"other" * 999), (2026030201, FILE)):
        house.offers(offer(other, version=version))
        house.brings(Bytes(other))
    assert house.said() == ["taken 2026030301", "refused older", "refused older"]
    assert [one.version for one in house.memory.models()] == [2026030301]


def test_a_till_that_pinned_no_key_takes_nothing_until_it_is_paired_again(house: House) -> None:
    house.offers(offer(FILE))
    house.brings(Bytes(), key="")
    assert house.said() == ["refused key"]
    record(house.journal, DevicePaired(tenant="t", shop="s", device="e", audience=AUDIENCE, catalogue_to=0))
    house.brings(Bytes())
    assert house.said() == ["refused key", "taken 2026030301"]


def test_another_cloud_counts_its_versions_anew_the_same_one_does_not(house: House) -> None:
    house.offers(offer(FILE))
    house.brings(Bytes())
    assert house.memory.newest_model() == 2026030301
    record(house.journal, DevicePaired(tenant="t", shop="s", device="e", audience=AUDIENCE, catalogue_to=0))
    assert house.memory.newest_model() == 2026030301
    record(house.journal, DevicePaired(tenant="t", shop="s", device="f", audience="another", catalogue_to=0))
    assert house.memory.newest_model() == 0


def test_a_model_of_other_features_is_looked_at_again_by_a_program_that_makes_them(house: House) -> None:
    house.offers(offer(FILE, features="demand-9"))
    house.brings(Bytes())
    assert house.memory.wanted_model(SCHEMA) is None
    assert house.memory.wanted_model("demand-9") is not None


def test_an_untrusted_clock_expires_nothing() -> None:
    late = TUESDAY_14 + 9 * DAY
    assert Judge(PINNED, AUDIENCE, 0, late, trusted=False).fault(offer(FILE)) is None
    fault = Judge(PINNED, AUDIENCE, 0, late, trusted=True).fault(offer(FILE))
    assert fault is not None
    assert fault[0] == "expired"


def test_a_full_disk_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "ROOM_BYTES", 1 << 60)
    house.offers(offer(FILE))
    door = Bytes()
    house.brings(door)
    assert (house.said(), door.asked) == ([], [])
    monkeypatch.undo()
    house.brings(door)
    assert house.said() == ["taken 2026030301"]
