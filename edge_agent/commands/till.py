"""Command `till`: the till with its screen; the shop's memory is opened behind the first picture."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_agent.allocator import one_heap
from edge_agent.clock import clock_from_environment
from edge_agent.devices.profiles import scanner_profile
from edge_agent.errors import DropshelfError
from edge_agent.places import firmware_configs
from edge_agent.settings import Settings, default_folder, load

if TYPE_CHECKING:
    from edge_agent.opening import OpenTill


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("till", help=__doc__)
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """Show the till until it is left."""
    one_heap()
    # Textual reads these when it is imported: plain keys as every console sends them, and nothing that moves by itself.
    os.environ.update(TEXTUAL_DISABLE_KITTY_KEY="1", TEXTUAL_ANIMATIONS="none")
    from edge_agent.till.app import TillApp

    clock = clock_from_environment()
    opened: list[OpenTill] = []

    def opening() -> "OpenTill":
        from edge_agent.opening import open_till

        opened.append(open_till(args.data, clock))
        return opened[-1]

    settings = load(args.data)
    app = TillApp(opening, clock, settings, prefix=_prefix(settings))
    try:
        app.run(mouse=False)
        return 1 if app.return_code is None else app.return_code
    finally:
        app.finish()
        for shop in opened:
            shop.close()


def _prefix(settings: Settings) -> str:
    """The sign before each scan of a keyboard wedge, from its profile; a wrong word is told once the till is open."""
    try:
        return scanner_profile(firmware_configs(), settings.scanner.model).prefix
    except DropshelfError:
        return ""
