"""Events of invoices: numbers of their own, without a gap; who they were made out to is not in them."""

from typing import Annotated

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, EventId


class InvoiceIssued(Contract):
    """Invoice `number` of receipt `receipt`; `buyer` is a random id. Of a refund it is a credit note: `credits` is the
    invoice that it takes back (0: none)."""

    number: Annotated[int, Field(strict=True, ge=1)]
    receipt: Annotated[int, Field(strict=True, ge=1)]
    day: Count
    buyer: EventId
    credits: Count


KINDS: dict[tuple[str, int], type[Contract]] = {("invoice_issued", 1): InvoiceIssued}
