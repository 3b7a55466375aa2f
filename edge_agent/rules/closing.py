"""Closings: sums over receipts and acts at the drawer in the order of the journal, and what a till signs of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from edge_agent.wire.envelope import canonical
from edge_agent.wire.events.sales import TaxTotal, Tender, TenderKind
from edge_agent.wire.events.shift import MOST_GAPS, Closing, Gap, TenderTotal, Totals

FORMAT = b"till-closing/1\n"
UNSIGNED = "unsigned"
"""What an act is called by which the fiscal device failed at a receipt."""
PERIODS: tuple[Literal["day", "month", "year"], ...] = ("day", "month", "year")


@dataclass(frozen=True)
class Taken:
    """A receipt as it is summed: a sale's amounts, or a refund's, which are 0 or less."""

    number: int
    refund: bool
    total: int
    taxes: tuple[TaxTotal, ...]
    tenders: tuple[tuple[TenderKind, int], ...]


@dataclass(frozen=True)
class Act:
    """What was done at the drawer without a receipt of its own."""

    what: str
    tender: TenderKind | None
    amount: int
    receipt: int = 0


@dataclass
class _Sums:
    sales: int = 0
    sold: int = 0
    refunds: int = 0
    refunded: int = 0
    numbers: list[int] = field(default_factory=list)
    rates: dict[int, tuple[int, int]] = field(default_factory=dict)
    tenders: dict[TenderKind, int] = field(default_factory=dict)
    acts: dict[str, tuple[int, int]] = field(default_factory=dict)
    unsigned: list[int] = field(default_factory=list)

    def take(self, one: Taken) -> None:
        known = [*self.numbers, one.number]
        self.numbers = [min(known), max(known)]
        if one.refund:
            self.refunds, self.refunded = self.refunds + 1, self.refunded + one.total
        else:
            self.sales, self.sold = self.sales + 1, self.sold + one.total
        for tax in one.taxes:
            gross, vat = self.rates.get(tax.rate, (0, 0))
            self.rates[tax.rate] = gross + tax.gross, vat + tax.tax
        for kind, amount in one.tenders:
            self.tenders[kind] = self.tenders.get(kind, 0) + amount

    def do(self, act: Act) -> None:
        times, amount = self.acts.get(act.what, (0, 0))
        # What cash was rounded by goes along with a corrected tender and is none of its pair.
        self.acts[act.what] = times + (act.tender != "rounding"), amount + act.amount
        if act.tender:
            self.tenders[act.tender] = self.tenders.get(act.tender, 0) + act.amount
        if act.what == UNSIGNED:
            self.unsigned.append(act.receipt)

    def times(self, what: str) -> int:
        return self.acts.get(what, (0, 0))[0]

    def amount(self, what: str) -> int:
        return self.acts.get(what, (0, 0))[1]


def totals(receipts: Iterable[Taken], acts: Iterable[Act]) -> Totals:
    """The sums; in whatever order they come, they are the same."""
    sums = _Sums()
    for one in receipts:
        sums.take(one)
    for act in acts:
        sums.do(act)
    return Totals(
        first_receipt=min(sums.numbers, default=0),
        last_receipt=max(sums.numbers, default=0),
        sales=sums.sales,
        sold=sums.sold,
        refunds=sums.refunds,
        refunded=sums.refunded,
        rates=tuple(
            TaxTotal(rate=rate, gross=gross, tax=tax) for rate, (gross, tax) in sorted(sums.rates.items(), reverse=True)
        ),
        tenders=tuple(TenderTotal(tender=kind, amount=amount) for kind, amount in sorted(sums.tenders.items())),
        paid_in=sums.amount("in"),
        paid_out=sums.amount("out"),
        no_sales=sums.times("no_sale"),
        # A correction is a pair: two acts.
        corrections=sums.times("tender") // 2,
        reprints=sums.times("reprint"),
        unsigned=len(sums.unsigned),
        gaps=gaps(sums.unsigned),
    )


def gaps(receipts: Iterable[int]) -> tuple[Gap, ...]:
    """Receipts as stretches of numbers, the first of them alone where there are very many."""
    found: list[Gap] = []
    for number in sorted(receipts):
        if found and number == found[-1].last + 1:
            found[-1] = Gap(first=found[-1].first, last=number)
        else:
            found.append(Gap(first=number, last=number))
    return tuple(found[:MOST_GAPS])


def tendered(sums: Totals, kind: TenderKind) -> int:
    """What one tender came to."""
    return next((one.amount for one in sums.tenders if one.tender == kind), 0)


def expected(opening: int, sums: Totals) -> int:
    """What the drawer should hold."""
    return opening + tendered(sums, "cash") + sums.paid_in - sums.paid_out


def due(last: int, today: int) -> list[tuple[Literal["day", "month", "year"], int]]:
    """Which periods end between two business days (ordinals), and what they are called; none when it is one day."""
    if last == today:
        return []
    was, now = date.fromordinal(last), date.fromordinal(today)
    ended = [("day", last)]
    if (was.year, was.month) != (now.year, now.month):
        ended.append(("month", was.year * 100 + was.month))
    if was.year != now.year:
        ended.append(("year", was.year))
    return [(period, label) for period in PERIODS for name, label in ended if name == period]


def tenders_of(tenders: Iterable[Tender]) -> tuple[tuple[TenderKind, int], ...]:
    """What stays of each tender."""
    return tuple((tender.kind, tender.amount) for tender in tenders)


def signed_text(body: Closing) -> bytes:
    """The bytes that a till signs: the body as it is recorded, with an empty signature."""
    return FORMAT + canonical(body.model_copy(update={"signature": ""}).model_dump())
