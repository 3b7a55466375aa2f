"""Command `init`: make the folder, the database and a shop; again for one more shop."""

import argparse
import json
from typing import Any

from cloud_sync.clock import clock_from_environment
from cloud_sync.founding import NewShop, found
from cloud_sync.settings import load_settings


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("init", help=__doc__)
    parser.add_argument("--shop", required=True, metavar="NAME", help="the shop's name")
    parser.add_argument("--zone", required=True, help="its time zone, such as Europe/London")
    parser.add_argument("--currency", required=True, help="its currency, such as GBP")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print the shop that was made."""
    new = NewShop(args.shop, args.zone, args.currency)
    shop = found(load_settings(args.data), new, now=clock_from_environment().now())
    if args.json:
        print(json.dumps({"tenant": shop.tenant, "shop": shop.shop, "name": shop.name, "data": str(args.data)}))
    else:
        print(f"{shop.name} is ready in {args.data}. Next: cloud-sync owner --email YOU, then cloud-sync serve.")
    return 0
