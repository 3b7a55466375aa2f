"""Judges forecasts against AutoETS with negative binomial quantiles, on the same evenings and SKUs (a benchmark).

python models/evaluate.py                  the two histories inside the project
python models/evaluate.py FOLDER [...]     histories given as folders with daily.parquet
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from edge_agent.commands.histories import shop_from_files
from edge_agent.demand.backtest import Told, Verdict, came, evening, judge, judged_evenings
from edge_agent.demand.metrics import LEVELS
from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory
from edge_agent.errors import DropshelfError
from edge_agent.places import model_file
from models.reference import Reference, data_hash, sample

ROOT = Path(__file__).resolve().parent.parent
SEED = 20260101
OWN = (ROOT / "scripts/demo_shop/receipts.csv.gz", ROOT / "scripts/demo_shop/bakery.csv.gz")


def main() -> int:
    """Prints one line a history, and writes every figure as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--model", type=Path, default=model_file(), help="default: the one shipped")
    parser.add_argument("--label", default="shipped", help="what to call the model in the figures")
    parser.add_argument("--sample", type=int, default=300, help="SKUs a history, by a fixed seed")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "dropshelf-reference")
    parser.add_argument("--out", type=Path, help="add the figures to this JSON file")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    try:
        found = [_judged(path, args) for path in _files(args.folders)]
    except DropshelfError as error:
        print(error, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(found, indent=1))
    if args.out:
        _add(args.out, found)
    return 0


def _files(folders: Sequence[Path]) -> list[Path]:
    return [folder / "daily.parquet" for folder in folders] or list(OWN)


def _judged(path: Path, args: argparse.Namespace) -> dict[str, Any]:
    """One history: ours with the model, the base alone, and the rival, all on the rival's rows."""
    started = time.perf_counter()
    shop = shop_from_files(path)
    name = path.parent.name if path.name == "daily.parquet" else path.name
    sha = data_hash(path)
    rival = Reference(shop, sample(shop, args.sample, SEED), args.cache, f"{sha[:16]}-{args.sample}")
    evenings = judged_evenings(shop.today - 1)
    theirs = [rival.evening(origin) for origin in evenings]
    model = DemandModel(args.model)
    verdicts = {
        "reference": _verdict(shop, theirs, theirs),
        "base": _verdict(shop, [evening(shop, origin) for origin in evenings], theirs),
        "mix": _verdict(shop, [evening(shop, origin, model) for origin in evenings], theirs),
    }
    found = _figures(name, sha, args, evenings, verdicts, len(rival.skus))
    if not args.json:
        print(_line(found), f"{time.perf_counter() - started:.0f} s", flush=True)
    return found


def _verdict(shop: ShopHistory, ours: Sequence[Told], rows_of: Sequence[Told]) -> Verdict:
    """Judged on the SKUs of `rows_of` alone."""
    actual, forecast = [], []
    for told, kept in zip(ours, rows_of, strict=True):
        places = {sku: row for row, sku in enumerate(told.skus)}
        rows = [places[sku] for sku in kept.skus]
        picked = Told(told.origin, kept.skus, told.means[rows], told.phis[rows])
        actual.append(came(shop, picked))
        forecast.append(picked.quantiles())
    return judge(np.concatenate(actual), np.concatenate(forecast))


def _figures(
    name: str, sha: str, args: argparse.Namespace, evenings: Sequence[int], verdicts: dict[str, Verdict], skus: int
) -> dict[str, Any]:
    return {
        "history": name,
        "data_sha256": sha,
        "command": f"python models/evaluate.py {name if args.folders else ''}".strip(),
        "model": args.label,
        "model_sha256": data_hash(args.model),
        "reference": "AutoETS(season_length=7) + negative binomial, dispersion by our function on its own misses",
        "evenings": len(evenings),
        "skus_sampled": skus,
        "sample_seed": SEED,
        "levels": LEVELS,
        "verdicts": {key: asdict(one) for key, one in verdicts.items()},
        "ratio_mix": round(verdicts["mix"].loss / verdicts["reference"].loss, 4),
        "ratio_base": round(verdicts["base"].loss / verdicts["reference"].loss, 4),
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "python": platform.python_version()},
    }


def _line(found: dict[str, Any]) -> str:
    losses = ", ".join(f"{key} {one['loss']:.4f}" for key, one in found["verdicts"].items())
    covered = " / ".join(f"{share:.3f}" for share in found["verdicts"]["mix"]["coverage"][LEVELS.index(0.9) :])
    return (
        f"{found['history']} [{found['model']}]: wQL {losses}; mix / reference {found['ratio_mix']:.3f}, "
        f"base / reference {found['ratio_base']:.3f}; coverage of .9 .95 .99: {covered}"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _add(path: Path, found: Sequence[dict[str, Any]]) -> None:
    """Replaces what the file says of the same history and model, keeps the rest."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    fresh = {(one["history"], one["model"]) for one in found}
    kept = [one for one in kept if (one["history"], one["model"]) not in fresh]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(sorted([*kept, *found], key=lambda one: (one["history"], one["model"])), indent=1) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
