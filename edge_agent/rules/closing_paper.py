"""An X or a Z as rows of paper; the screen shows the same rows."""

from dataclasses import dataclass

from edge_agent.rules import money
from edge_agent.rules.money import Currency
from edge_agent.rules.printed import amount as written
from edge_agent.rules.printed import percent, priced, word
from edge_agent.rules.row import Row
from edge_agent.wire.events.sales import TaxTotal
from edge_agent.wire.events.shift import ShiftClosed, Totals

TENDERS = {
    "cash": "Cash",
    "card": "Card",
    "exchange": "Goods in exchange",
    "rounding": "Cash rounding",
    "gift": "Gift cards redeemed",
    "gift_sold": "Gift cards sold",
    "points": "Points",
    "channel": "Paid where ordered",
}


@dataclass(frozen=True)
class Headed:
    """What stands over a report: the shop's lines, the till, who asked, the local time as written."""

    shop_lines: tuple[str, ...]
    till: str
    cashier: str
    at_local: str
    currency: Currency


def x_rows(headed: Headed, number: int, opening: int, totals: Totals, expected: int) -> tuple[Row, ...]:
    """The open shift as it stands; nothing is closed by it."""
    return (
        *_head(headed, word(headed.currency, "X  shift {number}", number=number)),
        *sums_rows(totals, headed.currency),
        Row(rule=True),
        *_drawer(headed.currency, opening, totals, expected),
    )


def z_rows(headed: Headed, body: ShiftClosed) -> tuple[Row, ...]:
    """A closed shift: its sums, the count, the difference as a line, the lines of the journal that it covers."""
    currency = headed.currency
    covers = tuple(
        Row(word(currency, "Lines {first} to {last}", first=one.first, last=one.last), one.journal[:8])
        for one in body.covers
    )
    ever = body.perpetual
    return (
        *_head(headed, f"Z {body.number:06d}"),
        *sums_rows(body.totals, currency),
        Row(rule=True),
        *_drawer(currency, body.opening, body.totals, body.expected),
        *_counted(currency, body),
        Row(word(currency, "Stays as float"), written(currency, body.kept)),
        Row(rule=True),
        Row(word(currency, "Sold since the first receipt"), written(currency, ever.sold)),
        Row(word(currency, "Given back since then"), written(currency, ever.refunded)),
        *covers,
        Row(body.hash[:32]),
        Row(body.hash[32:]),
    )


def _counted(currency: Currency, body: ShiftClosed) -> tuple[Row, ...]:
    if body.counted is None:
        return (Row(word(currency, "Not counted: closed by itself")),)
    pieces = (
        Row(f"{one.pieces} x {written(currency, one.value)}", written(currency, one.pieces * one.value))
        for one in body.counts
    )
    return (
        *pieces,
        Row(word(currency, "Counted"), written(currency, body.counted), bold=True),
        Row(word(currency, "Difference"), _signed(currency, body.difference), bold=True, big=True),
        Row(word(currency, "To the bank"), written(currency, body.dropped)),
    )


def sums_rows(totals: Totals, currency: Currency) -> tuple[Row, ...]:
    """Receipts, VAT by rate, tenders, and what was done at the drawer."""
    numbers = (
        f"{totals.first_receipt:06d} - {totals.last_receipt:06d}" if totals.last_receipt else word(currency, "none")
    )
    taken = totals.sold + totals.refunded
    rates = (row for one in totals.rates for row in _rate(currency, one))
    times = (
        ("No sale", totals.no_sales),
        ("Tenders corrected", totals.corrections),
        ("Reprints", totals.reprints),
        ("Fiscal device failed", totals.unsigned),
    )
    return (
        Row(word(currency, "Receipts"), numbers),
        Row(word(currency, "Sales  {number}", number=totals.sales), written(currency, totals.sold)),
        Row(word(currency, "Refunds  {number}", number=totals.refunds), written(currency, totals.refunded)),
        Row(
            word(currency, "TAKINGS"),
            priced(currency, taken),
            bold=True,
            big=True,
        ),
        *rates,
        *(Row(word(currency, TENDERS[one.tender]), written(currency, one.amount)) for one in totals.tenders),
        *(Row(word(currency, what), str(many)) for what, many in times if many),
        *(Row("  " + _numbers(gap.first, gap.last)) for gap in totals.gaps),
    )


def _numbers(first: int, last: int) -> str:
    return f"{first:06d} - {last:06d}" if last > first else f"{first:06d}"


def _rate(currency: Currency, one: TaxTotal) -> tuple[Row, Row]:
    gross = word(currency, "Gross at {rate}", rate=percent(currency, one.rate))
    return Row(gross, written(currency, one.gross)), Row(f"  {word(currency, 'VAT')}", written(currency, one.tax))


def _drawer(currency: Currency, opening: int, totals: Totals, expected: int) -> tuple[Row, ...]:
    return (
        Row(word(currency, "Float at the start"), written(currency, opening)),
        *((Row(word(currency, "Paid in"), written(currency, totals.paid_in)),) if totals.paid_in else ()),
        *((Row(word(currency, "Paid out"), written(currency, -totals.paid_out)),) if totals.paid_out else ()),
        Row(word(currency, "Should be in the drawer"), written(currency, expected), bold=True),
    )


def signed(amount: int, decimals: int) -> str:
    """ "+1.00", "-2.50", "0.00": a difference says its direction."""
    return ("+" if amount > 0 else "") + money.written(amount, decimals)


def _signed(currency: Currency, amount: int) -> str:
    return ("+" if amount > 0 else "") + written(currency, amount)


def _head(headed: Headed, title: str) -> tuple[Row, ...]:
    name, *address = headed.shop_lines or ("",)
    return (
        Row(name, centred=True, bold=True),
        *(Row(words, centred=True) for words in address),
        Row(),
        Row(title, centred=True, bold=True, big=True),
        Row(headed.at_local, headed.cashier),
        Row(headed.till),
        Row(rule=True),
    )
