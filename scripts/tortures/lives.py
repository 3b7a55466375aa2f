"""Lives of processes that are to be killed: started cold, or forked by a server that has imported everything."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection

from scripts.tortures.forks import begin, ended, gone
from scripts.tortures.judge import Said
from scripts.venv_ import ROOT, VENV

CALM = {"ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
IMPORTED = [
    "cloud_sync.commands.serve",
    "cloud_sync.impatience",
    "edge_agent.commands.imports",
    "edge_agent.commands.pair",
    "edge_agent.commands.verify",
    "edge_agent.jobs",
    "scripts.tortures.cashier",
    "scripts.tortures.server",
    "scripts.tortures.year_server",
    "scripts.tortures.year_till",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.loops.auto",
    "uvicorn.protocols.websockets.auto",
]
PATIENCE_S = 30.0
FORKING = get_context("forkserver")


def prepare(*more: str) -> None:
    """Let the server that forks import all that a life needs (and `more`), before it has any thread."""
    os.environ.update(CALM)
    FORKING.set_forkserver_preload([*IMPORTED, *more, "scripts.tortures.warm"])


def _born(module: str, words: tuple[str, ...], mouth: Connection) -> None:
    os.dup2(mouth.fileno(), 1)
    import_module(module).main(*words)


class Words:
    """What one life has said: its lines with their moments in seconds, and what it is in the middle of."""

    def __init__(self) -> None:
        self.lines, self.doing, self.deaf = list[tuple[float, str]](), Counter[str](), False
        self._heard = threading.Condition()

    def hear(self, at: float, line: str) -> None:
        """Note a line: `begin X` and `end X`, or `sell` and `paid`, say what it is in the middle of."""
        word, _, what = line.partition(" ")
        with self._heard:
            self.lines.append((at, line))
            if word in ("begin", "end"):
                self.doing[what] += 1 if word == "begin" else -1
            elif word in ("sell", "paid"):
                self.doing["sale"] = int(word == "sell")
            self._heard.notify_all()

    def wait_for(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds of what it said; False when it takes too long."""
        with self._heard:
            return self._heard.wait_for(holds, seconds)

    def under_way(self) -> set[str]:
        """What it is in the middle of; `start` before it has said anything."""
        return {what for what, times in self.doing.items() if times > 0} if self.lines else {"start"}

    def said(self) -> list[Said]:
        """The sales that it said to be paid."""
        words = [line.split() for _, line in self.lines if line.startswith("paid ")]
        return [Said(token, int(receipt), int(seq), link) for _, token, receipt, seq, link in words]

    def sellable(self) -> float | None:
        """Seconds from the start of the process until its first sale was durable; None if it did not live so long."""
        return next((at for at, line in self.lines if line.startswith("paid ")), None)

    def first(self, line: str) -> float | None:
        """Seconds until it said this line first; None if it never did."""
        return next((at for at, said in self.lines if said == line), None)


class Life(Words):
    """One start of `module`'s main, from the start of its process to the kill. `inside` stands before the command of
    one that starts cold, such as what enters a network."""

    def __init__(self, module: str, *words: str, cold: bool = False, inside: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.cold = cold
        ear, mouth = FORKING.Pipe(duplex=False)
        self._began = time.monotonic()
        if cold:
            line = [*inside, str(VENV / "bin" / "python"), "-m", module, *words]
            self._cold = subprocess.Popen(line, cwd=ROOT, env={**os.environ, **CALM}, stdout=mouth.fileno())
        else:
            self._warm = FORKING.Process(target=_born, args=(module, words, mouth), daemon=True)
            begin(self._warm)
        mouth.close()
        self._ear = threading.Thread(target=self._hear, args=(ear,), daemon=True)
        self._ear.start()

    def _hear(self, ear: Connection) -> None:
        with ear, os.fdopen(os.dup(ear.fileno()), "rb") as lines:
            for raw in lines:
                # A line that the kill cut off says nothing.
                if raw.endswith(b"\n"):
                    self.hear(time.monotonic() - self._began, raw.decode(errors="replace").strip())
        with self._heard:
            # It has ended: whoever waits for a word of it waits in vain.
            self.deaf = True
            self._heard.notify_all()

    def end(self) -> None:
        """Wait for its own end. SystemExit when that was not an orderly one."""
        code = self._cold.wait() if self.cold else ended(self._warm)
        self._ear.join()
        if code:
            raise SystemExit(f"a life ended with {code}; its last words: {self.lines[-3:]}")

    def kill(self) -> None:
        """kill -9, and wait for its last word. SystemExit when it had ended by itself."""
        code = self._cold.poll() if self.cold else gone(self._warm)
        if code is not None:
            raise SystemExit(f"a life ended by itself with {code}; its last words: {self.lines[-3:]}")
        if self.cold:
            self._cold.send_signal(signal.SIGKILL)
            self._cold.wait()
        else:
            self._warm.kill()
            ended(self._warm)
        self._ear.join()


def ask(module: str, *words: str, clock: str = "") -> str:
    """Run a command's main in a fork to its end, at the time of the file `clock` if one is named; what it printed.
    SystemExit when it fails."""
    ear, mouth = FORKING.Pipe(duplex=False)
    asked = FORKING.Process(target=_asked, args=(module, words, mouth, clock))
    begin(asked)
    mouth.close()
    with ear, os.fdopen(os.dup(ear.fileno()), "rb") as lines:
        said = lines.read().decode(errors="replace")
    if code := ended(asked):
        raise SystemExit(f"{module} {' '.join(words)} ended with {code}: {said.strip()}")
    return said


def _asked(module: str, words: tuple[str, ...], mouth: Connection, clock: str) -> None:
    os.environ.update({"DROPSHELF_CLOCK": clock} if clock else {})
    os.dup2(mouth.fileno(), 1)
    os.dup2(mouth.fileno(), 2)
    code = import_module(module).main(list(words))
    raise SystemExit(code)
