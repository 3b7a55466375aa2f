"""A whole house on this machine: a cloud process on loopback and a paired till with the demo shop's files in it."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.journal.reading import Reading
from edge_agent.wire.envelope import event_of
from scripts.demo_shop.moved import ZONE, Sold, write_sales
from scripts.venv_ import ROOT, VENV

SHOP_FILES = ROOT / "scripts" / "demo_shop"
OWNER = "owner@shop.example"
STARTS_S = 120.0
"""So long a busy machine may take to start the cloud."""


class HouseError(RuntimeError):
    """A part of the house did not come up; says which, and what it printed."""


def moment(day: date, hour: int, minute: int = 0) -> int:
    """UTC milliseconds of a time of day in the demo shop's zone."""
    return int(datetime.combine(day, clock_time(hour, minute), ZONE).timestamp() * 1000)


class House:
    """Folders, clock and processes of one shop. `clock` is None when it lives in real time."""

    def __init__(self, folder: Path, clock: FileClock | None) -> None:
        self.folder, self.clock = folder, clock
        self.cloud_data, self.till_data = folder / "cloud", folder / "till"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.password = ""
        self.mail_port = 0
        self.cloud_settings: dict[str, str] = {}
        self._cloud: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def use_port(self, port: int) -> None:
        """The port that an earlier run told the till."""
        self.port, self.url = port, f"http://127.0.0.1:{port}"

    def environment(self) -> dict[str, str]:
        calm = {"ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        named = {"DROPSHELF_CLOCK": str(self.clock.path)} if self.clock else {}
        said = {f"DROPSHELF_CLOUD_{name.upper()}": value for name, value in self.cloud_settings.items()}
        return {**os.environ, **calm, **named, **self._mail(), **said}

    def _mail(self) -> dict[str, str]:
        """The settings of a mail server on loopback, if this house has one."""
        if not self.mail_port:
            return {}
        said = {"HOST": "127.0.0.1", "PORT": str(self.mail_port), "SECURITY": "none", "FROM": "orders@shop.example"}
        return {f"DROPSHELF_CLOUD_MAIL_{name}": value for name, value in said.items()}

    def command(self, program: str, *words: str) -> str:
        """Run `edge-agent` or `cloud-sync` on this house's folder; HouseError with its own words if it fails."""
        line = self.line(program, *words)
        done = subprocess.run(line, env=self.environment(), cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise HouseError(f"{program} {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def line(self, program: str, *words: str) -> list[str]:
        """The command line of a command on this house's folder."""
        data = self.till_data if program == "edge_agent" else self.cloud_data
        return [str(VENV / "bin" / "python"), "-m", program, *words, "--data", str(data)]

    def found_cloud(self) -> None:
        """Make the cloud's folder with shop and owner, and start it."""
        self.command("cloud_sync", "init", "--shop", "Corner Shop", "--zone", "Europe/London", "--currency", "GBP")
        said = json.loads(self.command("cloud_sync", "owner", "--email", OWNER, "--json"))
        self.password = said["password"]
        self.cloud_up()

    def cloud_up(self) -> None:
        """Start the cloud's process and wait until it answers."""
        serve = self.line("cloud_sync", "serve", "--port", str(self.port))
        with (self.folder / "cloud.log").open("ab") as log:
            self._cloud = subprocess.Popen(serve, env=self.environment(), cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + STARTS_S
        while not self._answers():
            if self._cloud.poll() is not None or time.monotonic() > deadline:
                raise HouseError(f"the cloud did not start; see {self.folder / 'cloud.log'}")
            time.sleep(0.05)

    def cloud_cpu(self) -> float:
        """CPU seconds of the cloud's process so far; 0 when there is none."""
        # Linux numbers the clock of another process so (clock_getcpuclockid).
        return time.clock_gettime((~self._cloud.pid << 3) | 2) if self._cloud else 0.0

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def cloud_down(self) -> None:
        """Kill the cloud's process as a power cut would."""
        if self._cloud:
            self._cloud.send_signal(signal.SIGKILL)
            self._cloud.wait()
            self._cloud = None

    def stock_the_shop(self, history: list[Sold], settings: str) -> None:
        """Write the till's settings and load items, suppliers, stock and past sales by the import command."""
        self.till_data.mkdir(parents=True, exist_ok=True)
        (self.till_data / "settings.toml").write_text(settings, encoding="utf-8")
        sales = self.folder / "sales.csv.gz"
        write_sales(history, sales)
        for kind in ("suppliers", "items", "stock"):
            self.command("edge_agent", "import", kind, str(SHOP_FILES / f"{kind}.csv"))
        self.command("edge_agent", "import", "sales", str(sales))

    def pair(self) -> None:
        """Pair the till by a one-time code."""
        code = json.loads(self.command("cloud_sync", "pair-code", "--json"))["code"]
        self.command("edge_agent", "pair", self.url, code)

    def close(self) -> None:
        """End the cloud's process."""
        self.cloud_down()


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def shop_settings(*tables: str) -> str:
    """The demo shop's settings with further tables (scanner, printer, till)."""
    text = (SHOP_FILES / "shop.toml").read_text(encoding="utf-8")
    return "\n\n".join([re.sub(r"^#.*\n", "", text), *tables]) + "\n"


def cloud_lines(cloud: Path) -> list[tuple[int, bytes]]:
    """(seq, raw line) of everything that the cloud has stored, read beside the running service."""
    db = sqlite3.connect(f"file:{cloud / 'cloud.db'}?mode=ro", uri=True)
    try:
        return [(int(seq), bytes(line)) for seq, line in db.execute("SELECT seq, line FROM raw_event ORDER BY seq")]
    finally:
        db.close()


def difference(till: Path, cloud: Path) -> tuple[int, int]:
    """(lost, doubled): events of the till that the cloud has not byte for byte, and events that it has too often."""
    with Reading.open(till / "journal.db") as memory:
        mine = dict(enumerate(memory.lines(1, memory.head().seq), 1))
    theirs = cloud_lines(cloud)
    held = dict(theirs)
    lost = sum(1 for seq, line in mine.items() if held.get(seq) != line)
    ids = [event_of(line).id for _, line in theirs]
    return lost, len(ids) - len(set(ids)) + len(set(held) - set(mine))
