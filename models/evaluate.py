"""Judges our forecasts beside twelve known methods on the last 84 days of each history, and prints the table of goals.

python models/evaluate.py                  the two histories inside the project
python models/evaluate.py FOLDER [...]     histories given as folders with daily.parquet; with two or more of them each
                                           is also judged with a model that never saw it
python models/evaluate.py --small          a minute: few SKUs, evenings and peers; ends non-zero when a bound is missed
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edge_agent.demand.metrics import LEVELS
from edge_agent.demand.model import DemandModel
from edge_agent.errors import DropshelfError
from edge_agent.places import model_file
from models.card import write_card
from models.cold import cold_starts
from models.goals import Judged, goals, small_bounds
from models.judging import Court, ours, peers
from models.schools import left_out, priors_left_out
from models.shops import shop_of
from models.splits import OWN, SEED, data_hash, judging_evenings, sample

SMALL_SKUS, SMALL_EVENINGS = 60, 4


def main() -> int:
    """0 unless a history cannot be read or, with --small, a bound is missed."""
    args = _words().parse_args()
    paths = [folder / "daily.parquet" for folder in args.folders] or list(OWN)
    try:
        found = [_judged(place, paths, args) for place in range(len(paths))]
    except DropshelfError as error:
        print(error, file=sys.stderr)
        return 1
    rows = small_bounds(found) if args.small else goals(found)
    for row in rows:
        print(row.line())
    if args.out:
        _keep(args.out, found, [asdict(row) for row in rows])
        write_card()
    return 1 if args.small and not all(row.ok for row in rows) else 0


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    words.add_argument("--model", type=Path, default=model_file(), help="default: the one shipped")
    words.add_argument("--sample", type=int, default=200, help="SKUs a history, by a fixed seed")
    words.add_argument("--small", action="store_true", help="few SKUs and evenings, fast peers only, with bounds")
    words.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "dropshelf-peers")
    words.add_argument("--out", type=Path, help="add the figures to this JSON file, and renew the card")
    return words


def _judged(place: int, paths: list[Path], args: argparse.Namespace) -> Judged:
    """One history: the peers, the base, the shipped model's mix, and the mix with a model that never saw the shop."""
    began, path = time.perf_counter(), paths[place]
    shop, sha = shop_of(path), data_hash(path)
    skus = sample(shop, SMALL_SKUS if args.small else args.sample)
    evenings = judging_evenings(shop, SMALL_EVENINGS if args.small else 9)
    court = Court(shop, skus, evenings, args.cache, f"{sha[:16]}-{len(skus)}")
    verdicts = {"base": ours(court, None), "shipped": ours(court, DemandModel(args.model))}
    others = [one for other, one in enumerate(paths) if other != place]
    if others and not args.small:
        verdicts["unseen"] = ours(court, left_out(others, args.cache))
    theirs = peers(court, slow=not args.small)
    cold = [] if args.small else cold_starts(replace(shop, priors=priors_left_out(others)))
    name = path.parent.name if path.name == "daily.parquet" else path.name
    found = Judged(name, sha, data_hash(args.model), len(evenings), len(skus), verdicts, theirs, cold)
    print(f"{found.text()}\n  {time.perf_counter() - began:.0f} s", flush=True)
    return found


def _keep(path: Path, found: list[Judged], rows: list[dict[str, Any]]) -> None:
    """Replaces what the file says of the same histories, keeps the rest."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    fresh = {one.history for one in found}
    kept = [one for one in kept if one["history"] not in fresh and one["history"] != "goals"]
    run = {"command": _command(), "seed": SEED, "levels": LEVELS, "machine": _machine()}
    told = [{**asdict(one), **run} for one in found]
    told.append({"history": "goals", "of": sorted(fresh), "rows": rows, **run})
    path.write_text(json.dumps([*kept, *told], indent=1) + "\n", encoding="utf-8")


def _command() -> str:
    """As typed, but without this machine's paths."""
    return " ".join(["python models/evaluate.py", *(Path(word).name if "/" in word else word for word in sys.argv[1:])])


def _machine() -> dict[str, Any]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return {
        "cpu": next(named, platform.machine()),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
