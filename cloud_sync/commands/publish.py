"""Command `publish`: sign a candidate that `train` wrote and offer it to every till by the feed."""

import argparse
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloud_sync.clock import clock_from_environment
from cloud_sync.founding import opened
from cloud_sync.published import LASTS_DAYS, Publishing, publish_model
from cloud_sync.settings import load_settings
from cloud_sync.signing import key_file
from edge_agent.errors import BadInput

log = logging.getLogger(__name__)


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("publish", help=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="the candidate (default: the one that train wrote last)")
    parser.add_argument("--days", type=int, default=LASTS_DAYS, help="how long the offer lasts (default: %(default)s)")
    parser.add_argument("--key", type=Path, help="the key that signs, if it is not kept in the data folder")
    parser.add_argument("--force", default="", metavar="REASON", help="publish a worse one, for this reason")
    return parser


def candidate_file(data: Path) -> Path:
    """Where `train` writes the candidate."""
    return data / "models" / "candidate.onnx"


def run(args: argparse.Namespace) -> int:
    """Print the version; tills fetch it at their next contact and let it earn its place."""
    settings, now = load_settings(args.data), clock_from_environment().now()
    if not 1 <= args.days <= 3650:
        raise BadInput("--days: an offer lasts from 1 to 3650 days")
    file = args.file or candidate_file(args.data)
    if not file.is_file():
        raise BadInput(f"there is no file {file}; cloud-sync train writes it")
    how = Publishing(settings.data, args.key or key_file(settings.data), args.days, args.force.strip())
    database = opened(settings)
    try:
        with database.writing() as session:
            model = publish_model(session, file.read_bytes(), how, now)
    finally:
        database.close()
    if how.force:
        log.warning("a model was published by force", extra={"version": model.version, "reason": how.force[:200]})
    if args.json:
        print(json.dumps({**model.model_dump(), "forced": how.force}))
    else:
        until = f"{datetime.fromtimestamp(model.expires_at / 1000, UTC):%Y-%m-%d}"
        print(
            f"Model {model.version} ({model.sha256[:12]}, {model.length} bytes) is offered to every till until {until}."
        )
    return 0
