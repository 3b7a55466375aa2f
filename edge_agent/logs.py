"""The till's log: JSON lines with one id an act, size-capped, without names, phones or keys; one line when a thing goes
and one when it is back."""

import json
import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from edge_agent.clock import Clock
from edge_agent.rules.private import field, safe

FILE = "till.jsonl"
CAP_BYTES = 1_000_000
KEPT_FILES = 4

_act: ContextVar[str] = ContextVar("act", default="")
_ORDINARY = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


@contextmanager
def acting(act: str) -> Iterator[None]:
    """Every line logged within carries this id (one act: a sale, a push, a decision)."""
    before = _act.set(act)
    try:
        yield
    finally:
        _act.reset(before)


class JsonLines(logging.Formatter):
    """One record as one line: at, level, room, act, words, then the extra fields; what is private is hidden."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(self._clock.now() / 1000, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"at": at, "level": record.levelname.lower(), "room": record.name}
        if _act.get():
            line["act"] = _act.get()
        line["words"] = safe(record.getMessage())
        for name, value in vars(record).items():
            if name not in _ORDINARY:
                line[f"{name}_" if name in line else name] = field(name, value)
        if record.exc_info and record.exc_info[1]:
            line["error"] = error_of(record.exc_info[1])
        return json.dumps(line)


def error_of(error: BaseException) -> dict[str, object]:
    """What went wrong and where; file and line only, never the values."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return {"kind": type(error).__name__, "words": safe(str(error)), "where": where}


class _Lines(RotatingFileHandler):
    """The log's file; what a full disk does not take is left out, without a word."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """The log stops nothing and writes on no screen."""


def start_logs(
    folder: Path, clock: Clock, *, cap_bytes: int = CAP_BYTES, kept_files: int = KEPT_FILES
) -> logging.Handler:
    """Write the till's log to `folder/till.jsonl`, at most (kept_files + 1) x cap_bytes in all; `stop_logs` ends it."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / FILE).touch()
    handler = _Lines(folder / FILE, maxBytes=cap_bytes, backupCount=kept_files, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines(clock))
    house = logging.getLogger("edge_agent")
    house.addHandler(handler)
    house.setLevel(logging.INFO)
    house.propagate = False
    return handler


def stop_logs(handler: logging.Handler) -> None:
    """Close what `start_logs` opened."""
    house = logging.getLogger("edge_agent")
    house.removeHandler(handler)
    house.propagate = True
    handler.close()


def thin_logs(folder: Path) -> None:
    """Throw away all but the log that is written now: sales need the room more."""
    for file in folder.glob(f"{FILE}.*"):
        file.unlink(missing_ok=True)


class Presence:
    """Whether a thing (printer, cloud) is there: one line when it goes, one when it is back, nothing between."""

    def __init__(self, log: logging.Logger, thing: str) -> None:
        self._log, self._thing = log, thing
        self._here, self._tries = True, 0
        self._lock = threading.Lock()

    def gone(self, why: str) -> bool:
        """It did not answer; True when that is news."""
        with self._lock:
            news, self._here = self._here, False
            self._tries += 1
        if news:
            self._log.warning("%s is gone: %s", self._thing, why, extra={"thing": self._thing, "here": False})
        return news

    def back(self) -> bool:
        """It answered; True when that is news."""
        with self._lock:
            news, self._here = not self._here, True
            tries, self._tries = self._tries, 0
        if news:
            self._log.warning("%s is back", self._thing, extra={"thing": self._thing, "here": True, "tries": tries})
        return news


class DeviceLog:
    """What the devices say, as lines: one when a device goes or fails, one when it is well again."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._things: dict[str, Presence] = {}

    def said(self, device: str, state: str, words: str) -> None:
        """Take a device's (state, words); `unknown` is no news."""
        thing = self._things.setdefault(device, Presence(self._log, device))
        if state in ("gone", "fault"):
            thing.gone(words or "no answer")
        elif state == "ok":
            thing.back()
