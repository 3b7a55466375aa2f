"""Command `verify`: walk every journal's chain, count everything anew beside it, and compare."""

import argparse
import json
from typing import Any

from cloud_sync.founding import opened
from cloud_sync.ingest.verify import verify
from cloud_sync.settings import load_settings


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    return commands.add_parser("verify", help=__doc__)


def run(args: argparse.Namespace) -> int:
    """0 when all is as it was sent and counted; Broken names the first event or row that is not."""
    proved = verify(opened(load_settings(args.data)))
    if args.json:
        print(json.dumps({"journals": proved.journals, "rows": proved.rows}))
        return 0
    for journal, seq in proved.journals.items():
        print(f"journal {journal}: {seq} events, chain valid")
    print(f"{len(proved.rows)} projections with {sum(proved.rows.values())} rows equal their rebuild")
    return 0
