"""The printer's judge: emupos, an independent ESC/POS simulator, in its own environment (it needs Python 3.13)."""

import shutil
import subprocess
from pathlib import Path

from scripts.venv_ import LOCKS, ROOT, NoEnvironmentError, find_uv, make

FOLDER = ROOT / ".venv-emupos"
NEEDED = (3, 13)


def ensure() -> Path:
    """The emupos program, its environment made first when needed (seconds when new, nothing when there)."""
    python = FOLDER / "bin" / "python"
    make(FOLDER, LOCKS / "emupos.txt", str(python) if new_enough(str(python)) else find_python())
    return FOLDER / "bin" / "emupos"


def find_python() -> str:
    """A Python of 3.13 or newer on this machine: by name, from pyenv, or as uv finds it."""
    for candidate in [*by_name(), *from_pyenv(), *from_uv()]:
        if new_enough(candidate):
            return candidate
    raise NoEnvironmentError(
        "emupos judges the printed receipts and needs Python 3.13 or newer: none found by name, in pyenv or by uv."
    )


def by_name() -> list[str]:
    """The usual command names, where the PATH knows them."""
    return [found for name in ("python3.13", "python3.14", "python3") if (found := shutil.which(name))]


def from_pyenv() -> list[str]:
    """pyenv's own versions, newest last seen first."""
    bare = said(["pyenv", "versions", "--bare"]).split()
    wanted = [name for name in reversed(bare) if name.startswith(("3.13.", "3.14."))]
    return [f"{prefix}/bin/python3" for name in wanted if (prefix := said(["pyenv", "prefix", name]))]


def from_uv() -> list[str]:
    """What uv finds without downloading."""
    uv = find_uv()
    return [found] if uv and (found := said([str(uv), "python", "find", "--no-python-downloads", ">=3.13"])) else []


def said(command: list[str]) -> str:
    """The command's answer, or nothing when it fails or is not there."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def new_enough(python: str) -> bool:
    """Whether this interpreter starts and is at least the version that emupos needs."""
    return said([python, "-c", f"import sys; print(sys.version_info >= {NEEDED})"]) == "True"
