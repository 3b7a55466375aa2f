"""Command `people`: who works here: add, list or forget a person, give a manager a PIN; events name an id alone."""

import argparse
import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_agent.clock import clock_from_environment
from edge_agent.counter.people import KEPT_MS, People, Person
from edge_agent.errors import BadInput
from edge_agent.journal.ids import random_id
from edge_agent.settings import default_folder

DAY_MS = 86_400_000


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("people", help=__doc__)
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser("add", help="know a person; prints the id for [till] staff in settings.toml")
    add.add_argument("name")
    add.add_argument("--phone", default="")
    add.add_argument("--days", type=int, default=KEPT_MS // DAY_MS, help="how long the person is known")
    forget = acts.add_parser("forget", help="forget a person for ever; what was sold stays as it is")
    forget.add_argument("id")
    pin = acts.add_parser("pin", help="make a person a manager with a PIN, read from the terminal or standard input")
    pin.add_argument("id")
    for one in (add, forget, pin, acts.add_parser("list", help="everybody who is known")):
        one.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")
        one.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do the act and say what came of it."""
    people, now = People(args.data, random_id), clock_from_environment().now()
    if args.act == "forget":
        people.forget(args.id)
        print(json.dumps({"forgotten": args.id}) if args.json else f"{args.id} is forgotten.")
        return 0
    if args.act == "pin":
        pin = _asked_pin()
        people.set_pin(args.id, pin)
        said = "is a manager with a PIN" if pin else "has no PIN any more"
        print(json.dumps({"id": args.id, "manager": bool(pin)}) if args.json else f"{args.id} {said}.")
        return 0
    if args.act == "add":
        shown = [people.add(args.name, args.phone, now=now, keep_ms=args.days * DAY_MS)]
    else:
        shown = people.all(now)
    if args.json:
        print(json.dumps([vars(person) for person in shown]))
    else:
        for person in shown:
            print(_line(person))
    return 0


def _asked_pin() -> str:
    """Never as an argument: that would stand in the list of processes."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    pin = getpass.getpass("PIN (4 to 8 digits; empty: none any more): ")
    if pin != getpass.getpass("Once more: "):
        raise BadInput("that was another PIN")
    return pin


def _line(person: Person) -> str:
    until = datetime.fromtimestamp(person.keep_until / 1000, UTC).date()
    phone, manager = f"  {person.phone}" if person.phone else "", "  manager" if person.manager else ""
    return f"{person.id}  {person.name}{phone}{manager}  known until {until}"
