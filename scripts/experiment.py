"""The ninety days' experiment played whole: weeks before it, its drops, hub, event, samples and returns through real
tills, a real cloud and the owner's pages, and at every week's end all figures beside books of the rig's own."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import enter


def main() -> int:
    """0 when every figure was equal at every week's end."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seed", type=int, default=7, help="another shop's days")
    words.add_argument("--short", action="store_true", help="one week before it and three of it")
    args = words.parse_args()
    enter()
    os.environ.update(ORT_DISABLE_TELEMETRY="1", OMP_NUM_THREADS="1")
    from scripts.ninety.play import FULL, SHORT, run

    folder, began = Path(tempfile.mkdtemp(prefix="experiment-")), time.monotonic()
    try:
        counts = SHORT if args.short else FULL
        report = run(folder, seed=args.seed, before=counts["before"], weeks=counts["weeks"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(report.lines))
    verdict = "equal at every week's end" if report.ok else "NOT EQUAL"
    print(f"{verdict}, {time.monotonic() - began:.0f} s, seed {args.seed}")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
