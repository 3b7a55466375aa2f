"""The views: tables that fold journal and feed, each in the file of its noun; any of them can be rebuilt."""

from typing import Protocol

import apsw

from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.messages import FeedEntry


class View(Protocol):
    """One noun's tables and how an event or a feed entry changes them (inside the writer's transaction)."""

    SCHEMA: str
    TABLES: tuple[str, ...]
    FOLDS: tuple[type[Contract], ...]
    """The bodies of own events that `apply` is given: a sale is not shown to those whom it does not concern."""

    @staticmethod
    def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
        """Fold one own event."""
        ...

    @staticmethod
    def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
        """Fold one feed entry."""
        ...
