"""Command `people`: who works here, what each may do, their PINs and badges; events name an id alone."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_agent.clock import clock_from_environment
from edge_agent.counter.audit import signals
from edge_agent.counter.people import KEPT_MS, People, Person
from edge_agent.errors import BadInput
from edge_agent.journal.ids import random_id
from edge_agent.journal.reading import Reading
from edge_agent.rules.badge import badge_of
from edge_agent.rules.conduct import SIGNS, Conduct, odd
from edge_agent.rules.rights import ROLES
from edge_agent.settings import default_folder

DAY_MS = 86_400_000


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("people", help=__doc__)
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser("add", help="know a person; prints the id that the other acts take")
    add.add_argument("name")
    add.add_argument("--phone", default="")
    add.add_argument("--role", choices=ROLES, default="cashier")
    add.add_argument("--days", type=int, default=KEPT_MS // DAY_MS, help="how long the person is known")
    acts.add_parser("pin", help="give a person a PIN, read from the terminal or standard input; empty: none any more")
    badge = acts.add_parser("badge", help="give a person a fresh badge and print its code; the till keeps its hash")
    badge.add_argument("--scan", action="store_true", help="read the code of a badge that is there from the terminal")
    badge.add_argument("--none", action="store_true", help="take the badge away")
    role = acts.add_parser("role", help="what a person may do")
    acts.add_parser("retire", help="a person works here no more: known by name, PIN and badge are void")
    acts.add_parser("forget", help="forget a person for ever; what was sold stays as it is")
    acts.add_parser("list", help="everybody who is known")
    signs = acts.add_parser("signals", help="each cashier's no-sales, voids, refunds and prices by hand per 100 sales")
    signs.add_argument("--since", type=int, default=28, metavar="DAYS", help="how many days back")
    for name, one in acts.choices.items():
        if name not in ("add", "list", "signals"):
            one.add_argument("id", help="the id, or the whole name where it is one person's alone")
        one.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")
        one.add_argument("--json", action="store_true", help="print JSON")
    role.add_argument("role", choices=ROLES)


def run(args: argparse.Namespace) -> int:
    """Do the act and say what came of it."""
    people, now = People(args.data, random_id), clock_from_environment().now()
    if args.act == "signals":
        return _signals(people, args, now)
    if args.act in CHANGES:
        args.id = _id_of(people, args.id, now)
        CHANGES[args.act](people, args, now)
        return 0
    if args.act == "add":
        shown = [people.add(args.name, args.phone, now=now, keep_ms=args.days * DAY_MS, role=args.role)]
    else:
        shown = people.all(now)
    if args.json:
        print(json.dumps([vars(person) for person in shown]))
    else:
        for person in shown:
            print(_line(person))
    return 0


def _id_of(people: People, word: str, now: int) -> str:
    """The id of who is meant; BadInput when several have that name."""
    named = [person.id for person in people.all(now) if person.name.casefold() == word.casefold()]
    if len(named) > 1:
        raise BadInput(f"{len(named)} people are called {word}: name one by the id, see edge-agent people list")
    return named[0] if named else word


def _signals(people: People, args: argparse.Namespace, now: int) -> int:
    with Reading.open(args.data / "journal.db") as memory:
        found = signals(memory, now - args.since * DAY_MS)
    names = {person.id: person.name for person in people.all(now)}
    if args.json:
        print(json.dumps([{**vars(one), "name": names.get(one.by, ""), "odd": odd(one, found)} for one in found]))
        return 0
    print(f"{'':<20}{'sales':>7}" + "".join(f"{sign.replace('_', ' '):>19}" for sign in SIGNS))
    for one in found:
        cells = [_cell(one, sign, is_odd=sign in odd(one, found)) for sign in SIGNS]
        print(f"{names.get(one.by, one.by or 'nobody signed on'):<20}{one.sales:>7}" + "".join(cells))
    print("How often, and (per 100 sales); ! is far more than all the others together.")
    return 0


def _cell(one: Conduct, sign: str, *, is_odd: bool) -> str:
    rate = one.per_hundred(sign)
    per = f" ({rate // 10}.{rate % 10})" if rate is not None else ""
    return f"{'! ' if is_odd else ''}{one.done[sign]}{per}".rjust(19)


def _pin(people: People, args: argparse.Namespace, now: int) -> None:
    pin = _asked_pin()
    people.set_pin(args.id, pin, now)
    _say(args, {"pin": bool(pin)}, "has a PIN" if pin else "has no PIN any more")


def _badge(people: People, args: argparse.Namespace, now: int) -> None:
    code = "" if args.none else sys.stdin.readline().strip() if args.scan else badge_of(os.urandom(10))
    people.set_badge(args.id, code, now)
    told = "has no badge any more" if not code else "has this badge" if args.scan else f"has the badge {code}"
    _say(args, {"badge": code if not args.scan else bool(code)}, told)


def _role(people: People, args: argparse.Namespace, _: int) -> None:
    people.set_role(args.id, args.role)
    _say(args, {"role": args.role}, f"is a {args.role}")


def _retire(people: People, args: argparse.Namespace, _: int) -> None:
    people.retire(args.id)
    _say(args, {"retired": True}, "works here no more")


def _forget(people: People, args: argparse.Namespace, _: int) -> None:
    people.forget(args.id)
    print(json.dumps({"forgotten": args.id}) if args.json else f"{args.id} is forgotten.")


CHANGES: dict[str, Callable[[People, argparse.Namespace, int], None]] = {
    "pin": _pin,
    "badge": _badge,
    "role": _role,
    "retire": _retire,
    "forget": _forget,
}


def _say(args: argparse.Namespace, found: dict[str, object], told: str) -> None:
    print(json.dumps({"id": args.id, **found}) if args.json else f"{args.id} {told}.")


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
    phone = f"  {person.phone}" if person.phone else ""
    has = [word for word, true in (("PIN", person.pin), ("badge", person.badge), ("retired", person.retired)) if true]
    words = f"  {person.role}{': ' if has else ''}{', '.join(has)}"
    return f"{person.id}  {person.name}{phone}{words}  known until {until}"
