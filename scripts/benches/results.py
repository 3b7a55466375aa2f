"""The file of kept results: each figure with the command, the machine and the date of the run that gave it."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from scripts.benches import Figure
from scripts.venv_ import ROOT

COMMAND = "python3 scripts/bench.py --keep docs/results/bench.json"


def keep(file: Path, figures: Sequence[Figure], run: dict[str, str]) -> None:
    """Write the figures of a run into the file; figures of other rooms stay as they are."""
    write(file, merged(read(file), figures, run))


def read(file: Path) -> dict[str, object]:
    """What is kept so far."""
    kept: dict[str, object] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return kept


def write(file: Path, kept: dict[str, object]) -> None:
    """Keep this, whole or not at all."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    fresh.replace(file)


def merged(kept: dict[str, object], figures: Sequence[Figure], run: dict[str, str]) -> dict[str, object]:
    """What is kept with the figures of a run in it: by name, in their old places, new ones at the end."""
    known, runs = kept.get("figures"), kept.get("runs")
    every = {str(one["name"]): one for one in known} if isinstance(known, list) else {}
    every |= {one.name: one.as_json() for one in figures}
    of_runs = {**(runs if isinstance(runs, dict) else {}), **{one.name: run for one in figures}}
    return {"command": COMMAND, "figures": list(every.values()), "runs": of_runs}


def this_run(words: Sequence[str], now: datetime, script: str = "scripts/bench.py") -> dict[str, str]:
    """How the figures of this run came to be."""
    return {
        "command": " ".join(["python3", script, *words]),
        "date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "revision": _revision(),
        "machine": f"{_cpu()}, {os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}",
    }


def _revision() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
