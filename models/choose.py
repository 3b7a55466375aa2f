"""Tries other values of the forecast's settings on development evenings, which end before the 84 judged days begin.

python models/choose.py FOLDER [...] [--minutes 20] [--out FILE]

Each setting is tried by itself around the value that stands in the code, on a fixed-seed sample of SKUs: those of the
base on the base alone, those of new items on items in their second week, those of the mix on the mix with a model that
never saw the shop. A value is chosen when the geometric mean of its losses over the histories lies below the standing
one's by more than GAIN. Beside it stands what each history loses by the value that the other histories would choose
for it. What the time did not suffice for is said.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import geometric_mean
from typing import Any

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edge_agent.demand.backtest import judged
from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory
from models.cold import new_items
from models.schools import left_out
from models.shops import shop_of
from models.splits import SEED, before_judged, data_hash, development_evenings, sample

GAIN = 0.002
"""A smaller gain may be chance."""
BASE, NEW, MIX = "base", "new items", "mix"
SETTINGS: Mapping[str, tuple[str, tuple[float, ...]]] = {
    "base.PROFILE_WORTH": (BASE, (75.0, 300.0)),
    "base.LEVEL_WORTH": (BASE, (1.5, 6.0)),
    "dispersion.PRIOR_SUMS": (BASE, (2.0, 8.0)),
    "dispersion.CURVE_PRIOR_SUMS": (BASE, (5.0, 20.0)),
    "elders.MOST_TRUST": (NEW, (1.5, 6.0)),
    "elders.NAMES_WORTH": (NEW, (1.0, 4.0)),
    "elders.BAND_WORTH": (NEW, (2.0, 8.0)),
    "kin.CAP": (NEW, (4.0, 16.0)),
    "base.YOUNG_DAYS": (NEW, (14.0, 42.0)),
    "lean.RIDGE": (MIX, (50.0, 200.0)),
    "earning.ALLOWED_SHORT": (MIX, (0.01, 0.04)),
    "earning.JUDGING_WEEKS": (MIX, (6.0, 12.0)),
}
"""By module and name: on what it is judged, and the other values."""

Losses = dict[str, float]


@dataclass(frozen=True)
class School:
    """One history up to its judged days: whole, and its sample with its evenings; the model that never saw it."""

    name: str
    whole: ShopHistory
    sampled: ShopHistory
    evenings: Sequence[int]
    stranger: DemandModel

    def loss(self, stage: str) -> float | None:
        """None where the history has too little to tell."""
        if stage == NEW:
            return new_items(self.whole)
        return judged(self.sampled, self.stranger if stage == MIX else None, self.evenings).loss


def main() -> int:
    """Prints a line a setting; the standing values are never changed by it."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    words.add_argument("--minutes", type=float, default=20.0, help="nothing more is tried after so many")
    words.add_argument("--sample", type=int, default=200, help="SKUs a history, by a fixed seed")
    words.add_argument("--evenings", type=int, default=9, help="of each history")
    words.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "dropshelf-peers")
    words.add_argument("--out", type=Path, help="keep the figures in this JSON file")
    args = words.parse_args()
    until = time.monotonic() + 60.0 * args.minutes
    paths = [folder / "daily.parquet" for folder in args.folders]
    schools = [_school(place, paths, args) for place in range(len(paths))]
    rows = list(_rows(schools, lambda: time.monotonic() > until))
    untried = [name for name in SETTINGS if name not in {row["setting"] for row in rows}]
    print(f"not tried within {args.minutes:g} minutes: {', '.join(untried) or 'nothing'}")
    if args.out:
        told = {path.parent.name: data_hash(path) for path in paths}
        kept = {"data_sha256": told, "sample": args.sample, "evenings": args.evenings, "seed": SEED, "settings": rows}
        args.out.write_text(json.dumps({**kept, "untried": untried}, indent=1) + "\n", encoding="utf-8")
    return 0


def _school(place: int, paths: Sequence[Path], args: argparse.Namespace) -> School:
    path = paths[place]
    shop = shop_of(path)
    evenings = development_evenings(shop, args.evenings)
    whole = before_judged(shop)
    sampled = replace(whole, skus={sku: whole.skus[sku] for sku in sample(whole, args.sample)})
    stranger = left_out([one for one in paths if one != path], args.cache)
    print(f"{path.parent.name}: {len(sampled.skus)} SKUs, {len(evenings)} evenings", flush=True)
    return School(path.parent.name, whole, sampled, evenings, stranger)


def _rows(schools: Sequence[School], late: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """One a setting, as far as the time suffices; the standing value's losses are worked out once a stage."""
    standing: dict[str, Losses] = {}
    for name, (stage, others) in SETTINGS.items():
        if late():
            return
        if stage not in standing:
            standing[stage] = _losses(schools, stage)
        now = current(name)
        found = {now: standing[stage]}
        telling = [one for one in schools if one.name in standing[stage]]
        for value in others:
            with_value(name, value)
            found[value] = _losses(telling, stage)
        with_value(name, now)
        row = chosen(name, now, found)
        print(_line(row, stage), flush=True)
        yield row


def _losses(schools: Sequence[School], stage: str) -> Losses:
    found = {one.name: one.loss(stage) for one in schools}
    return {name: loss for name, loss in found.items() if loss is not None}


def chosen(name: str, now: float, found: Mapping[float, Losses]) -> dict[str, Any]:
    """What all histories choose, what each would be given by the others, and what that costs it against the choice."""
    value = _best(now, found, list(found[now]))
    row = {"setting": name, "standing": now, "chosen": value, "losses": {str(at): one for at, one in found.items()}}
    others = {left: [one for one in found[now] if one != left] for left in found[now]}
    given = {left: _best(now, found, rest) for left, rest in others.items() if rest}
    costs = {left: found[at][left] / found[value][left] - 1.0 for left, at in given.items()}
    return {**row, "left_out": given, "left_out_costs": costs}


def _best(now: float, found: Mapping[float, Losses], histories: Sequence[str]) -> float:
    means = {value: geometric_mean([losses[one] for one in histories]) for value, losses in found.items()}
    best = min(means, key=lambda value: means[value])
    return best if means[best] < means[now] * (1.0 - GAIN) else now


def _line(row: Mapping[str, Any], stage: str) -> str:
    means = {value: geometric_mean(losses.values()) for value, losses in row["losses"].items()}
    told = ", ".join(f"{value}: {mean:.4f}" for value, mean in means.items())
    worst = max(row["left_out_costs"].values(), default=0.0)
    word = "stays" if row["chosen"] == row["standing"] else f"would be {row['chosen']:g}"
    return f"{row['setting']:28} {stage:9} {told}; {word}; left out at most {worst:+.1%}"


def current(name: str) -> float:
    """The constant that stands in the code."""
    module, _, constant = name.rpartition(".")
    return float(getattr(importlib.import_module(f"edge_agent.demand.{module}"), constant))


def with_value(name: str, value: float) -> None:
    """The constant in the module that defines it and in every module that has taken it from there."""
    module, _, constant = name.rpartition(".")
    importlib.import_module(f"edge_agent.demand.{module}")
    for loaded in [one for key, one in sys.modules.items() if key.startswith("edge_agent.demand.")]:
        if hasattr(loaded, constant):
            setattr(loaded, constant, type(getattr(loaded, constant))(value))


if __name__ == "__main__":
    sys.exit(main())
