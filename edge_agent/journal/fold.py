"""The folding of journal and feed into every view: the one place that knows which views there are."""

import hashlib
from collections.abc import Iterator

import apsw
from pydantic import ValidationError

from edge_agent.journal.schema import BESIDE, TRUTH
from edge_agent.journal.views import (
    View,
    catalogue,
    demand,
    elsewhere,
    gone,
    held,
    models,
    orders,
    receipts,
    refunds,
    shift,
    signals,
    sold,
    stock,
    unmatched,
)
from edge_agent.wire.envelope import Contract, Event, event_of
from edge_agent.wire.events import body_class
from edge_agent.wire.messages import FeedEntry

# Receipts before what adds their lines up, and `sold` after those: it says that they have. `gone` looks at the stock
# before it moves. `elsewhere` takes this till's own part off, so that it comes after all of these.
VIEWS: tuple[type[View], ...] = (
    catalogue,
    receipts,
    refunds,
    shift,
    gone,
    stock,
    demand,
    sold,
    elsewhere,
    orders,
    signals,
    models,
    held,
    unmatched,
)  # type: ignore[assignment]


def lay_out(db: apsw.Connection) -> None:
    """Make every table that is missing."""
    for sql in (TRUTH, BESIDE, *(view.SCHEMA for view in VIEWS)):
        db.execute(sql)


def shape() -> str:
    """A word that changes with what any view keeps."""
    return hashlib.sha256("".join(view.SCHEMA for view in VIEWS).encode()).hexdigest()[:16]


def lay_out_anew(db: apsw.Connection) -> None:
    """Views as another program kept them are thrown away and folded again; inside the caller's transaction."""
    row = db.execute("SELECT value FROM mark WHERE name = 'views'").fetchone()
    if row and row[0] == shape():
        return
    if row or db.execute("SELECT 1 FROM journal LIMIT 1").fetchone():
        for table in tables():
            db.execute(f"DROP TABLE IF EXISTS {table}")
        lay_out(db)
        fold_all(db, db)
    db.execute("REPLACE INTO mark VALUES('views', ?)", (shape(),))


def tables() -> list[str]:
    """The names of all tables that can be rebuilt."""
    return [table for view in VIEWS for table in view.TABLES]


def fold_event(db: apsw.Connection, event: Event, body: Contract | None = None) -> None:
    """Fold an own event; a kind or version that this program does not know changes nothing."""
    body = body or _body(event.kind, event.v, event.body)
    if body is not None:
        for view in VIEWS:
            view.apply(db, event, body)


def fold_entry(db: apsw.Connection, entry: FeedEntry) -> None:
    """Fold a feed entry; an unknown kind changes nothing."""
    body = _body(entry.kind, entry.v, entry.body)
    if body is not None:
        for view in VIEWS:
            view.apply_feed(db, entry, body)


def _body(kind: str, v: int, body: dict[str, object]) -> Contract | None:
    model = body_class(kind, v)
    try:
        return model.model_validate(body) if model else None
    except ValidationError:
        # Written by a newer program: kept in the truth, folded after an upgrade by a rebuild.
        return None


def fold_all(truth: apsw.Connection, into: apsw.Connection) -> None:
    """Fold the whole truth in its one order: an event that saw feed cursor c comes after entry c and before c + 1.

    What was recorded before the feed was last taken from its start saw another feed: it comes before all entries.
    """
    entries, others = _entries(truth), _of_another_feed(truth)
    waiting = next(entries, None)
    for place, event in enumerate(_events(truth)):
        while place >= others and waiting is not None and waiting.cursor <= event.feed:
            fold_entry(into, waiting)
            waiting = next(entries, None)
        fold_event(into, event)
    while waiting is not None:
        fold_entry(into, waiting)
        waiting = next(entries, None)


def _events(db: apsw.Connection) -> Iterator[Event]:
    """Every own event in the order lived; an ancestor's has its negative place for a seq, as views keep it."""
    for place, line in db.execute("SELECT place, line FROM ancestor ORDER BY place"):
        yield event_of(line).model_copy(update={"seq": -place})
    for (line,) in db.execute("SELECT line FROM journal ORDER BY seq"):
        yield event_of(line)


def _of_another_feed(db: apsw.Connection) -> int:
    """How many events, in the order lived, were recorded until the feed was last taken from its start."""
    sql = """SELECT max(place) FROM (SELECT place, line FROM ancestor
             UNION ALL SELECT (SELECT count(*) FROM ancestor) + seq, line FROM journal)
             WHERE instr(line, CAST('"kind":"feed_renewed"' AS BLOB)) AND CAST(line AS TEXT) ->> 'kind' = ?"""
    row = db.execute(sql, ("feed_renewed",)).fetchone()
    return int(row[0] or 0) if row else 0


def _entries(db: apsw.Connection) -> Iterator[FeedEntry]:
    for (line,) in db.execute("SELECT line FROM feed ORDER BY cursor"):
        yield FeedEntry.model_validate_json(line)


def empty_views(db: apsw.Connection) -> None:
    """Throw away what can be rebuilt."""
    for table in tables():
        db.execute(f"DELETE FROM {table}")
