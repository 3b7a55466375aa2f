"""Command `serve`: run the service; plain http only on this machine itself, elsewhere with --cert and --key."""

import argparse
import gc
import ipaddress
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloud_sync.app import create_app
from cloud_sync.clock import clock_from_environment
from cloud_sync.database import hasty
from cloud_sync.founding import opened
from cloud_sync.heap import one_heap
from cloud_sync.held import held
from cloud_sync.logs import start_logs, stop_logs
from cloud_sync.migrations.wall import weakness
from cloud_sync.settings import Settings, load_settings
from edge_agent.errors import BadInput

log = logging.getLogger(__name__)
LINES_END_S = 3
"""So long the lines of open pages may last once the service is to end; everything else is answered before."""


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("serve", help=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on")
    parser.add_argument("--cert", type=Path, help="the TLS certificate (PEM)")
    parser.add_argument("--key", type=Path, help="its key (PEM)")
    return parser


def run(args: argparse.Namespace) -> int:
    """Serve until it is told to end."""
    one_heap()
    _check(args.host, args.cert, args.key)
    settings = _addressed(load_settings(args.data), args)
    weak, haste = _weakness(settings)
    with held(args.data, alone=False):
        handler = start_logs()
        try:
            if weak:
                log.warning("the wall between tenants does not hold: %s", weak)
            if haste:
                log.warning("a power cut may take what tills were told is kept: %s", haste)
            _serve(settings, args)
        finally:
            stop_logs(handler)
    return 0


def _weakness(settings: Settings) -> tuple[str, str]:
    """Why one tenant's rows might be shown to another by a fault of the program, and why a power cut might take what
    was acknowledged; empty when the database sees to it."""
    database = opened(settings)
    try:
        with database.engine.connect() as connection:
            return weakness(connection), hasty(connection)
    finally:
        database.close()


def _serve(settings: Settings, args: argparse.Namespace) -> None:
    import uvicorn

    from cloud_sync.impatience import Impatient

    app = create_app(settings, clock_from_environment())
    # The program itself is never garbage: looked through with the rest, it would stop every page for a tenth
    # of a second again and again.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=args.host,
        port=args.port,
        http=Impatient,
        ssl_certfile=args.cert,
        ssl_keyfile=args.key,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=LINES_END_S,
    )


def _addressed(settings: Settings, args: argparse.Namespace) -> Settings:
    """With the address that is listened on, unless cloud.toml names the public one."""
    if settings.public_address != Settings.public_address:
        return settings
    host = f"[{args.host}]" if ":" in args.host else args.host
    return replace(settings, public_address=f"{'https' if args.cert else 'http'}://{host}:{args.port}")


def _check(host: str, cert: Path | None, key: Path | None) -> None:
    if (cert is None) != (key is None):
        raise BadInput("--cert and --key go together")
    for file in (cert, key):
        if file is not None and not file.is_file():
            raise BadInput(f"there is no file {file}")
    if cert is None and not _is_loopback(host):
        raise BadInput(f"{host} can be reached from other machines: give --cert and --key, or listen on 127.0.0.1")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
