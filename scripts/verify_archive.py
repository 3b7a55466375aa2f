"""Checks a till's archive with its public key alone; imports nothing of Dropshelf. Names the first wrong event.

    python3 verify_archive.py ARCHIVE [PUBLIC_KEY]

PUBLIC_KEY is what the owner noted (hex); without it the archive's own is taken, and shown to be compared. Exit 0: every
line follows from the one before, and every signed head holds.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    """What is wrong, and where first."""


def lines_of(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        for line in file:
            yield line.removesuffix(b"\n")


def whose(line: bytes) -> dict[str, str]:
    said = parsed(line, "the first line")
    if said.get("archive") != "till-archive/1":
        raise Wrong("this is no till-archive/1")
    return {name: str(said.get(name, "")) for name in ("audience", "tenant", "device", "public_key")}


def parsed(line: bytes, what: str) -> dict[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Wrong(f"{what} cannot be read")
    return said


def check(path: str, public_key: str = "") -> dict[str, int]:
    """{journal: events}, all of them as they were signed."""
    lines = lines_of(path)
    owner = whose(next(lines, b""))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key or owner["public_key"]))
    ends: dict[str, tuple[int, bytes]] = {}
    for line in lines:
        header = parsed(line, "a batch's header")
        journal = str(header.get("journal", ""))
        ends[journal] = check_batch(header, lines, ends.get(journal, (0, bytes(32))), owner, key)
    if not ends:
        raise Wrong("the archive holds no event")
    return {journal: seq for journal, (seq, _) in ends.items()}


def check_batch(
    header: dict[str, object],
    lines: Iterator[bytes],
    end: tuple[int, bytes],
    owner: dict[str, str],
    key: Ed25519PublicKey,
) -> tuple[int, bytes]:
    journal, (seq, link) = header["journal"], end
    if header.get("first") != seq + 1:
        raise Wrong(f"journal {journal}: event {seq + 1} is missing")
    last = int(str(header["last"]))
    while seq < last:
        seq += 1
        said, _, line = next(lines, b"").partition(b" ")
        link = hashlib.sha256(link + line).digest()
        if said.decode("ascii", "replace") != link.hex() or parsed(line, f"event {seq}").get("seq") != seq:
            raise Wrong(f"journal {journal}: event {seq} is not what was written")
    if header.get("head_hash") != link.hex():
        raise Wrong(f"journal {journal}: the signed head at event {last} is another")
    signature = str(header.get("signature", ""))
    # An archive is written in one way: whatever else could be said of the same is a touch, too.
    if header.get("session") != 0 or signature != signature.lower():
        raise Wrong(f"journal {journal}: the header of events {header['first']} to {last} is not what was written")
    names = ("till-batch/1", owner["audience"], owner["tenant"], journal, header["first"], last, link.hex(), 0)
    try:
        key.verify(bytes.fromhex(signature), "\n".join(map(str, names)).encode())
    except (InvalidSignature, ValueError):
        raise Wrong(f"journal {journal}: events {header['first']} to {last} were not signed by this key") from None
    return seq, link


def main(words: list[str]) -> int:
    if not 1 <= len(words) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        journals = check(*words)
        print(f"public key {words[1] if len(words) > 1 else whose(next(lines_of(words[0])))['public_key']}")
    except (Wrong, OSError, KeyError, ValueError) as error:
        print(f"WRONG: {error}", file=sys.stderr)
        return 1
    for journal, events in journals.items():
        print(f"journal {journal}: {events} events, chain and signed heads hold")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
