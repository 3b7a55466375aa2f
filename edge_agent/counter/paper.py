"""After the commit: the drawer opens and the receipt is spooled. A dead printer never holds a sale."""

from collections.abc import Callable

from edge_agent.journal.log import Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.day import local
from edge_agent.rules.money import Currency
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.receipt import Receipt, ReceiptLine, ReceiptTax, drawer_kick, render
from edge_agent.wire.envelope import Event
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.sales import SaleCompleted

TENDERS = {"cash": "Cash", "card": "Card"}
Spool = Callable[[str, bytes], None]
"""Takes (job id, bytes): they are on disk when it returns, whatever the wire does."""


class Paper:
    """Turns durable sales into jobs. `open_reading` gives a connection of the thread that calls."""

    def __init__(self, spool: Spool, profile: PrinterProfile, till: str, memory: Callable[[], Reading]) -> None:
        self._spool, self._profile, self._till, self._memory = spool, profile, till, memory

    def after(self, recorded: Recorded) -> None:
        """Kick the drawer when cash changes hands, then print."""
        assert isinstance(recorded.body, SaleCompleted)
        number = recorded.body.receipt
        if any(tender.kind == "cash" for tender in recorded.body.tenders):
            kick = drawer_kick(self._profile)
            if kick:
                self._spool(f"{number:08d}-drawer", kick)
        with self._memory() as memory:
            shop = memory.shop()
        receipt = receipt_of(recorded.event, recorded.body, recorded.hash, shop, self._till)
        self._spool(f"{number:08d}-receipt", render(receipt, self._profile))

    def reprint(self, number: int) -> bool:
        """Print a stored receipt once more, marked as a copy; False when there is no such number."""
        with self._memory() as memory:
            stored = memory.receipt(number)
            if stored is None:
                return False
            event, link, shop = memory.event(stored.seq), memory.hash_at(stored.seq) or b"", memory.shop()
        body = SaleCompleted.model_validate(event.body)
        receipt = receipt_of(event, body, link, shop, self._till, copy=True)
        self._spool(f"{number:08d}-copy-{event.id}", render(receipt, self._profile))
        return True


def receipt_of(
    event: Event, body: SaleCompleted, link: bytes, shop: ShopSet | None, till: str, *, copy: bool = False
) -> Receipt:
    """The receipt of a recorded sale: every figure as stored; the QR carries the sale's link of the chain."""
    when = local(event.at, shop.zone if shop else "UTC")
    vat = (f"VAT {shop.vat_number}",) if shop and shop.vat_number else ()
    return Receipt(
        shop_lines=(shop.name, *shop.address, *vat) if shop else (till,),
        number=f"{body.receipt:06d}",
        till=till,
        cashier=event.by,
        at_local=f"{when:%a} {when.day} {when:%b %Y %H:%M}",
        lines=tuple(ReceiptLine(line.qty, line.name, line.price, line.gross) for line in body.lines),
        total_minor=body.total,
        taxes=tuple(ReceiptTax(tax.rate, tax.gross - tax.tax, tax.tax, tax.gross) for tax in body.taxes),
        tenders=tuple((TENDERS[tender.kind], tender.given) for tender in body.tenders),
        change_minor=body.change,
        qr=f"dropshelf:{body.receipt}:{event.seq}:{link.hex()}",
        currency=Currency(shop.currency, shop.symbol, shop.decimals) if shop else Currency(),
        copy=copy,
        foot_lines=shop.receipt_words if shop else (),
    )
