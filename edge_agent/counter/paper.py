"""After the commit: the drawer opens and the receipt is spooled. A dead printer never holds a sale."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from edge_agent.counter.buyers import Buyer
from edge_agent.counter.fiscal import Fiscal
from edge_agent.journal.log import Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules import escpos, fiscal
from edge_agent.rules.closing_paper import TENDERS, Headed, z_rows
from edge_agent.rules.day import local
from edge_agent.rules.money import Currency, divided
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.printed import amount as written
from edge_agent.rules.printed import moment, quantity, word
from edge_agent.rules.receipt import Receipt, ReceiptLine, ReceiptTax, render
from edge_agent.rules.receipt_code import code_of, payload
from edge_agent.rules.row import Row, as_bytes
from edge_agent.rules.sale import Load
from edge_agent.rules.tongue import cut_in
from edge_agent.wire.envelope import Envelope
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.fiscal import FiscalFailed, FiscalSigned
from edge_agent.wire.events.invoices import InvoiceIssued
from edge_agent.wire.events.refunds import RefundLine, RefundMade
from edge_agent.wire.events.sales import BundleOf, SaleCompleted, SoldLine, Tender
from edge_agent.wire.events.shift import CashMoved, ShiftClosed

Sign = Callable[[bytes], tuple[str, str]]
"""Gives the till's public key and its signature, both in hex."""
log = logging.getLogger(__name__)


class Spool(Protocol):
    """The printer as the counter knows it: neither call waits for the wire."""

    profile: PrinterProfile

    def print_job(self, job_id: str, data: bytes) -> None:
        """Keep a job until it is printed."""
        ...

    def kick_drawer(self) -> None:
        """Open the drawer now, or not at all."""
        ...


class Paper:
    """Turns durable sales into jobs. `memory` gives a connection of the thread that calls.

    `number` knows the numbers of the gift cards that were made here, to print them again.
    `named` tells the name behind a person's id, for paper alone.

    `device` is the fiscal device, if any: a receipt waits for its word, and the drawer does not.

    `handed` is a file with the number of the last receipt that the spool took: what lies between it and the journal's
    last was stored in a moment without paper.
    """

    def __init__(
        self,
        spool: Spool,
        till: str,
        memory: Callable[[], Reading],
        handed: Path,
        sign: Sign,
        number: Callable[[str], str] = lambda _: "",
        named: Callable[[str], str] = str,
        device: Fiscal | None = None,
    ) -> None:
        self._spool, self._till, self._memory, self._handed = spool, till, memory, handed
        self._sign, self._number, self._named, self._device = sign, number, named, device

    def catch_up(self) -> list[int]:
        """Print, marked as copies, receipts of sales that were stored before a stop and never handed to the spool."""
        with self._memory() as memory:
            last = memory.last_receipt()
            known = self._last_handed()
            if last is None or known is None:
                return []
            missed = [one.number for one in memory.receipts_after(known)]
        for number in missed:
            self.reprint(number)
            self._note(number)
        return missed

    def _last_handed(self) -> int | None:
        try:
            return int(self._handed.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _note(self, number: int) -> None:
        fresh = self._handed.with_suffix(".next")
        try:
            self._handed.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(str(number))
            fresh.replace(self._handed)
        except OSError as error:
            # A full disk stops no start and no receipt; at worst a copy is printed too many.
            log.warning("what the printer was given cannot be noted", extra={"error": str(error)})

    def after(self, recorded: Recorded, shop: ShopSet | None) -> None:
        """Kick the drawer when cash changes hands, then print; `shop` as the sale was recorded with it."""
        body = recorded.body
        assert isinstance(body, SaleCompleted | RefundMade)
        try:
            if any(tender.kind == "cash" for tender in body.tenders):
                self._spool.kick_drawer()
            if self._device is None:
                self._print_receipt(recorded, body, shop)
            else:
                self._device.sign(recorded, shop, lambda answer: self._print_receipt(recorded, body, shop, answer))
        except Exception:
            # It is durable: paper and drawer can be asked for again, the money cannot.
            log.exception("no receipt for event %d", recorded.event.seq)

    def _print_receipt(
        self,
        recorded: Recorded,
        body: SaleCompleted | RefundMade,
        shop: ShopSet | None,
        answer: fiscal.Answer | None = None,
    ) -> None:
        code = self._code(recorded.event, body, recorded.hash)
        receipt = self._receipt(recorded.event, body, code, shop, answer)
        self._spool.print_job(f"{body.receipt:08d}-receipt", render(receipt, self._spool.profile))
        self._note(body.receipt)

    def after_act(self, recorded: Recorded) -> None:
        """Kick the drawer when cash goes in or out, print the Z when a shift is closed."""
        try:
            if isinstance(recorded.body, CashMoved):
                self._spool.kick_drawer()
            elif isinstance(recorded.body, ShiftClosed):
                with self._memory() as memory:
                    headed = headed_by(memory.shop(), self._till, self._named(recorded.event.by), recorded.event.at)
                self._print(f"z-{recorded.body.number:08d}", z_rows(headed, recorded.body))
        except Exception:
            # It is durable; paper can be asked for again.
            log.exception("no paper for event %d", recorded.event.seq)

    def print_report(self, name: str, rows: Sequence[Row]) -> None:
        """Print rows that the screen shows."""
        self._print(name, rows)

    def _print(self, job: str, rows: Sequence[Row]) -> None:
        profile = self._spool.profile
        ends = escpos.feed(profile.feed) + (escpos.cut() if profile.cutter else b"")
        self._spool.print_job(job, as_bytes(rows, profile) + ends)

    def print_invoice(self, invoice: InvoiceIssued, buyer: Buyer) -> None:
        """Print an invoice: its receipt with who it is for; names stand on paper alone."""
        receipt = self._stored(invoice.receipt)
        if receipt is not None:
            money = receipt.currency
            title = word(money, "CREDIT NOTE") if invoice.credits else word(money, "INVOICE")
            of = (word(money, "of invoice {number:06d}", number=invoice.credits),) if invoice.credits else ()
            vat = word(money, "VAT {number}", number=buyer.vat_number) if buyer.vat_number else ""
            who = (one for one in (buyer.name, vat, buyer.address) if one)
            receipt = replace(receipt, title=(f"{title} {invoice.number:06d}", *of, *who))
            self._spool.print_job(f"{invoice.receipt:08d}-invoice", render(receipt, self._spool.profile))

    def print_cards(self, loads: Sequence[Load]) -> None:
        """Print the gift cards that are new: bars, digits and what was put onto them. A card is as good as money: its
        number stands on its paper alone."""
        for load in loads:
            if not load.number:
                continue
            with self._memory() as memory:
                shop = memory.shop()
            money = money_of(shop)
            figure = f"{money.symbol if shop else ''}{written(money, load.amount)}"
            rows = (
                *(Row(words, centred=True) for words in ((shop.name, *shop.address) if shop else (self._till,))),
                Row(),
                Row(word(money, "GIFT CARD"), centred=True, bold=True, big=True),
                Row(figure, centred=True, bold=True, big=True),
                Row(),
                Row(bars=load.number),
                Row(" ".join(load.number[at : at + 4] for at in range(0, len(load.number), 4)), centred=True),
            )
            self._print(f"card-{load.account}", rows)

    def reprint(self, number: int, copy_number: int = 0) -> bool:
        """Print a stored receipt once more, marked as a copy, and the gift cards that were sold new with it; False when
        there is no such number."""
        receipt = self._stored(number)
        if receipt is None:
            return False
        self._print_again(number)
        receipt = replace(receipt, copy=True, copy_number=copy_number)
        self._spool.print_job(f"{number:08d}-copy{copy_number or ''}", render(receipt, self._spool.profile))
        return True

    def _print_again(self, number: int) -> None:
        with self._memory() as memory:
            stored = memory.receipt(number)
            tenders = memory.event(stored.seq).body["tenders"] if stored else ()
        sold = [one for one in tenders if one["kind"] == "gift_sold"]
        loads = [Load(one["account"], one["tail"], -one["amount"], self._number(one["account"])) for one in sold]
        self.print_cards(loads)

    def _stored(self, number: int) -> Receipt | None:
        """A receipt as it was printed."""
        with self._memory() as memory:
            stored = memory.receipt(number)
            if stored is None:
                return None
            event, link, shop = memory.event(stored.seq), memory.hash_at(stored.seq) or b"", memory.shop()
            answer = _said_of(memory, number)
        body = (RefundMade if stored.refund else SaleCompleted).model_validate(event.body)
        return self._receipt(event, body, self._code(event, body, link), shop, answer)

    def _receipt(
        self,
        event: Envelope,
        body: SaleCompleted | RefundMade,
        code: str,
        shop: ShopSet | None,
        answer: fiscal.Answer | None,
    ) -> Receipt:
        profile, qr = self._spool.profile, self._device is not None and self._device.profile.qr
        qr = qr and profile.qr
        said = fiscal.rows(answer, money_of(shop), self._till, profile.columns, qr=qr) if answer else ()
        return replace(receipt_of(event, body, code, shop, self._till), cashier=self._named(event.by), fiscal=said)

    def _code(self, event: Envelope, body: SaleCompleted | RefundMade, link: bytes) -> str:
        """What is printed as QR: the sale under this till's signature; a refund is nothing to come back with."""
        if isinstance(body, RefundMade):
            return ""
        signed = payload(body, event.id, link)
        return code_of(signed, self._sign(signed)[1])


def _said_of(memory: Reading, receipt: int) -> fiscal.Answer | None:
    """What the fiscal device said of a receipt; None where nothing was asked."""
    seq = memory.fiscal_seq(receipt)
    event = memory.event(seq) if seq is not None else None
    if event is None:
        return None
    return (FiscalSigned if event.kind == "fiscal_signed" else FiscalFailed).model_validate(event.body)


def headed_by(shop: ShopSet | None, till: str, by: str, at: int) -> Headed:
    """The head of a report of this moment."""
    when = local(at, shop.zone if shop else "UTC")
    currency, lines = money_of(shop), (shop.name, *shop.address) if shop else (till,)
    return Headed(lines, till, by, moment(currency.language, when), currency)


def money_of(shop: ShopSet | None) -> Currency:
    """The shop's currency, and how it is written there."""
    return Currency(shop.currency, shop.symbol, shop.decimals, shop.language) if shop else Currency()


def _receipt_line(currency: Currency, line: SoldLine | RefundLine, *, on_top: bool) -> ReceiptLine:
    """A line; what came off it when it was sold and its deposit are rows of their own, and so is tax `on_top`."""
    if isinstance(line, RefundLine):
        return ReceiptLine(line.qty, line.name, line.price, line.gross)
    notes = [(cut_in(currency.language, cut.kind, cut.name), -cut.amount) for cut in line.cuts]
    notes += [(word(currency, "deposit"), line.deposit)] if line.deposit else []
    notes += [(word(currency, "batch {lot}", lot=line.lot), 0)] if line.lot else []
    goods = line.gross - line.tax * on_top - sum(amount for _, amount in notes)
    return ReceiptLine(line.qty, line.name, line.price, goods, line.unit, tuple(notes))


def receipt_of(
    event: Envelope, body: SaleCompleted | RefundMade, code: str, shop: ShopSet | None, till: str
) -> Receipt:
    """The receipt of a recorded sale or refund: every figure as stored; `code` is its QR."""
    when = local(event.at, shop.zone if shop else "UTC")
    currency = money_of(shop)
    vat = (word(currency, "VAT {number}", number=shop.vat_number),) if shop and shop.vat_number else ()
    change = body.change if isinstance(body, SaleCompleted) else 0
    return Receipt(
        shop_lines=(shop.name, *shop.address, *vat) if shop else (till,),
        number=f"{body.receipt:06d}",
        till=till,
        cashier=event.by,
        at_local=moment(currency.language, when),
        lines=_lines(currency, body),
        total_minor=body.total,
        taxes=tuple(ReceiptTax(tax.rate, tax.gross - tax.tax, tax.tax, tax.gross) for tax in body.taxes),
        tenders=tuple((_word(currency, one), one.given) for one in body.tenders if not _is_load(body, one)),
        change_minor=change,
        qr=code,
        currency=currency,
        title=_title(currency, body),
        tax_on_top=sum(tax.tax for tax in body.taxes) if isinstance(body, SaleCompleted) and body.exclusive else 0,
        loads=tuple((_word(currency, one), -one.amount) for one in body.tenders if _is_load(body, one)),
        held=_held(currency, body),
        foot_lines=shop.receipt_words if shop else (),
    )


def _is_load(body: SaleCompleted | RefundMade, tender: Tender) -> bool:
    """Of a sale: what was put onto a gift card; of a refund that is how it was given back."""
    return tender.kind == "gift_sold" and isinstance(body, SaleCompleted)


def _word(currency: Currency, tender: Tender) -> str:
    gift = word(currency, "Gift card {tail}", tail=tender.tail)
    return gift if tender.tail else word(currency, TENDERS[tender.kind])


def _held(currency: Currency, body: SaleCompleted | RefundMade) -> tuple[tuple[str, str], ...]:
    """What is left on the cards of a receipt, and the customer's points."""
    left = {one.tail: one.left for one in body.tenders if one.tail and one.left is not None}
    rows = [
        (word(currency, "Left on card {tail}", tail=tail), written(currency, amount)) for tail, amount in left.items()
    ]
    if body.points_left is not None:
        rows += [(word(currency, "Points with this"), str(body.points))] if body.points else []
        rows += [(word(currency, "Your points"), str(body.points_left))]
    return tuple(rows)


def _lines(currency: Currency, body: SaleCompleted | RefundMade) -> tuple[ReceiptLine, ...]:
    on_top = isinstance(body, SaleCompleted) and body.exclusive
    found = list[ReceiptLine]()
    sold: Sequence[SoldLine | RefundLine] = body.lines
    for bundle, lines in groupby(sold, key=_bundle_of):
        shown = [_receipt_line(currency, line, on_top=on_top) for line in lines]
        found += [_bundle_line(currency, bundle, shown)] if bundle else shown
    return tuple(found)


def _bundle_of(line: SoldLine | RefundLine) -> BundleOf | None:
    return line.bundle if isinstance(line, SoldLine) else None


def _bundle_line(currency: Currency, bundle: BundleOf, parts: Sequence[ReceiptLine]) -> ReceiptLine:
    """A bundle as one line, with what is in it below, and what came off all of it."""
    off: dict[str, int] = {}
    for words, amount in (note for part in parts for note in part.notes):
        off[words] = off.get(words, 0) + amount
    inside = tuple((f"{quantity(currency, part.qty_milli)} x {part.name}", 0) for part in parts)
    goods = sum(part.gross_minor for part in parts)
    return ReceiptLine(bundle.qty, bundle.name, divided(goods * 1000, bundle.qty), goods, "", (*inside, *off.items()))


def _title(currency: Currency, body: SaleCompleted | RefundMade) -> tuple[str, ...]:
    if isinstance(body, SaleCompleted):
        return ()
    if body.of:
        return (word(currency, "REFUND"), word(currency, "of receipt {number:06d}", number=body.of.receipt))
    why = word(currency, "without a receipt: {reason}", reason=word(currency, body.reason))
    return (word(currency, "REFUND"), why)
