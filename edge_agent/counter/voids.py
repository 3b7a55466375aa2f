"""What was rung up and not sold: each line taken off and each sale given up is written down."""

from concurrent.futures import Future

from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.rules.money import divided
from edge_agent.rules.sale import Line, Sale
from edge_agent.wire.events.selling import LineVoided, SaleVoided, VoidedLine


class Voids:
    """Each act is one event; nobody waits for the disk."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def line(self, line: Line, qty: int, by: str = "", *, after_subtotal: bool = False) -> None:
        """`qty` milli-units of this line were taken off."""
        body = LineVoided(line=_voided(line, qty), after_subtotal=after_subtotal)
        self._journal.record(lambda _: [Draft(body, by)])

    def sale(
        self, sale: Sale, approved: str = "", by: str = "", *, after_subtotal: bool = False
    ) -> "Future[tuple[Recorded, ...]]":
        """The whole sale is given up."""
        lines = tuple(_voided(line, line.qty) for line in sale.lines)
        body = SaleVoided(lines=lines, total=sale.total, approved=approved, after_subtotal=after_subtotal)
        return self._journal.record(lambda _: [Draft(body, by)])


def _voided(line: Line, qty: int) -> VoidedLine:
    return VoidedLine(sku=line.sku, name=line.name, qty=qty, gross=divided(line.gross * qty, line.qty))
