"""Checks everything, on a fresh machine too: format, lint, types, imports, units, tests; `--all` adds the long ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, VENV, enter

HOUSE = ["edge_agent", "cloud_sync", "models", "scripts", "tests"]
STEPS = {
    "format": ["ruff", "format", "--check", "--quiet", *HOUSE],
    "lint": ["ruff", "check", "--quiet", *HOUSE],
    "types": ["mypy", "--no-error-summary"],
    "imports": ["lint-imports", "--no-logo"],
    "units": ["python", "scripts/units.py"],
}
COUNTED = re.compile(rb"\d+ (passed|failed|error|skipped|deselected).* in [\d.]+s")
CALM = {"ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}


def main() -> int:
    """The exit code; the last line printed is the count, alone."""
    enter()
    passed, failed = 0, 0
    for name, command in STEPS.items():
        good = step(name, command)
        passed, failed = passed + good, failed + (not good)
    good_tests, bad_tests = tests(sys.argv[1:])
    passed, failed = passed + good_tests, failed + bad_tests
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def step(name: str, command: list[str]) -> bool:
    """One check that says nothing unless it fails."""
    began = time.monotonic()
    done = subprocess.run(inside(command), cwd=ROOT, env=calm(), capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout + done.stderr)
    tell(name, "ok" if done.returncode == 0 else "FAILED", began)
    return done.returncode == 0


def tests(arguments: list[str]) -> tuple[int, int]:
    """pytest's counts (passed, failed); a skipped test counts as failed, because a missing part is no excuse."""
    began = time.monotonic()
    chosen = ["-m", "long or not long"] if "--all" in arguments else []
    rest = [argument for argument in arguments if argument != "--all"]
    last = ""
    # Most tests wait for screens, sockets and processes: two files side by side take little more than half the time.
    pair = [] if rest else ["-n", "2", "--dist", "loadfile"]
    command = inside(["python", "-m", "pytest", "-q", "--durations=10", *pair, *chosen, *rest])
    with subprocess.Popen(command, cwd=ROOT, env=calm(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        for line in running.stdout or ():
            sys.stdout.buffer.write(line)
            sys.stdout.flush()
            last = line.decode(errors="replace") if COUNTED.search(line) else last
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error|skipped)", last)}
    passed = counts.pop("passed", 0)
    failed = sum(counts.values()) or int(running.returncode != 0)
    tell("tests", "ok" if not failed else "FAILED", began)
    return passed, failed


def inside(command: list[str]) -> list[str]:
    """The command as installed in `.venv`."""
    return [str(VENV / "bin" / command[0]), *command[1:]]


def calm() -> dict[str, str]:
    """The environment of every step: no telemetry, one thread for numerics, `.venv` first."""
    return {**os.environ, **CALM, "PATH": f"{VENV}/bin{os.pathsep}{os.environ.get('PATH', '')}"}


def tell(name: str, outcome: str, began: float) -> None:
    """One line a step."""
    print(f"{name:<10}{outcome:<8}{time.monotonic() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
