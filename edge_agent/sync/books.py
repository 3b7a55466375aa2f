"""The books for an auditor: one zip with the signed archive, JSON lines, tables as CSV, the key and a verifier."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from edge_agent.journal.reading import Reading
from edge_agent.rules.money import written
from edge_agent.rules.text import for_csv_cell
from edge_agent.wire.envelope import Event, event_of

VERIFIER = Path(__file__).with_name("verify_books.py")
README = """Books of a till.

archive.txt     every line of every journal with its link of the chain, and the signed heads
events.jsonl    the same lines, one JSON object a line, in the order lived
receipts.csv    sales and refunds in the order of their numbers (refunds are 0 or less); lines.csv, vat.csv,
                tenders.csv hold their parts
drawer.csv      cash in and out, no sales, corrected tenders, reprints
fiscal.csv      what a fiscal device said of each receipt, in the order asked: its signature, or `error` where it failed
                (receipt 0: something begun and given up); empty where no device is set
closings.csv    shifts (Z), days, months and years as they were closed, in the order of the journal
public_key.txt  the till's key; compare it with what the owner noted

python3 verify_books.py THIS.zip [PUBLIC_KEY] checks all of it (needs Python and the library "cryptography").
Amounts ending in _minor are whole numbers in the currency's smallest unit. Times are UTC.
"""
HEADS: dict[str, tuple[str, ...]] = {
    "receipts": ("receipt", "kind", "at", "day", "currency", "total", "total_minor", "of_receipt", "by", "seq"),
    "lines": ("receipt", "line", "sku", "name", "quantity_milli", "price", "gross", "vat_rate_bp", "vat", "goes"),
    "vat": ("receipt", "vat_rate_bp", "net", "vat", "gross"),
    "tenders": ("receipt", "tender", "amount"),
    "fiscal": (
        "seq", "at", "receipt", "serial", "transaction", "counter", "began", "ended", "kind", "data", "algorithm",
        "signature", "public_key", "error",
    ),
    "drawer": ("seq", "at", "what", "receipt", "tender", "amount", "reason", "by"),
    "closings": (
        "seq", "at", "what", "number", "label", "first_receipt", "last_receipt", "sales", "sold", "refunds", "refunded",
        "expected", "counted", "difference", "kept", "dropped", "ever_sold", "ever_refunded", "unsigned", "gaps",
        "hash",
    ),
}  # fmt: skip
Row = Sequence[str | int | Decimal]


def write_books(memory: Reading, archive: Iterator[bytes], public_key: str, file: Path) -> int:
    """Write the zip; how many lines it holds. The archive is written first as it comes: it may be long."""
    shop = memory.shop()
    tables = Tables(shop.decimals if shop else 2)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as books:
        with books.open("archive.txt", "w", force_zip64=True) as out:
            for line in archive:
                out.write(line + b"\n")
        lines = 0
        with books.open("events.jsonl", "w", force_zip64=True) as out:
            for raw in _lived(memory):
                out.write(raw + b"\n")
                tables.take(event_of(raw))
                lines += 1
        for name, rows in tables.rows.items():
            books.writestr(f"{name}.csv", _csv(HEADS[name], rows))
        books.writestr("public_key.txt", f"{public_key}\n")
        books.writestr("verify_books.py", VERIFIER.read_text(encoding="utf-8"))
        books.writestr("README.txt", README)
    return lines


def _lived(memory: Reading) -> Iterator[bytes]:
    for sql in ("SELECT line FROM ancestor ORDER BY place", "SELECT line FROM journal ORDER BY seq"):
        for (line,) in memory.db.execute(sql):
            yield line


def _csv(head: Sequence[str], rows: Sequence[Row]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(head)
    # An amount is a number: nothing in it runs, and its minus stays one.
    table.writerows([cell if isinstance(cell, Decimal) else for_csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


class Tables:
    """The rows of each table, as the lines come."""

    def __init__(self, decimals: int) -> None:
        self._decimals = decimals
        self.rows: dict[str, list[Row]] = {name: [] for name in HEADS}

    def take(self, event: Event) -> None:
        """Add what a line says."""
        body = event.body
        match event.kind:
            case "sale_completed" | "refund_made":
                self._receipt(event, body)
            case "cash_moved":
                self._act(event, body["what"], 0, "", body["amount"], body["reason"])
            case "tender_moved":
                self._act(event, "tender", body["receipt"], body["tender"], body["amount"], "")
            case "receipt_reprinted":
                self._act(event, "reprint", body["receipt"], "", 0, "")
            case "fiscal_signed" | "fiscal_failed":
                self._fiscal(event, body)
            case "shift_closed" | "period_closed":
                self._closing(event, body)

    def _receipt(self, event: Event, body: dict[str, Any]) -> None:
        number, money = body["receipt"], self._money
        of = (body.get("of") or {}).get("receipt", "")
        kind = "refund" if event.kind == "refund_made" else "sale"
        row = (number, kind, _at(event), body["day"], body["currency"], money(body["total"]), body["total"], of)
        self.rows["receipts"].append((*row, event.by, event.seq))
        for place, line in enumerate(body["lines"]):
            said = (line["sku"], line["name"], line["qty"], money(line["price"]), money(line["gross"]), line["rate"])
            self.rows["lines"].append(
                (number, line.get("line", place), *said, money(line["tax"]), line.get("goes", ""))
            )
        for tax in body["taxes"]:
            amounts = (money(tax["gross"] - tax["tax"]), money(tax["tax"]), money(tax["gross"]))
            self.rows["vat"].append((number, tax["rate"], *amounts))
        for tender in body["tenders"]:
            self.rows["tenders"].append((number, tender["kind"], money(tender["amount"])))

    def _act(self, event: Event, what: str, receipt: int, tender: str, amount: int, reason: str) -> None:
        row = (event.seq, _at(event), what, receipt or "", tender, self._money(amount), reason, event.by)
        self.rows["drawer"].append(row)

    def _fiscal(self, event: Event, body: dict[str, Any]) -> None:
        said: dict[str, Any] = {**body, "seq": event.seq, "at": _at(event), "error": body.get("why", "")}
        said |= {name: _time(body[name]) for name in ("began", "ended") if name in body}
        self.rows["fiscal"].append([said.get(name, "") for name in HEADS["fiscal"]])

    def _closing(self, event: Event, body: dict[str, Any]) -> None:
        shift = event.kind == "shift_closed"
        sums, ever, money = body["totals"], body["perpetual"], self._money
        names = ("expected", "counted", "difference", "kept", "dropped")
        cash = [money(body[name]) if shift and body[name] is not None else "" for name in names]
        which = ("shift" if shift else body["period"], body["number"], body["day"] if shift else body["label"])
        sold = (sums["sales"], money(sums["sold"]), sums["refunds"], money(sums["refunded"]))
        gaps = " ".join(f"{gap['first']}-{gap['last']}" for gap in sums.get("gaps", ()))
        since = (money(ever["sold"]), money(ever["refunded"]), sums.get("unsigned", 0), gaps, body["hash"])
        numbers = (sums["first_receipt"], sums["last_receipt"])
        self.rows["closings"].append((event.seq, _at(event), *which, *numbers, *sold, *cash, *since))

    def _money(self, amount: int) -> Decimal:
        return Decimal(written(amount, self._decimals))


def _at(event: Event) -> str:
    return datetime.fromtimestamp(event.at / 1000, UTC).isoformat(timespec="seconds")


def _time(at: int) -> str:
    """A fiscal device's own time; its milliseconds are a part of what it signed."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
