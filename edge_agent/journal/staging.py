"""The feed of another generation, gathered beside the one that holds until it is whole."""

from collections.abc import Sequence

import apsw

from edge_agent.journal.reading import Reading
from edge_agent.wire.envelope import canonical
from edge_agent.wire.messages import FeedEntry

FEED = "feed"
"""Why the views are stale: another feed."""
CATALOGUE = ("item_set", "supplier_set", "shop_set")
"""Kinds of which a whole feed has very many, and that nobody waits to be told of."""


def told_of(db: apsw.Connection) -> tuple[FeedEntry, ...]:
    """The entries of the whole feed that somebody waits for."""
    sql = "SELECT line FROM feed WHERE CAST(line AS TEXT) ->> 'kind' NOT IN (?, ?, ?) ORDER BY cursor"
    return tuple(FeedEntry.model_validate_json(line) for (line,) in db.execute(sql, CATALOGUE))


def stage(db: apsw.Connection, generation: str, entries: Sequence[FeedEntry]) -> None:
    """Gather entries of another generation; what was gathered of a third one is thrown away."""
    if Reading(db).staged()[0] != generation:
        unstage(db)
        db.execute("INSERT INTO mark VALUES('generation_next', ?)", (generation,))
    rows = [(entry.cursor, canonical(entry.model_dump())) for entry in entries]
    db.executemany("INSERT OR IGNORE INTO feed_next VALUES(?, ?)", rows)


def unstage(db: apsw.Connection) -> None:
    db.execute("DELETE FROM feed_next")
    db.execute("DELETE FROM mark WHERE name = 'generation_next'")
