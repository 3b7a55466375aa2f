"""Command `pair`: pair this till with the cloud by a one-time code; all that it has recorded is then sent there."""

import argparse
import json
from pathlib import Path
from typing import Any

from edge_agent.errors import BadInput, NotAllowed
from edge_agent.settings import default_folder


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("pair", help=__doc__)
    parser.add_argument("url", metavar="URL", help="the cloud's address, such as https://shop.example")
    parser.add_argument("code", metavar="CODE", help="the code that `cloud-sync pair-code` printed")
    parser.add_argument("--ca", type=Path, help="the certificate authority of an own cloud (PEM)")
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Make the key, exchange the code, keep what came, record it. A wrong code changes nothing."""
    from edge_agent.clock import clock_from_environment
    from edge_agent.journal.ids import random_id
    from edge_agent.journal.log import Draft, Journal
    from edge_agent.journal.marker import read_set_back
    from edge_agent.sync.http import Door, Refused, checked_address
    from edge_agent.sync.keys import Pairing, own_key, save_pairing
    from edge_agent.wire.events.device import DevicePaired
    from edge_agent.wire.messages import Paired

    url = checked_address(args.url)
    if args.ca and not args.ca.is_file():
        raise BadInput(f"there is no file {args.ca}")
    ca = str(args.ca.resolve()) if args.ca else ""
    # A journal that was put back from a backup waits: it may get the rest of its events from the cloud first.
    journal = Journal.open(args.data, clock_from_environment(), random_id, waits=True)
    try:
        with Door(url, ca=ca) as door:
            paired: Paired = door.pair(_request(args, own_key(args.data).public_key().public_bytes_raw()))
        save_pairing(args.data, Pairing(url=url, ca=ca, paired=paired))
        if read_set_back(args.data) is not None:
            _catch_up(args.data, journal)
        kept = paired.model_dump(include={"tenant", "shop", "device", "audience"})
        journal.record(lambda memory: [Draft(DevicePaired(**kept, catalogue_to=memory.head().seq))]).result()
    except Refused as error:
        raise NotAllowed(error.message) from error
    finally:
        journal.close()
    _say(paired.shop_name, paired.device, as_json=args.json)
    return 0


def _catch_up(data: Path, journal: Any) -> None:
    from edge_agent.sync.catch_up import catch_up
    from edge_agent.sync.http import Door
    from edge_agent.sync.keys import load_keys

    keys = load_keys(data)
    assert keys is not None, "they were just saved"
    with Door(keys.pairing.url, keys.pairing.paired.credential, keys.pairing.ca) as door:
        journal.settle_set_back(as_new=not catch_up(journal, door, keys))


def _request(args: argparse.Namespace, public_key: bytes) -> Any:
    from pydantic import ValidationError

    from edge_agent.settings import load
    from edge_agent.wire.messages import PairRequest

    till = load(args.data).till.name
    try:
        return PairRequest(code=args.code.strip(), public_key=public_key.hex(), till=till)
    except ValidationError as error:
        raise BadInput(f"{args.code!r} is no pairing code; it looks like 7K3M-Q9XD") from error


def _say(shop: str, device: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"shop": shop, "device": device}))
    else:
        print(f"This till is paired with {shop}.")
