"""The folding of journal and feed into every view: the one place that knows which views there are."""

import hashlib
from dataclasses import dataclass, replace
from functools import cache

import apsw
from pydantic import ValidationError

from edge_agent.journal.schema import BESIDE, TRUTH
from edge_agent.journal.views import (
    View,
    boot,
    cards,
    cash_rooms,
    catalogue,
    demand,
    drops,
    elsewhere,
    fiscal,
    gone,
    held,
    invoices,
    models,
    orders,
    popups,
    receipts,
    refunds,
    reservations,
    samples,
    shift,
    signals,
    sold,
    staff_codes,
    stock,
    stored,
    tills,
    unmatched,
)
from edge_agent.journal.views.sold import waits
from edge_agent.wire.envelope import Contract, Envelope, Event, event_of
from edge_agent.wire.events import body_class, known
from edge_agent.wire.messages import FeedEntry

# Receipts before what adds their lines up, and `sold` after those: it says that they have. `gone` looks at the stock
# before it moves. `elsewhere` takes this till's own part off, so that it comes after all of these.
VIEWS: tuple[type[View], ...] = (
    catalogue,
    receipts,
    refunds,
    shift,
    cards,
    invoices,
    tills,
    gone,
    stock,
    demand,
    boot,
    sold,
    elsewhere,
    stored,
    orders,
    signals,
    drops,
    reservations,
    popups,
    samples,
    models,
    held,
    unmatched,
    fiscal,
    staff_codes,
    cash_rooms,
)  # type: ignore[assignment]


WHEN_SETTLED: tuple[type[View], ...] = (gone, stock, demand, sold)  # type: ignore[assignment]
"""A sale is shown to these when it settles what waits (`sold`)."""
FOLD = 1
"""Counts up when a view folds the same lines into something else."""
AT_ONCE = 5_000
"""So many events are folded again within one act; more than that behind selling."""
STRETCH = 2_000
STALE = "stale: "


@dataclass(frozen=True)
class Place:
    """How far a folding has come: events in the order lived, the last ancestor and own seq of them, the feed cursor;
    `others`: so many of all events were recorded before the feed was last taken from its start."""

    events: int = 0
    ancestor: int = 0
    seq: int = 0
    cursor: int = 0
    others: int = 0


START = Place()


def lay_out(db: apsw.Connection) -> None:
    """Make every table that is missing."""
    for sql in (TRUTH, BESIDE, *(view.SCHEMA for view in VIEWS)):
        db.execute(sql)


def shape() -> str:
    """A word that changes with what any view keeps, with how it folds, and with what this program can read: a line of
    a newer one was passed by."""
    told = [str(FOLD), known(), *(view.SCHEMA for view in VIEWS)]
    return hashlib.sha256("".join(told).encode()).hexdigest()[:16]


def lay_out_anew(db: apsw.Connection) -> None:
    """Views as another program kept them. A short journal is folded again at once, and so is one whose tables are laid
    out otherwise; else they serve as they are and are said to be stale. Inside the caller's transaction."""
    row = db.execute("SELECT value FROM mark WHERE name = 'views'").fetchone()
    if row and (row[0] == shape() or is_stale(row[0])):
        return
    if not row and not db.execute("SELECT 1 FROM journal LIMIT 1").fetchone():
        mark_fresh(db)
    elif is_long(db) and not _laid_out_otherwise(db):
        mark_stale(db, "program")
    else:
        for table in tables():
            db.execute(f"DROP TABLE IF EXISTS {table}")
        lay_out(db)
        fold_all(db, db)
        mark_fresh(db)


def _laid_out_otherwise(db: apsw.Connection) -> bool:
    fresh = apsw.Connection(":memory:")
    lay_out(fresh)
    # A table that was renamed is kept with its name in quotes.
    sql = "SELECT name, replace(sql, '\"' || name || '\"', name) FROM sqlite_master WHERE type = 'table'"
    found = dict(iter(db.execute(sql)))
    return any(found[name] != text for name, text in fresh.execute(sql))


def is_long(db: apsw.Connection) -> bool:
    """True when folding everything would hold up a sale for longer than a blink."""
    row = db.execute("SELECT (SELECT count(*) FROM journal) + (SELECT count(*) FROM ancestor)").fetchone()
    return bool(row and row[0] > AT_ONCE)


def is_stale(mark: str) -> bool:
    """True for a mark that says the views wait for a rebuild."""
    return mark.startswith(STALE)


def mark_stale(db: apsw.Connection, why: str) -> None:
    """Say that the views are to be rebuilt; each time under another name, so that an older rebuild does not count."""
    head = db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()
    db.execute("REPLACE INTO mark VALUES('views', ?)", (f"{STALE}{why} {head[0] if head else 0}",))


def mark_fresh(db: apsw.Connection) -> None:
    """Say that the views hold what journal and feed say."""
    db.execute("REPLACE INTO mark VALUES('views', ?)", (shape(),))


def tables() -> list[str]:
    """The names of all tables that can be rebuilt."""
    return [table for view in VIEWS for table in view.TABLES]


def fold_event(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    """Fold an own event."""
    for view in views_of(type(body), waiting=waits(body)):
        view.apply(db, event, body)


@cache
def views_of(body: type[Contract], *, waiting: bool) -> tuple[type[View], ...]:
    """Those that fold an own event of this body, in their order; of a sale that waits to be settled only some."""
    views = (view for view in VIEWS if not (waiting and view in WHEN_SETTLED))
    return tuple(view for view in views if issubclass(body, view.FOLDS))


def fold_entry(db: apsw.Connection, entry: FeedEntry) -> None:
    """Fold a feed entry; an unknown kind changes nothing."""
    body = body_of(entry.kind, entry.v, entry.body)
    if body is not None:
        for view in VIEWS:
            view.apply_feed(db, entry, body)


def body_of(kind: str, v: int, body: dict[str, object]) -> Contract | None:
    """What a line says; None for what only a newer program knows."""
    model = body_class(kind, v)
    try:
        return model.model_validate(body) if model else None
    except ValidationError:
        # Written by a newer program: kept in the truth, folded after an upgrade by a rebuild.
        return None


class Folding:
    """Folds the truth in its one order, a stretch at a time; what was recorded meanwhile is folded by going on.

    An event that saw feed cursor c comes after entry c and before c + 1. What was recorded before the feed was last
    taken from its start saw another feed: it comes before all entries.
    """

    def __init__(self, truth: apsw.Connection, into: apsw.Connection, behind: Place = START) -> None:
        self._truth, self._into = truth, into
        # What is behind that place alone: a whole journal looked through would hold up the sale that waits.
        self.place = replace(behind, others=_of_another_feed(truth, behind) or behind.others)

    def to_the_end(self) -> None:
        """Fold all that there is."""
        while self.go_on(STRETCH):
            pass

    def go_on(self, most: int) -> bool:
        """Fold the next events, `most` at once, with what of the feed comes before them; at the end, the feed's rest.
        False when nothing was left."""
        events = self._next_events(most)
        for place, event in events:
            if place.events > place.others:
                self._feed_to(event.feed)
            body = body_of(event.kind, event.v, event.body)
            if body is not None:
                fold_event(self._into, event, body)
            self.place = replace(place, cursor=self.place.cursor)
        return bool(events) or self._feed_to(None, most)

    def _next_events(self, most: int) -> list[tuple[Place, Event]]:
        """The next in the order lived; an ancestor's event has its negative place for a seq, as views keep it."""
        at, found = self.place, list[tuple[Place, Event]]()
        sql = "SELECT place, line FROM ancestor WHERE place > ? ORDER BY place LIMIT ?"
        for number, line in self._truth.execute(sql, (at.ancestor, most)):
            at = replace(at, events=at.events + 1, ancestor=number)
            found.append((at, event_of(line).model_copy(update={"seq": -number})))
        sql = "SELECT seq, line FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
        for seq, line in self._truth.execute(sql, (at.seq, most - len(found))):
            at = replace(at, events=at.events + 1, seq=seq)
            found.append((at, event_of(line)))
        return found

    def _feed_to(self, cursor: int | None, most: int = -1) -> bool:
        """Fold the entries up to a cursor (None: to the end), so many at most; False when there was none."""
        if cursor is not None and cursor <= self.place.cursor:
            return False
        sql = "SELECT line FROM feed WHERE cursor > ? AND (? IS NULL OR cursor <= ?) ORDER BY cursor LIMIT ?"
        lines = [line for (line,) in self._truth.execute(sql, (self.place.cursor, cursor, cursor, most))]
        for line in lines:
            entry = FeedEntry.model_validate_json(line)
            fold_entry(self._into, entry)
            self.place = replace(self.place, cursor=entry.cursor)
        return bool(lines)


def fold_all(truth: apsw.Connection, into: apsw.Connection) -> None:
    """Fold the whole truth into empty views."""
    Folding(truth, into).to_the_end()


def _of_another_feed(db: apsw.Connection, behind: Place) -> int:
    """How many events, in the order lived, were recorded until the feed was last taken from its start; 0 when no line
    behind this place says so."""
    # In a CASE, for else SQLite would parse every line before it looks for the word in it.
    sql = """SELECT max(place) FROM (SELECT place, line FROM ancestor WHERE place > ?
             UNION ALL SELECT (SELECT count(*) FROM ancestor) + seq, line FROM journal WHERE seq > ?)
             WHERE CASE WHEN instr(line, CAST('"kind":"feed_renewed"' AS BLOB))
                        THEN CAST(line AS TEXT) ->> 'kind' = ? END"""
    row = db.execute(sql, (behind.ancestor, behind.seq, "feed_renewed")).fetchone()
    return int(row[0] or 0) if row else 0


def fold_anew(db: apsw.Connection) -> None:
    """Throw away what can be rebuilt and fold it again; inside the caller's transaction."""
    for table in tables():
        db.execute(f"DELETE FROM {table}")
    fold_all(db, db)
    mark_fresh(db)
