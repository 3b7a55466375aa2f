"""The fault matrix: `torture.py ROW` or `torture.py all`; prints counts and the seed that repeats a failure."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, enter

if TYPE_CHECKING:
    from scripts.tortures import Row

ROWS = (
    "clock",
    "kill9",
    "soak",
    "year",
    "order",
    "powercut",
    "disk",
    "sim",
    "storm",
    "proxy",
    "restore",
    "bitflip",
    "post",
)


def main() -> int:
    """0 when nothing was lost, doubled or wedged."""
    enter()
    args = _words().parse_args()
    rows = ROWS if args.row == "all" else (args.row,)
    failed = [name for name in rows if not _run(name, args)]
    if args.row == "all":
        print(f"{len(rows) - len(failed)} passed, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}")
    return 1 if failed else 0


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(description=__doc__)
    rows = words.add_subparsers(dest="row", required=True)
    for name in ("all", *ROWS):
        parser = rows.add_parser(name, help="every row" if name == "all" else _row(name).SUMMARY)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--keep", type=Path, metavar="FILE", help="write what each row came to into a file")
        parser.add_argument("--short", action="store_true", help="the small counts that every change is tried with")
        for count, full in _row(name).FULL.items() if name != "all" else ():
            parser.add_argument(f"--{count}", type=int, help=f"{full}; with --short {_row(name).SHORT[count]}")
    return words


def _row(name: str) -> Row:
    return importlib.import_module(f"scripts.tortures.{name}")


def _run(name: str, args: argparse.Namespace) -> bool:
    """One row on the project's own disk, as a shop's journal lies on one; its report and how to repeat it."""
    row, began = _row(name), time.monotonic()
    told = {count: getattr(args, count, None) for count in row.FULL}
    counts = {count: told[count] or usual for count, usual in (row.SHORT if args.short else row.FULL).items()}
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".torture-") as folder:
        report = row.run(Path(folder), seed=args.seed, **counts)
    for line in report.lines:
        print(f"{name}: {line}", flush=True)
    words = [name, *(f"--{count} {number}" for count, number in counts.items()), f"--seed {args.seed}"]
    verdict = f"{'ok' if report.ok else 'FAILED'} after {time.monotonic() - began:.0f} s"
    print(f"{name}: {verdict}; repeat with: python3 scripts/torture.py {' '.join(words)}", flush=True)
    if args.keep:
        _keep(args.keep, name, [*report.lines, verdict], words)
    return report.ok


def _keep(file: Path, name: str, lines: list[str], words: list[str]) -> None:
    """What a row came to, with command, date, revision and machine; other rows stay as they are."""
    from scripts.benches.results import read, this_run, write

    run = this_run(words, datetime.now(UTC), "scripts/torture.py")
    write(file, {**read(file), name: {"lines": lines, **run}})


if __name__ == "__main__":
    sys.exit(main())
