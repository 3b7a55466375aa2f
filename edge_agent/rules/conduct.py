"""Signals per cashier: what was done beside plain sales, per hundred sales, and what is odd beside the others. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge_agent.wire.envelope import Event

SIGNS = ("no_sales", "voids_after_total", "sales_voided", "lines_voided", "refunds", "prices_by_hand", "discounts")
"""What is counted beside a cashier's sales."""
KINDS = ("sale_completed", "sale_voided", "line_voided", "refund_made", "cash_moved")
LEAST_ODD, TIMES_ODD = 5, 3
"""Odd is what was done so often at least, and so many times as often per sale as by all the others together."""


@dataclass
class Conduct:
    """One cashier (`by`, empty: nobody signed on): sales, what they came to, and how often each of SIGNS was done."""

    by: str
    sales: int = 0
    sold: int = 0
    done: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIGNS, 0))

    def per_hundred(self, sign: str) -> int | None:
        """So many per hundred sales, in tenths; None without sales."""
        return 1000 * self.done[sign] // self.sales if self.sales else None


def conduct(events: Iterable[Event]) -> list[Conduct]:
    """Everybody who did anything, those with most sales first."""
    found: dict[str, Conduct] = {}
    for event in events:
        one = found.setdefault(event.by, Conduct(event.by))
        if event.kind == "sale_completed":
            one.sales += 1
            one.sold += event.body["total"]
        for sign in signs(event.kind, event.body):
            one.done[sign] += 1
    return sorted(found.values(), key=lambda one: (-one.sales, one.by))


def signs(kind: str, body: Mapping[str, object]) -> list[str]:
    """What of SIGNS one event is."""
    after = ["voids_after_total"] if body.get("after_subtotal") else []
    if kind == "sale_voided":
        return ["sales_voided", *after]
    if kind == "line_voided":
        return ["lines_voided", *after]
    if kind == "refund_made":
        return ["refunds"]
    if kind == "cash_moved":
        return ["no_sales"] if body["what"] == "no_sale" else []
    return _of_lines(body["lines"]) if kind == "sale_completed" else []


def _of_lines(lines: object) -> list[str]:
    assert isinstance(lines, list | tuple)
    by_hand = any("was" in line for line in lines)
    cuts = [cut["kind"] for line in lines for cut in line.get("cuts", ())]
    return ["prices_by_hand"] * by_hand + ["discounts"] * any(kind in ("line", "sale") for kind in cuts)


def odd(one: Conduct, among: Iterable[Conduct]) -> tuple[str, ...]:
    """What this cashier does far more often per sale than all the others together."""
    others = [other for other in among if other.by != one.by]
    sales = sum(other.sales for other in others)
    return tuple(
        sign
        for sign in SIGNS
        if sales
        and one.done[sign] >= LEAST_ODD
        and one.done[sign] * sales > TIMES_ODD * sum(other.done[sign] for other in others) * max(one.sales, 1)
    )
