"""Command `take-orders`: take a marketplace's orders out of a CSV file; those that are known change nothing."""

import argparse
import json
from pathlib import Path
from typing import Any

from sqlmodel import select

from cloud_sync.clock import clock_from_environment
from cloud_sync.founding import opened
from cloud_sync.pages.markets import take_orders
from cloud_sync.settings import load_settings
from cloud_sync.tables.house import Shop
from edge_agent.errors import NotKnown
from edge_agent.rules.imports_market import read_orders


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("take-orders", help=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV: reference, sku, pieces; price, paid, spot")
    parser.add_argument("--market", required=True, help="the marketplace's short name")
    parser.add_argument("--shop", required=True, help="the shop's id")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print what came of them; 1 when one was refused."""
    if not args.file.is_file():
        raise NotKnown(f"there is no file {args.file}")
    settings = load_settings(args.data)
    database, now = opened(settings), clock_from_environment().now()
    with database.reading() as session:
        shop = session.exec(select(Shop).where(Shop.shop == args.shop)).first()
    if shop is None:
        raise NotKnown(f"there is no shop {args.shop}")
    orders = read_orders(args.file.name, args.file.read_bytes(), shop.decimals)
    where = {"tenant": shop.tenant, "shop": shop.shop}
    done = take_orders(database.of(shop.tenant), settings, **where, name=args.market, orders=orders, now=now)
    refused = [one for one in done if one.wrong]
    if args.json:
        told = [{"reference": one.reference, "words": one.wrong} for one in refused]
        print(json.dumps({"orders": len(done), "new": sum(one.new for one in done), "refused": told}))
    else:
        print(f"{len(done)} orders, {sum(one.new for one in done)} of them new here")
        for one in refused:
            print(f"{one.reference}: {one.wrong}")
    return 1 if refused else 0
