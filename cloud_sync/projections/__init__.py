"""What is computed from the events: each projection folds one fact at a time; the order of journals is no matter."""

from sqlmodel import Session

from cloud_sync.projections import catalogue, demand, drawer, models, orders, returns, stock, stored, takings
from cloud_sync.projections.fact import Fact
from cloud_sync.projections.orders import Proposals
from cloud_sync.projections.sums import Sums

SUMMED = (stock, takings, demand, drawer, stored, returns)


class Folding:
    """Folds facts into every projection. What only adds up, and what a later proposal replaces, waits for `write`."""

    def __init__(self) -> None:
        self._sums, self._proposals = Sums(), Proposals()

    def apply(self, session: Session, fact: Fact) -> None:
        """Fold one fact."""
        for adding in SUMMED:
            adding.add(self._sums, fact)
        catalogue.apply(session, fact)
        drawer.apply(session, fact)
        models.apply(session, fact)
        orders.apply(session, self._proposals, fact)

    def write(self, session: Session) -> None:
        """Write what waited; at the latest before what was folded is read, or the transaction ends."""
        self._sums.write(session)
        self._proposals.write(session)


__all__ = ["Fact", "Folding", "Sums"]
