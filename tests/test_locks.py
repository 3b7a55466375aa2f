"""The locks: every version by hash, no address, and a till without the cloud's and the training's weight."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house import ROOT, files, imported

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
OPTIONAL = {"pyarrow"}
"""Only the extra `train` brings it: a Parquet file is read where it is there, and said to need it elsewhere."""
PIN = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==([^ ;]+)")


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    return {match[1]: match[2] for line in lines if (match := PIN.match(line))}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", wanted)[0].lower().replace("_", "-") for wanted in requirements}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_address(lock: Path) -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host|@ ", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_carries_its_hashes(lock: Path) -> None:
    text = lock.read_text().replace("\\\n", "")
    bare = [line for line in text.splitlines() if PIN.match(line) and "--hash=sha256:" not in line]
    assert bare == []
    assert len(pins(lock.stem)) > (0 if lock.stem == "axe" else 10)


def test_the_till_carries_neither_the_cloud_nor_the_training() -> None:
    heavy = {
        "sqlmodel",
        "sqlalchemy",
        "fastapi",
        "uvicorn",
        "scikit-learn",
        "skl2onnx",
        "onnx",
        "scipy",
        "pyarrow",
        "pandas",
    }
    assert heavy & set(pins("agent")) == set()


def test_what_a_lock_shares_with_the_development_lock_has_the_same_version() -> None:
    everything = pins("dev")
    for name in ("agent", "cloud", "train"):
        assert {pin: version for pin, version in pins(name).items() if everything.get(pin) != version} == {}


@pytest.mark.parametrize("extra", ["agent", "cloud", "train"])
def test_everything_that_the_project_asks_for_is_locked(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = names(project["project"]["dependencies"] + project["project"]["optional-dependencies"][extra])
    assert wanted - set(pins(extra)) == set()
    assert wanted | names(project["dependency-groups"]["dev"]) <= set(pins("dev"))


@pytest.mark.parametrize(("house", "lock"), [("edge_agent", "agent"), ("cloud_sync", "cloud")])
def test_what_a_house_imports_is_in_its_own_lock(house: str, lock: str) -> None:
    training = ROOT / "cloud_sync" / "fleet.py", ROOT / "cloud_sync" / "fleet"
    ours = [file for file in files(house) if not any(file.is_relative_to(place) for place in training)]
    tops = {name.split(".")[0] for file in ours for name in imported(file)}
    foreign = tops - set(sys.stdlib_module_names) - {"edge_agent", "cloud_sync"}
    brought_by = packages_distributions()
    known = set(pins(lock)) | OPTIONAL
    assert {
        name for name in foreign if not {one.lower().replace("_", "-") for one in brought_by[name]} & known
    } == set()
