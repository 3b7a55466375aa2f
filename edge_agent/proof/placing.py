"""What a rule sends to one supplier: its lines as the order as a whole leaves them (`rules.settle`), and its fee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_agent.proof.rules import Rule, Sight, decided
from edge_agent.proof.world import World
from edge_agent.rules.settle import settle


@dataclass(frozen=True)
class Placed:
    """Packs by SKU (none: nothing is sent), the fee for a small order, and the way below the minimum: `top_up`, `fee`,
    `wait`, or empty where there was none to take."""

    packs: Mapping[str, int]
    fee: int = 0
    way: str = ""


def placed(world: World, rule: Rule, value: float, supplier: str, sights: Sequence[Sight], *, pays: bool) -> Placed:
    """Ours settles as a till does; of the others the order below a minimum waits, or `pays` the fee where one is
    taken."""
    if rule.sees:
        return _settled(world, value, supplier, sights)
    lines = wanted(world, rule, value, sights)
    worth = sum(packs * world.goods[sku].terms.pack_cost for sku, packs in lines.items())
    limits = world.limits(supplier)
    if not lines or worth >= limits.least:
        return Placed(lines)
    return Placed(lines, limits.fee, "fee") if pays and limits.fee else Placed({}, way="wait")


def wanted(world: World, rule: Rule, value: float, sights: Sequence[Sight]) -> dict[str, int]:
    """Packs of each SKU alone that needs any."""
    found = {sight.sku: rule.packs(world, sight, value) for sight in sights}
    return {sku: packs for sku, packs in found.items() if packs}


def _settled(world: World, floor: float, supplier: str, sights: Sequence[Sight]) -> Placed:
    each = [decision for sight in sights if (decision := decided(world, sight, floor)) and decision.packs]
    lines, said = settle(each, world.policy(round(floor)), world.limits(supplier))
    way = said.way if said else ""
    if way == "wait":
        return Placed({}, way=way)
    fee = world.limits(supplier).fee if way == "fee" else 0
    return Placed({one.snapshot.sku: one.packs for one in lines}, fee, way)
