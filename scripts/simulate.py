"""Shops lived through again for 90 days on real demand: what our rule and its rivals lose, waste and tie up.

simulate.py                  the two histories inside the project, in a few minutes
simulate.py FOLDER [...]     histories given as folders with daily.parquet (and transactions.parquet)
simulate.py base [FOLDER..]  all SKUs under the base and ours alone: the corrections must not cost more than 2 %
simulate.py loop [FOLDER..]  the closed loop: sold out on purpose, what does the forecast learn?
simulate.py drops [FOLDER..] a lot for three days every other week: our sizing against thumb rules and true demand
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import enter

if TYPE_CHECKING:
    from edge_agent.proof.history import History

KINDS = ("contests", "base", "loop", "drops")
SKUS = dict(zip(KINDS, (24, 0, 40, 100), strict=True))
"""Of each history, the busiest; --skus 0 takes all."""


def main() -> int:
    """0 when every bound is kept."""
    enter()
    args = _words()
    named = args.words[:1] in (["base"], ["loop"], ["drops"])
    kind = args.words[0] if named else "contests"
    folders = [Path(word) for word in args.words[named:]]
    from scripts.simulations.history import history, own_histories

    histories = [history(folder) for folder in folders] if folders else list(own_histories())
    skus = args.skus if args.skus is not None else SKUS[kind]
    lived = {"contests": _contests, "base": _base, "loop": _loop, "drops": _drops}[kind]
    found = [lived(one, skus, args) for one in histories]
    if args.keep:
        _keep(args.keep, kind, {one.name: kept for one, (kept, _) in zip(histories, found, strict=True)})
    missed = [words for _, bounds in found for words in bounds]
    print("every bound is kept" if not missed else "MISSED: " + "; ".join(missed))
    return 1 if missed else 0


def _words() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("words", nargs="*", metavar="base | loop | drops | FOLDER")
    words.add_argument("--skus", type=int, help=f"the busiest so many ({SKUS}); 0: all")
    words.add_argument("--days", type=int, default=150, help="of the loop")
    words.add_argument("--short", action="store_true", help="only the judged shelves, without the sensitivity")
    words.add_argument("--keep", type=Path, metavar="FILE", help="write the figures into a file")
    return words.parse_args()


def _contests(history: History, skus: int, args: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    from scripts.simulations.figures import bounds, contests, sensitivity

    kept: dict[str, object] = {"data_sha256": history.sha256}
    missed: list[str] = []
    for one in contests(history, skus, short=args.short):
        print("\n".join(one.lines()), flush=True)
        kept[one.world.name] = one.as_json()
        missed += bounds(one)
    if not args.short:
        rows = list(sensitivity(history, skus))
        print("\n".join(row.line() for row in rows), flush=True)
        kept["sensitivity"] = [row.as_json() for row in rows]
    return kept, missed


def _base(history: History, skus: int, _: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    from edge_agent.proof.rules import BASE, OURS
    from scripts.simulations.figures import against_base, bounds

    one = against_base(history, skus)
    ratio = one.ratio(OURS.name, BASE.name)
    print("\n".join([*one.lines(), f"  ours / the base {ratio:.3f}"]), flush=True)
    kept: dict[str, object] = {"data_sha256": history.sha256, "ours_to_base": round(ratio, 4)}
    return {**kept, one.world.name: one.as_json()}, bounds(one)


def _loop(history: History, skus: int, args: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    from edge_agent.demand.model import DemandModel
    from edge_agent.places import model_file
    from scripts.simulations.loop import LEARNS, MOST_BIAS, loop

    path = model_file()
    assert path is not None, "the project ships a model"
    model = DemandModel(path)
    found = []
    for learns in LEARNS:
        found.append(loop(history, model, learns=learns, skus=skus, days=args.days))
        print(found[-1].line(), flush=True)
    whole = found[-1]
    missed = [f"{history.name}: the loop's bias {whole.bias:+.1%}"] if abs(whole.bias) > MOST_BIAS else []
    return {"data_sha256": history.sha256, "loop": [one.as_json() for one in found]}, missed


def _drops(history: History, skus: int, args: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    from scripts.simulations.drops import other_stakes, outcome

    one = outcome(history, skus)
    print(one.line(), flush=True)
    kept: dict[str, object] = {"data_sha256": history.sha256, **one.as_json()}
    if not args.short:
        others = {words: outcome(history, skus, stakes) for words, stakes in other_stakes()}
        print("\n".join(f"  {words}: {other.line()}" for words, other in others.items()), flush=True)
        kept["sensitivity"] = {words: other.as_json() for words, other in others.items()}
    return kept, one.missed()


def _keep(file: Path, kind: str, kept: dict[str, dict[str, object]]) -> None:
    """By history and what was asked of it; what else is kept there stays."""
    from scripts.benches.results import read, this_run, write

    words = [Path(word).name if "/" in word else word for word in sys.argv[1:]]
    run = this_run(words, datetime.now(UTC), "scripts/simulate.py")
    write(file, {**read(file), **{f"{history} {kind}": {**figures, **run} for history, figures in kept.items()}})


if __name__ == "__main__":
    sys.exit(main())
