"""A program of its own that judges model files on a shop's last evenings: the shadow in which a new one first runs."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_agent.errors import DropshelfError

from .backtest import judged, judged_evenings
from .messages import shop_from
from .model import DemandModel
from .series import ShopHistory

LEAST_EVENINGS = 3
FORGOTTEN_DAYS = 28
"""An evening with less behind it says nothing."""
CALM = 10


def answer(files: Sequence[Path], question: dict[str, Any]) -> dict[str, Any]:
    """The base's verdict and that of each file, or why it has none; none at all where too few evenings can judge.

    Only evenings after `taught_until` count: a model may have learned the others by heart.
    """
    shop = shop_from(question["shop"])
    evenings = _evenings(shop, question["taught_until"])
    if len(evenings) < LEAST_EVENINGS:
        return {"evenings": len(evenings), "verdicts": []}
    return {"evenings": len(evenings), "verdicts": [_verdict(shop, file, evenings) for file in (None, *files)]}


def _evenings(shop: ShopHistory, taught_until: int) -> list[int]:
    first = min((one.days[0] for one in shop.skus.values() if one.days), default=shop.today)
    return [day for day in judged_evenings(shop.today - 1) if day >= max(taught_until + 1, first + FORGOTTEN_DAYS)]


def _verdict(shop: ShopHistory, file: Path | None, evenings: Sequence[int]) -> dict[str, Any]:
    try:
        model = DemandModel(file) if file else None
        found = judged(shop, model, evenings)
    except DropshelfError as error:
        return {"error": error.message}
    except Exception as error:  # noqa: BLE001  a file that breaks the runtime has no verdict
        return {"error": f"the model failed: {type(error).__name__}: {error}"[:200]}
    return {"loss": found.loss, "coverage": found.coverage, "sums": found.sums, "sha256": model.sha256 if model else ""}


def main(files: Sequence[Path]) -> int:
    """Answers one question after the other, out of everybody's way."""
    os.nice(CALM)
    _say({"ready": ""})
    for line in sys.stdin:
        _say(answer(files, json.loads(line)))
    return 0


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main([Path(file) for file in sys.argv[1:]]))
