"""The shadow: a new model is judged on the shop's own evenings, earns its place there or not, and may lose it again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.lineup import Bench
from edge_agent.rules.day import DAY_MS
from edge_agent.shadow import NAMED_MS, Shadow, Trial
from edge_agent.shelf import Shelf
from edge_agent.wire.events.reorder import ReorderDecided
from tests.cloud import proposal
from tests.growing_shop import BETTER, activated, grown, shipped_hash, taken
from tests.model_offers import SHIPPED, constant_model
from tests.shop import TUESDAY_14, record

LAST_DAY = 739_677


class House:
    """A shop that grows, and its shadow; `changes` counts how often another model got the place."""

    def __init__(self, folder: Path, *, days: int = 130, shipped: Path | None = None) -> None:
        self.journal: Journal = grown(folder, days=days)
        self.clock = FileClock(folder / "clock")
        self.bench = Bench(Shelf(folder / "data"), shipped)
        self.changes = 0
        self.shadow = Shadow(self.journal, self.clock, self.bench, self._changed)
        self.memory = self.journal.reading()

    def _changed(self) -> None:
        self.changes += 1

    def states(self) -> dict[str, str]:
        return {one.sha256: one.state for one in self.memory.models()}

    def said(self, kind: str) -> list[dict[str, object]]:
        return [event.body for event in self.memory.events(kind)]

    def later(self, days: int) -> None:
        self.clock.set(self.clock.now() + days * DAY_MS)

    def close(self) -> None:
        verify(self.memory.db)
        self.memory.close()
        self.journal.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_a_model_that_is_better_on_the_shops_own_evenings_gets_the_place(house: House) -> None:
    model = taken(house.journal, constant_model(BETTER))
    house.shadow.tick()
    (judged,) = house.said("model_judged")
    assert judged["better"] is True
    assert int(str(judged["loss"])) < int(str(judged["loss_before"])) == int(str(judged["loss_base"]))
    assert (judged["evenings"], house.states(), house.changes) == (9, {model: "in_use"}, 1)
    house.shadow.tick()
    assert len(house.said("model_judged")) == 1


def test_one_that_earns_nothing_here_stays_in_the_shadow_and_is_judged_again_in_a_week(tmp_path: Path) -> None:
    house = House(tmp_path, days=120, shipped=SHIPPED)
    model = taken(house.journal, constant_model(0.6))
    house.shadow.tick()
    assert [body["better"] for body in house.said("model_judged")] == [False]
    house.later(6)
    house.shadow.tick()
    assert len(house.said("model_judged")) == 1
    house.later(2)
    house.shadow.tick()
    assert len(house.said("model_judged")) == 2
    assert (house.states(), house.changes) == ({model: "shadow"}, 0)
    house.close()


def test_evenings_that_may_have_taught_the_model_do_not_judge_it(house: House) -> None:
    taken(house.journal, constant_model(BETTER), taught_until=LAST_DAY - 20)
    house.shadow.tick()
    assert house.said("model_judged") == []
    house.later(30)
    house.shadow.tick()
    (judged,) = house.said("model_judged")
    assert 3 <= int(str(judged["evenings"])) < 9


def test_a_shop_that_is_too_young_judges_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, days=40)
    taken(house.journal, constant_model(BETTER))
    house.shadow.tick()
    assert house.said("model_judged") == []
    house.close()


def test_a_file_that_can_not_be_run_is_set_aside_from_the_shadow(house: House) -> None:
    model = taken(house.journal, b"no model" * 99)
    house.shadow.tick()
    assert house.states() == {model: "aside"}
    assert [body["why"] for body in house.said("model_set_aside")] == ["failed"]


def test_one_in_use_that_does_worse_gives_its_place_back_to_the_one_before(house: House) -> None:
    good = taken(house.journal, constant_model(BETTER))
    activated(house.journal, good)
    bad = taken(house.journal, constant_model(0.6), version=2026030302)
    activated(house.journal, bad, before=good, version=2026030302)
    house.later(8)
    house.shadow.tick()
    assert house.states() == {good: "in_use", bad: "aside"}
    assert [(body["why"], body["instead"]) for body in house.said("model_set_aside")] == [("worse", good)]


def test_a_newer_one_in_the_shadow_is_judged_in_place_of_an_older(house: House) -> None:
    older = taken(house.journal, constant_model(0.6))
    newer = taken(house.journal, constant_model(BETTER), version=2026030302)
    house.shadow.tick()
    assert [body["sha256"] for body in house.said("model_judged")] == [newer]
    assert house.states() == {newer: "in_use", older: "shadow"}


@pytest.mark.parametrize(
    ("own", "other", "base", "covered", "earns", "fails"),
    [
        (0.50, 0.51, 0.52, 0.95, True, False),
        (0.51, 0.51, 0.52, 0.95, False, False),
        (0.50, 0.51, 0.49, 0.95, False, True),
        (0.50, 0.51, 0.52, 0.92, False, False),
        (0.52, 0.51, 0.52, 0.95, False, True),
        (0.512, 0.51, 0.52, 0.95, False, False),
        (0.5098, 0.51, 0.52, 0.95, False, False),
    ],
)
def test_a_place_is_earned_by_being_better_than_the_one_in_use_and_no_worse_than_the_base(
    *, own: float, other: float, base: float, covered: float, earns: bool, fails: bool
) -> None:
    trial = Trial(9, 900, base, own, other, covered, 0.95)
    assert (trial.earns, trial.fails) == (earns, fails)


def test_files_that_a_decision_of_the_last_90_days_names_are_kept_and_others_go(tmp_path: Path) -> None:
    house = House(tmp_path, days=40, shipped=SHIPPED)
    shelf, journal = house.bench.shelf, house.journal
    names = [taken(journal, constant_model(1 + i / 100), version=2026030301 + i) for i in range(4)]
    for place, name in enumerate(names[:3]):
        activated(journal, name, version=2026030301 + place)
    makers = [["onnx", names[0]]]
    basis = {"zone": "UTC", "hours": [None] * 7, "shares": [], "makers": makers}
    numbers = dict.fromkeys(("floor", "ceiling", "carry", "obsolete", "salvage", "waste"), 0)
    record(journal, ReorderDecided.model_validate({**proposal(), "lines": [], "basis": {**basis, **numbers}}))
    stray = tmp_path / "stray"
    stray.write_bytes(b"stray")
    strayed = shelf.put(stray)
    house.shadow.tick()
    assert not shelf.holds(strayed)
    assert [shelf.holds(name) for name in names] == [True, True, True, True]
    assert house.states() == dict(zip(names, ["aside", "before", "in_use", "shadow"], strict=True))
    house.later(NAMED_MS // DAY_MS + 1)
    house.shadow.tick()
    assert [shelf.holds(name) for name in names] == [False, True, True, True]
    assert shelf.holds(shipped_hash())
    assert house.clock.now() > TUESDAY_14
    house.close()
