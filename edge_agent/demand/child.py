"""The demand model in a process of its own: it starts when needed, may die, and the base answers in its place.

Parent and child speak one JSON line a message over stdin and stdout. The child holds no state of the shop: each
question carries what it needs, so that a fresh child answers the same.
"""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from edge_agent.errors import Unreachable
from edge_agent.rules.forecast import FALLBACK, Forecast

from .forecasting import BaseForecaster
from .habits import Habits
from .messages import forecast_from, habits_from, shop_to_plain
from .series import ShopHistory

log = logging.getLogger(__name__)

LEARN_SECONDS = 120.0
ANSWER_SECONDS = 5.0
START_SECONDS = 30.0
RESTED_SECONDS = 60.0
"""After a death, no new child is started for this long: the base answers meanwhile."""


class Child:
    """One child process and the lines to it; one question at a time, each with its deadline.

    `command` starts the child if not the model's own program; `sha256` is what the file must be (empty: anything).
    Errors are `Unreachable`, and the process is ended.
    """

    def __init__(self, model: Path, command: Collection[str] | None = None, sha256: str = "") -> None:
        self._sha256 = sha256
        self._command = list(command or worker(model))
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Sends one question and waits for its answer; starts the child if there is none."""
        process = self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(question, separators=(",", ":")) + "\n")
            process.stdin.flush()
        except OSError as error:
            raise self._ended("the model's process does not listen") from error
        return self._answer(seconds)

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise self._ended(f"the model did not answer within {seconds:g} s") from None
        try:
            answer = json.loads(line or "")
        except ValueError:
            raise self._ended("the model's process died") from None
        if not isinstance(answer, dict) or "error" in answer:
            words = answer.get("error", "") if isinstance(answer, dict) else ""
            raise self._ended(str(words)[:200] or "the model's answer makes no sense")
        return answer

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None:
            self._lines = queue.SimpleQueue()
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env=quiet_environment(),
            )
            threading.Thread(target=_pump, args=(self._process, self._lines), name="model", daemon=True).start()
            ready = self._answer(START_SECONDS).get("ready")
            if self._sha256 and ready != self._sha256:
                raise self._ended("the model's file is not what was signed")
        assert self._process is not None
        return self._process

    def _ended(self, words: str) -> Unreachable:
        self.close()
        return Unreachable(words)

    def close(self) -> None:
        """Ends the process, if there is one; a later question starts a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    log.debug("a pipe of the dead model process was already broken")


def _pump(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str | None]") -> None:
    """Moves the child's lines into a queue that can be waited on; None at its end."""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line)
    except (OSError, ValueError):
        log.debug("the model process closed its side")
    lines.put(None)


def worker(model: Path, *, otherwise: bool = False) -> tuple[str, ...]:
    """What starts the child; `otherwise`, on the runtime's other code paths (`model.DemandModel`)."""
    return (sys.executable, "-m", "edge_agent.demand.worker", str(model), *(["otherwise"] if otherwise else []))


def quiet_environment() -> dict[str, str]:
    """The child's environment: one thread, and nothing sent to anyone."""
    quiet = {"ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **quiet}


class ChildForecaster:
    """The port with the model behind it; whenever the child fails, the base answers and `trouble` says why.

    Its forecasts are then told apart by the name FALLBACK. `sha256` is what the file must be (empty: anything);
    `monotonic` gives seconds that only go forward. Calls come from one thread at a time.
    """

    def __init__(
        self,
        model: Path,
        monotonic: Callable[[], float] = time.monotonic,
        command: Collection[str] | None = None,
        *,
        sha256: str = "",
    ) -> None:
        self._child = Child(model, command, sha256)
        self._base = BaseForecaster()
        self._monotonic = monotonic
        self._rest_until = float("-inf")
        self.trouble = ""
        """Why the base answered last time; empty when the model did."""
        self.failures = 0
        """How often in a row the child was asked and failed."""

    def learn(self, shop: ShopHistory) -> Habits:
        answer = self._asked({"do": "learn", "shop": shop_to_plain(shop)}, LEARN_SECONDS)
        return habits_from(answer["habits"]) if answer else self._base.learn(shop)

    def forecast(self, shop: ShopHistory, habits: Habits, skus: Collection[str], at: int) -> dict[str, Forecast]:
        wanted = [sku for sku in skus if sku in shop.skus]
        question = {
            "do": "forecast",
            "shop": shop_to_plain(shop, wanted),
            "habits": asdict(habits.about(wanted)),
            "at": at,
        }
        answer = self._asked(question, ANSWER_SECONDS + len(wanted) / 100.0) if wanted and habits.model else None
        if answer is None:
            return in_its_place(self._base.forecast(shop, habits, wanted, at))
        return {one["sku"]: forecast_from(one) for one in answer["forecasts"]}

    def _asked(self, question: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """The child's answer, or None (and the reason in `trouble`) when the base must answer."""
        if self._monotonic() < self._rest_until:
            return None
        try:
            answer = self._child.ask(question, seconds)
        except (Unreachable, OSError) as error:
            self._rest_until = self._monotonic() + RESTED_SECONDS
            self.trouble = str(error)
            self.failures += 1
            log.warning("the base forecasts: %s", error)
            return None
        self.trouble, self.failures = "", 0
        return answer

    def close(self) -> None:
        """Ends the child and gives its memory back; the next question starts a new one."""
        self._child.close()


def in_its_place(forecasts: dict[str, Forecast]) -> dict[str, Forecast]:
    """The base's forecasts under the name that says that the model should have spoken."""
    return {sku: replace(one, forecaster=FALLBACK) for sku, one in forecasts.items()}
