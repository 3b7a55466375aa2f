"""Command `migrate`: move the tables to this program's newest revision, or to another, with everything in them."""

import argparse
import json
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from cloud_sync.database import open_database
from cloud_sync.founding import migrate_for, refuse_missing
from cloud_sync.held import held
from cloud_sync.migrations import Moved, refuse_empty
from cloud_sync.settings import Settings, load_settings
from edge_agent.errors import Broken


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("migrate", help=__doc__)
    parser.add_argument("--to", default="", metavar="REVISION", help="up or down to this one (default: the newest)")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print where the database was and where it is now."""
    settings = load_settings(args.data)
    refuse_missing(settings)
    with held(args.data, alone=True):
        moved = _moved(settings, args.to)
    if args.json:
        print(json.dumps({"before": moved.before, "after": moved.after, "adopted": moved.adopted}))
    elif moved.before == moved.after:
        print(f"The database is at revision {moved.after} already.")
    else:
        before = "made before revisions" if moved.adopted else f"at revision {moved.before}"
        print(f"The database was {before} and is at revision {moved.after} now.")
    return 0


def _moved(settings: Settings, to: str) -> Moved:
    database = open_database(settings.owner_url)
    try:
        with database.engine.connect() as connection:
            refuse_empty(connection)
        return migrate_for(settings, database, to)
    except SQLAlchemyError as error:
        raise Broken(f"the database was not moved: {str(error).splitlines()[0]}") from error
    finally:
        database.close()
