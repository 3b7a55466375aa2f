"""Who speaks: the model that has the place, and whatever befalls it the one before, the one shipped, or the base."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.demand.child import RESTED_SECONDS
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.lineup import Bench, Lineup
from edge_agent.renewal import SETTLES_MS, Renewal
from edge_agent.shelf import Shelf
from tests.growing_shop import activated, grown, shipped_hash, taken
from tests.model_offers import SHIPPED, constant_model
from tests.shop import TUESDAY_14


class Till:
    """A journal with a shop's history, its line-up and the renewal of its forecasts, with all time in hand."""

    def __init__(self, folder: Path, shipped: Path | None = SHIPPED) -> None:
        self.journal: Journal = grown(folder, days=90)
        self.clock = FileClock(folder / "clock")
        self.shelf = Shelf(folder / "data")
        self.seconds = 0.0
        self.lineup = Lineup(self.journal, Bench(self.shelf, shipped), lambda: self.seconds)
        self.renewal = Renewal(self.journal, self.clock, self.lineup, lambda _: None)
        self.memory = self.journal.reading()

    def passes(self, minutes: int = 6) -> None:
        """Time for a renewal that is tried again."""
        assert minutes * 60_000 >= SETTLES_MS
        assert minutes * 60 > RESTED_SECONDS
        self.seconds += 60 * minutes
        self.clock.set(self.clock.now() + 60_000 * minutes)

    def speaks(self) -> tuple[str, str]:
        """Who made the stored forecast of milk."""
        self.renewal.tick()
        stored = self.memory.forecast("milk")
        assert stored is not None
        return stored.forecaster, stored.model

    def kills_the_child(self) -> None:
        speaker = self.lineup._speaker
        assert speaker is not None
        process = speaker.child._child._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def set_aside(self) -> list[tuple[str, str, str]]:
        return [(e.body["sha256"], e.body["why"], e.body["instead"]) for e in self.memory.events("model_set_aside")]

    def close(self) -> None:
        verify(self.memory.db)
        self.lineup.close()
        self.memory.close()
        self.journal.close()


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    till = Till(tmp_path)
    yield till
    till.close()


def test_the_shipped_model_speaks_until_another_has_the_place_and_a_copy_of_it_is_kept(till: Till) -> None:
    assert till.speaks() == ("onnx", shipped_hash())
    assert till.shelf.holds(shipped_hash())
    other = taken(till.journal, constant_model(1.1))
    activated(till.journal, other, before=shipped_hash())
    till.renewal.use(till.lineup)
    assert till.speaks() == ("onnx", other)


def test_a_child_that_is_killed_lets_the_base_speak_by_its_name_and_is_back_within_minutes(till: Till) -> None:
    till.speaks()
    till.kills_the_child()
    till.renewal.renew(["milk"])
    assert till.speaks() == ("fallback", "")
    till.passes()
    assert till.speaks() == ("onnx", shipped_hash())
    assert till.set_aside() == []


def test_a_model_whose_file_was_damaged_gives_its_place_to_the_one_before(till: Till) -> None:
    first, second = taken(till.journal, constant_model(1.1)), ""
    activated(till.journal, first, before=shipped_hash())
    second = taken(till.journal, constant_model(1.2), version=2026030302)
    activated(till.journal, second, before=first, version=2026030302)
    assert till.speaks() == ("onnx", second)
    file = till.shelf.path(second)
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    till.renewal.use(till.lineup)
    assert till.speaks() == ("onnx", first)
    assert till.set_aside() == [(second, "failed", first)]
    till.shelf.path(first).unlink()
    till.renewal.use(till.lineup)
    assert till.speaks() == ("onnx", shipped_hash())
    assert till.set_aside()[1:] == [(first, "failed", shipped_hash())]


def test_a_model_that_fails_twice_in_a_row_gives_its_place_up_by_itself(till: Till) -> None:
    broken = taken(till.journal, b"no model at all" * 9)
    activated(till.journal, broken, before=shipped_hash())
    assert till.speaks() == ("fallback", "")
    assert till.set_aside() == []
    till.passes()
    assert till.speaks() == ("onnx", shipped_hash())
    assert till.set_aside() == [(broken, "failed", shipped_hash())]


def test_a_model_of_features_that_this_program_does_not_make_never_speaks(till: Till) -> None:
    old = taken(till.journal, constant_model(1.1, schema="demand-0"), features="demand-0")
    activated(till.journal, old, before=shipped_hash())
    assert till.speaks() == ("onnx", shipped_hash())
    assert [aside[1:] for aside in till.set_aside()] == [("failed", shipped_hash())]


def test_a_file_that_says_otherwise_than_its_offer_is_set_aside_as_well(till: Till) -> None:
    liar = taken(till.journal, constant_model(1.1, schema="demand-0"))
    activated(till.journal, liar, before=shipped_hash())
    assert till.speaks() == ("fallback", "")
    till.passes()
    assert till.speaks() == ("onnx", shipped_hash())


def test_without_any_model_the_base_speaks_under_its_own_name(tmp_path: Path) -> None:
    till = Till(tmp_path, shipped=None)
    assert till.speaks() == ("base", "")
    only = taken(till.journal, b"broken" * 9)
    activated(till.journal, only)
    till.renewal.use(till.lineup)
    assert till.speaks() == ("fallback", "")
    till.passes()
    assert till.speaks() == ("base", "")
    assert till.set_aside() == [(only, "failed", "")]
    till.close()


def test_a_shipped_model_that_is_damaged_is_tried_again_and_never_recorded_as_set_aside(tmp_path: Path) -> None:
    shipped = tmp_path / "demand.onnx"
    shipped.write_bytes(b"broken" * 9)
    till = Till(tmp_path / "till", shipped=shipped)
    for _ in range(4):
        assert till.speaks() == ("fallback", "")
        till.passes()
    assert till.set_aside() == []
    shipped.write_bytes(SHIPPED.read_bytes())
    assert till.speaks()[0] == "onnx"
    till.close()


def test_a_restart_goes_on_with_the_model_that_has_the_place(tmp_path: Path, till: Till) -> None:
    model = taken(till.journal, constant_model(1.1))
    activated(till.journal, model, before=shipped_hash())
    again = Lineup(till.journal, Bench(Shelf(tmp_path / "data"), SHIPPED))
    till.renewal.use(again)
    assert till.speaks() == ("onnx", model)
    again.close()
    assert till.clock.now() == TUESDAY_14
