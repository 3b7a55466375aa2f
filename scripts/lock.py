"""Writes requirements/*.txt: every version with its hashes, for every platform, without any address."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import LOCKS, ROOT, find_uv, refuse, say

RUNS = ("--extra", "agent"), ("--extra", "cloud"), ("--extra", "train")
LOCKED = {
    "dev": ("3.11", "pyproject.toml", *RUNS[0], *RUNS[1], *RUNS[2], "--group", "dev"),
    "agent": ("3.11", "pyproject.toml", *RUNS[0], "-c", "requirements/dev.txt"),
    "cloud": ("3.11", "pyproject.toml", *RUNS[1], "-c", "requirements/dev.txt"),
    "train": ("3.11", "pyproject.toml", *RUNS[2], "-c", "requirements/dev.txt"),
    "emupos": ("3.13", "requirements/emupos.in"),
    "axe": ("3.11", "requirements/axe.in", "--no-deps"),
    "schemathesis": ("3.11", "requirements/schemathesis.in"),
}
HOW = (
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
)


def main() -> None:
    """Lock everything; `--upgrade` takes the newest versions, else what is locked stays where it can."""
    refuse()
    uv = find_uv()
    if uv is None:
        raise SystemExit("scripts/lock.py needs uv: `python3 scripts/test.py` puts it into .venv, or `pip install uv`.")
    for name, (version, *what) in LOCKED.items():
        lock(uv, name, [*what, "--python-version", version, *sys.argv[1:]])


def lock(uv: Path, name: str, what: list[str]) -> None:
    """Resolve one set; its file is replaced only when that worked."""
    fresh = LOCKS / f"{name}.txt.new"
    if (LOCKS / f"{name}.txt").exists():
        shutil.copy(LOCKS / f"{name}.txt", fresh)
    command: list[str | Path] = [uv, "pip", "compile", "-q", *what, *HOW, "-o", fresh]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"}, check=False)
    if done.returncode:
        fresh.unlink(missing_ok=True)
        raise SystemExit(f"{name} could not be locked; requirements/{name}.txt is as it was.")
    fresh.replace(LOCKS / f"{name}.txt")
    say(f"requirements/{name}.txt: {sum('==' in line for line in (LOCKS / f'{name}.txt').open())} pins")


if __name__ == "__main__":
    main()
