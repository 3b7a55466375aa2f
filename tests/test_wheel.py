"""The wheel: everything that a shop needs, from model to device files, and nothing of the demo."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_both_houses_with_their_screens_and_pages(wheel: zipfile.ZipFile) -> None:
    kept = {name for name in wheel.namelist() if not name.startswith("edge_agent/_data/")}
    listed = subprocess.run(
        ["git", "ls-files", "edge_agent", "cloud_sync"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {name for name in listed.stdout.splitlines() if (ROOT / name).exists()} - kept == set()


def test_the_wheel_holds_the_model_and_the_device_files(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    data = [file for file in (ROOT / "firmware_configs").rglob("*") if file.is_file()]
    assert {f"edge_agent/_data/{file.relative_to(ROOT)}" for file in data} <= names
    assert {
        "edge_agent/_data/models/demand.onnx",
        "edge_agent/_data/models/CARD.md",
        "edge_agent/_data/models/priors.json",
    } <= names


def test_the_wheel_holds_nothing_of_the_demo_and_the_tests(wheel: zipfile.ZipFile) -> None:
    assert [
        name for name in wheel.namelist() if not name.startswith(("edge_agent/", "cloud_sync/", "dropshelf-"))
    ] == []


def test_the_program_in_a_wheel_finds_its_files(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    program = "from edge_agent.places import *; print(model_file()); print(firmware_configs())"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    data = tmp_path / "edge_agent" / "_data"
    assert done.stdout.split() == [str(data / "models" / "demand.onnx"), str(data / "firmware_configs")]
