"""Command `owner`: make somebody who signs in for the shops here, or give one a new one-time password, shown once."""

import argparse
import json
from typing import Any

from cloud_sync.accounts.owners import add_owner
from cloud_sync.accounts.rights import ROLES
from cloud_sync.clock import clock_from_environment
from cloud_sync.founding import opened, shop_named
from cloud_sync.settings import load_settings
from edge_agent.rules.text import clean_name


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("owner", help=__doc__)
    parser.add_argument("--email", required=True, help="the address to sign in with")
    parser.add_argument("--name", default="", help="what the till shows with a decision (default: the address)")
    parser.add_argument("--role", choices=ROLES, default="owner", help="what they may do (default: owner)")
    parser.add_argument("--shop", default="", help="which shop, when there are several")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print the one-time password."""
    settings = load_settings(args.data)
    database, now = opened(settings), clock_from_environment().now()
    with database.writing() as session:
        tenant = shop_named(session, args.shop).tenant
        name = clean_name(args.name or args.email)
        password = add_owner(session, tenant=tenant, email=args.email, name=name, now=now, role=args.role)
    if args.json:
        print(json.dumps({"email": args.email.lower(), "password": password, "address": settings.public_address}))
    else:
        print(f"{args.email} signs in at {settings.public_address} with the one-time password {password}")
        print("It is shown only now; set an own one after signing in.")
    return 0
