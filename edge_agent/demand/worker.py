"""The child's own program: loads the model, then answers questions line by line until its input ends."""

import json
import sys
from dataclasses import asdict
from typing import Any

from edge_agent.errors import DropshelfError

from .messages import habits_from, shop_from
from .model import DemandModel, forecast_with, learn_with


def answer(model: DemandModel, question: dict[str, Any]) -> dict[str, Any]:
    """One answer, as JSON values."""
    shop = shop_from(question["shop"])
    if question["do"] == "learn":
        return {"habits": asdict(learn_with(model, shop))}
    habits = habits_from(question["habits"])
    found = forecast_with(model, shop, habits, list(shop.skus), question["at"])
    return {"forecasts": [asdict(one) for one in found.values()]}


def main(path: str, *how: str) -> int:
    """Answers until the parent closes its end; a question that cannot be answered gets an error and ends the child."""
    try:
        model = DemandModel(path, otherwise="otherwise" in how)
        _say({"ready": model.sha256})
        for line in sys.stdin:
            _say(answer(model, json.loads(line)))
    except DropshelfError as error:
        _say({"error": error.message})
        return 1
    except Exception as error:  # noqa: BLE001  the parent hears of it, the base answers
        _say({"error": f"the model failed: {type(error).__name__}: {error}"})
        return 1
    return 0


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
