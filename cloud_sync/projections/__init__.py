"""What is computed from the events: each projection folds one fact at a time; the order of journals is no matter."""

from sqlmodel import Session

from cloud_sync.projections import catalogue, demand, orders, stock, takings
from cloud_sync.projections.fact import Fact

PROJECTIONS = (stock, takings, demand, catalogue, orders)


def apply(session: Session, fact: Fact) -> None:
    """Fold one fact into every projection."""
    for projection in PROJECTIONS:
        projection.apply(session, fact)


__all__ = ["Fact", "apply"]
