"""All rules in one world: each with the parameter that served best before the test, then lived through the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory
from edge_agent.proof.rules import BASE, COVER, OURS, RULES, Rule
from edge_agent.proof.run import Run
from edge_agent.proof.seer import Foresight, Seer
from edge_agent.proof.shelf import Tally
from edge_agent.proof.world import World

TEST_DAYS, CHOOSE_DAYS = 90, 56


@dataclass(frozen=True)
class Entry:
    """One rule's result in one world."""

    rule: str
    value: float
    tally: Tally
    pays: bool = False
    """The fees of small orders, where the rule does not settle that itself."""

    def line(self, cover: float) -> str:
        tally = self.tally
        return (
            f"  {self.rule:20} {self.value:6g} {tally.total / 1000:9.1f} {tally.total / cover:6.3f} "
            f"{tally.lost_share:6.1%} {tally.wasted_share:6.1%} {tally.mean_stock / 1000:8.1f} {tally.orders:6} "
            f"{tally.again:5}"
        )

    @property
    def small(self) -> str:
        """What was done about orders below the minimum, and how often."""
        return ", ".join(f"{way} {many}" for way, many in sorted(self.tally.small.items()))

    def as_json(self, cover: float) -> dict[str, object]:
        tally = self.tally
        return {
            "rule": self.rule,
            "parameter": self.value,
            "cost": round(tally.total),
            "to_cover": round(tally.total / cover, 3),
            "lost_cost": round(tally.lost_cost),
            "waste_cost": round(tally.waste_cost),
            "holding_cost": round(tally.holding_cost),
            "lost_share": round(tally.lost_share, 4),
            "wasted_share": round(tally.wasted_share, 4),
            "mean_stock_value": round(tally.mean_stock),
            "orders": tally.orders,
            "doubled": tally.again,
            **({"fee_cost": round(tally.fee_cost), "below_minimum": tally.small} if tally.small else {}),
        }


@dataclass(frozen=True)
class Contest:
    """What came of a world, rule by rule."""

    world: World
    entries: tuple[Entry, ...]

    @property
    def measure(self) -> float:
        """What every cost is told against: days of cover, or the base where that took no part."""
        names = {one.rule for one in self.entries}
        return self.cost(COVER.name if COVER.name in names else BASE.name)

    def cost(self, rule: str) -> float:
        return next(one.tally.total for one in self.entries if one.rule == rule)

    def ratio(self, rule: str, other: str) -> float:
        return self.cost(rule) / self.cost(other)

    @property
    def doubled(self) -> int:
        """Lines that one of our rules would have sent twice."""
        return sum(one.tally.again for one in self.entries if one.rule in {BASE.name, OURS.name})

    def lines(self) -> list[str]:
        """A table: money in thousands of minor units, and each cost against the measure."""
        cover = self.measure
        against = "/cover" if any(one.rule == COVER.name for one in self.entries) else "/base"
        head = f"{self.world.history.name}, {self.world.name}: {len(self.world.goods)} SKUs, {TEST_DAYS} days"
        columns = (
            f"  {'rule':20} {'param':>6} {'cost':>9} {against:>6} {'lost':>6} {'waste':>6} {'stock':>8} orders twice"
        )
        small = [f"  below the minimum, {one.rule}: {one.small}" for one in self.entries if one.tally.small]
        return [head, columns, *(one.line(cover) for one in self.entries), *small]

    def as_json(self) -> dict[str, object]:
        cover = self.measure
        rows = [one.as_json(cover) for one in self.entries]
        return {"skus": len(self.world.goods), "days": TEST_DAYS, "rules": rows}


class Eyes:
    """The seers of one history, their forecasts kept, so that worlds on the same history share them."""

    def __init__(self, shop: ShopHistory, skus: Sequence[str], model: DemandModel) -> None:
        kept = replace(shop, skus={sku: shop.skus[sku] for sku in skus})
        base = Foresight(Seer(model, mixes=False), kept)
        self._of = {"base": base, "ours": Foresight(Seer(model, mixes=True), kept, base)}

    def of(self, rule: Rule) -> Foresight | None:
        return self._of.get(rule.sees)


def contest(world: World, eyes: Eyes, first: int, rules: Sequence[Rule] = RULES, days: int = TEST_DAYS) -> Contest:
    """`first` is the test's first day; parameters are chosen on the CHOOSE_DAYS before it, with all demand in sight."""
    entries = []
    for rule in rules:
        value, pays = chosen(world, rule, eyes, first)
        tally = Run(world, rule, value, eyes.of(rule), first=first, pays=pays).live(first, first + days - 1)
        entries.append(Entry(rule.name, value, tally, pays))
    return Contest(world, tuple(entries))


def chosen(world: World, rule: Rule, eyes: Eyes, first: int) -> tuple[float, bool]:
    """The value with the least cost before the test, and whether small orders are paid for rather than left to wait."""
    ways = (False, True) if world.fees and not rule.sees else (False,)
    settings = [(value, pays) for value in rule.values for pays in ways]
    if len(settings) == 1:
        return settings[0]
    seen, start = replace(world, feedback=False), first - CHOOSE_DAYS

    def cost(setting: tuple[float, bool]) -> float:
        value, pays = setting
        run = Run(seen, rule, value, eyes.of(rule), first=start, asked_again=False, pays=pays)
        return run.live(start, first - 1).total

    return min((cost(setting), setting) for setting in settings)[1]
