"""What an event moves in stock, and what it sells: one rule for till and cloud, on the event's plain body."""

from collections.abc import Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]


def unmatched(code: str) -> str:
    """The SKU under which an unknown code is sold until somebody says what it is."""
    return f"?{code}"[:64]


def moves(kind: str, body: Body) -> Iterator[tuple[str, int]]:
    """(SKU, milli-units) for each line; what leaves the shelf is negative. A count moves what it found different from
    what its till expected at the cut that it saw, so that what others record meanwhile still adds up."""
    match kind:
        case "sale_completed":
            yield from ((line["sku"], -line["qty"]) for line in body["lines"])
        case "refund_made":
            yield from ((line["sku"], line["qty"]) for line in body["lines"] if line["goes"] == "shelf")
        case "stock_received":
            yield from ((line["sku"], line["qty"]) for line in body["lines"])
        case "stock_counted":
            yield from ((line["sku"], line["counted"] - line["expected"]) for line in body["lines"])
        case "stock_adjusted":
            yield body["sku"], body["qty"]
        case "sample_given":
            yield body["sku"], -body["qty"]
        case "stock_sent":
            yield from ((line["sku"], -line["qty"]) for line in body["lines"])
        case "stock_came":
            yield from ((line["sku"], line["came"]) for line in body["lines"])
        case "popup_closed":
            yield from ((line["sku"], -line["qty"]) for line in body["left"])
        case "code_matched":
            yield from ((unmatched(body["code"]), body["qty"]), (body["sku"], -body["qty"]))


def sold(kind: str, body: Body) -> Iterator[tuple[int, str, int]]:
    """(ordinal business day, SKU, milli-units) for each line of a sale."""
    if kind == "sale_completed":
        yield from ((body["day"], line["sku"], line["qty"]) for line in body["lines"])
