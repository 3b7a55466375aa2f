"""A drop at its close, for the books: its sales by rate, the invoices made out for them, and the postings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.catalogue import items
from cloud_sync.tables.events import JournalRow, Quarantine, RawEvent
from edge_agent.rules.books import Posting, of_drop
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.money import divided
from edge_agent.rules.vat_return import Sold
from edge_agent.wire.envelope import Event, event_of
from edge_agent.wire.events.drops import DropSet
from edge_agent.wire.events.invoices import InvoiceIssued
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted

KINDS = ("sale_completed", "refund_made", "invoice_issued")
PIECE = 1_000


@dataclass(frozen=True)
class Made:
    """An invoice (of a refund a credit note) that holds goods of the drop: what of it is the drop's."""

    till: str
    number: int
    receipt: int
    day: int
    credits: int
    gross: int
    tax: int


@dataclass(frozen=True)
class DropBooks:
    """What was sold of a drop less what came back in its window, by rate; what the goods that stayed sold had cost."""

    rates: tuple[Sold, ...]
    cost: int
    invoices: tuple[Made, ...]
    postings: tuple[Posting, ...]


def drop_books(session: Session, *, tenant: str, shop: str, drop: DropSet, day: int) -> DropBooks:
    """Of the lines that the shop's tills recorded in the window; `day` is the one on which they are posted."""
    parts = {part.sku for part in drop.parts}
    sums, receipts, made = dict[int, list[int]](), dict[tuple[str, int], list[int]](), list[Made]()
    pieces: dict[str, int] = {}
    for journal, event in events_of(session, tenant, shop, drop):
        match _body(event):
            case InvoiceIssued() as one:
                made.append(Made(journal, one.number, one.receipt, one.day, one.credits, 0, 0))
            case SaleCompleted() | RefundMade() as body:
                sign = 1 if isinstance(body, SaleCompleted) else -1
                for line in body.lines:
                    if line.sku in parts:
                        pieces[line.sku] = pieces.get(line.sku, 0) + sign * line.qty
                        for kept in (
                            sums.setdefault(line.rate, [0, 0]),
                            receipts.setdefault((journal, body.receipt), [0, 0]),
                        ):
                            kept[0] += line.gross
                            kept[1] += line.tax
    rates = tuple(Sold(rate, gross, tax) for rate, (gross, tax) in sorted(sums.items(), reverse=True))
    known = items(session, tenant=tenant, shop=shop)
    cost = sum(divided(qty * known[sku].pack_cost, known[sku].pack) for sku, qty in pieces.items() if sku in known)
    theirs = tuple(
        Made(one.till, one.number, one.receipt, one.day, one.credits, *receipts[one.till, one.receipt])
        for one in made
        if (one.till, one.receipt) in receipts
    )
    return DropBooks(rates, cost, theirs, tuple(of_drop(day, drop.name, rates, cost)))


def events_of(
    session: Session, tenant: str, shop: str, drop: DropSet, kinds: Sequence[str] = KINDS
) -> Iterator[tuple[str, Event]]:
    """What the tills recorded in the window and was not set aside; nothing is received before it happens."""
    here = (col(JournalRow.tenant) == RawEvent.tenant) & (col(JournalRow.journal) == RawEvent.journal)
    aside = select(Quarantine.seq).where(
        Quarantine.tenant == RawEvent.tenant, Quarantine.journal == RawEvent.journal, Quarantine.seq == RawEvent.seq
    )
    mine = select(RawEvent).join(JournalRow, here).where(RawEvent.tenant == tenant, JournalRow.shop == shop)
    found = mine.where(col(RawEvent.kind).in_(kinds), RawEvent.received_at >= drop.start - DAY_MS, ~aside.exists())
    for row in session.exec(found.order_by(col(RawEvent.journal), col(RawEvent.seq))):
        event = event_of(row.line)
        if drop.start <= event.at < drop.end:
            yield row.journal, event


def _body(event: Event) -> InvoiceIssued | SaleCompleted | RefundMade:
    kinds: dict[str, type[InvoiceIssued] | type[SaleCompleted] | type[RefundMade]] = {
        "invoice_issued": InvoiceIssued,
        "sale_completed": SaleCompleted,
        "refund_made": RefundMade,
    }
    return kinds[event.kind].model_validate(event.body)
