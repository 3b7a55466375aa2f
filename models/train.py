"""Trains the demand model on shops' histories and writes `demand.onnx` and its card (a thin command over the fleet).

python models/train.py FOLDER [FOLDER ...]   where each FOLDER holds daily.parquet (date, sku, qty)
"""

import argparse
import json
import math
import os
import sys
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cloud_sync.fleet import PARITY, Lessons, Settings, Trained, lessons, train
from edge_agent.demand.features import NAMES, SCHEMA
from edge_agent.demand.series import ShopHistory
from edge_agent.errors import DropshelfError
from models.card import FACTS, write_card
from models.priors import learn_priors
from models.shops import shop_of
from models.splits import JUDGED_DAYS, before_judged, data_hash


def main() -> int:
    """Trains on all folders; the last days of every history teach nothing, so that they can judge what ships."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "demand.onnx")
    parser.add_argument("--trees", type=int, default=Settings.trees)
    parser.add_argument("--no-card", action="store_true", help="only the model, no card")
    parser.add_argument("--only-priors", action="store_true", help="the priors of young shops anew, and their card")
    args = parser.parse_args()
    try:
        if args.only_priors:
            shops = [shop_of(folder / "daily.parquet") for folder in args.folders]
            write_priors(args.folders, shops, args.out.with_name("priors.json"))
            write_card()
        else:
            _train(args.folders, args.out, Settings(trees=args.trees), with_card=not args.no_card)
    except DropshelfError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train(folders: list[Path], out: Path, settings: Settings, *, with_card: bool) -> None:
    shops = [shop_of(folder / "daily.parquet") for folder in folders]
    taught = [_timed(folder.name, shop, settings) for folder, shop in zip(folders, shops, strict=True)]
    trained = train(taught, settings)
    out.write_bytes(trained.onnx)
    out.with_name(f"{out.stem}.examples.json").write_text(_plain(trained), encoding="utf-8")
    write_priors(folders, shops, out.with_name("priors.json"))
    print(f"{out.name}: {len(trained.onnx)} bytes, parity {trained.parity:.1e}, {trained.rows} rows, {trained.sha256}")
    if with_card:
        histories = [_history(folder, shop) for folder, shop in zip(folders, shops, strict=True)]
        FACTS.write_text(json.dumps(_facts(trained, settings, histories), indent=1) + "\n", encoding="utf-8")
        write_card()


def write_priors(folders: list[Path], shops: list[ShopHistory], out: Path) -> None:
    """What these histories, up to their judged days, foretell of a shop that has shown little yet."""
    priors = learn_priors([before_judged(shop) for shop in shops])
    told = {"shops": [folder.name for folder in folders], **priors.plain()}
    out.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{out.name}: {len(priors.groups)} words, powers of price {priors.steeper}, phi {priors.phi}", flush=True)


def _facts(trained: Trained, settings: Settings, histories: list[dict[str, Any]]) -> dict[str, Any]:
    """What the card tells of the training."""
    return {
        "sha256": trained.sha256,
        "bytes": len(trained.onnx),
        "schema": SCHEMA,
        "features": len(NAMES),
        "parity": trained.parity,
        "parity_bound": PARITY,
        "rows": trained.rows,
        "settings": asdict(settings),
        "held_days": JUDGED_DAYS,
        "histories": histories,
    }


def _plain(trained: Trained) -> str:
    """The examples as JSON, one a line; a missing number is null."""
    rows = [
        json.dumps({"features": [None if math.isnan(x) else x for x in features], "answer": answer})
        for features, answer in trained.examples
    ]
    return '{"sha256": "' + trained.sha256 + '", "examples": [\n' + ",\n".join(rows) + "\n]}\n"


def _timed(name: str, shop: ShopHistory, settings: Settings) -> Lessons:
    started = time.perf_counter()
    taught = lessons(before_judged(shop), settings)
    print(f"{name}: {len(taught)} rows, {time.perf_counter() - started:.0f} s", flush=True)
    return taught


def _history(folder: Path, shop: ShopHistory) -> dict[str, Any]:
    first = min(one.days[0] for one in shop.skus.values() if one.days)
    return {
        "name": folder.name,
        "skus": len(shop.skus),
        "first": date.fromordinal(first).isoformat(),
        "last": date.fromordinal(shop.today - 1).isoformat(),
        "sha256": data_hash(folder / "daily.parquet"),
    }


if __name__ == "__main__":
    sys.exit(main())
