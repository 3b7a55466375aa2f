"""The service's log: JSON lines to standard error or to a size-capped file, without names, phones or keys."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from edge_agent.rules.private import field, safe

CAP_BYTES = 10_000_000
KEPT_FILES = 4

_act: ContextVar[str] = ContextVar("act", default="")
_ORDINARY = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


@contextmanager
def acting(act: str) -> Iterator[None]:
    """Every line logged within carries this id (one request, one projection run)."""
    before = _act.set(act)
    try:
        yield
    finally:
        _act.reset(before)


class JsonLines(logging.Formatter):
    """One record as one line: at, level, room, act, words, the extra fields, and where an error came from."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"at": at, "level": record.levelname.lower(), "room": record.name}
        if _act.get():
            line["act"] = _act.get()
        line["words"] = safe(record.getMessage())
        for name, value in vars(record).items():
            if name not in _ORDINARY:
                line[f"{name}_" if name in line else name] = field(name, value)
        if record.exc_info and record.exc_info[1]:
            line["error"] = safe(f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}")
            line["where"] = where(record.exc_info[1])
        return json.dumps(line)


def where(error: BaseException) -> list[str]:
    """File and line of the innermost eight frames; never the values."""
    found, step = [], error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        found.append(f"{Path(code.co_filename).name}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return found[-8:]


def start_logs(file: Path | None = None) -> logging.Handler:
    """Write the service's own log and uvicorn's errors to `file`, or to standard error; `stop_logs` ends it."""
    handler: logging.Handler = logging.StreamHandler()
    if file is not None:
        handler = RotatingFileHandler(file, maxBytes=CAP_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
    handler.setFormatter(JsonLines())
    for room in ("cloud_sync", "uvicorn.error"):
        log = logging.getLogger(room)
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    return handler


def stop_logs(handler: logging.Handler) -> None:
    """Close what `start_logs` opened."""
    for room in ("cloud_sync", "uvicorn.error"):
        log = logging.getLogger(room)
        log.removeHandler(handler)
        log.propagate = True
    handler.close()
