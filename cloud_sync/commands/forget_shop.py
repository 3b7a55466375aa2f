"""Command `forget-shop`: keep all that is a customer's in one file, then leave no row of it."""

import argparse
import json
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from cloud_sync.departing import forget, take_along
from cloud_sync.founding import opened, shop_named
from cloud_sync.held import held
from cloud_sync.settings import load_settings
from cloud_sync.tables.house import Shop
from edge_agent.errors import BadInput


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("forget-shop", help=__doc__)
    parser.add_argument("--shop", default="", help="a shop of the customer, when there are several")
    parser.add_argument("--export", type=Path, required=True, metavar="FILE.zip", help="where everything is kept first")
    parser.add_argument(
        "--confirm", default="", metavar="NAME", help="the shop's name once more; without it, all stays"
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """Print what was kept, and what is gone."""
    if not args.export.parent.is_dir() or args.export.is_dir():
        raise BadInput(f"there is no folder {args.export.parent}, or {args.export} is one")
    with held(args.data, alone=bool(args.confirm)):
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    database = opened(load_settings(args.data))
    try:
        with database.reading() as session:
            shop = shop_named(session, args.shop)
            shops = session.exec(select(Shop.name).where(Shop.tenant == shop.tenant).order_by(col(Shop.name))).all()
        if args.confirm not in ("", shop.name):
            raise BadInput(f"--confirm says {args.confirm}, the shop is {shop.name}: nothing was done")
        kept = take_along(database, shop.tenant, args.export)
        gone = forget(database, shop.tenant) if args.confirm else {}
    finally:
        database.close()
    if args.json:
        print(json.dumps({"shops": shops, "file": str(args.export), "kept": kept, "gone": gone}))
        return 0
    print(f"{args.export}: {sum(kept.values())} rows of {', '.join(shops)}, every chain walked")
    if not gone:
        print(f'Nothing was deleted. With --confirm "{shop.name}" all of it is: {", ".join(shops)}.')
        return 0
    print(f"{sum(gone.values())} rows were deleted, none is left. Older backups still hold them: delete those too.")
    print("The tills go on selling by themselves and keep what they have.")
    return 0
