"""The model's file read in three ways, and how far the forecasts that come of it lie apart.

python models/reread.py                  on the two histories inside the project
python models/reread.py FOLDER [...]     on histories given as folders with daily.parquet

The runtime as the device uses it; the runtime with its graph as it stands, on two threads; and a reader of our own that
walks the trees in numpy and adds them up in double precision. Ends non-zero when a number differs by more than 1e-6.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from edge_agent.demand.features import Floats
from edge_agent.demand.habits import SEGMENTS, Blend, Part
from edge_agent.demand.lattices import learned
from edge_agent.demand.model import DemandModel, mixed_with
from edge_agent.demand.series import ShopHistory
from edge_agent.places import model_file
from models.shops import shop_of
from models.splits import OWN, data_hash

NEAR_ENOUGH = 1e-6


class Trees:
    """One tree ensemble of an ONNX graph, evaluated row by row of a table, every tree one level at a time."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        modes = {bytes(mode) for mode in attributes["nodes_modes"]}
        if modes != {b"BRANCH_LEQ", b"LEAF"}:
            raise ValueError(f"trees of another kind: {sorted(modes)}")
        keys = list(zip(attributes["nodes_treeids"], attributes["nodes_nodeids"], strict=True))
        place = {key: at for at, key in enumerate(keys)}
        self._leaf = np.array([mode == b"LEAF" for mode in attributes["nodes_modes"]])
        self._feature = np.array(attributes["nodes_featureids"])
        self._threshold = np.array(attributes["nodes_values"], dtype=np.float32)
        self._missing = np.array(attributes["nodes_missing_value_tracks_true"], dtype=bool)
        self._true, self._false = (
            np.array([place.get((tree, node), 0) for (tree, _), node in zip(keys, attributes[name], strict=True)])
            for name in ("nodes_truenodeids", "nodes_falsenodeids")
        )
        self.weight = np.zeros(len(keys))
        targets = zip(attributes["target_treeids"], attributes["target_nodeids"], strict=True)
        for key, weight in zip(targets, attributes["target_weights"], strict=True):
            self.weight[place[key]] += weight
        self._roots = [place[tree, 0] for tree in sorted(set(attributes["nodes_treeids"]))]
        self._base = float(sum(attributes.get("base_values", ())))

    def sums(self, features: Floats) -> Floats:
        """(rows)."""
        table, total = features.astype(np.float32), np.full(len(features), self._base)
        rows = np.arange(len(table))
        for root in self._roots:
            at = np.full(len(table), root)
            while not self._leaf[at].all():
                value = table[rows, self._feature[at]]
                goes = np.where(np.isnan(value), self._missing[at], value <= self._threshold[at])
                at = np.where(self._leaf[at], at, np.where(goes, self._true[at], self._false[at]))
            total += self.weight[at]
        return total


class OwnReader(DemandModel):
    """The same answers as the runtime's, from the file alone."""

    def __init__(self, path: Path) -> None:
        import onnx

        graph = onnx.load(str(path)).graph
        kinds = [node.op_type for node in graph.node]
        if kinds != ["TreeEnsembleRegressor", "Exp"] * 2:
            raise ValueError(f"a graph of another kind: {kinds}")
        told = [{one.name: onnx.helper.get_attribute_value(one) for one in node.attribute} for node in graph.node[::2]]
        self.sha256, self.forests = data_hash(path), [Trees(one) for one in told]

    def answers(self, features: Floats) -> Floats:
        """As the runtime's."""
        return np.column_stack([np.exp(forest.sums(features)) for forest in self.forests])


def apart(path: Path, shop: ShopHistory) -> Iterator[tuple[str, float]]:
    """Each other way to read the file, and the greatest share by which a daily mean or dispersion differs, over all
    SKUs on the newest evening, the model having its full weight."""
    habits = replace(learned(shop)[0], blend=Blend((Part(1.0),) * len(SEGMENTS)))
    skus = [sku for sku, one in shop.skus.items() if one.days]
    usual = mixed_with(DemandModel(path), shop, habits, skus)
    others = {"graph as it stands, two threads": DemandModel(path, otherwise=True), "our own reader": OwnReader(path)}
    for name, model in others.items():
        said = mixed_with(model, shop, habits, skus)
        yield name, max(float(np.max(np.abs(a - b) / np.maximum(b, 1e-9))) for a, b in zip(said, usual, strict=True))


def main() -> int:
    """1 when a number differs by more than NEAR_ENOUGH."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    words.add_argument("--model", type=Path, default=model_file(), help="default: the one shipped")
    args = words.parse_args()
    worst = 0.0
    for path in [folder / "daily.parquet" for folder in args.folders] or OWN:
        shop = shop_of(path)
        for name, share in apart(args.model, shop):
            told = path.parent.name if path.name == "daily.parquet" else path.name
            print(f"{told}, {len(shop.skus)} SKUs, {name}: at most {share:.1e} apart", flush=True)
            worst = max(worst, share)
    print(f"largest difference {worst:.1e}, at most {NEAR_ENOUGH:.0e} allowed")
    return 0 if worst <= NEAR_ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
