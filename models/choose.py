"""Compares settings on development evenings alone, before the 84 days that judge: nothing may be chosen anywhere else.

python models/choose.py FOLDER [...] [--set lean.RIDGE=30] [--set base.PROFILE_WORTH=50] ...

Each history's base, and the mix with a model that never saw the shop, on evenings of the half year before its judged
days; `--set MODULE.NAME=NUMBER` tries another value of a constant of `edge_agent.demand`.
"""

import argparse
import importlib
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import geometric_mean

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edge_agent.demand.metrics import LEVELS
from models.judging import Court, ours
from models.schools import left_out
from models.shops import shop_of
from models.splits import data_hash, development_evenings, sample


def main() -> int:
    """Prints one line a history and forecaster, and the geometric mean of their losses."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    words.add_argument("--set", action="append", default=[], metavar="MODULE.NAME=NUMBER")
    words.add_argument("--sample", type=int, default=400, help="SKUs a history, by a fixed seed")
    words.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "dropshelf-peers")
    args = words.parse_args()
    paths = [folder / "daily.parquet" for folder in args.folders]
    models = [left_out([one for one in paths if one != path], args.cache) for path in paths]
    for setting in args.set:
        _set(setting)
    losses: dict[str, list[float]] = {"base": [], "unseen": []}
    for path, model in zip(paths, models, strict=True):
        began, shop = time.perf_counter(), shop_of(path)
        court = Court(shop, sample(shop, args.sample), development_evenings(shop), args.cache, data_hash(path)[:16])
        for name, forecaster in (("base", None), ("unseen", model)):
            one = ours(court, forecaster)
            losses[name].append(one.loss)
            covered = " / ".join(f"{share:.3f}" for share in one.coverage[LEVELS.index(0.9) :])
            took = time.perf_counter() - began
            print(f"{path.parent.name:10} {name:7} {one.loss:.4f}  coverage {covered}  {took:.0f} s", flush=True)
    print("  ".join(f"{name} {geometric_mean(found):.4f}" for name, found in losses.items()))
    return 0


def _set(setting: str) -> None:
    """The constant in the module that defines it and in every module that has taken it from there."""
    where, _, value = setting.partition("=")
    module, _, name = where.rpartition(".")
    importlib.import_module(f"edge_agent.demand.{module}")
    for loaded in [one for key, one in sys.modules.items() if key.startswith("edge_agent.demand.")]:
        if hasattr(loaded, name):
            setattr(loaded, name, type(getattr(loaded, name))(float(value)))


if __name__ == "__main__":
    sys.exit(main())
