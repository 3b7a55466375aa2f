"""Command `samples`: the key for texts, the texts that may leave now as a CSV file, and who answered stop."""

import argparse
import csv
import io
import os
from pathlib import Path
from typing import Any

from edge_agent.clock import clock_from_environment
from edge_agent.commands.passphrase import passphrase
from edge_agent.counter.samples import Text
from edge_agent.errors import BadInput, BadRow
from edge_agent.opening import OpenTill
from edge_agent.rules.follow_up import is_stop
from edge_agent.rules.imports_table import MOST_BYTES, Columns, rows, unpacked
from edge_agent.settings import default_folder, load

REPLIES = Columns(("phone", "text"), ())
MOST_REPLIES = 20_000


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("samples", help=__doc__, description=__doc__)
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    key = acts.add_parser("key", help="make the key to which numbers are sealed: from then on customers are asked")
    send = acts.add_parser("send", help="write what may leave now to a CSV file (phone, text) for your own SMS tool")
    send.add_argument("file", type=Path, help="a file that does not exist yet")
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
            texts = till.samples.send(passphrase(args.passphrase_file))
            _write(args.file, texts)
            print(f"{len(texts)} texts are in {args.file}. Send them now: the hour and every stop were looked at now.")
        case "stop":
            till.samples.stop(args.phone).result()
            print("Stopped: nothing more leaves to that number.")
        case _:
            stops = [phone for phone, text in answers if is_stop(text)]
            for phone in stops:
                till.samples.stop(phone).result()
            print(f"{len(answers)} answers, {len(stops)} of them a stop.")
    return 0


def _write(file: Path, texts: list[Text]) -> None:
    """Readable by its owner alone: it holds numbers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("phone", "text"))
    writer.writerows((text.phone, text.words) for text in texts)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        stream.write(out.getvalue())


def _replies(file: Path) -> list[tuple[str, str]]:
    try:
        content = unpacked(file.name, file.read_bytes())
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error}") from error
    if len(content) > MOST_BYTES:
        raise BadRow(file.name, 1, "phone", "is of a file that is too long")
    return [(one.text("phone"), one.text("text")) for one in rows(file.name, content, REPLIES, MOST_REPLIES)]
