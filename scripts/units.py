"""Checks firmware_configs/systemd with systemd's own tools; any word of theirs is a failure."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, VENV

UNITS = ROOT / "firmware_configs" / "systemd"
INSTALLED = "/opt/dropshelf/bin/"
EXPOSURE = "20"  # tenths: 2.0 of 10 at most


def main() -> int:
    """The exit code: 0 only when systemd has nothing to say about any unit."""
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is missing: apt-get install systemd")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        units = [copied(unit, Path(folder)) for unit in sorted(UNITS.glob("*.service"))]
        complaints = [words for unit in units for words in (verified(unit), exposed(unit)) if words]
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints or not units else 0


def copied(unit: Path, folder: Path) -> Path:
    """The unit with the program's place on this machine; a template gets an instance."""
    copy = folder / unit.name.replace("@.", "@tty1.")
    copy.write_text(unit.read_text().replace(INSTALLED, f"{VENV}/bin/"))
    return copy


def verified(unit: Path) -> str:
    """What systemd finds wrong with it."""
    done = run("verify", "--man=no", str(unit))
    return done.stdout + done.stderr + (f"{unit.name}: not valid" if done.returncode else "")


def exposed(unit: Path) -> str:
    """Why its score is over the limit, if it is."""
    done = run("security", "--offline=true", f"--threshold={EXPOSURE}", str(unit))
    return done.stdout + done.stderr if done.returncode else ""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """systemd-analyze, its words caught."""
    command = ["systemd-analyze", "--no-pager", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
