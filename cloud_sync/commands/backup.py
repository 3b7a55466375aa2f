"""Command `backup`: copy the database while it serves, prove the copy by restoring it, tell the tills what is safe."""

import argparse
import json
from pathlib import Path
from typing import Any

from cloud_sync.backups import back_up
from cloud_sync.clock import clock_from_environment
from cloud_sync.founding import opened
from cloud_sync.settings import load_settings

SCRATCH = "a PostgreSQL server on which a copy is proved, in a database of its own (default: the cloud's)"


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("backup", help=__doc__)
    parser.add_argument("target", type=Path, metavar="FOLDER|FILE", help="a folder gets a file named by date and time")
    parser.add_argument("--scratch", default="", metavar="URL", help=SCRATCH)
    return parser


def run(args: argparse.Namespace) -> int:
    """Print what the copy holds."""
    settings = load_settings(args.data)
    database = opened(settings, settings.owner_url)
    try:
        proved = back_up(database, args.target, clock_from_environment().now(), args.scratch)
    finally:
        database.close()
    events = sum(proved.journals.values())
    if args.json:
        print(json.dumps({"file": str(proved.file), "journals": len(proved.journals), "events": events}))
    else:
        print(f"{proved.file}: {len(proved.journals)} journals with {events} events, restored and proved")
    return 0
