"""The views of a long journal when a new one goes on from it: they serve under its numbers until they are rebuilt.

Folding a million events takes minutes; a till that found its card copied must not stand still so long. What views say
of goods, receipts and drawer stays true. Only where an event lies changes: an ancestor's has its negative place, what
is said again a new number.
"""

import apsw

from edge_agent.journal.fold import body_of, fold_event, mark_stale
from edge_agent.journal.views.elsewhere import stand_for_nothing
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.device import Genesis

BEGUN, TAKEN = "begun", "taken"
"""Why the views are stale: another journal, and own events that came back from the cloud."""
NUMBERED = ("receipt", "shift", "act", "closing", "own_move", "popup_here", "stored_move", "fiscal", "purchase")
"""Tables whose `seq` is an own event's; of `purchase` where no other till decided."""


def last_place(db: apsw.Connection) -> int:
    """The place of the last ancestor."""
    row = db.execute("SELECT coalesce(max(place), 0) FROM ancestor").fetchone()
    return int(row[0]) if row else 0


def go_on_serving(db: apsw.Connection, kept: int, places: int) -> None:
    """The first `kept` events have become ancestors behind the `places` that there were, the others stand behind the
    new journal's birth. Inside the transaction; the views are stale from here on."""
    for table in NUMBERED:
        mine = "AND author = ''" if table == "purchase" else ""
        db.execute(f"UPDATE {table} SET seq = -(seq + ?) WHERE seq BETWEEN 1 AND ? {mine}", (places, kept))
        db.execute(f"UPDATE {table} SET seq = seq - ? WHERE seq > ? {mine}", (kept - 1, kept))
    born, *again = [event_of(line) for line in _lines(db, 0)]
    fold_event(db, born, Genesis.model_validate(born.body))
    stand_for_nothing(db, again)
    mark_stale(db, BEGUN)


def fold_behind(db: apsw.Connection, after: int) -> None:
    """Fold own events behind `after` as if they had just been recorded; the views are stale until the whole is folded
    in its order."""
    for event in [event_of(line) for line in _lines(db, after)]:
        body = body_of(event.kind, event.v, event.body)
        if body is not None:
            fold_event(db, event, body)
    mark_stale(db, TAKEN)


def _lines(db: apsw.Connection, after: int) -> list[bytes]:
    rows: list[tuple[bytes]] = db.execute("SELECT line FROM journal WHERE seq > ? ORDER BY seq", (after,)).fetchall()  # type: ignore[assignment]
    return [line for (line,) in rows]
