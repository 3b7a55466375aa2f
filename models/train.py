"""Trains the demand model on shops' histories and writes `demand.onnx` and its card (a thin command over the fleet).

python models/train.py FOLDER [FOLDER ...]   where each FOLDER holds daily.parquet (date, sku, qty)
"""

import argparse
import hashlib
import json
import math
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cloud_sync.fleet import Lessons, Settings, Trained, lessons, train
from edge_agent.commands.histories import shop_from_files
from edge_agent.demand.backtest import judged, judged_evenings
from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory
from edge_agent.errors import DropshelfError
from models.card import Figures, History, card

HELD_DAYS = 86
"""The last days of every history teach nothing, so that they can judge what ships."""


def main() -> int:
    """Trains on all folders; then, for the card, once without each of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "demand.onnx")
    parser.add_argument("--trees", type=int, default=Settings.trees)
    parser.add_argument("--no-card", action="store_true", help="only the model: no figures, no card")
    args = parser.parse_args()
    try:
        _train(args.folders, args.out, Settings(trees=args.trees), with_card=not args.no_card)
    except DropshelfError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train(folders: list[Path], out: Path, settings: Settings, *, with_card: bool) -> None:
    shops = [shop_from_files(folder / "daily.parquet") for folder in folders]
    taught = [_timed(folder.name, shop, settings) for folder, shop in zip(folders, shops, strict=True)]
    trained = train(taught, settings)
    out.write_bytes(trained.onnx)
    out.with_name(f"{out.stem}.examples.json").write_text(_plain(trained), encoding="utf-8")
    print(f"{out.name}: {len(trained.onnx)} bytes, parity {trained.parity:.1e}, {trained.rows} rows, {trained.sha256}")
    if with_card:
        histories = [_history(folder, shop) for folder, shop in zip(folders, shops, strict=True)]
        figures = [_figures(i, folders, shops, taught, trained, settings) for i in range(len(folders))]
        out.with_name("CARD.md").write_text(card(trained, settings, histories, figures, HELD_DAYS), encoding="utf-8")


def _plain(trained: Trained) -> str:
    """The examples as JSON, one a line; a missing number is null."""
    rows = [
        json.dumps({"features": [None if math.isnan(x) else x for x in features], "answer": answer})
        for features, answer in trained.examples
    ]
    return '{"sha256": "' + trained.sha256 + '", "examples": [\n' + ",\n".join(rows) + "\n]}\n"


def _timed(name: str, shop: ShopHistory, settings: Settings) -> Lessons:
    started = time.perf_counter()
    taught = lessons(shop.as_of(shop.today - HELD_DAYS), settings)
    print(f"{name}: {len(taught)} rows, {time.perf_counter() - started:.0f} s", flush=True)
    return taught


def _history(folder: Path, shop: ShopHistory) -> History:
    data = (folder / "daily.parquet").read_bytes()
    first = min(one.days[0] for one in shop.skus.values() if one.days)
    days = (date.fromordinal(first).isoformat(), date.fromordinal(shop.today - 1).isoformat())
    return History(folder.name, len(shop.skus), *days, hashlib.sha256(data).hexdigest())


def _figures(
    i: int, folders: list[Path], shops: list[ShopHistory], taught: list[Lessons], trained: Trained, settings: Settings
) -> Figures:
    """How the base, the shipped model and one that never saw this shop do on its held days."""
    shop, evenings = shops[i], judged_evenings(shops[i].today - 1)
    others = [one for j, one in enumerate(taught) if j != i]
    base = judged(shop, None, evenings)
    mixed = judged(shop, _loaded(trained), evenings)
    unseen = judged(shop, _loaded(train(others, settings)), evenings) if others else None
    found = Figures(folders[i].name, base, mixed, unseen)
    print(found.line(), flush=True)
    return found


def _loaded(trained: Trained) -> DemandModel:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(trained.onnx)
        return DemandModel(path)


if __name__ == "__main__":
    sys.exit(main())
