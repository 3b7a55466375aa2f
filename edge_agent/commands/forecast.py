"""Command `forecast`: what will sell in the next 72 hours, how much it may be, and what may run out."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edge_agent.clock import clock_from_environment
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.reading import Reading
from edge_agent.rules.day import DAY_MS, local
from edge_agent.rules.dayparts import Part, outlook, table
from edge_agent.rules.factor_words import at_work
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.negative_binomial import quantile, running_out
from edge_agent.rules.plan import OpeningHours, expected, hours_of
from edge_agent.rules.reorder import Incoming
from edge_agent.settings import default_folder
from edge_agent.signals import moving

ALWAYS = OpeningHours("UTC", ((0, 1440),) * 7)
AHEAD_MS = 3 * DAY_MS
LIKELY = 0.95
SHOWN = 40


@dataclass(frozen=True)
class Plan:
    """One SKU's next 72 hours: quantities in milli-units, the chance to run out before they are over within 0 and 1."""

    sku: str
    name: str
    on_hand: int
    expected: int
    days: tuple[int, ...]
    at_most: int
    chance_to_run_out: float
    forecaster: str
    made_at: int
    parts: tuple[Part, ...] = ()
    """The parts of the days, and in `moved_by` what moves them, of SKUs that were asked for by name."""
    moved_by: tuple[str, ...] = ()
    table: tuple[str, ...] = ()


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("forecast", help=__doc__, description=__doc__)
    parser.add_argument("sku", nargs="*", help="only these SKUs (default: all, what may run out first)")
    parser.add_argument("--all", action="store_true", help=f"every line, not only the first {SHOWN}")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 with a plan, empty or not; NotKnown for a SKU that has no forecast."""
    if not (args.data / "journal.db").is_file():
        raise BadInput(f"{args.data} holds no till's journal; --data names the folder")
    now = clock_from_environment().now()
    with Reading.open(args.data / "journal.db") as memory:
        shop = memory.shop()
        hours = hours_of(shop) if shop else ALWAYS
        names = {item.sku: item.name for item in memory.items()}
        moves = moving(memory, hours.zone, now)
        plans = []
        for stored in _wanted(memory, args.sku):
            moved = moves.moved(stored, memory.item(stored.sku))
            plan = _plan(moved, names.get(stored.sku, stored.sku), memory.stock(stored.sku).on_hand, hours, now)
            plans.append(_in_parts(plan, memory, moved, hours, now) if args.sku else plan)
    plans.sort(key=lambda one: (-round(one.chance_to_run_out, 4), -one.expected, one.sku))
    print(_json(plans) if args.json else _words(plans, hours, now, args))
    return 0


def _wanted(memory: Reading, skus: list[str]) -> Iterable[Forecast]:
    if not skus:
        return memory.forecasts()
    found = [(sku, memory.forecast(sku)) for sku in skus]
    missing = [sku for sku, forecast in found if forecast is None]
    if missing:
        raise NotKnown(f"there is no forecast of {missing[0]}: it never sold here, or the till has not forecast yet")
    return [forecast for _, forecast in found if forecast]


def _plan(forecast: Forecast, name: str, on_hand: int, hours: OpeningHours, now: int) -> Plan:
    mean, phi = expected(forecast, hours, now, now + AHEAD_MS), forecast.phi_milli / 1000
    days = tuple(expected(forecast, hours, now + i * DAY_MS, now + (i + 1) * DAY_MS) for i in range(3))
    most = 1000 * quantile(mean / 1000, phi, LIKELY)
    short = running_out(on_hand // 1000, mean / 1000, phi)
    return Plan(forecast.sku, name, on_hand, mean, days, most, round(short, 6), forecast.forecaster, forecast.made_at)


def _in_parts(plan: Plan, memory: Reading, forecast: Forecast, hours: OpeningHours, now: int) -> Plan:
    """The same plan with its parts of the day and what moves it."""
    coming = [Incoming(one.order[:8], one.eta_at, one.qty) for one in memory.incoming(plan.sku)]
    found = outlook(plan.on_hand, coming, forecast, hours, now)
    shop = memory.shop()
    language = shop.language if shop else "en"
    moved_by = tuple(at_work(forecast, hours.zone, now, found.until, language))
    return replace(plan, parts=found.parts, moved_by=moved_by, table=tuple(table(found, hours.zone, language)))


def _json(plans: list[Plan]) -> str:
    told = [{key: value for key, value in asdict(one).items() if key != "table"} for one in plans]
    return json.dumps(told, ensure_ascii=False)


def _words(plans: list[Plan], hours: OpeningHours, now: int, args: argparse.Namespace) -> str:
    if not plans:
        return "Nothing has been forecast yet: the till forecasts what has sold once it runs."
    shown = plans if args.all or args.sku else plans[:SHOWN]
    end = local(now + AHEAD_MS, hours.zone)
    said = [
        f"The next 72 hours, until {end:%a %d %b %H:%M}. At most: with a chance of {LIKELY:.0%}.",
        f"{'':32} {'on hand':>8} {'expected':>9} {'at most':>8} {'may run out':>12}",
        *(text for one in shown for text in (_line(one), *one.moved_by, *one.table)),
    ]
    hidden = len(plans) - len(shown)
    return "\n".join([*said, f"... and {hidden} more (--all)"] if hidden else said)


def _line(one: Plan) -> str:
    return (
        f"{one.name[:32]:32} {one.on_hand / 1000:8.6g} {one.expected / 1000:9.1f} {one.at_most / 1000:8.0f} "
        f"{one.chance_to_run_out:12.0%}"
    )
