"""The code on a receipt: which sale it is, under the till's signature, and its lines where they fit, so that another
till of the shop can give it back without a network."""

import base64
import json
import zlib
from dataclasses import dataclass

from edge_agent.errors import NotKnown
from edge_agent.rules.barcode import RECEIPT, RECEIPT_LIMIT
from edge_agent.wire.events.sales import SaleCompleted

MOST_UNPACKED = 64 * 1024
SIGNED = 87
"""Characters of a signature with the colon before it."""

CodeLine = tuple[str, int, int, int, int, int]
"""SKU, milli-units, unit price, gross, VAT rate and VAT of a line."""


@dataclass(frozen=True)
class ReceiptCode:
    """What a code says. `sale` is the id of the sale's event; `lines` None: they did not fit. `signed` is what the
    `signature` (hex) is over."""

    receipt: int
    sale: str
    lines: tuple[CodeLine, ...] | None
    way: str
    rounding: int
    signed: bytes
    signature: str
    held: "Held | None" = None


@dataclass(frozen=True)
class Held:
    """The customer of a sale with the points that it earned, and what was paid with cards or points: (kind, account,
    tail, minor units, points)."""

    customer: str
    points: int
    paid: tuple[tuple[str, str, str, int, int], ...]


def held_of(body: SaleCompleted) -> Held | None:
    """What a sale did to accounts; None where it touched none."""
    paid = tuple(
        (one.kind, one.account, one.tail, one.amount, one.points)
        for one in body.tenders
        if one.kind in ("gift", "points")
    )
    return Held(body.customer, body.points, paid) if paid or body.customer else None


def payload(body: SaleCompleted, sale: str, link: bytes) -> bytes:
    """What a till signs of a sale, with the beginning of its `link` of the chain, so that who keeps a receipt keeps the
    journal honest; without the lines where they make the code too long."""
    kinds = {tender.kind for tender in body.tenders}
    way = "k" if "card" in kinds and "cash" not in kinds else "m"
    rounding = sum(tender.amount for tender in body.tenders if tender.kind == "rounding")
    lines = [(line.sku, line.qty, line.price, line.gross, line.rate, line.tax) for line in body.lines]
    held = held_of(body)
    more = [[held.customer, held.points, held.paid]] if held else []
    packed = _packed(json.dumps([rounding, lines, *more], separators=(",", ":")).encode())
    begin = f"{RECEIPT}{body.receipt}:{sale}:{link.hex()[:16]}:{way}:"
    return f"{begin}{packed if len(begin) + len(packed) + SIGNED <= RECEIPT_LIMIT else ''}".encode()


def code_of(signed: bytes, signature: str) -> str:
    """The code as it is printed."""
    return f"{signed.decode()}:{base64.urlsafe_b64encode(bytes.fromhex(signature)).decode().rstrip('=')}"


def read_code(text: str) -> ReceiptCode:
    """A scanned code; NotKnown for anything else. Whether its signature holds is for who has the keys."""
    signed, _, signature = text.rpartition(":")
    parts = signed.split(":")
    if len(parts) != 6 or f"{parts[0]}:" != RECEIPT or not (parts[1].isascii() and parts[1].isdigit()):
        raise NotKnown("this is no receipt's code: scan it again, or type its number")
    try:
        rounding, lines, held = _lines(parts[5]) if parts[5] else (0, None, None)
        signature = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)).hex()
    except (ValueError, TypeError, zlib.error):
        raise NotKnown("this is no receipt's code: scan it again, or type its number") from None
    return ReceiptCode(int(parts[1][:12]), parts[2], lines, parts[4], rounding, signed.encode(), signature, held)


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


def _lines(packed: str) -> tuple[int, tuple[CodeLine, ...], Held | None]:
    raw = zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MOST_UNPACKED)
    rounding, lines, *more = json.loads(raw)
    return int(rounding), tuple(_line(*line) for line in lines), _held(*more[0]) if more else None


def _held(customer: str, points: int, paid: list[tuple[str, str, str, int, int]]) -> Held:
    known = [(str(kind), str(account), str(tail), int(amount), int(used)) for kind, account, tail, amount, used in paid]
    return Held(str(customer), int(points), tuple(known))


def _line(sku: str, qty: int, price: int, gross: int, rate: int, tax: int) -> CodeLine:
    return str(sku), int(qty), int(price), int(gross), int(rate), int(tax)
