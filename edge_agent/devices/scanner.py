"""Scanners: a thread that turns one wire's bytes or keys into whole codes, and comes back after an unplug."""

import os
import select
import threading
from collections.abc import Callable
from typing import Protocol

from edge_agent.devices.state import BackOff, OnState, Teller
from edge_agent.errors import Unreachable
from edge_agent.rules.suffix import Cut, Cutter

OnCode = Callable[[str], None]


class Scanner(Protocol):
    """What gives codes. `on_code` and the states are told from the scanner's own thread."""

    def start(self) -> None: ...

    def close(self) -> None: ...


class Source(Protocol):
    """Where a scanner's bytes come from; `fileno` may be polled between `open` and `close`."""

    name: str

    def open(self) -> None:
        """Unreachable when it is not there."""
        ...

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """The bytes that are there now, spelt as a serial scanner would send them; OSError when it went away."""
        ...

    def close(self) -> None: ...


class ScannerThread:
    """Reads a source for ever: codes out, unplug and replug told and survived.

    `silence_ms` takes a half code as whole after that silence (for a scanner without a suffix); 0 waits for the suffix.
    """

    def __init__(self, source: Source, on_code: OnCode, told: OnState, *, silence_ms: int = 0) -> None:
        self._source, self._on_code = source, on_code
        self._teller, self._back_off = Teller("scanner", told), BackOff()
        self._cutter, self._silence_ms = Cutter(), silence_ms
        self._ended = threading.Event()
        self._wake_in, self._wake_out = os.pipe()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)

    def start(self) -> None:
        """Begin reading."""
        self._thread.start()

    def close(self) -> None:
        """End the thread and let the source go."""
        if self._ended.is_set():
            return
        self._ended.set()
        os.write(self._wake_out, b"x")
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        os.close(self._wake_out)
        os.close(self._wake_in)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._source.open()
                self._back_off.reset()
                self._teller.tell("ok")
                self._read_on()
            except (OSError, Unreachable) as lost:
                self._teller.tell("gone", _words(self._source.name, lost))
                self._cutter.forget()
                self._source.close()
                self._ended.wait(self._back_off.wait())
        self._source.close()

    def _read_on(self) -> None:
        watch = select.poll()
        watch.register(self._source.fileno(), select.POLLIN)
        watch.register(self._wake_in, select.POLLIN)
        while not self._ended.is_set():
            waits = self._silence_ms if self._silence_ms and self._cutter.holds else None
            ready = watch.poll(waits)
            if not ready:
                self._give(self._cutter.flush())
            elif any(fd != self._wake_in for fd, _ in ready):
                self._give(self._cutter.feed(self._source.read()))

    def _give(self, cut: Cut) -> None:
        for code in cut.codes:
            self._on_code(code)
        if cut.dropped:
            self._teller.tell("fault", "sent something that is no code")
        elif cut.codes:
            self._teller.tell("ok")


def _words(name: str, lost: Exception) -> str:
    return lost.message if isinstance(lost, Unreachable) else f"{name} went away"
