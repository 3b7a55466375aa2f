"""How the project makes its own environment: when it is renewed, and where it refuses."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import emupos_, venv_
from tests.house import ROOT, files, short

STARTED_BARE = [file for file in files("scripts") if file.parent == ROOT / "scripts" and "enter()" in file.read_text()]


@pytest.mark.parametrize("script", [*STARTED_BARE, ROOT / "scripts" / "venv_.py"], ids=short)
def test_a_script_that_old_pythons_start_can_still_say_what_it_needs(script: Path) -> None:
    ast.parse(script.read_text(), feature_version=(3, 8))
    assert "from __future__ import annotations" in script.read_text()


def test_an_old_python_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    with pytest.raises(SystemExit, match=r"^Dropshelf needs Python 3\.11 or newer; this is [^\n]*$"):
        venv_.refuse()


def test_windows_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.name", "nt")
    with pytest.raises(SystemExit, match=r"^[^\n]*not on Windows\.$"):
        venv_.refuse()


def test_an_environment_with_the_right_stamp_is_left_alone(tmp_path: Path) -> None:
    lock = venv_.LOCKS / "dev.txt"
    (tmp_path / "lock.sha256").write_text(venv_.digest(lock))
    venv_.make(tmp_path, lock, "no-such-python")
    assert [file.name for file in tmp_path.iterdir()] == ["lock.sha256"]


def test_a_changed_lock_renews_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(venv_, "ROOT", tmp_path)
    monkeypatch.setattr(venv_, "create", lambda folder, python: folder.mkdir(exist_ok=True))
    monkeypatch.setattr(venv_, "install", lambda folder, lock: asked.append(lock.read_text()))
    (tmp_path / "some.txt").write_text("one")
    venv_.make(tmp_path / "venv", tmp_path / "some.txt", sys.executable)
    venv_.make(tmp_path / "venv", tmp_path / "some.txt", sys.executable)
    (tmp_path / "some.txt").write_text("two")
    venv_.make(tmp_path / "venv", tmp_path / "some.txt", sys.executable)
    assert asked == ["one", "two"]


def test_an_installation_that_broke_off_leaves_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path, lock: Path) -> None:
        raise venv_.NoEnvironmentError("disk full")

    monkeypatch.setattr(venv_, "ROOT", tmp_path)
    monkeypatch.setattr(venv_, "create", lambda folder, python: folder.mkdir(exist_ok=True))
    monkeypatch.setattr(venv_, "install", broken)
    (tmp_path / "some.txt").write_text("one")
    with pytest.raises(venv_.NoEnvironmentError):
        venv_.make(tmp_path / "venv", tmp_path / "some.txt", sys.executable)
    assert venv_.stamp_of(tmp_path / "venv") == ""


def test_a_missing_lock_is_named(tmp_path: Path) -> None:
    with pytest.raises(venv_.NoEnvironmentError, match=r"No lock at .*absent\.txt: run scripts/lock\.py"):
        venv_.digest(tmp_path / "absent.txt")


def test_the_checkout_and_its_two_commands_are_in_the_environment() -> None:
    for command in venv_.COMMANDS:
        program = ROOT / ".venv" / "bin" / command
        done = subprocess.run([program, "--help"], cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


def test_without_a_new_enough_python_the_judge_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emupos_, "new_enough", lambda python: False)
    monkeypatch.setattr(emupos_, "said", lambda command: "")
    with pytest.raises(venv_.NoEnvironmentError, match=r"Python 3\.13"):
        emupos_.find_python()
