"""Keeps what devices tell from their threads, and waits for it."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from edge_agent.devices.printer import Printer
from edge_agent.devices.state import State
from edge_agent.devices.wires import Wire
from edge_agent.rules.paper import PrinterProfile


class Told:
    """States, codes and job ids in the order in which they were told."""

    def __init__(self) -> None:
        self.states: list[tuple[str, State, str]] = []
        self.codes: list[str] = []
        self.confirmed: list[str] = []
        self.unsure: list[str] = []
        self._changed = threading.Condition()

    def state(self, device: str, state: State, words: str) -> None:
        self._keep(lambda: self.states.append((device, state, words)))

    def code(self, code: str) -> None:
        self._keep(lambda: self.codes.append(code))

    def done(self, job: str) -> None:
        self._keep(lambda: self.confirmed.append(job))

    def doubt(self, job: str) -> None:
        self._keep(lambda: self.unsure.append(job))

    def _keep(self, act: Callable[[], None]) -> None:
        with self._changed:
            act()
            self._changed.notify_all()

    def until(self, true: Callable[[], object], seconds: float = 10) -> None:
        """Wait for it; fails with all that was told."""
        ends = time.monotonic() + seconds
        with self._changed:
            while not true():
                left = ends - time.monotonic()
                told = f"{self.states} {self.codes} printed {self.confirmed} unsure {self.unsure}"
                assert left > 0, f"not within {seconds} s; told: {told}"
                self._changed.wait(min(left, 0.05))

    def last(self, device: str) -> tuple[State, str] | None:
        """The device's last state and words."""
        return next(((state, words) for name, state, words in reversed(self.states) if name == device), None)


class Bench:
    """A till's place for one printer after another, all with the same spool folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, Told()
        self.printers: list[Printer] = []

    def printer(self, wire: Wire, profile: PrinterProfile) -> Printer:
        """A printer that has started."""
        told = self.told
        printer = Printer(wire, profile, self.folder / "spool", told.state, told.done, told.doubt)
        self.printers.append(printer)
        printer.start()
        return printer

    def close(self) -> None:
        for printer in self.printers:
            printer.close()
