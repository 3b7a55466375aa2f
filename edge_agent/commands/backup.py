"""Command `backup`: an encrypted copy of this till's memory and settings in one file, made beside a running till."""

import argparse
import json
import secrets
from pathlib import Path
from typing import Any

from edge_agent.settings import default_folder


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("backup", help=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="where the copy goes, such as a stick")
    parser.add_argument("--passphrase-file", type=Path, help="a file with the passphrase in its first line")
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print how far the copy goes."""
    from edge_agent.commands.passphrase import passphrase
    from edge_agent.journal.backup import back_up

    copied = back_up(args.data, args.file, passphrase(args.passphrase_file, twice=True), secrets.token_bytes(23))
    if args.json:
        print(json.dumps({"file": str(args.file), "journal": copied.journal, "events": copied.head.seq}))
    else:
        print(f"{args.file}: journal {copied.journal}, {copied.head.seq} events, sealed and read back")
        print("The keys of this till are not in it: after a restore it is paired again.")
    return 0
