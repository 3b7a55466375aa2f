"""Every performance figure, as ratios of one run against a named reference; `--json` for programs."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, enter

if TYPE_CHECKING:
    from scripts.benches import Figure

ROOMS = ("journal", "till", "model", "reorder")


def main() -> int:
    """0 when every figure is within its bound."""
    enter()
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("rooms", nargs="*", choices=[*ROOMS, []], help="only these rooms")
    words.add_argument("--json", action="store_true", help="a list of {name, value, unit, reference, ratio, ...}")
    args = words.parse_args()
    figures = []
    for room in args.rooms or ROOMS:
        # On the project's own disk: a folder in memory would flatter every durable figure.
        with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
            measured = importlib.import_module(f"scripts.benches.{room}").measure(Path(folder))
        figures += measured
        if not args.json:
            for figure in measured:
                print(_line(figure), flush=True)
    if args.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=1))
    return 0 if all(figure.ok for figure in figures) else 1


def _line(figure: Figure) -> str:
    judged = f"{figure.ratio:8.2f} x {figure.reference}" if figure.ratio is not None else f"{'':8} ({figure.reference})"
    bound = f"{'>=' if figure.higher_is_better else '<='} {figure.bound:g}"
    spread = f" [{figure.spread}]" if figure.spread else ""
    word = "ok  " if figure.ok else "MISS"
    raw = f"{figure.value:10.3f} {figure.unit:5}"
    return f"{word} {figure.name:44} {raw} {judged}{spread}  bound {bound}, aim {figure.aim:g}"


if __name__ == "__main__":
    sys.exit(main())
