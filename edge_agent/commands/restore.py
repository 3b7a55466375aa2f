"""Command `restore`: put a till's backup into an empty folder."""

import argparse
import json
from pathlib import Path
from typing import Any

from edge_agent.settings import default_folder


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("restore", help=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="what `edge-agent backup` made")
    parser.add_argument("--passphrase-file", type=Path, help="a file with the passphrase in its first line")
    parser.add_argument(
        "--next-receipt", type=int, default=1, metavar="N", help="one more than on the last receipt that was printed"
    )
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder, empty")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print how far the backup goes, and what comes next."""
    from edge_agent.commands.passphrase import passphrase
    from edge_agent.journal.backup import put_back

    words = passphrase(args.passphrase_file)
    copied = put_back(args.file, args.data, words, next_receipt=max(1, args.next_receipt))
    if args.json:
        print(json.dumps({"journal": copied.journal, "events": copied.head.seq}))
    else:
        print(f"journal {copied.journal} is back with {copied.head.seq} events.")
        print("Next: edge-agent pair, which fetches from the cloud what the backup lacks. A till that is opened before")
        print("goes on in a new journal; nothing is lost by that.")
    return 0
