"""Command `import`: load items, stock, suppliers, promotions or past sales from a CSV file; all of it or nothing."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from edge_agent.clock import Clock, clock_from_environment
from edge_agent.counter.importing import (
    Plan,
    plan_items,
    plan_promotions,
    plan_sales,
    plan_stock,
    plan_suppliers,
)
from edge_agent.counter.shop import holding, shop_of
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.fold import lay_out
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.rules.imports import read_items, read_sales, read_stock, read_suppliers
from edge_agent.rules.imports_made import source_of
from edge_agent.rules.imports_promotions import read_promotions
from edge_agent.rules.imports_table import MOST_BYTES, unpacked
from edge_agent.settings import default_folder, load
from edge_agent.wire.events.catalogue import ShopSet

Planner = Callable[[Reading], Plan]
KINDS = ("items", "stock", "suppliers", "promotions", "sales")


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("import", help=__doc__, description=__doc__)
    parser.add_argument("kind", choices=KINDS, help="what the file holds")
    parser.add_argument("file", type=Path, help="a CSV file, or .csv.gz")
    parser.add_argument("--dry-run", action="store_true", help="say what would change; record nothing")
    parser.add_argument("--on-top", action="store_true", help="sales: add to days that are known already")
    parser.add_argument("--vat", default="", help="items of another till: per cent VAT in prices that it calls taxed")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 when the file is in (or would be); BadInput and BadRow name what is off, and nothing was recorded."""
    clock, said = clock_from_environment(), shop_of(load(args.data))
    content = _content(args.file)
    with _memory(args.data / "journal.db") as memory:
        planner = _planner(args, content, holding(memory, said), clock)
        tried = planner(memory) if args.dry_run else None
    plan = tried or _recorded(args, planner, said, clock)
    print(_as_json(args, plan) if args.json else _as_words(args, plan))
    return 0


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return unpacked(file.name, opened.read(MOST_BYTES + 1))
    except FileNotFoundError:
        raise NotKnown(f"there is no file {file}") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None


def _recorded(args: argparse.Namespace, planner: Planner, said: ShopSet, clock: Clock) -> Plan:
    journal = Journal.open(args.data, clock, random_id)
    planned: list[Plan] = []

    def compose(memory: Reading) -> list[Draft]:
        planned.append(planner(memory))
        shop = holding(memory, said)
        return [*([] if shop == memory.shop() else [Draft(shop)]), *map(Draft, planned[-1].bodies)]

    try:
        journal.record(compose).result()
    finally:
        journal.close()
    return planned[-1]


def _memory(file: Path) -> Reading:
    """The memory beside a running till; an empty one where there is none yet."""
    if file.exists():
        return Reading.open(file)
    db = apsw.Connection(":memory:")
    lay_out(db)
    return Reading(db)


def _planner(args: argparse.Namespace, content: bytes, shop: ShopSet, clock: Clock) -> Planner:
    """Reads the file at once (the whole of it is right, or BadRow); what it changes is asked of the memory later."""
    file, now = args.file.name, clock.now()
    match args.kind:
        case "items":
            items = read_items(file, content, shop.decimals, args.vat)
            return lambda memory: plan_items(memory, file, items, now)
        case "stock":
            stock = read_stock(file, content)
            return lambda memory: plan_stock(memory, file, stock)
        case "suppliers":
            suppliers = read_suppliers(file, content, shop.decimals)
            return lambda memory: plan_suppliers(memory, suppliers, shop.zone, now)
        case "promotions":
            promotions = read_promotions(file, content, shop.decimals, shop.zone)
            return lambda memory: plan_promotions(memory, file, promotions)
        case _:
            until = None if clock.quality() == "floor" else now
            sales = read_sales(file, content, shop.zone, until)
            source = source_of(content)
            return lambda memory: plan_sales(memory, file, source, sales, shop, on_top=args.on_top)


def _as_json(args: argparse.Namespace, plan: Plan) -> str:
    counts = {"new": plan.new, "changed": plan.changed, "same": plan.same, "events": len(plan.bodies)}
    said = {"kind": args.kind, "file": args.file.name, "dry_run": args.dry_run, **counts, "notes": plan.notes}
    return json.dumps(said, ensure_ascii=False)


def _as_words(args: argparse.Namespace, plan: Plan) -> str:
    first = f"{args.file.name}: {args.kind}: {plan.new} new, {plan.changed} changed, {plan.same} the same"
    last = "nothing was recorded (dry run)" if args.dry_run else f"events recorded: {len(plan.bodies)}"
    return "\n".join([first, *(f"note: {note}" for note in plan.notes), last])
