"""Command `take-in`: take in an archive that a till exported to a stick, such as one that is refused."""

import argparse
import json
from pathlib import Path
from typing import Any

from cloud_sync.clock import clock_from_environment
from cloud_sync.founding import opened
from cloud_sync.ingest.archive import take_in
from cloud_sync.ingest.project import project
from cloud_sync.settings import load_settings
from edge_agent.errors import NotKnown


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("take-in", help=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="what `edge-agent export` made")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print what it brought."""
    if not args.file.is_file():
        raise NotKnown(f"there is no file {args.file}")
    database, now = opened(load_settings(args.data)), clock_from_environment().now()
    with args.file.open("rb") as lines:
        done = take_in(database, (line.removesuffix(b"\n") for line in lines), now)
    project(database, now)
    if args.json:
        print(json.dumps({"till": done.till, "state": done.state, "events": done.events, "new": done.fresh}))
    else:
        print(f"{done.till}: {done.events} events, {done.fresh} of them new here")
        if done.state in ("suspected", "banned"):
            print(f"They are held back: the till is {done.state}. cloud-sync tills --release counts them.")
    return 0
