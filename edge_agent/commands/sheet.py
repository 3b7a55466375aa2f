"""Command `sheet`: the commands that this till obeys when they are scanned, as a PDF to hang at the counter."""

import argparse
from pathlib import Path
from typing import Any

from edge_agent.counter.signing import signer
from edge_agent.errors import NotKnown
from edge_agent.journal.reading import Reading
from edge_agent.rules.sheet import COMMANDS, code_of
from edge_agent.rules.sheet_page import as_pdf
from edge_agent.rules.tongue import said_in, say_in
from edge_agent.settings import default_folder, load


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("sheet", help=__doc__, description=__doc__)
    parser.add_argument("file", type=Path, help="the PDF that is written")
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 when the sheet is written; NotKnown where no till has been opened yet."""
    if not (args.data / "journal.db").exists():
        raise NotKnown(f"there is no till in {args.data}: open it once")
    with Reading.open(args.data / "journal.db") as memory:
        shop = memory.shop()
    language, sign = shop.language if shop else "en", signer(args.data)
    title = f"{load(args.data).till.name}: {say_in(language, 'COMMANDS TO SCAN')}"
    codes = [(said_in(language, one.name), code_of(one, lambda text: sign(text)[1])) for one in COMMANDS]
    args.file.write_bytes(as_pdf(title, codes))
    print(f"{args.file}: {len(codes)} commands for the scanner, good at this till alone")
    return 0
