"""The project's environments: made from a lock by hash, stamped with it, entered by running the script again inside."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCKS = ROOT / "requirements"
COMMANDS = {"edge-agent": "edge_agent.commands", "cloud-sync": "cloud_sync.commands"}


class NoEnvironmentError(RuntimeError):
    """An environment could not be made; the message says what is missing."""


def enter() -> None:
    """Go on inside `.venv`, made or renewed first when its lock changed; returns only when already inside."""
    refuse()
    try:
        make(VENV, LOCKS / "dev.txt", sys.executable)
    except NoEnvironmentError as wrong:
        raise SystemExit(str(wrong)) from None
    if Path(sys.prefix).resolve() != VENV.resolve():
        inside = str(VENV / "bin" / "python")
        sys.stdout.flush()
        os.execv(inside, [inside, *sys.argv])


def refuse() -> None:
    """Stop with one line where this project cannot run."""
    if os.name == "nt":
        raise SystemExit("Dropshelf runs on Linux (the demo also on macOS), not on Windows.")
    if sys.version_info < (3, 11):
        raise SystemExit(f"Dropshelf needs Python 3.11 or newer; this is {sys.version.split()[0]}.")


def make(folder: Path, lock: Path, python: str) -> None:
    """Make `folder` hold exactly what `lock` names; does nothing when its stamp says so already."""
    if stamp_of(folder) == digest(lock):
        return
    with one_at_a_time():
        if stamp_of(folder) == digest(lock):
            return
        began = time.monotonic()
        say(f"making {folder.name} from {lock.relative_to(ROOT)} ...")
        if not runs(folder / "bin" / "python"):
            create(folder, python)
        install(folder, lock)
        if folder == VENV:
            link_project(folder)
        (folder / "lock.sha256").write_text(digest(lock))
        say(f"{folder.name} is ready after {time.monotonic() - began:.1f} s")


def stamp_of(folder: Path) -> str:
    """The digest that `folder` was last made from, or nothing."""
    try:
        return (folder / "lock.sha256").read_text()
    except OSError:
        return ""


def digest(lock: Path) -> str:
    """What decides whether an environment is still right: the lock and where the project lies."""
    try:
        return hashlib.sha256(str(ROOT).encode() + lock.read_bytes()).hexdigest()
    except OSError as wrong:
        raise NoEnvironmentError(f"No lock at {lock}: run scripts/lock.py. ({wrong.strerror})") from None


@contextlib.contextmanager
def one_at_a_time(folder: Path = ROOT) -> Iterator[None]:
    """Hold a folder so that two scripts never write the same there together; the project's is its environment's."""
    import fcntl

    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def runs(python: Path) -> bool:
    """Whether this interpreter starts at all and is new enough."""
    asked = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", asked], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def create(folder: Path, python: str) -> None:
    """An empty environment with pip in it."""
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([python, "-m", "venv", folder], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoEnvironmentError(
            f"{python} cannot make an environment (Debian: apt-get install python3-venv).\n{done.stdout}{done.stderr}"
        )


def install(folder: Path, lock: Path) -> None:
    """Put in what the lock names, each file checked by hash: with uv when it works, else with pip."""
    python = folder / "bin" / "python"
    uv = find_uv() or (locked_uv(python) if folder == VENV else None)
    if uv and tried(
        [uv, "pip", "sync", "-q", "--compile-bytecode", "--require-hashes", "--python", python, lock], quiet=True
    ):
        return
    tried([python, "-m", "ensurepip"], quiet=True)
    if not tried([python, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", lock], quiet=False):
        raise NoEnvironmentError(f"Could not install {lock.name} into {folder.name}; see above.")


def find_uv() -> Path | None:
    """uv from `.venv` or the PATH, if there is one."""
    inside = VENV / "bin" / "uv"
    if inside.exists():
        return inside
    found = shutil.which("uv")
    return Path(found) if found else None


def locked_uv(python: Path) -> Path | None:
    """uv alone, by the hashes of dev.txt, installed ahead of the rest because it is many times faster than pip."""
    wanted, taking = [], False
    for line in (LOCKS / "dev.txt").read_text().splitlines():
        if not line.startswith(" "):
            taking = line.startswith("uv==")
        if taking:
            wanted.append(line)
    only = python.parent.parent / "uv.txt"
    only.write_text("\n".join(wanted) + "\n")
    got = bool(wanted) and tried([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", only], quiet=True)
    return python.parent / "uv" if got else None


def tried(command: list[str | Path], *, quiet: bool) -> bool:
    """Whether the command ended well; its words are shown unless another way is left to try."""
    calm = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_LINK_MODE": "copy", "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **calm}, check=False, cwd=ROOT)
    if done.returncode and not quiet:
        say(done.stdout + done.stderr)
    return done.returncode == 0


def link_project(folder: Path) -> None:
    """Make the checkout importable from the environment, and its two commands runnable."""
    (site,) = folder.glob("lib/python3*/site-packages")
    (site / "dropshelf.pth").write_text(f"{ROOT}\n")
    for name, module in COMMANDS.items():
        launcher = folder / "bin" / name
        launcher.write_text(f"#!{folder}/bin/python\nimport sys\n\nfrom {module} import main\n\nsys.exit(main())\n")
        launcher.chmod(0o755)


def say(line: str) -> None:
    """A word to whoever waits, apart from the script's own output."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
