"""Checks a till's books with its public key alone; imports nothing of Dropshelf. Names the first thing that is wrong.

    python3 verify_books.py BOOKS.zip [PUBLIC_KEY]

PUBLIC_KEY is what the owner noted (hex); without it the file's own is taken, and shown to be compared. Exit 0: every
line follows from the one before, every signature holds, receipts have no gap, each closing is the sum of what lies
behind it, the tables say what the lines say, and where a fiscal device is set its signatures are counted up and no
receipt is spoken of twice (whether its signatures hold is for its maker's program).
"""

import csv
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RECEIPTS = ("sale_completed", "refund_made")


class Wrong(Exception):
    """What is wrong, and where first."""


def signed(key: Ed25519PublicKey, signature: str, text: bytes, what: str) -> None:
    try:
        key.verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        raise Wrong(f"{what} was not signed by this key") from None


class Chain:
    """The lines of an archive in the order lived, each checked against its link and the signed heads."""

    def __init__(self, lines: Iterator[bytes], public_key: str) -> None:
        self._lines = lines
        self.owner = json.loads(next(lines))
        self.public_key = public_key or str(self.owner["public_key"])
        self.key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
        self.links: dict[tuple[str, int], str] = {}
        self._ends: dict[str, tuple[int, bytes]] = {}

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(journal, event); the heads are checked on the way."""
        for line in self._lines:
            header = json.loads(line)
            journal = str(header["journal"])
            seq, link = self._ends.get(journal, (0, bytes(32)))
            if header["first"] != seq + 1:
                raise Wrong(f"journal {journal}: event {seq + 1} is missing")
            while seq < header["last"]:
                said, _, raw = next(self._lines, b"").partition(b" ")
                seq, link = seq + 1, hashlib.sha256(link + raw).digest()
                event = json.loads(raw) if said.decode() == link.hex() else {}
                if event.get("seq") != seq:
                    raise Wrong(f"journal {journal}: event {seq} is not what was written")
                self.links[journal, seq] = link.hex()
                yield journal, event
            self._head(header, journal, seq, link)
            self._ends[journal] = seq, link

    def _head(self, header: dict[str, Any], journal: str, seq: int, link: bytes) -> None:
        names = ("till-batch/1", self.owner["audience"], self.owner["tenant"], journal, header["first"], seq)
        text = "\n".join(map(str, (*names, link.hex(), 0))).encode()
        if header["head_hash"] != link.hex():
            raise Wrong(f"journal {journal}: the signed head at event {seq} is another")
        signed(self.key, header["signature"], text, f"journal {journal}, events {header['first']} to {seq}")


class Sums:
    """What a closing sums up, from zero."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.counts = dict.fromkeys(("sales", "sold", "refunds", "refunded", "paid_in", "paid_out", "no_sales"), 0)
        self.counts |= {"corrections": 0, "reprints": 0}
        self.rates: dict[int, list[int]] = {}
        self.tenders: dict[str, int] = {}
        self.unsigned: list[int] = []

    def take(self, kind: str, body: dict[str, Any]) -> None:
        if kind in RECEIPTS:
            self.numbers.append(body["receipt"])
            many, money = ("sales", "sold") if kind == "sale_completed" else ("refunds", "refunded")
            self.counts[many] += 1
            self.counts[money] += body["total"]
            for tax in body["taxes"]:
                rate = self.rates.setdefault(tax["rate"], [0, 0])
                rate[0], rate[1] = rate[0] + tax["gross"], rate[1] + tax["tax"]
            for one in body["tenders"]:
                self.tenders[one["kind"]] = self.tenders.get(one["kind"], 0) + one["amount"]
        elif kind == "cash_moved":
            name = {"in": "paid_in", "out": "paid_out", "no_sale": "no_sales"}[body["what"]]
            self.counts[name] += 1 if body["what"] == "no_sale" else body["amount"]
        elif kind == "tender_moved":
            self.tenders[body["tender"]] = self.tenders.get(body["tender"], 0) + body["amount"]
            self.counts["corrections"] += body["tender"] != "rounding"
        elif kind == "receipt_reprinted":
            self.counts["reprints"] += 1
        elif kind == "fiscal_failed":
            self.unsigned.append(body["receipt"])

    def as_totals(self) -> dict[str, Any]:
        said: dict[str, Any] = {**self.counts, "corrections": self.counts["corrections"] // 2}
        said["first_receipt"], said["last_receipt"] = min(self.numbers, default=0), max(self.numbers, default=0)
        rates = sorted(self.rates.items(), reverse=True)
        said["rates"] = [{"rate": rate, "gross": gross, "tax": tax} for rate, (gross, tax) in rates]
        said["tenders"] = [{"tender": kind, "amount": amount} for kind, amount in sorted(self.tenders.items())]
        return said


class Signing:
    """Since when a fiscal device signs, and what it still owes a word of."""

    def __init__(self) -> None:
        self.first, self.words = 0, 0
        self.owed: list[int] = []
        self._counters: dict[str, int] = {}

    def take(self, kind: str, body: dict[str, Any]) -> None:
        if kind == "fiscal_device_set":
            self.first = body["first"] if body["model"] else 0
        elif kind in RECEIPTS and self.first and body["receipt"] >= self.first:
            self.owed.append(body["receipt"])
        elif kind in ("fiscal_signed", "fiscal_failed"):
            self._said(body)

    def _said(self, body: dict[str, Any]) -> None:
        self.words += 1
        if "counter" in body:
            if body["counter"] <= self._counters.get(body["serial"], 0):
                raise Wrong(f"fiscal device {body['serial'][:16]}: signature {body['counter']} is not a new one")
            self._counters[body["serial"]] = body["counter"]
        if body["receipt"]:
            if body["receipt"] not in self.owed:
                raise Wrong(f"receipt {body['receipt']}: the fiscal device was not asked for it, or spoke twice")
            self.owed.remove(body["receipt"])


class Books:
    """Follows the lines as they were lived and holds every closing against them."""

    def __init__(self, chain: Chain) -> None:
        self.chain, self.ever, self.last, self.least = chain, Sums(), 0, 1
        self.open = {name: Sums() for name in ("shift", "day", "month", "year")}
        self.closings, self.signing = 0, Signing()

    def take(self, event: dict[str, Any]) -> None:
        kind, body = event["kind"], event["body"]
        if kind == "genesis":
            self.least = body["next_receipt"]
        elif kind == "shift_opened":
            self.open["shift"] = Sums()
        elif kind in ("shift_closed", "period_closed"):
            self._close("shift" if kind == "shift_closed" else body["period"], body)
        elif kind in RECEIPTS:
            self._receipt(body["receipt"])
        self.signing.take(kind, body)
        for sums in (self.ever, *self.open.values()):
            sums.take(kind, body)

    def _receipt(self, number: int) -> None:
        if number != self.last + 1 and (number < self.least or self.least <= self.last + 1):
            raise Wrong(f"receipt {number} follows receipt {self.last}")
        self.last, self.least = number, 1

    def _close(self, what: str, body: dict[str, Any]) -> None:
        name = f"the closing of {what} {body['number']}"
        text = json.dumps({**body, "signature": ""}, separators=(",", ":"), ensure_ascii=False).encode()
        if body["public_key"] != self.chain.public_key:
            raise Wrong(f"{name} names another key")
        signed(self.chain.key, body["signature"], b"till-closing/1\n" + text, name)
        end = body["covers"][-1]
        if self.chain.links.get((end["journal"], end["last"]), body["hash"]) != body["hash"]:
            raise Wrong(f"{name} ends at another line than it says")
        totals, ever = self.open[what].as_totals(), self.ever.counts
        for field, value in totals.items():
            if body["totals"][field] != value:
                raise Wrong(f"{name}: {field} is {value}, not {body['totals'][field]}")
        if body["totals"].get("unsigned", 0) != len(self.open[what].unsigned):
            raise Wrong(f"{name}: {len(self.open[what].unsigned)} receipts were not signed, not as many as it says")
        if (ever["sold"], ever["refunded"]) != (body["perpetual"]["sold"], body["perpetual"]["refunded"]):
            raise Wrong(f"{name}: its perpetual totals are not what was ever sold and given back")
        self.open[what] = Sums()
        self.closings += 1


def says(cell: str, text: str) -> bool:
    """Whether the cell holds the text: one that a spreadsheet would run, as a signature that begins with a plus, stands
    behind an apostrophe."""
    return cell in (text, "'" + text)


def check(path: str, public_key: str = "") -> Books:
    """The books, all as they were written and signed."""
    with zipfile.ZipFile(path) as files:
        chain = Chain(iter(files.read("archive.txt").split(b"\n")[:-1]), public_key)
        books, receipts, lines = Books(chain), [], 0
        signed_rows: list[tuple[str, str, str]] = []
        for _, event in chain.events():
            books.take(event)
            if event["kind"] in RECEIPTS:
                receipts.append((str(event["body"]["receipt"]), str(event["body"]["total"])))
            if event["kind"] in ("fiscal_signed", "fiscal_failed"):
                said = event["body"]
                signed_rows.append((str(said["receipt"]), said.get("signature", ""), said.get("why", "")))
            lines += 1
        table = csv.DictReader(io.StringIO(files.read("receipts.csv").decode()))
        if [(row["receipt"], row["total_minor"]) for row in table] != receipts:
            raise Wrong("receipts.csv does not say what the lines say")
        table = csv.DictReader(io.StringIO(files.read("fiscal.csv").decode()))
        rows = [(row["receipt"], row["signature"], row["error"]) for row in table]
        if len(rows) != len(signed_rows) or not all(
            says(cell, text)
            for row, signed_row in zip(rows, signed_rows, strict=True)
            for cell, text in zip(row, signed_row, strict=True)
        ):
            raise Wrong("fiscal.csv does not say what the lines say")
        if files.read("events.jsonl").count(b"\n") != lines:
            raise Wrong("events.jsonl does not hold every line")
    return books


def main(words: list[str]) -> int:
    if not 1 <= len(words) <= 2:
        sys.stderr.write(str(__doc__))
        return 2
    try:
        books = check(*words)
    except (Wrong, OSError, KeyError, ValueError, StopIteration, zipfile.BadZipFile) as error:
        sys.stderr.write(f"WRONG: {error}\n")
        return 1
    held = f"{len(books.chain.links)} lines, {len(books.ever.numbers)} receipts, {books.closings} closings hold"
    sys.stdout.write(f"public key {books.chain.public_key}\n{held}\n")
    if books.signing.words:
        waiting = f", {len(books.signing.owed)} wait for the device" if books.signing.owed else ""
        marked = len(books.ever.unsigned)
        sys.stdout.write(f"fiscal device: {books.signing.words - marked} signed, {marked} marked as failed{waiting}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
