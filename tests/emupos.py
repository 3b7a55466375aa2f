"""Runs emupos, the independent printer simulator, for the tests that let it judge our paper."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.emupos_ import ensure

PROFILES = {"epson-tm-t20iii": "epson-tm-t20iii", "xprinter-xp-80t": "xprinter-xp80t", "generic-80mm": "rongta-rp326"}


@dataclass(frozen=True)
class Judge:
    """A running simulator with one printer named `front`."""

    program: Path
    port: int
    api: str
    folder: Path

    def say(self, *words: str) -> str:
        """One of its commands; its output."""
        run = subprocess.run(
            [self.program, "--api", self.api, *words], capture_output=True, text=True, check=True, timeout=20
        )
        return run.stdout

    def device(self) -> dict[str, Any]:
        """The printer's own view of itself."""
        with urllib.request.urlopen(f"{self.api}/api/v1/devices", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)[0]
            return found

    def receipts(self) -> list[Path]:
        """The text files of the receipts printed so far, oldest first."""
        return sorted(self.folder.rglob("*.txt"))

    def wait_for(self, count: int, seconds: float = 10) -> list[Path]:
        """The receipts, once there are `count` of them."""
        ends = time.monotonic() + seconds
        while len(self.receipts()) < count and time.monotonic() < ends:
            time.sleep(0.05)
        assert len(self.receipts()) >= count, f"{len(self.receipts())} of {count} receipts came out"
        return self.receipts()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def emupos(folder: Path, model: str = "epson-tm-t20iii") -> Iterator[Judge]:
    """A simulated printer of that model of ours on a free loopback port, gone at the end."""
    program, port, api = ensure(), free_port(), free_port()
    (folder / "emupos.yaml").write_text(
        f"schema: 1\napi: {{ host: 127.0.0.1, port: {api} }}\ndevices:\n  - id: front\n    type: printer\n"
        f"    profile: {PROFILES[model]}\n    connections:\n      - tcp: {{ port: {port} }}\n"
        f"    job_idle_timeout_ms: 400\n    receipts_dir: {folder / 'receipts'}\n"
    )
    quiet = {**os.environ, "NO_COLOR": "1"}
    process = subprocess.Popen(
        [program, "run"], cwd=folder, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_open(process, port)
        yield Judge(program, port, f"http://127.0.0.1:{api}", folder / "receipts")
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_open(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        assert process.poll() is None, "emupos ended by itself"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("emupos did not open its port")
