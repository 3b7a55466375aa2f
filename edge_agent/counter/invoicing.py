"""Invoices: a receipt with the buyer's name and VAT number, under a number of its own; committed before paper."""

from concurrent.futures import Future

from edge_agent.counter.buyers import Buyer, Buyers
from edge_agent.counter.paper import Paper
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.invoices import Invoice
from edge_agent.rules.day import business_day
from edge_agent.rules.text import clean_name
from edge_agent.wire.events.invoices import InvoiceIssued


class Invoicing:
    """Issues invoices of this till's receipts."""

    def __init__(self, journal: Journal, buyers: Buyers, paper: Paper) -> None:
        self._journal, self._buyers, self._paper = journal, buyers, paper

    def issue(self, receipt: int, buyer: Buyer, by: str = "") -> "Future[InvoiceIssued]":
        """Make an invoice of a sale and print it. The future fails with NotKnown, or BadInput for a refund or a receipt
        that has one already."""
        if not clean_name(buyer.name):
            raise BadInput("an invoice needs a name: type it, then Enter")

        def compose(memory: Reading) -> list[Draft]:
            found = memory.receipt(receipt)
            if found is None:
                raise NotKnown(f"there is no receipt {receipt} of this till: type another number")
            known = memory.invoice_of(receipt)
            if known is not None or found.refund:
                raise BadInput(f"receipt {receipt} has invoice {known.number}" if known else "a refund has no invoice")
            # Only now: of an invoice that is refused nobody's name is kept.
            id_ = self._buyers.add(buyer, self._journal.act_at)
            return [Draft(drafted(memory, receipt, id_, 0, self._journal.act_at), by)]

        issued: Future[InvoiceIssued] = Future()
        self._journal.record(compose).add_done_callback(lambda done: self._print(done, issued, buyer))
        return issued

    def _print(self, done: "Future[tuple[Recorded, ...]]", issued: "Future[InvoiceIssued]", buyer: Buyer) -> None:
        error = done.exception()
        if error is not None:
            issued.set_exception(error)
            return
        body = done.result()[-1].body
        assert isinstance(body, InvoiceIssued)
        self._paper.print_invoice(body, buyer)
        issued.set_result(body)

    def print_again(self, known: Invoice) -> None:
        """Print an invoice or a credit note that there is. NotKnown once its buyer is forgotten."""
        numbers = {"number": known.number, "receipt": known.receipt, "credits": known.credits}
        body = InvoiceIssued(**numbers, day=0, buyer=known.buyer)
        self._paper.print_invoice(body, self._buyers.known(known.buyer))


def drafted(memory: Reading, receipt: int, buyer: str, credits_: int, at: int) -> InvoiceIssued:
    """The next invoice, inside the transaction."""
    shop = memory.shop()
    day = business_day(at, shop.zone if shop else "UTC", shop.day_closes if shop else 0)
    return InvoiceIssued(number=memory.next_invoice(), receipt=receipt, day=day, buyer=buyer, credits=credits_)
