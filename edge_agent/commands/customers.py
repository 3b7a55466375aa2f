"""Command `customers`: who collects points at this till: add, list or forget one; events name an account alone."""

import argparse
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_agent.clock import clock_from_environment
from edge_agent.counter.customers import Customer, Customers
from edge_agent.counter.people import People
from edge_agent.journal.ids import random_id
from edge_agent.settings import default_folder


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("customers", help=__doc__)
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser("add", help="know a customer; prints the number of their card")
    add.add_argument("name")
    add.add_argument("--phone", default="")
    add.add_argument("--group", default="", help="the card of promotions that hold for them")
    forget = acts.add_parser("forget", help="forget a customer for ever; what was sold stays as it is")
    forget.add_argument("account")
    for one in (add, forget, acts.add_parser("list", help="everybody who is known")):
        one.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")
        one.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do the act and say what came of it."""
    customers = Customers(People(args.data, random_id), lambda: secrets.randbits(128))
    now = clock_from_environment().now()
    if args.act == "forget":
        customers.forget(args.account)
        print(json.dumps({"forgotten": args.account}) if args.json else f"{args.account} is forgotten.")
        return 0
    adds = args.act == "add"
    shown = [customers.add(args.name, args.phone, args.group, now=now)] if adds else customers.all(now)
    if args.json:
        print(json.dumps([vars(customer) for customer in shown]))
    else:
        for customer in shown:
            print(_line(customer))
    return 0


def _line(customer: Customer) -> str:
    until = datetime.fromtimestamp(customer.keep_until / 1000, UTC).date()
    more = "".join(f"  {word}" for word in (customer.phone, customer.group) if word)
    return f"{customer.account}  {customer.name}{more}  card {customer.number}  known until {until}"
