"""The payment: ONE durable transaction first, and only then drawer, receipt and the word "paid"."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from edge_agent.counter.collecting import not_collected
from edge_agent.counter.quotas import check
from edge_agent.counter.stored import Left, Stored, today_of
from edge_agent.errors import BadInput
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.sale import Line, Load, Sale, Settled, Tendered, settle
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import BundleOf, SaleCompleted, SoldLine, TaxTotal
from edge_agent.wire.events.shift import ShiftOpened

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Paid:
    """A sale that is durable: its receipt number, total and change in minor units, and its seq in the journal."""

    receipt: int
    total: int
    change: int
    seq: int
    hash: bytes
    shift: ShiftOpened | None = None
    """The shift that this sale opened."""
    to_pay: int = 0
    """The total with what was put onto gift cards."""
    left: tuple[tuple[str, int], ...] = ()
    """Each card that was used, by its last digits, with what is left on it."""
    points: int | None = None
    """The customer's points; None where there is no customer."""


Before = Callable[[Reading], list[Contract]]
Cards = Callable[[Sequence[Load]], None]


class Paying:
    """Settles sales. `after` (drawer, paper) hears each durable sale and its shop on the journal thread; no waiting.

    `before` says, inside the transaction, what is recorded in front of the sale: a shift that opens by itself. `cards`
    prints the gift cards that were sold new.
    """

    def __init__(
        self,
        journal: Journal,
        after: Callable[[Recorded, ShopSet | None], None],
        before: Before = lambda _: [],
        stored: Stored | None = None,
        cards: Cards = lambda _: None,
    ) -> None:
        self._journal, self._after, self._before = journal, after, before
        self._stored, self._cards = stored or Stored(), cards

    def pay(
        self,
        sale: Sale,
        tenders: Sequence[Tendered],
        by: str = "",
        because: int | None = None,
        exchanged: Callable[[Reading], RefundMade] | None = None,
    ) -> "Future[Paid]":
        """Record the sale (`because` of an approved card), and in the same act the refund that it is `exchanged` for.

        BadInput at once when the tenders do not fit; the future fails when nothing was stored (with BadInput when a
        limited item has been given to another till meanwhile).
        """
        settled = settle(sale, tenders)
        paid: Future[Paid] = Future()
        seen: list[ShopSet | None] = []

        def compose(memory: Reading) -> list[Draft]:
            check(memory, sale)
            seen.append(memory.shop())
            if sale.sample and memory.sample_used(sale.sample):
                raise BadInput("that sample's code was used already")
            not_collected(memory, sale)
            self._stored.check(memory, tenders, today_of(seen[-1], self._journal.act_at))
            back = exchanged(memory) if exchanged else None
            body = self._body(memory, seen[-1], sale, settled, back)
            if back is not None:
                body = body.model_copy(update={"receipt": back.receipt + 1})
            return [
                *(Draft(opened, by) for opened in self._before(memory)),
                *([Draft(back, by)] if back else []),
                Draft(body, by, because),
            ]

        stored = self._journal.record(compose)
        stored.add_done_callback(lambda done: self._finish(done, seen, paid, sale))
        return paid

    def _finish(
        self, done: "Future[tuple[Recorded, ...]]", seen: list[ShopSet | None], paid: "Future[Paid]", sale: Sale
    ) -> None:
        error = done.exception()
        if error is not None:
            paid.set_exception(error)
            return
        *opened, recorded = done.result()
        assert isinstance(recorded.body, SaleCompleted)
        back = next((one for one in opened if isinstance(one.body, RefundMade)), None)
        try:
            for one in (back, recorded):
                if one is not None:
                    self._after(one, seen[-1])
            self._cards(sale.loads)
        except Exception:
            # The sale is durable: what follows from it can be asked for again, the money cannot.
            log.exception("what follows from sale %d failed", recorded.event.seq)
        body = recorded.body
        shift = next((one.body for one in opened if isinstance(one.body, ShiftOpened)), None)
        change = body.change + (_cash_back(back.body) if back and isinstance(back.body, RefundMade) else 0)
        told = (sale.to_pay, left_on(body), body.points_left)
        paid.set_result(Paid(body.receipt, body.total, change, recorded.event.seq, recorded.hash, shift, *told))

    def _body(
        self, memory: Reading, shop: ShopSet | None, sale: Sale, settled: Settled, back: RefundMade | None
    ) -> SaleCompleted:
        day = today_of(shop, self._journal.act_at)
        left = Left(memory, day)
        if back is not None and back.customer:
            left.move(back.customer, back.points)
        tenders = left.tenders(settled.tenders)
        points = self._stored.earned(sale, settled.tenders, shop.decimals if shop else 2)
        return SaleCompleted(
            receipt=memory.next_receipt(),
            day=day,
            currency=shop.currency if shop else "GBP",
            lines=_lines(sale, settled),
            total=settled.total,
            taxes=tuple(TaxTotal(rate=rate, gross=gross, tax=tax) for rate, (gross, tax) in settled.taxes.items()),
            tenders=tenders,
            change=settled.change,
            exclusive=sale.terms.exclusive,
            customer=sale.customer,
            points=points,
            sample=sale.sample,
            collected=sale.collected,
            points_left=left.move(sale.customer, points) if sale.customer else None,
        )


def left_on(body: SaleCompleted) -> tuple[tuple[str, int], ...]:
    """What is left on each card that was used."""
    return tuple((one.tail, one.left or 0) for one in body.tenders if one.account and one.kind != "points")


def _cash_back(body: RefundMade) -> int:
    return -sum(tender.amount for tender in body.tenders if tender.kind == "cash")


def _lines(sale: Sale, settled: Settled) -> tuple[SoldLine, ...]:
    shares = iter(settled.shares)
    lines = tuple(line for place, whole in enumerate(sale.lines) for line in _of(whole, place, shares))
    if not sale.terms.exclusive:
        return lines
    return tuple(line.model_copy(update={"gross": line.gross + line.tax}) for line in lines)


def _of(whole: Line, place: int, shares: Iterator[int]) -> Iterator[SoldLine]:
    """A line, or a bundle's components, with their shares of the tax."""
    of = BundleOf(sku=whole.sku, name=whole.name, qty=whole.qty, place=place) if whole.parts else None
    for part in whole.sold:
        yield sold_line(part, next(shares), of)


def sold_line(line: Line, tax: int, of: BundleOf | None = None) -> SoldLine:
    """A line as it is recorded."""
    hand = line.override
    return SoldLine(
        sku=line.sku,
        name=line.name,
        qty=line.qty,
        price=line.price,
        gross=line.gross,
        rate=line.rate,
        tax=tax,
        cuts=line.cuts,
        deposit=line.deposits,
        was=hand.was if hand else None,
        reason=hand.reason if hand else "",
        approved=hand.approved if hand else "",
        code=line.read.code,
        lot=line.read.lot,
        serial=line.read.serial,
        unit=line.unit,
        bundle=of,
    )
