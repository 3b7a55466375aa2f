"""Command `tills`: list the tills, and say what each may still do."""

import argparse
import json
from typing import Any

from sqlmodel import Session, col, select

from cloud_sync.accounts.devices import set_state
from cloud_sync.clock import clock_from_environment
from cloud_sync.database import Database
from cloud_sync.founding import opened
from cloud_sync.ingest.project import release
from cloud_sync.settings import load_settings
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow
from edge_agent.errors import BadInput, NotKnown

STATES = {
    "activate": ("active", "let it in again"),
    "retire": ("retired", "it uploads for 30 days more and takes nothing"),
    "suspect": ("suspected", "what it uploads is held back from now on"),
    "ban": ("banned", "it is refused; what it has stays on it, see edge-agent export"),
}


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("tills", help=__doc__)
    chosen = parser.add_mutually_exclusive_group()
    for word, (_, helps) in STATES.items():
        chosen.add_argument(f"--{word}", metavar="TILL", help=helps)
    chosen.add_argument("--release", metavar="TILL", help="count what was held back of it")
    return parser


def run(args: argparse.Namespace) -> int:
    """Change one, if told so; print them all."""
    database, now = opened(load_settings(args.data)), clock_from_environment().now()
    for word, (state, _) in STATES.items():
        if name := getattr(args, word):
            with database.writing() as session:
                device = _named(session, name)
                set_state(session, tenant=device.tenant, device=device.device, state=state, now=now)
    if args.release:
        print(f"{_release(database, args.release, now)} events are counted now")
    _print(database, as_json=args.json)
    return 0


def _release(database: Database, name: str, now: int) -> int:
    with database.reading() as session:
        device = _named(session, name)
        mine = select(JournalRow.journal).where(JournalRow.tenant == device.tenant, JournalRow.device == device.device)
        journals = list(session.exec(mine))
    return sum(release(database, tenant=device.tenant, journal=journal, now=now) for journal in journals)


def _named(session: Session, name: str) -> Device:
    rows = session.exec(select(Device).where((col(Device.till) == name) | (col(Device.device) == name))).all()
    if not rows:
        raise NotKnown(f"there is no till {name}")
    if len(rows) > 1:
        raise BadInput(f"there are several tills {name}; say one's number: {', '.join(row.device for row in rows)}")
    return rows[0]


def _print(database: Database, *, as_json: bool) -> None:
    with database.reading() as session:
        rows = session.exec(select(Device).order_by(col(Device.till), col(Device.paired_at))).all()
    if as_json:
        print(json.dumps([{"till": row.till, "device": row.device, "state": row.state} for row in rows]))
        return
    for row in rows:
        print(f"{row.device}  {row.state:9}  {row.till}")
