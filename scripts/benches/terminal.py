"""A program on a pty as a bench sees it: every byte that it writes with the moment it came, its CPU and its memory."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

COLUMNS, ROWS = 100, 30
GAP_S = 0.05


class Timed:
    """Runs `argv` on a pty of 100 x 30; `seen(word)` waits until the program has written it since the last `mark`."""

    def __init__(self, argv: Sequence[str], cwd: Path, **environment: str) -> None:
        self._arrived = threading.Condition()
        self._raw = bytearray()
        self._reads: list[tuple[int, float]] = []
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        settings = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(cwd), **environment}
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, cwd=cwd, start_new_session=True, env=settings
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            if not data:
                return
            with self._arrived:
                self._raw += data
                self._reads.append((len(self._raw), time.perf_counter()))
                self._arrived.notify_all()

    def mark(self) -> int:
        """How much was written so far."""
        with self._arrived:
            return len(self._raw)

    def send(self, text: str) -> float:
        """Write the characters at once; the moment before."""
        now = time.perf_counter()
        os.write(self._master, text.encode())
        return now

    def seen(self, word: str, since: int = 0, seconds: float = 10.0) -> float:
        """The moment of the read after which `word` stood in what was written after `since`; inf if it never came."""
        wanted = word.encode()
        with self._arrived:
            if not self._arrived.wait_for(lambda: self._raw.find(wanted, since) >= 0, seconds):
                return float("inf")
            end = self._raw.find(wanted, since) + len(wanted)
            return next(at for length, at in self._reads if length >= end)

    def cpu(self) -> float:
        """CPU seconds of the process so far, ended threads included."""
        # Linux numbers the clock of another process so (clock_getcpuclockid).
        return time.clock_gettime((~self.process.pid << 3) | 2)

    @staticmethod
    def settle(seconds: float) -> None:
        """Leave the program alone for a while."""
        time.sleep(max(seconds, 0.0))

    def child_mb(self) -> float:
        """Resident memory of the children."""
        # A child belongs to the thread that started it.
        of_threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return sum(_rss_mb(int(child)) for one in of_threads for child in one.read_text().split())

    def rss_mb(self) -> float:
        """Resident memory of the process itself, its children apart."""
        return _rss_mb(self.process.pid)

    def stall(self, seconds: float) -> None:
        """Stop the whole process for a while, as a machine that is busy elsewhere does."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End the program."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        self._reader.join(2)


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def scan_block(
    terminal: Timed,
    numbers: Sequence[int],
    code_of: Callable[[int], str],
    name_of: Callable[[int], str],
    stall: tuple[float, int] = (0.0, 0),
) -> tuple[list[float], float]:
    """Scan at 20 a second; seconds from each write until its name is written, and the CPU seconds of all.

    With `stall` (seconds, every so many scans) the process is stopped again and again while the scans go on coming.
    """
    seconds, every = stall
    took, before, began = [], terminal.cpu(), time.perf_counter()
    sent: list[tuple[int, float, int]] = []
    for place, number in enumerate(numbers):
        time.sleep(max(began + place * GAP_S - time.perf_counter(), 0))
        if every and place % every == every // 2:
            threading.Thread(target=terminal.stall, args=(seconds,)).start()
        since = terminal.mark()
        sent.append((number, terminal.send(code_of(number) + "\r"), since))
        if not every:
            took.append(terminal.seen(name_of(number), since) - sent[-1][1])
    if every:
        took = [terminal.seen(name_of(number), since) - at for number, at, since in sent]
    return took, terminal.cpu() - before
