"""Command `run`: the till's process without a screen: memory, reorders, sync and jobs, until it is told to stop."""

import argparse
import signal
import threading
from pathlib import Path
from typing import Any

from edge_agent.allocator import one_heap
from edge_agent.clock import clock_from_environment
from edge_agent.settings import default_folder


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("run", help=__doc__)
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; 0 after an orderly end."""
    from edge_agent.opening import open_till

    one_heap()
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    till = open_till(args.data, clock_from_environment())
    try:
        till.start_work()
        print(f"{till.settings.till.name} runs on {args.data}", flush=True)
        stop.wait()
    finally:
        till.close()
    return 0
