"""A simulated fiscal device, a process of its own: python3 -m edge_agent.devices.fiscal_simulator FOLDER --port N.

It counts, keeps its key and its counters in FOLDER, and signs with Ed25519. For trials and tests: it is certified by
nobody, and what it signs is worth nothing.
"""

import argparse
import base64
import hashlib
import json
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.devices.fiscal import Finished, Started
from edge_agent.errors import Unreachable

ALGORITHM = "ed25519"


class SimulatedDevice:
    """The device itself: a counter that never goes back, also over a restart. `now` gives UTC ms."""

    def __init__(self, folder: Path, now: Callable[[], int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._counts, self._now = folder / "counters.json", now
        self._key = _key(folder / "key")
        public = self._key.public_key().public_bytes_raw()
        self._public, self._serial = base64.b64encode(public).decode(), hashlib.sha256(public).hexdigest()
        kept = json.loads(self._counts.read_text()) if self._counts.exists() else {"transaction": 0, "counter": 0}
        self._transaction, self._counter = int(kept["transaction"]), int(kept["counter"])
        self._open: dict[int, int] = {}

    def look(self) -> str:
        return self._serial

    def start(self) -> Started:
        self._transaction += 1
        self._keep()
        self._open[self._transaction] = at = self._now()
        return Started(self._transaction, at)

    def finish(self, transaction: int, kind: str, data: str) -> Finished:
        if self._open.pop(transaction, None) is None:
            raise Unreachable(f"transaction {transaction} is not open")
        self._counter += 1
        self._keep()
        at = self._now()
        text = signed_bytes(self._serial, transaction, self._counter, at, kind, data)
        signature = base64.b64encode(self._key.sign(text)).decode()
        return Finished(self._counter, at, self._serial, ALGORITHM, signature, self._public)

    def close(self) -> None:
        """Nothing is held."""

    def _keep(self) -> None:
        fresh = self._counts.with_suffix(".next")
        fresh.write_text(json.dumps({"transaction": self._transaction, "counter": self._counter}))
        fresh.replace(self._counts)


def signed_bytes(serial: str, transaction: int, counter: int, at: int, kind: str, data: str) -> bytes:
    """What the simulator signs."""
    return "\n".join(map(str, ("fiscal-simulator/1", serial, transaction, counter, at, kind, data))).encode()


def _key(file: Path) -> Ed25519PrivateKey:
    if not file.exists():
        file.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        file.chmod(0o600)
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())


def answer(device: SimulatedDevice, line: bytes) -> dict[str, Any]:
    """What the device says to one question."""
    try:
        asked = json.loads(line)
        match asked["do"]:
            case "look":
                return {"serial": device.look()}
            case "start":
                return vars(device.start())
            case "finish":
                return vars(device.finish(int(asked["transaction"]), str(asked["kind"]), str(asked["data"])))
            case other:
                return {"error": f"{other} is not known"}
    except Unreachable as error:
        return {"error": error.message}
    except (ValueError, KeyError, TypeError):
        return {"error": "that is no question"}


def serve(device: SimulatedDevice, listener: socket.socket) -> None:
    """One till at a time, for ever."""
    while True:
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as lines:
            try:
                for line in lines:
                    peer.sendall(json.dumps(answer(device, line)).encode() + b"\n")
            except OSError:
                continue


def main(words: list[str]) -> int:
    """Say the port, then serve on this machine alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=7300)
    asked = parser.parse_args(words)
    device = SimulatedDevice(asked.folder, lambda: time.time_ns() // 1_000_000)
    with socket.create_server(("127.0.0.1", asked.port)) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        sys.stdout.write(f"simulated fiscal device at {place}, certified by nobody\n")
        sys.stdout.flush()
        serve(device, listener)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
