"""Command `pair-code`: print a one-time code, valid for ten minutes, that pairs a till with a shop."""

import argparse
import json
from typing import Any

from cloud_sync.accounts.codes import shown
from cloud_sync.accounts.pairing import make_code
from cloud_sync.clock import clock_from_environment
from cloud_sync.founding import opened, shop_named
from cloud_sync.settings import load_settings


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("pair-code", help=__doc__)
    parser.add_argument("--shop", default="", help="which shop, when there are several")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print the code."""
    settings = load_settings(args.data)
    database, now = opened(settings), clock_from_environment().now()
    with database.writing() as session:
        shop = shop_named(session, args.shop)
        code = shown(make_code(session, tenant=shop.tenant, shop=shop.shop, now=now))
    if args.json:
        print(json.dumps({"code": code, "shop": shop.name, "address": settings.public_address}))
    else:
        print(f"{code} pairs one till with {shop.name}, within ten minutes:")
        print(f"edge-agent pair {settings.public_address} {code}")
    return 0
