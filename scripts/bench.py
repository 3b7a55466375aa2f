"""Every performance figure, as ratios of one run against a named reference; `--json` for programs."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, enter

if TYPE_CHECKING:
    from scripts.benches import Figure

ROOMS = ("journal", "till", "selling", "day", "till_memory", "model", "reorder", "ingest", "sync", "million", "pages")


def main() -> int:
    """0 when every figure is within its bound."""
    enter()
    args = _words().parse_args()
    figures: list[Figure] = []
    # On the project's own disk: a folder in memory would flatter every durable figure.
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        for room in args.rooms or ROOMS:
            figures += _measured(room, Path(folder), args)
    if args.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=1))
    return 0 if all(figure.ok for figure in figures) else 1


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("rooms", nargs="*", choices=[*ROOMS, []], help="only these rooms")
    words.add_argument("--json", action="store_true", help="a list of {name, value, unit, reference, ratio, ...}")
    words.add_argument("--keep", type=Path, metavar="FILE", help="write the figures, and how they came, into a file")
    words.add_argument("--minutes", type=float, help="of the till's work in till_memory (usually one)")
    return words


def _measured(room: str, folder: Path, args: argparse.Namespace) -> list[Figure]:
    """The figures of one room, told and kept as soon as they are there."""
    of_room = {"minutes": args.minutes} if room == "till_memory" and args.minutes else {}
    # The till's two rooms share its shop, which takes half a minute to stock.
    own = folder / room.partition("_")[0]
    own.mkdir(exist_ok=True)
    figures: list[Figure] = importlib.import_module(f"scripts.benches.{room}").measure(own, **of_room)
    for figure in figures:
        print(_line(figure), file=sys.stderr if args.json else sys.stdout, flush=True)
    if args.keep:
        from scripts.benches.results import keep, this_run

        keep(args.keep, figures, this_run(sys.argv[1:], datetime.now(UTC)))
    return figures


def _line(figure: Figure) -> str:
    judged = f"{figure.ratio:8.2f} x {figure.reference}" if figure.ratio is not None else f"{'':8} ({figure.reference})"
    bound = f"{'>=' if figure.higher_is_better else '<='} {figure.bound:g}"
    spread = f" [{figure.spread}]" if figure.spread else ""
    word = "ok  " if figure.ok else "MISS"
    raw = f"{figure.value:10.3f} {figure.unit:5}"
    return f"{word} {figure.name:44} {raw} {judged}{spread}  bound {bound}, aim {figure.aim:g}"


if __name__ == "__main__":
    sys.exit(main())
