"""What tries the API from its schema: schemathesis, kept apart from what the product runs on."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.venv_ import LOCKS, ROOT, make

FOLDER = ROOT / ".venv-schemathesis"
AS_IT_STANDS: Mapping[str, tuple[int, ...]] = {
    "/v1/pair": (400,),
    "/v1/feed": (410,),
    "/v1/push": (400,),
    "/v1/session": (400, 409, 503),
    "/v1/owner/orders/{order}/approve": (404, 409, 422),
    "/v1/owner/orders/{order}/reject": (404, 409, 422),
    "/v1/owner/signals": (404, 422),
    "/v1/market/orders": (409, 422),
    "/v1/market/orders/{reference}": (404, 409),
}
"""Routes that refuse some of what the schema allows: by how things stand (another generation, no line of that SKU), or
because a whole number is written `1.0`."""
MOST_S = 600.0
"""A run that takes longer has not held."""
BEARERS = "till", "market"
WALL = 401, 403, 429
"""Who may not is told so, whatever is asked."""
REFUSED = """[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]"""
"""What is not as the schema says may be too long, too."""


def tried(schema: Path, url: str, keys: Mapping[str, str], *words: str, **known: str) -> tuple[bool, str]:
    """Whether a run of `words` against a service holds in every check, and what was said of it.

    `keys` are what the schema's ways of coming in are given: bearers of tills and marketplaces, the rest as they are
    sent. `known` are values of parameters without which a request gets nowhere.
    """
    make(FOLDER, LOCKS / "schemathesis.txt", sys.executable)
    calm = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "schemathesis.toml").write_text(_settings(keys, known), encoding="utf-8")
        line: Sequence[str | Path] = [FOLDER / "bin" / "st", "run", schema, "--url", url, *words]
        try:
            done = subprocess.run(
                line, cwd=folder, env=calm, capture_output=True, text=True, check=False, timeout=MOST_S
            )
        except subprocess.TimeoutExpired as late:
            return False, f"{late.stdout!r}: no end within {MOST_S:.0f} s"
    return done.returncode == 0, done.stdout + done.stderr


def _settings(keys: Mapping[str, str], known: Mapping[str, str]) -> str:
    fixed = ["[parameters]", *(f'{name} = "{value}"' for name, value in known.items())]
    ways = [
        f'[auth.openapi.{name}]\n{"bearer" if name in BEARERS else "api_key"} = "{value}"'
        for name, value in keys.items()
    ]
    stands = [
        f'[[operations]]\ninclude-path = "{path}"\n[operations.checks.positive_data_acceptance]\n'
        f'expected-statuses = ["2xx", {", ".join(map(str, sorted({*WALL, *statuses})))}]'
        for path, statuses in AS_IT_STANDS.items()
    ]
    return "\n".join([REFUSED, *fixed, *ways, *stands]) + "\n"
