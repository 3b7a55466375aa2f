"""Events of the drawer and the books: a shift opens, cash goes in and out, a closing sums up what lies behind it."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.sales import UNLESS_EMPTY, TaxTotal, TenderKind

Word = Annotated[str, Field(max_length=64)]
Number = Annotated[int, Field(strict=True, ge=1)]
MOST_GAPS = 200


class ShiftOpened(Contract):
    """A shift begins with `opening` in the drawer; `by_itself`: a sale opened it, with what the last one left there.

    `day` is the business day as an ordinal of the shop's local date: a label, nothing is counted by it.
    """

    number: Number
    day: Count
    opening: Count
    by_itself: bool


class CashMoved(Contract):
    """The drawer was opened without a sale: cash in, cash out, or nothing at all (`no_sale`), with its reason."""

    what: Literal["in", "out", "no_sale"]
    amount: Count
    reason: Word
    day: Count = 0
    """Its business day as an ordinal."""


class TenderMoved(Contract):
    """One half of the correction of a wrong tender: `amount` of receipt `receipt` (or refund) was `tender`, or was not
    (below 0). The two halves are recorded as one act and sum to nothing."""

    receipt: Number
    tender: TenderKind
    amount: Whole
    day: Count = 0
    """Its business day as an ordinal."""


class ReceiptReprinted(Contract):
    """A receipt was printed once more, marked: its copy number `copy_number`."""

    receipt: Number
    copy_number: Number


class Covered(Contract):
    """Lines `first` .. `last` of a journal, both included."""

    journal: Annotated[str, Field(max_length=32)]
    first: Count
    last: Count


class TenderTotal(Contract):
    """What one tender came to, refunds and corrections taken off; `rounding` is what cash was rounded by."""

    tender: TenderKind
    amount: Whole


class Gap(Contract):
    """Receipts `first` to `last`."""

    first: Number
    last: Number


class Totals(Contract):
    """Receipts `first_receipt` .. `last_receipt` (0: none) and what was done at the drawer, summed as stored.

    `refunded` is 0 or less; `rates` and `tenders` are of sales and refunds together. `unsigned` counts the receipts at
    which the fiscal device failed, `gaps` are their numbers, as far as they were recorded here.
    """

    first_receipt: Count
    last_receipt: Count
    sales: Count
    sold: Whole
    refunds: Count
    refunded: Whole
    rates: tuple[TaxTotal, ...]
    tenders: tuple[TenderTotal, ...]
    paid_in: Count
    paid_out: Count
    no_sales: Count
    corrections: Count
    reprints: Count
    unsigned: Annotated[Count, UNLESS_EMPTY] = 0
    gaps: Annotated[tuple[Gap, ...], Field(max_length=MOST_GAPS), UNLESS_EMPTY] = ()


class Perpetual(Contract):
    """Since the till's first receipt, never set back: what was ever sold, and what was ever given back."""

    receipts: Count
    sold: Whole
    refunded: Whole


class Pieces(Contract):
    """So many coins or notes of one value (minor units)."""

    value: Number
    pieces: Count


class Closing(Contract):
    """What every closing says: which lines it covers, up to the chain's `hash`, and their sums.

    It covers what was recorded since the last closing of its kind, by number, whatever any clock said. `signature` is
    the till's own key's (`public_key`) over the body as it stands here with an empty signature.
    """

    number: Number
    covers: Annotated[tuple[Covered, ...], Field(min_length=1)]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    totals: Totals
    perpetual: Perpetual
    public_key: Annotated[str, Field(max_length=64)]
    signature: Annotated[str, Field(max_length=128)]


class ShiftClosed(Closing):
    """The Z of a shift. `expected` is what the drawer should hold, `counts` what was found, before that was shown.

    `counted` None: the shift ended by itself and nobody counted. `kept` stays as the next float, `dropped` goes to the
    bank, `difference` is counted less expected.
    """

    day: Count
    opening: Count
    expected: Whole
    counts: tuple[Pieces, ...]
    counted: Whole | None
    difference: Whole
    kept: Whole
    dropped: Whole


class PeriodClosed(Closing):
    """A day, month or year is closed; `label` is the ordinal day, 202603 or 2026."""

    period: Literal["day", "month", "year"]
    label: Count


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("shift_opened", 1): ShiftOpened,
    ("cash_moved", 1): CashMoved,
    ("tender_moved", 1): TenderMoved,
    ("receipt_reprinted", 1): ReceiptReprinted,
    ("shift_closed", 1): ShiftClosed,
    ("period_closed", 1): PeriodClosed,
}
