"""The fault matrix: `torture.py ROW` or `torture.py all`; prints counts and the seed that repeats a failure."""

from __future__ import annotations

import argparse
import fcntl
import importlib
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, enter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scripts.tortures import Row

ROWS = (
    "proxy",
    "sim",
    "year",
    "order",
    "soak",
    "restore",
    "powercut",
    "clock",
    "partition",
    "post",
    "journey",
    "bitflip",
    "disk",
    "kill9",
    "storm",
    "drop",
    "reserve",
    "samples",
    "hub",
)
"""The long ones first, so that two at a time end together."""
ALONE = ("kill9", "storm")
"""They judge times: nothing runs beside them."""

OF_THE_MACHINE = ("partition",)
"""They ask for what not every machine grants (networks of their own), and fail without it: not among the short."""


def main() -> int:
    """0 when nothing was lost, doubled or wedged."""
    enter()
    args, began = _words().parse_args(), time.monotonic()
    if args.row != "all":
        return 0 if _run(args.row, args) else 1
    rows = rows_of(short=args.short)
    failed = matrix(partial(_apart, args), rows)
    verdict = f"{len(rows) - len(failed)} passed, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}"
    print(f"all: {time.monotonic() - began:.0f} s\n{verdict}")
    return 1 if failed else 0


def rows_of(*, short: bool) -> list[str]:
    """The rows of the whole matrix, or of its short form."""
    return [name for name in ROWS if not (short and name in OF_THE_MACHINE)]


def matrix(play: Callable[[str], bool], rows: Sequence[str] = ROWS) -> list[str]:
    """Play these rows, two at a time, then those that judge times; which failed."""
    with ThreadPoolExecutor(2) as lanes:
        beside = [name for name in rows if name not in ALONE]
        held = dict(zip(beside, lanes.map(play, beside), strict=True))
    held |= {name: play(name) for name in ALONE if name in rows}
    return [name for name in rows if not held[name]]


def _apart(args: argparse.Namespace, name: str) -> bool:
    """One row in a process of its own; what it says is printed in one piece."""
    keep = ["--keep", str(args.keep)] if args.keep else []
    words = [sys.executable, __file__, name, "--seed", str(args.seed), *keep, *(["--short"] if args.short else [])]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout, end="", flush=True)
    return done.returncode == 0


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
    with _held(file.parent):
        write(file, {**read(file), name: {"lines": lines, **run}})


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Two rows that end together write one after the other."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
