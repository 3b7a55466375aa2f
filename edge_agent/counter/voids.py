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

    def line(self, line: Line, qty: int, by: str = "") -> None:
        """`qty` milli-units of this line were taken off."""
        self._journal.record(lambda _: [Draft(LineVoided(line=_voided(line, qty)), by)])

    def sale(self, sale: Sale, approved: str = "", by: str = "") -> "Future[tuple[Recorded, ...]]":
        """The whole sale is given up."""
        lines = tuple(_voided(line, line.qty) for line in sale.lines)
        return self._journal.record(lambda _: [Draft(SaleVoided(lines=lines, total=sale.total, approved=approved), by)])


def _voided(line: Line, qty: int) -> VoidedLine:
    return VoidedLine(sku=line.sku, name=line.name, qty=qty, gross=divided(line.gross * qty, line.qty))
