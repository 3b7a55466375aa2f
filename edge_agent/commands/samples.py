"""Command `samples`: the key for texts, the texts that may leave now, and who answered stop."""

import argparse
from pathlib import Path
from typing import Any

from edge_agent.clock import clock_from_environment
from edge_agent.commands.passphrase import passphrase
from edge_agent.counter.texting import IntoFile, deliver
from edge_agent.errors import BadInput, BadRow
from edge_agent.opening import OpenTill
from edge_agent.rules.follow_up import is_stop
from edge_agent.rules.imports_table import MOST_BYTES, Columns, rows, unpacked
from edge_agent.rules.texting import Way
from edge_agent.settings import default_folder, load

REPLIES = Columns(("phone", "text"), ())
MOST_REPLIES = 20_000


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("samples", help=__doc__, description=__doc__)
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    key = acts.add_parser("key", help="make the key to which numbers are sealed: from then on customers are asked")
    send = acts.add_parser(
        "send", help="send what may leave now: to a CSV file (phone, text), or by the gateway of the settings"
    )
    send.add_argument("file", type=Path, help="a file that does not exist yet; a gateway's is for what it did not take")
    send.add_argument("--gateway-key-file", type=Path, help="a gateway's key and secret (else DATA/keys/texts.gateway)")
    replies = acts.add_parser("replies", help="a CSV file (phone, text) of answers: who began with a stop word is out")
    replies.add_argument("file", type=Path)
    stop = acts.add_parser("stop", help="no more texts to this number")
    stop.add_argument("phone")
    for one in (key, send):
        one.add_argument("--passphrase-file", type=Path, help="its first line is the passphrase (else it is asked for)")
    for one in (key, send, replies, stop):
        one.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 when it is done; a closed till's folder is needed, because what leaves is recorded first."""
    if not (args.data / "journal.db").is_file():
        raise BadInput(f"{args.data} holds no till's journal; --data names the folder")
    if args.act == "send" and args.file.exists():
        raise BadInput(f"{args.file} exists already; texts are never written over others")
    answers = _replies(args.file) if args.act == "replies" else []
    till = OpenTill(args.data, clock_from_environment(), load(args.data))
    try:
        return _done(args, till, answers)
    finally:
        till.close()


def _done(args: argparse.Namespace, till: OpenTill, answers: list[tuple[str, str]]) -> int:
    match args.act:
        case "key":
            till.samples.make_key(passphrase(args.passphrase_file, twice=True))
            print("Texts are on. Without the passphrase nobody reads a number, here or anywhere: keep it.")
        case "send":
            return _send(args, till)
        case "stop":
            till.samples.stop(args.phone).result()
            print("Stopped: nothing more leaves to that number.")
        case _:
            stops = [phone for phone, text in answers if is_stop(text)]
            for phone in stops:
                till.samples.stop(phone).result()
            print(f"{len(answers)} answers, {len(stops)} of them a stop.")
    return 0


def _send(args: argparse.Namespace, till: OpenTill) -> int:
    """By the gateway of the settings, else into the file. 1 when a gateway did not take all that it was given."""
    file, url = IntoFile(args.file), till.settings.samples.gateway
    way: Way = file
    if url:
        from edge_agent.sync.gateway import Gateway, credentials

        way = Gateway(url, credentials(args.gateway_key_file or args.data / "keys" / "texts.gateway"), till.clock.now)
    told = deliver(till.samples, till.samples.opened(passphrase(args.passphrase_file)), way)
    if not url:
        texts = f"{len(told.left)} texts are in {args.file}"
        print(f"{texts}. Send them now: the hour and every stop were looked at now.")
        return 0
    print(f"{len(told.left)} texts left by the gateway.")
    if told.kept:
        file.send(told.kept)
        print(f"{len(told.kept)} surely did not, in {args.file} for your own SMS tool: send them now.")
    if told.unknown:
        names = ", ".join(text.id for text in told.unknown)
        print(f"Of {names} nobody knows whether it left: it is not sent again.")
    if told.why:
        print(f"The gateway was left alone after that ({told.why}): what was not tried stays due, call this again.")
    return 1 if told.kept or told.unknown else 0


def _replies(file: Path) -> list[tuple[str, str]]:
    try:
        content = unpacked(file.name, file.read_bytes())
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error}") from error
    if len(content) > MOST_BYTES:
        raise BadRow(file.name, 1, "phone", "is of a file that is too long")
    return [(one.text("phone"), one.text("text")) for one in rows(file.name, content, REPLIES, MOST_REPLIES)]
