"""What a till did at a pop-up, added up from its own lines (stock, takings, visitors): one sum for till and cloud."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from edge_agent.rules.stock import moves

Body = Mapping[str, Any]
Z95 = 1.959964
"""The normal's two-sided 95 %."""


@dataclass
class Tally:
    """Milli-units by SKU: what `came`, was `sold` (less what came back), was `lost` (waste, own use, counts), was
    `given` as samples and `sent` away; `there` is what all of that leaves. Money in minor units."""

    there: Counter[str] = field(default_factory=Counter)
    came: Counter[str] = field(default_factory=Counter)
    sold: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    takings: int = 0
    passed: int = 0
    stayed: int = 0

    def add(self, kind: str, body: Body) -> None:
        """One line of the till that stands there, from behind its opening on."""
        for sku, qty in moves(kind, body):
            self.there[sku] += qty
            self._sort(kind, sku, qty)
        match kind:
            case "sale_completed" if body["lines"]:
                self.orders += 1
                self.takings += body["total"]
            case "refund_made":
                self.takings += body["total"]
            case "visitors_counted":
                self.passed += body["passed"]
                self.stayed += body["stayed"]

    def _sort(self, kind: str, sku: str, qty: int) -> None:
        match kind:
            case "stock_came" | "stock_received":
                self.came[sku] += qty
            case "stock_sent":
                self.sent[sku] -= qty
            case "sample_given":
                self.given[sku] -= qty
            case "sale_completed" | "refund_made" | "code_matched":
                self.sold[sku] -= qty
            case _:
                self.lost[sku] -= qty


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, and where it lies with 95 % (Wilson): the interval of a share that is honest for few."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.part / self.whole


def share(part: int, whole: int) -> Share | None:
    """The share with its interval; None where there is nothing to take it of, or the part is more than the whole."""
    if not 0 <= part <= whole or not whole:
        return None
    p, z2 = part / whole, Z95 * Z95
    middle, under = p + z2 / (2 * whole), 1 + z2 / whole
    half = Z95 * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    return Share(part, whole, max(0.0, (middle - half) / under), min(1.0, (middle + half) / under))


def differs(sent: Mapping[str, int], came: Mapping[str, int]) -> dict[str, int]:
    """{SKU: milli-units that are missing (below 0: too many)} of a transfer, where the two ends do not say the same."""
    found = {sku: sent.get(sku, 0) - came.get(sku, 0) for sku in sorted({*sent, *came})}
    return {sku: qty for sku, qty in found.items() if qty}


BOX = "73"
"""What the number of a box begins with, as cards begin with 71 and 72."""
BOX_DIGITS = 24


def box_code(transfer: str) -> str:
    """The number on a box: prefix, 20 digits of its transfer, two check digits (ISO 7064, mod 97-10)."""
    body = f"{BOX}{int(transfer, 16):020d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def transfer_of(code: str) -> str:
    """The transfer whose box was scanned; empty for anything else."""
    fits = len(code) == BOX_DIGITS and code.isascii() and code.isdigit() and code.startswith(BOX)
    number = int(code[len(BOX) : -2]) if fits and int(code) % 97 == 1 else 2**64
    return f"{number:016x}" if number < 2**64 else ""
