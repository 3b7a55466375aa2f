"""Command `drop`: plan drops from a CSV file, list them, size the next one, and report what one came to."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edge_agent.clock import Clock, clock_from_environment
from edge_agent.counter import drops as desk
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.rules.drop_report import Proposal, Report
from edge_agent.rules.drop_window import state, told
from edge_agent.rules.drop_words import report_lines, size_lines
from edge_agent.rules.imports_drops import COLUMNS, read_file
from edge_agent.rules.imports_table import MOST_BYTES, unpacked
from edge_agent.settings import default_folder
from edge_agent.wire.events.drops import DropSet


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("drop", help=__doc__, description=__doc__)
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    plan = acts.add_parser("plan", help=f"a CSV file, one row a variant: {', '.join(COLUMNS.known)}")
    plan.add_argument("file", type=Path)
    listed = acts.add_parser("list", help="what is planned, open and over")
    size = acts.add_parser("size", help="three sizes for a drop, by the drops before it")
    report = acts.add_parser("report", help="what a drop came to, and the next size")
    for one in (size, report):
        one.add_argument("drop", help="its id, as `drop list` shows it")
    for one in (listed, size, report):
        one.add_argument("--json", action="store_true", help="print JSON")
    for one in (plan, listed, size, report):
        one.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 when it is planned or told; BadInput and NotKnown name what is off, and nothing was recorded."""
    clock = clock_from_environment()
    if not (args.data / "journal.db").is_file():
        raise BadInput(f"{args.data} holds no till's journal; --data names the folder")
    if args.act == "plan":
        return _plan(args, clock)
    with Reading.open(args.data / "journal.db") as memory:
        if args.act == "list":
            return _list(args, memory, clock)
        return _one(args, memory)


def _plan(args: argparse.Namespace, clock: Clock) -> int:
    journal = Journal.open(args.data, clock, random_id)
    try:
        with journal.reading() as memory:
            shop = memory.shop()
        found = read_file(
            args.file.name, _content(args.file), shop.zone if shop else "UTC", shop.decimals if shop else 2
        )
        for drop in found:
            for words in desk.plan(journal, drop, clock.now()):
                print(f"{drop.name}: {words}")
            print(f"planned: {drop.name}, {sum(part.qty for part in drop.parts) // 1000} pieces in {len(drop.parts)}")
    finally:
        journal.close()
    return 0


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return unpacked(file.name, opened.read(MOST_BYTES + 1))
    except FileNotFoundError:
        raise NotKnown(f"there is no file {file}") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None


def _list(args: argparse.Namespace, memory: Reading, clock: Clock) -> int:
    zone, drops = desk.zone_of_shop(memory), memory.drops()
    if args.json:
        print(json.dumps([{**one.model_dump(), "state": _state(one, clock.now())} for one in drops]))
        return 0
    for one in drops:
        pieces = sum(part.qty for part in one.parts) // 1000
        window = f"{told(one.start, zone)} to {told(one.end, zone)}"
        print(f"{one.drop}: {one.name}, {pieces} pieces, {window}, {_state(one, clock.now())}")
    if not drops:
        print("No drop is planned.")
    return 0


def _state(drop: DropSet, now: int) -> str:
    return "called off" if drop.called_off else state(drop, now)


def _one(args: argparse.Namespace, memory: Reading) -> int:
    drop = memory.drop(args.drop)
    if drop is None:
        raise NotKnown(f"there is no drop {args.drop}")
    shop = memory.shop()
    decimals = shop.decimals if shop else 2
    if args.act == "size":
        proposal = desk.sized(memory, drop, clock_from_environment().now())
        print(json.dumps(_sizes(proposal)) if args.json else "\n".join(size_lines(proposal, drop, decimals)))
        return 0
    found = next((one for one in desk.reports(memory) if one.drop.drop == drop.drop), None)
    if found is None:
        raise BadInput(f"{drop.name} is not closed yet: it ends {told(drop.end, desk.zone_of_shop(memory))}")
    following = desk.next_size(memory, drop, clock_from_environment().now())
    if args.json:
        print(json.dumps({**_report(found), "next": _sizes(following)}))
    else:
        zone = desk.zone_of_shop(memory)
        print("\n".join([*report_lines(found, zone, decimals), *size_lines(following, drop, decimals, again=True)]))
    return 0


def _sizes(proposal: Proposal) -> dict[str, object]:
    return {"mean": proposal.demand.mean, "candidates": [asdict(one) for one in proposal.candidates]}


def _report(found: Report) -> dict[str, object]:
    totals = {"sold": found.sold, "left": found.left, "out_at": found.out_at, "wanted": found.wanted}
    parts = [{**asdict(part), "wanted": part.wanted} for part in found.parts]
    return {"drop": found.drop.drop, **totals, "profit": found.profit, "exposure": found.exposure, "parts": parts}
