"""The sending process of the row `post`: forks a sender for each line that it reads, and lets it die where it is told.

A line is `NAME STEP`; a step is one side of a write to a wire or to the outbox. Answers with how the sender ended.
"""

import importlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cloud_sync.clock import FileClock
from cloud_sync.database import open_database
from cloud_sync.post import outbox
from cloud_sync.post.network import networks_of
from cloud_sync.post.server import MailServer
from cloud_sync.post.ways import Ways
from cloud_sync.post.webhook import Web
from cloud_sync.post.worker import Postman
from cloud_sync.settings import Settings

UNKNOWN = "note_unknown"
STEPS = ("take", "hand_over", "note_left", "note_refused", UNKNOWN)


def main() -> None:
    """Until there is nothing more to read."""
    data, clock, port, forgets = sys.argv[1:]
    logging.disable()
    # Before the forks, each of which would load it anew.
    importlib.import_module("fpdf")
    if int(forgets):
        setattr(outbox, UNKNOWN, _taken_for_no(FileClock(Path(clock))))
    for line in sys.stdin:
        name, kill_at = line.split()
        child = os.fork()
        if not child:
            _one_round(Path(data), Path(clock), int(port), name, int(kill_at))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _taken_for_no(clock: FileClock) -> Callable[[Any, Any, str], bool]:
    """The planted fault."""

    def note(database: Any, taken: Any, problem: str) -> bool:
        return outbox.note_refused(database, taken, problem, clock.now(), again=True)

    return note


def _one_round(data: Path, clock: Path, port: int, name: str, kill_at: int) -> None:
    code = 1
    try:
        _dies_at(kill_at)
        database = open_database(Settings(data=data).database_url)
        server = MailServer("127.0.0.1", port, "none", "", None, None, "orders@shop.example")
        web = Web(networks_of("127.0.0.0/8"), None, data / "keys" / "webhook.key")
        Postman(database, FileClock(clock), Ways(server, web), name).go_round()
        code = 0
    finally:
        os._exit(code)


def _dies_at(kill_at: int) -> None:
    """Count every step before and after it is made, and die at this one."""
    seen = 0

    def step() -> None:
        nonlocal seen
        seen += 1
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in STEPS:
        setattr(outbox, name, _stepped(getattr(outbox, name), step))
    socket.socket.sendall = _stepped(socket.socket.sendall, step)  # type: ignore[method-assign]


def _stepped(act: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    def acts(*given: Any, **named: Any) -> Any:
        step()
        done = act(*given, **named)
        step()
        return done

    return acts


if __name__ == "__main__":
    main()
