"""A real terminal for a real till: the program on a pty of a given size, its output kept as a screen."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parent.parent
ENTER = "\r"
F1, F2, F3, F5, F9 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1b[15~", "\x1b[20~"
INSERT, DELETE, UP, DOWN = "\x1b[2~", "\x1b[3~", "\x1b[A", "\x1b[B"
ESCAPE = "\x1b"


class Terminal:
    """Runs a program on a pty; `screen()` is what a person sees, `raw` every byte that it wrote."""

    def __init__(self, argv: Sequence[str], *, columns: int = 80, rows: int = 24, **environment: str) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self.raw = bytearray()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment},
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self.raw += data
                self._stream.feed(data)

    def send(self, text: str) -> None:
        """Write the characters at once, as a scanner or one key does."""
        os.write(self._master, text.encode())

    def type(self, text: str, gap: float = 0.06) -> None:
        """Write one character after another, as a person does: further apart than a scanner."""
        for char in text:
            self.send(char)
            time.sleep(gap)

    def keys(self, *keys: str) -> None:
        """Press keys one after another, at a person's pace: no Enter right behind a scan or another Enter, and none
        before the till has answered the one before, for two in one read are a scanner's."""
        before = ""
        for key in keys:
            if key == ENTER and before:
                self._changed(before)
            time.sleep(0.2 if key == ENTER else 0.07)
            before = self.screen() if key == ENTER else ""
            self.send(key)

    def _changed(self, before: str) -> None:
        end = time.monotonic() + 5.0
        while self.screen() == before and time.monotonic() < end:
            time.sleep(0.02)

    def scan(self, code: str, suffix: str = ENTER) -> None:
        """One code in one burst."""
        self.send(code + suffix)

    def screen(self) -> str:
        """The rows of the screen, without what is empty at their right."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display) + "\n"

    def wait(self, *words: str, seconds: float = 10.0, without: Sequence[str] = ()) -> str:
        """The screen once it shows all the words and none of `without`; AssertionError with the screen if never."""
        return self.until(
            lambda text: all(word in text for word in words) and not any(w in text for w in without), seconds
        )

    def until(self, holds: Callable[[str], bool], seconds: float = 10.0) -> str:
        """The screen once `holds` is true of it."""
        end = time.monotonic() + seconds
        while not holds(text := self.screen()):
            assert time.monotonic() < end, f"after {seconds} s the screen is\n{text}"
            assert self.process.poll() is None, f"the program has ended with {self.process.returncode}\n{text}"
            time.sleep(0.01)
        return text

    def close(self) -> int:
        """End the program as its unit does, and give what it exits with."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=10)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self._master)
            self._reader.join(timeout=2)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def till(
    folder: Path,
    *,
    columns: int = 80,
    rows: int = 24,
    ready: str = "F1 all keys",
    works: bool = False,
    **environment: str,
) -> Terminal:
    """The till on the shop in `folder` (`data/` and `clock`), once its screen says that it is `ready`.

    Only when it `works` do forecasts, orders and sync run beside the sale.
    """
    program = ["-m", "edge_agent"] if works else [str(Path(__file__).with_name("still_till.py"))]
    argv = [sys.executable, *program, "till", "--data", str(folder / "data")]
    terminal = Terminal(argv, columns=columns, rows=rows, DROPSHELF_CLOCK=str(folder / "clock"), **environment)
    terminal.wait(ready)
    return terminal
