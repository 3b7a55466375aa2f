"""Command `restore`: put a backup in the database's place; tills then send again what it lacks."""

import argparse
import json
from pathlib import Path
from typing import Any

from cloud_sync.backups import put_back
from cloud_sync.clock import clock_from_environment
from cloud_sync.commands.backup import SCRATCH
from cloud_sync.held import held
from cloud_sync.settings import load_settings


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("restore", help=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="what `cloud-sync backup` made")
    parser.add_argument("--force", action="store_true", help="set the database that is there aside")
    parser.add_argument("--scratch", default="", metavar="URL", help=SCRATCH)
    return parser


def run(args: argparse.Namespace) -> int:
    """Print what is there now, and what the owner must know."""
    settings = load_settings(args.data)
    with held(args.data, alone=True):
        proved = put_back(settings, args.file, clock_from_environment().now(), force=args.force, elsewhere=args.scratch)
    events = sum(proved.journals.values())
    if args.json:
        print(json.dumps({"journals": len(proved.journals), "events": events}))
        return 0
    print(f"{len(proved.journals)} journals with {events} events are back in {args.data}. Next: cloud-sync serve.")
    print("Tills send again what is missing. No order is sent until each has told what was sent, or the owner says so.")
    print("What was decided since the backup is gone: tills that were refused since, approvals, new owners.")
    return 0
