"""The contests that are fought on a history, their tables, what they must keep to, and how much rests on the stakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge_agent.demand.model import DemandModel
from edge_agent.places import model_file
from edge_agent.proof.contest import TEST_DAYS, Contest, Eyes, contest
from edge_agent.proof.history import History
from edge_agent.proof.rules import BASE, COVER, OURS, RULES
from edge_agent.proof.world import HOURS_72, ONE_DAY, THREE_DAYS, WEEKLY, Terrain, World, simple
from scripts.simulations.world import full_bakery, full_grocery, full_other

STAKES = ((0.25, 0.01), (0.60, 0.01), (0.40, 0.003), (0.40, 0.03))
"""(margin, holding a day) beside the usual .40 and .01."""
MOST_OF_COVER = {ONE_DAY.name: 0.66, HOURS_72.name: 0.95}
MOST_OF_BASE = 1.02
RAMPS = {"gifts"}
"""A wholesaler in a Christmas ramp is told, not judged, against days of cover."""


def contests(history: History, skus: int, *, short: bool = False) -> Iterator[Contest]:
    """Every world of a history; `short`: only its judged shelf, with cover, the base and ours."""
    eyes, first = _eyes(history, skus), _first(history)
    worlds = [simple(history, terrain, skus, first) for terrain in _terrains(history)[: 1 if short else None]]
    if not short:
        worlds.append(_full(history, skus, first))
    for world in worlds:
        yield contest(world, eyes, first, (COVER, BASE, OURS) if short else RULES)


def against_base(history: History, skus: int) -> Contest:
    """The judged shelf under the base and ours alone: what the corrections cost or save."""
    first = _first(history)
    world = simple(history, _terrains(history)[0], skus, first)
    return contest(world, _eyes(history, skus), first, (BASE, OURS))


def _first(history: History) -> int:
    return history.last - TEST_DAYS + 1


def _eyes(history: History, skus: int) -> Eyes:
    path = model_file()
    assert path is not None, "the project ships a model"
    first = _first(history)
    return Eyes(history.shop, history.busiest(skus, first - 182, first - 1), DemandModel(path))


def _terrains(history: History) -> list[Terrain]:
    """Day totals are the bakery's: gone stale in the evening. Receipts are a grocer's or a wholesaler's."""
    return [HOURS_72, THREE_DAYS, WEEKLY] if history.lines else [ONE_DAY, THREE_DAYS]


def _full(history: History, skus: int, first: int) -> World:
    if not history.lines:
        return full_bakery(history, skus, first)
    return full_grocery(history, skus, first) if history.name == "receipts" else full_other(history, skus, first)


def bounds(one: Contest) -> list[str]:
    """What was missed, in words."""
    name, missed = f"{one.world.history.name}, {one.world.name}", []
    most = MOST_OF_COVER.get(one.world.name) if judged_by_cover(one) else None
    if most and one.ratio(OURS.name, COVER.name) > most:
        missed.append(f"{name}: ours {one.ratio(OURS.name, COVER.name):.3f} of days of cover, more than {most}")
    if one.ratio(OURS.name, BASE.name) > MOST_OF_BASE:
        missed.append(f"{name}: ours {one.ratio(OURS.name, BASE.name):.3f} of the base, more than {MOST_OF_BASE}")
    if one.doubled:
        missed.append(f"{name}: {one.doubled} lines would have been ordered twice")
    return missed


def judged_by_cover(one: Contest) -> bool:
    """Whether days of cover took part, in a history that it can judge."""
    return one.world.history.name not in RAMPS and COVER.name in {entry.rule for entry in one.entries}


@dataclass(frozen=True)
class Sensitive:
    """Ours against days of cover on one shelf where margin and holding cost are others."""

    history: str
    world: str
    margin: float
    holding: float
    ratio: float

    def line(self) -> str:
        stakes = f"margin {self.margin:.0%}, holding {self.holding:.1%} a day"
        return f"{self.history}, {self.world}, {stakes}: ours {self.ratio:.3f} of days of cover"

    def as_json(self) -> dict[str, object]:
        return {"margin": self.margin, "holding": self.holding, "ours_to_cover": round(self.ratio, 3)}


def sensitivity(history: History, skus: int) -> Iterator[Sensitive]:
    """The judged shelf with other stakes; parameters are chosen anew for each."""
    eyes, first, terrain = _eyes(history, skus), _first(history), _terrains(history)[0]
    for margin, holding in STAKES:
        world = simple(history, replace(terrain, margin=margin, holding=holding), skus, first)
        found = contest(world, eyes, first, (COVER, OURS))
        yield Sensitive(history.name, terrain.name, margin, holding, found.ratio(OURS.name, COVER.name))
