"""What a fiscal device is asked to sign of a receipt, and how its answer stands on paper. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from edge_agent.errors import BadInput
from edge_agent.rules.barcode import RECEIPT_LIMIT
from edge_agent.rules.fiscal_profile import PLACES
from edge_agent.rules.money import Currency, percent, written
from edge_agent.rules.printed import word
from edge_agent.rules.row import Row, wrapped
from edge_agent.wire.events.fiscal import FiscalFailed, FiscalSigned
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted

RECEIPT = "Kassenbeleg-V1"
"""The sort of text that is signed: what is sold at five rates of VAT, and how it was paid."""
GIVEN_UP = "AVBelegabbruch"
LEFT_OUT = ("gift_sold",)
Answer = FiscalSigned | FiscalFailed


def signed_text(body: SaleCompleted | RefundMade, rates: Sequence[int], decimals: int) -> str:
    """A receipt as the device signs it: gross by rate, cash and the rest. What was put onto gift cards has no VAT.

    BadInput for a rate without a place.
    """
    places = [0] * PLACES
    for tax in body.taxes:
        if tax.rate not in rates:
            raise BadInput(f"VAT at {percent(tax.rate)} has no place at the fiscal device")
        places[list(rates).index(tax.rate)] += tax.gross
    places[-1] += sum(-one.amount for one in body.tenders if one.kind in LEFT_OUT)
    paid = {"Bar": 0, "Unbar": 0}
    for one in body.tenders:
        if one.kind not in LEFT_OUT:
            paid["Bar" if one.kind == "cash" else "Unbar"] += one.amount
    ways = "_".join(f"{written(amount, decimals)}:{way}" for way, amount in paid.items() if amount)
    return f"Beleg^{_places(places, decimals)}^{ways}"


def given_up_text(decimals: int) -> str:
    """What is signed of something that was begun and given up."""
    return f"{GIVEN_UP}^{_places([0] * PLACES, decimals)}^"


def _places(places: Sequence[int], decimals: int) -> str:
    return "_".join(written(amount, decimals) for amount in places)


def qr_text(signed: FiscalSigned, till: str) -> str:
    """The answer as one line that a checking program reads."""
    words = (
        "V0",
        till,
        signed.kind,
        signed.data,
        signed.transaction,
        signed.counter,
        moment(signed.began),
        moment(signed.ended),
        signed.algorithm,
        "utcTime",
        signed.signature,
        signed.public_key,
    )
    return ";".join(str(one).replace(";", ",").encode("ascii", "replace").decode() for one in words)


def rows(answer: Answer, currency: Currency, till: str, columns: int, *, qr: bool) -> tuple[Row, ...]:
    """What stands on a receipt: the device's word, or loudly that it failed."""
    if isinstance(answer, FiscalFailed):
        return (Row(rule=True), Row(word(currency, "Fiscal device failed"), centred=True, bold=True))
    number, counter, code = answer.transaction, answer.counter, qr_text(answer, till)
    return (
        Row(rule=True),
        Row(
            word(currency, "Transaction {number}", number=number), word(currency, "Signature {number}", number=counter)
        ),
        Row(word(currency, "Begun"), moment(answer.began)),
        Row(word(currency, "Ended"), moment(answer.ended)),
        Row(word(currency, "Fiscal device"), below=wrapped(answer.serial, columns)),
        Row(word(currency, "Signature"), below=wrapped(answer.signature, columns, lines=12)),
        *((Row(qr=code),) if qr and len(code) <= RECEIPT_LIMIT else ()),
    )


def moment(at: int) -> str:
    """A device's time, as it says it: UTC."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
