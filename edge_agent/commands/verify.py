"""Command `verify`: walk the chain, rebuild every view from journal and feed, and compare."""

import argparse
import json
from pathlib import Path
from typing import Any

from edge_agent.journal.rebuild import verify_file
from edge_agent.settings import default_folder


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("verify", help=__doc__)
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """0 and a line when all is as written; Broken names the first wrong event or table."""
    journal, proved = verify_file(args.data / "journal.db")
    if args.json:
        print(
            json.dumps(
                {"journal": journal, "events": proved.head.seq, "head": proved.head.hash.hex(), "views": proved.views}
            )
        )
        return 0
    rows = sum(proved.views.values())
    print(f"journal {journal}: {proved.head.seq} events, chain valid, head {proved.head.hash.hex()[:16]}")
    print(f"{len(proved.views)} views with {rows} rows equal their rebuild")
    return 0
