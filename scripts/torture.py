"""The fault matrix: `torture.py ROW` or `torture.py all`; prints counts and the seed that repeats a failure."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import enter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WAITING = ("proxy", "partition", "journey")
"""Rows of one process that mostly waits: in a lane of their own, which ends with them. What they judge of time (30 s to
come together) must hold beside two busy lanes, too."""
SINGLE = ("year", "post", "samples", "bitflip", "disk")
"""Rows of one process that works."""
WIDE = ("sim", "soak", "order", "powercut", "restore", "drop", "hub", "reserve", "clock")
"""Rows that fill two cores by themselves, the long ones first, so that two at a time end together."""
ALONE = ("kill9", "storm")
"""They judge times: nothing runs beside them."""
ROWS = (*WAITING, *SINGLE, *WIDE, *ALONE)

OF_THE_MACHINE = ("partition",)
"""They ask for what not every machine grants (networks of their own), and fail without it: not among the short."""


def main() -> int:
    """0 when nothing was lost, doubled or wedged."""
    enter()
    args, began = _words(sys.argv[1:2]).parse_args(), time.monotonic()
    if args.row != "all":
        from scripts.tortures.playing import play

        return 0 if play(args.row, args) else 1
    from scripts.tortures.playing import apart, prepare

    rows = rows_of(short=args.short)
    prepare(rows)
    failed = matrix(partial(apart, args), rows)
    verdict = f"{len(rows) - len(failed)} passed, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}"
    print(f"all: {time.monotonic() - began:.0f} s\n{verdict}")
    return 1 if failed else 0


def rows_of(*, short: bool) -> list[str]:
    """The rows of the whole matrix, or of its short form."""
    return [name for name in ROWS if not (short and name in OF_THE_MACHINE)]


def matrix(play: Callable[[str], bool], rows: Sequence[str] = ROWS) -> list[str]:
    """Play these rows in lanes, then those that judge times; which failed."""
    lanes = _lanes(rows)
    with ThreadPoolExecutor(len(lanes)) as pool:
        held = {name: holds for lane in pool.map(partial(_lane, play), lanes) for name, holds in lane}
    held |= {name: play(name) for name in ALONE if name in rows}
    return [name for name in rows if not held[name]]


def _lane(play: Callable[[str], bool], names: Iterator[str]) -> list[tuple[str, bool]]:
    return [(name, play(name)) for name in names]


def _lanes(rows: Sequence[str]) -> list[Iterator[str]]:
    """What each lane plays: one what waits; two what fills the cores, one of them first what works in one process."""
    left = [name for name in rows if name not in ALONE]

    def lane(names: Sequence[str]) -> Iterator[str]:
        for name in names:
            # Two threads ask: `remove` is one step, and the second one has nothing to take away.
            try:
                left.remove(name)
            except ValueError:
                continue
            yield name

    return [lane(WAITING), lane((*SINGLE, *WIDE)), lane(WIDE)]


def _words(asked: Sequence[str]) -> argparse.ArgumentParser:
    """The words that it takes; of rows that were not asked for nothing is read."""
    words = argparse.ArgumentParser(description=__doc__)
    rows = words.add_subparsers(dest="row", required=True)
    known = [name for name in ("all", *ROWS) if name in asked] or ("all", *ROWS)
    for name in known:
        from scripts.tortures.playing import row_of

        row = None if name == "all" else row_of(name)
        parser = rows.add_parser(name, help=row.SUMMARY.replace("%", "%%") if row else "every row")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--keep", type=Path, metavar="FILE", help="write what each row came to into a file")
        parser.add_argument("--short", action="store_true", help="the small counts that every change is tried with")
        for count, full in row.FULL.items() if row else ():
            parser.add_argument(f"--{count}", type=int, help=f"{full}; with --short {row.SHORT[count] if row else 0}")
    return words


if __name__ == "__main__":
    sys.exit(main())
