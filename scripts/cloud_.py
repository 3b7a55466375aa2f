"""A cloud for benches and the fault matrix: real server processes on a database by URL, and our own view of it."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloud_sync.clock import SystemClock
from cloud_sync.database import open_database
from cloud_sync.founding import NewShop, found
from cloud_sync.service import Service
from cloud_sync.settings import Settings
from cloud_sync.tables.house import Shop
from scripts.house_ import HouseError, free_port
from scripts.venv_ import ROOT, VENV


@contextmanager
def founded(data: Path, database: str) -> Iterator[tuple[Service, Shop]]:
    """A new cloud and its shop, with no server yet."""
    settings = Settings(data=data, database=database)
    shop = found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=SystemClock().now())
    opened = open_database(settings.database_url).service()
    try:
        yield Service(settings, SystemClock(), opened, lambda _tenant, _journal: None), shop
    finally:
        opened.close()


@contextmanager
def server(data: Path, database: str, **settings: str) -> Iterator[tuple[str, int]]:
    """A server process on that cloud: its address and its process id. Ended at the end."""
    port = free_port()
    given = {f"DROPSHELF_CLOUD_{name.upper()}": value for name, value in {"database": database, **settings}.items()}
    calm = {"ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    words = [str(VENV / "bin" / "python"), "-m", "cloud_sync", "serve", "--port", str(port), "--data", str(data)]
    with (data / f"server-{port}.log").open("wb") as log:
        running = subprocess.Popen(words, env={**os.environ, **calm, **given}, cwd=ROOT, stdout=log, stderr=log)
    try:
        _answers(f"http://127.0.0.1:{port}", running)
        yield f"http://127.0.0.1:{port}", running.pid
    finally:
        running.terminate()
        running.wait(60)


def _answers(url: str, running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError) as error:
            if running.poll() is not None or time.monotonic() > deadline:
                raise HouseError(f"the cloud did not start: {error}") from error
            time.sleep(0.05)
