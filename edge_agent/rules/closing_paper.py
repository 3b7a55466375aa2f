"""An X or a Z as rows of paper; the screen shows the same rows."""

from dataclasses import dataclass

from edge_agent.rules.money import Currency, percent, written
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
        *_head(headed, f"X  shift {number}"),
        *sums_rows(totals, headed.currency),
        Row(rule=True),
        *_drawer(headed.currency, opening, totals, expected),
    )


def z_rows(headed: Headed, body: ShiftClosed) -> tuple[Row, ...]:
    """A closed shift: its sums, the count, the difference as a line, the lines of the journal that it covers."""
    currency = headed.currency
    money = currency.decimals
    covers = tuple(Row(f"Lines {one.first} to {one.last}", one.journal[:8]) for one in body.covers)
    ever = body.perpetual
    return (
        *_head(headed, f"Z {body.number:06d}"),
        *sums_rows(body.totals, currency),
        Row(rule=True),
        *_drawer(currency, body.opening, body.totals, body.expected),
        *_counted(body, money),
        Row("Stays as float", written(body.kept, money)),
        Row(rule=True),
        Row("Sold since the first receipt", written(ever.sold, money)),
        Row("Given back since then", written(ever.refunded, money)),
        *covers,
        Row(body.hash[:32]),
        Row(body.hash[32:]),
    )


def _counted(body: ShiftClosed, money: int) -> tuple[Row, ...]:
    if body.counted is None:
        return (Row("Not counted: closed by itself"),)
    pieces = (
        Row(f"{one.pieces} x {written(one.value, money)}", written(one.pieces * one.value, money))
        for one in body.counts
    )
    return (
        *pieces,
        Row("Counted", written(body.counted, money), bold=True),
        Row("Difference", signed(body.difference, money), bold=True, big=True),
        Row("To the bank", written(body.dropped, money)),
    )


def sums_rows(totals: Totals, currency: Currency) -> tuple[Row, ...]:
    """Receipts, VAT by rate, tenders, and what was done at the drawer."""
    money = currency.decimals
    numbers = f"{totals.first_receipt:06d} - {totals.last_receipt:06d}" if totals.last_receipt else "none"
    rates = (row for one in totals.rates for row in _rate(one, money))
    times = (("No sale", totals.no_sales), ("Tenders corrected", totals.corrections), ("Reprints", totals.reprints))
    return (
        Row("Receipts", numbers),
        Row(f"Sales  {totals.sales}", written(totals.sold, money)),
        Row(f"Refunds  {totals.refunds}", written(totals.refunded, money)),
        Row("TAKINGS", currency.symbol + written(totals.sold + totals.refunded, money), bold=True, big=True),
        *rates,
        *(Row(TENDERS[one.tender], written(one.amount, money)) for one in totals.tenders),
        *(Row(word, str(many)) for word, many in times if many),
    )


def _rate(one: TaxTotal, money: int) -> tuple[Row, Row]:
    return Row(f"Gross at {percent(one.rate)}", written(one.gross, money)), Row("  VAT", written(one.tax, money))


def _drawer(currency: Currency, opening: int, totals: Totals, expected: int) -> tuple[Row, ...]:
    money = currency.decimals
    return (
        Row("Float at the start", written(opening, money)),
        *((Row("Paid in", written(totals.paid_in, money)),) if totals.paid_in else ()),
        *((Row("Paid out", written(-totals.paid_out, money)),) if totals.paid_out else ()),
        Row("Should be in the drawer", written(expected, money), bold=True),
    )


def signed(amount: int, decimals: int) -> str:
    """ "+1.00", "-2.50", "0.00": a difference says its direction."""
    return ("+" if amount > 0 else "") + written(amount, decimals)


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
