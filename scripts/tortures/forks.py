"""Processes that several threads of a rig fork, asked by one thread at a time how they ended."""

import threading
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess

ASKING = threading.Lock()
"""A process that begins asks how all others ended; of two threads that ask after the same one, one hears 255."""


def begin(process: ForkServerProcess) -> None:
    """Start it."""
    with ASKING:
        process.start()


def gone(process: ForkServerProcess) -> int | None:
    """How it ended; None while it lives."""
    with ASKING:
        return process.exitcode


def ended(process: ForkServerProcess) -> int | None:
    """Wait for its end; how it ended."""
    connection.wait([process.sentinel])
    with ASKING:
        process.join()
        return process.exitcode
