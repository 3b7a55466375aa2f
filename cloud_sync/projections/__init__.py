"""What is computed from the events: each projection folds one fact at a time; the order of journals is no matter."""

from sqlmodel import Session

from cloud_sync.projections import catalogue, demand, orders, stock, takings
from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums

SUMMED = (stock, takings, demand)
FOLDED = (catalogue, orders)


def apply(session: Session, sums: Sums, fact: Fact) -> None:
    """Fold one fact into every projection; what only adds up waits in `sums` until they are written."""
    for adding in SUMMED:
        adding.add(sums, fact)
    for folding in FOLDED:
        folding.apply(session, fact)


__all__ = ["Fact", "Sums", "apply"]
