"""The commands of `cloud-sync`: one file a command, loaded only when it is called."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_agent.errors import DropshelfError

COMMANDS = {
    "backup": "copy the database while it serves, and prove the copy",
    "forget-shop": "hand a customer everything in one file, then leave no row of it",
    "init": "make the database and a shop",
    "migrate": "move the tables to this program's newest revision, or to another",
    "owner": "make an owner, or give one a new one-time password",
    "pair-code": "print a one-time code that pairs a till with a shop",
    "publish": "sign a trained model and offer it to every till",
    "restore": "put a backup in the database's place",
    "serve": "run the service",
    "take-in": "take in an archive that a till exported to a stick",
    "take-orders": "take a marketplace's orders out of a CSV file",
    "tills": "list the tills, and say what each may still do",
    "train": "retrain the demand model on the synced sales of all shops",
    "verify": "walk every journal's chain and count everything anew",
}


def default_folder() -> Path:
    """`DROPSHELF_CLOUD_DATA`, else the user's own data folder."""
    given = os.environ.get("DROPSHELF_CLOUD_DATA")
    return Path(given) if given else Path.home() / ".local" / "share" / "dropshelf-cloud"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 1 when it could not, 2 for words that it does not know."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="cloud-sync", description="Dropshelf's cloud service and its tools.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in words if word in COMMANDS), None)
    for name, helps in COMMANDS.items():
        if name == chosen:
            added = _module(name).add_parser(commands)
            added.add_argument("--data", type=Path, default=default_folder(), help="the cloud's data folder")
            added.add_argument("--json", action="store_true", help="print JSON")
        else:
            commands.add_parser(name, help=helps)
    args = parser.parse_args(words)
    try:
        return int(_module(args.command).run(args))
    except DropshelfError as error:
        again = " (trying again may help)" if error.again else ""
        print(f"cloud-sync {args.command}: {error.message}{again}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


def _module(name: str) -> Any:
    """The command's file: it has `add_parser(commands)`, which returns the parser, and `run(args)`."""
    return importlib.import_module(f"cloud_sync.commands.{name.replace('-', '_')}")
