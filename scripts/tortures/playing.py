"""Plays a row: here, or in a process of its own that is forked where all rows are imported already."""

import argparse
import importlib
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from scripts.tortures import Row
from scripts.tortures.forks import begin, ended
from scripts.tortures.spent import spent_s
from scripts.venv_ import ROOT, one_at_a_time

FORKING = get_context("forkserver")


def row_of(name: str) -> Row:
    """The row of this name."""
    return importlib.import_module(f"scripts.tortures.{name}")


def prepare(rows: Sequence[str]) -> None:
    """Let the server that forks import these rows once."""
    FORKING.set_forkserver_preload([__name__, *(f"scripts.tortures.{name}" for name in rows)])


def apart(args: argparse.Namespace, name: str) -> bool:
    """One row in a process of its own; what it says is printed in one piece."""
    ear, mouth = FORKING.Pipe(duplex=False)
    row = FORKING.Process(target=_aloud, args=(name, args, mouth))
    begin(row)
    mouth.close()
    with ear, os.fdopen(os.dup(ear.fileno()), "rb") as lines:
        said = lines.read().decode(errors="replace")
    code = ended(row)
    print(said, end="", flush=True)
    return code == 0


def _aloud(name: str, args: argparse.Namespace, mouth: Connection) -> None:
    os.dup2(mouth.fileno(), 1)
    os.dup2(mouth.fileno(), 2)
    mouth.close()
    raise SystemExit(0 if play(name, args) else 1)


def play(name: str, args: argparse.Namespace) -> bool:
    """One row on the project's own disk, as a shop's journal lies on one; its report and how to repeat it."""
    row, began, spent = row_of(name), time.monotonic(), spent_s(os.getpid())
    told = {count: getattr(args, count, None) for count in row.FULL}
    counts = {count: told[count] or usual for count, usual in (row.SHORT if args.short else row.FULL).items()}
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".torture-") as folder:
        report = row.run(Path(folder), seed=args.seed, **counts)
    for line in report.lines:
        print(f"{name}: {line}", flush=True)
    words = [name, *(f"--{count} {number}" for count, number in counts.items()), f"--seed {args.seed}"]
    took = f"{time.monotonic() - began:.0f} s, {spent_s(os.getpid()) - spent:.0f} s of processor"
    verdict = f"{'ok' if report.ok else 'FAILED'} after {took}"
    print(f"{name}: {verdict}; repeat with: python3 scripts/torture.py {' '.join(words)}", flush=True)
    if args.keep:
        _keep(args.keep, name, [*report.lines, verdict], words)
    return report.ok


def _keep(file: Path, name: str, lines: list[str], words: list[str]) -> None:
    """What a row came to, with command, date, revision and machine; other rows stay as they are."""
    from scripts.benches.results import read, this_run, write

    run = this_run(words, datetime.now(UTC), "scripts/torture.py")
    with one_at_a_time(file.parent):
        write(file, {**read(file), name: {"lines": lines, **run}})
