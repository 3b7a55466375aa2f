"""Command `export`: every journal of this till in one file that anybody can check, and that its cloud can take in."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from edge_agent.settings import default_folder


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("export", help=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="where the archive goes, such as a stick")
    parser.add_argument(
        "--books", action="store_true", help="for an auditor: a zip with JSON lines, CSV, the key and a verifier"
    )
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Beside a running till; print what was written."""
    from edge_agent.errors import BadInput
    from edge_agent.journal.reading import Reading
    from edge_agent.sync.archive import archived
    from edge_agent.sync.keys import load_keys, own_key

    if not args.file.parent.is_dir():
        raise BadInput(f"there is no folder {args.file.parent}")
    if args.books:
        return _books(args)
    lines = 0
    with Reading.open(args.data / "journal.db") as memory, memory.db, args.file.open("wb") as out:
        for line in archived(memory, load_keys(args.data), own_key(args.data)):
            out.write(line + b"\n")
            lines += 1
        out.flush()
        os.fsync(out.fileno())
        head = memory.head()
    if args.json:
        print(json.dumps({"file": str(args.file), "head": head.hash.hex(), "events": head.seq}))
    else:
        print(f"{args.file}: {head.seq} events up to head {head.hash.hex()[:16]}, and the journals before")
    return 0


def _books(args: argparse.Namespace) -> int:
    from edge_agent.journal.reading import Reading
    from edge_agent.sync.archive import archived
    from edge_agent.sync.books import write_books
    from edge_agent.sync.keys import load_keys, own_key

    key = own_key(args.data)
    public = key.public_key().public_bytes_raw().hex()
    with Reading.open(args.data / "journal.db") as memory, memory.db:
        lines = write_books(memory, archived(memory, load_keys(args.data), key), public, args.file)
        head = memory.head()
    with args.file.open("rb") as written:
        os.fsync(written.fileno())
    if args.json:
        print(json.dumps({"file": str(args.file), "head": head.hash.hex(), "events": lines, "public_key": public}))
    else:
        print(f"{args.file}: {lines} events up to head {head.hash.hex()[:16]}, key {public[:16]}")
    return 0
