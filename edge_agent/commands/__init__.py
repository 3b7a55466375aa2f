"""The commands of `edge-agent`: one file a command, loaded only when it is called."""

import argparse
import importlib
import platform
import sys
from collections.abc import Sequence

from edge_agent.errors import DropshelfError
from edge_agent.places import program_version

COMMANDS = {
    "till": "the till with its screen",
    "run": "the same process without a screen",
    "sheet": "the commands that the till obeys when they are scanned, as a PDF",
    "people": "who works here: add, list or forget a person",
    "customers": "who collects points: add, list or forget a customer",
    "pair": "pair this till with the cloud by a one-time code",
    "import": "load items, stock, suppliers or past sales from a CSV file",
    "forecast": "what will sell in the next 72 hours",
    "backtest": "what the device would have forecast on a shop's history",
    "signal": "what moves demand from outside: enter, load and list it",
    "samples": "texts to who took a sample: the key, what may leave now, who said stop",
    "drop": "limited launches: plan, size and report them",
    "reorder": "the orders that the device has decided",
    "why": "the arithmetic of an order, replayed",
    "backup": "an encrypted copy of this till, made beside a running till",
    "restore": "put a till's backup into an empty folder",
    "export": "every journal of this till in one file that anybody can check",
    "verify": "walk the journal's chain and rebuild every view",
}
FILES = {"import": "imports"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 1 when it could not, 2 for words that it does not know."""
    words = list(sys.argv[1:] if argv is None else argv)
    if platform.system() == "Windows":
        print("Dropshelf needs Linux (the demo also runs on macOS).", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog="edge-agent", description="Dropshelf's till and its tools.")
    parser.add_argument("--version", action="version", version=program_version())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in words if word in COMMANDS), None)
    for name, helps in COMMANDS.items():
        if name == chosen:
            importlib.import_module(f"edge_agent.commands.{FILES.get(name, name)}").add_parser(commands)
        else:
            commands.add_parser(name, help=helps)
    return _run(parser.parse_args(words))


def _run(args: argparse.Namespace) -> int:
    module = importlib.import_module(f"edge_agent.commands.{FILES.get(args.command, args.command)}")
    try:
        return int(module.run(args))
    except DropshelfError as error:
        again = " (trying again may help)" if error.again else ""
        print(f"edge-agent {args.command}: {error.message}{again}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
