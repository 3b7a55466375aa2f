"""A shop from the built wheel alone, in empty environments and folders: first sale and first proposal, no demo data."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.emupos import free_port
from tests.house import ROOT
from tests.pty_rig import ENTER, Terminal
from tests.shop import scripted_clock

pytestmark = pytest.mark.long
UV = Path(sys.prefix) / "bin" / "uv"
ITEMS = """sku,name,price,cost,vat,codes,pack,supplier
1,Oat milk 1 l,1.85,1.20,0,5012345678900,6,north
2,Sourdough 800 g,3.40,2.10,0,,4,north
3,Milk chocolate 100 g,1.29,0.80,20,,12,north
"""
SUPPLIERS = """supplier,name,order_days,cutoff,lead_days
north,Northside,Tue Fri,17:00,2
"""
STOCK = "sku,qty\n1,7\n2,9\n3,30\n"


@dataclass(frozen=True)
class Installed:
    """The wheel in two environments that hold nothing but what the locks of shop and cloud name."""

    agent: Path
    cloud: Path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    locks = ROOT / "requirements"
    agent, cloud = (_environment(folder / name, wheel, locks / f"{name}.txt") for name in ("agent", "cloud"))
    return Installed(agent, cloud)


def _environment(folder: Path, wheel: Path, lock: Path) -> Path:
    python = folder / "bin" / "python"
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, folder], check=True)
    subprocess.run([UV, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", lock], check=True)
    subprocess.run([UV, "pip", "install", "-q", "--python", python, "--no-deps", wheel], check=True)
    return folder / "bin"


@dataclass(frozen=True)
class Place:
    """Empty folders, a scripted clock on a Tuesday at 14:00, and the commands as an installer types them."""

    folder: Path
    installed: Installed

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        own = {"DROPSHELF_DATA": f"{self.folder}/till", "DROPSHELF_CLOUD_DATA": f"{self.folder}/cloud"}
        return {**kept, **own, "DROPSHELF_CLOCK": f"{self.folder}/clock", "ORT_DISABLE_TELEMETRY": "1"}

    def run(self, program: str, *words: str) -> str:
        bins = {"edge-agent": self.installed.agent, "cloud-sync": self.installed.cloud}
        line = [str(bins[program] / program), *words]
        done = subprocess.run(
            line, cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{program} {' '.join(words)}\n{done.stdout}{done.stderr}"
        return str(done.stdout)

    def stocked(self) -> None:
        """The shop's three files, written by hand, and imported in the order of the installer's page."""
        for kind, text in (("items", ITEMS), ("suppliers", SUPPLIERS), ("stock", STOCK)):
            (self.folder / f"{kind}.csv").write_text(text)
            self.run("edge-agent", "import", kind, f"{kind}.csv")

    def till(self) -> Terminal:
        argv = [str(self.installed.agent / "edge-agent"), "till"]
        return Terminal(argv, columns=80, rows=24, **{**self.environment(), "PYTHONPATH": ""})


@pytest.fixture
def place(tmp_path: Path, installed: Installed) -> Place:
    scripted_clock(tmp_path)
    return Place(tmp_path, installed)


@pytest.fixture
def cloud(place: Place) -> Iterator[str]:
    place.run("cloud-sync", "init", "--shop", "Village Shop", "--zone", "Europe/London", "--currency", "GBP")
    place.run("cloud-sync", "owner", "--email", "owner@shop.example")
    port = free_port()
    serve = [str(place.installed.cloud / "cloud-sync"), "serve", "--port", str(port)]
    process = subprocess.Popen(serve, cwd=place.folder, env=place.environment())
    try:
        yield _answering(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


def _answering(url: str) -> str:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=2):
                return url
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}")


def _first_sale(till: Terminal) -> None:
    """Six of number 1: quantity, PLU, Enter; Enter to pay; Enter for exact cash."""
    till.wait("0.00", "F1 all keys", seconds=30)
    till.type("6*1")
    till.keys(ENTER)
    till.wait("Oat milk 1 l", "11.10")
    till.keys(ENTER, ENTER)
    till.wait("receipt 000001")


def _proposal(place: Place) -> str:
    """The number of the one order, which is of oat milk and says why."""
    (order,) = json.loads(place.run("edge-agent", "reorder", "--json"))
    (line,) = order["lines"]
    assert line["sku"] == "1"
    assert line["packs"] > 0
    assert line["reasons"]
    return str(order["number"])


def test_the_installed_program_is_the_wheels_with_model_and_device_files(place: Place) -> None:
    program = "import edge_agent.places as p; print(p.__file__); print(p.model_file()); print(p.firmware_configs())"
    line = [str(place.installed.agent / "python"), "-I", "-c", program]
    done = subprocess.run(line, cwd=place.folder, capture_output=True, text=True, check=True)
    site = place.installed.agent.parent / "lib"
    for file in done.stdout.split():
        assert Path(file).is_relative_to(site)
        assert Path(file).exists()


def test_a_till_that_was_never_paired_sells_and_proposes_an_order(place: Place) -> None:
    place.stocked()
    with place.till() as till:
        _first_sale(till)
        till.wait("Oat milk", "Ins why", seconds=20)
    assert "Oat milk" in place.run("edge-agent", "why", _proposal(place))
    assert "chain valid" in place.run("edge-agent", "verify")


def test_a_paired_shop_sells_and_the_cloud_holds_the_sale_and_the_proposal(place: Place, cloud: str) -> None:
    code = json.loads(place.run("cloud-sync", "pair-code", "--json"))["code"]
    place.run("edge-agent", "pair", cloud, code)
    place.stocked()
    with place.till() as till:
        _first_sale(till)
        till.wait("Oat milk", "Ins why", seconds=20)
        _sent(place)
    assert _proposal(place)


def _sent(place: Place) -> None:
    """Wait until the cloud has every event of the till, proved by its own walk of the chain."""
    for _ in range(100):
        ours = json.loads(place.run("edge-agent", "verify", "--json"))
        theirs = json.loads(place.run("cloud-sync", "verify", "--json"))
        if theirs["journals"] == {ours["journal"]: ours["events"]}:
            return
        time.sleep(0.2)
    raise AssertionError(f"the till has {ours}, the cloud {theirs}")
