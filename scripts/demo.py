"""The demo: cloud, owner, a shop with real history and a paired till; `--headless` plays a day and proves each step."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, enter


def main() -> int:
    """0 when every step held (headless), or when the till was left (with its screen)."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--headless", action="store_true", help="play the default day without a screen")
    words.add_argument("--script", type=Path, metavar="FILE", help="play this day without a screen (tests/days)")
    words.add_argument("--keep", type=Path, metavar="FOLDER", help="keep everything in this folder")
    args = words.parse_args()
    enter()
    os.environ.update(ORT_DISABLE_TELEMETRY="1", OMP_NUM_THREADS="1")
    if args.headless or args.script:
        from scripts.demo_day_ import headless

        folder = args.keep or Path(tempfile.mkdtemp(prefix="dropshelf-"))
        try:
            return headless(folder, args.script)
        finally:
            if not args.keep:
                shutil.rmtree(folder, ignore_errors=True)
    from scripts.demo_till_ import with_screen

    return with_screen(args.keep or ROOT / "demo-data")


if __name__ == "__main__":
    sys.exit(main())
