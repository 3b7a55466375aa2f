"""View: the values of signals over time, and the calendar of local events; the last word on each holds."""

import apsw

from edge_agent.rules.signal import Learnt, learnt_from
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS signal(
    name TEXT NOT NULL, about TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(name, about, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS local_event(
    first_day INTEGER NOT NULL, name TEXT NOT NULL, last_day INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY(first_day, name)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("signal", "local_event")
FOLDS = (SignalRecorded, LocalEventAdded)
VALUES_KEPT = 40
"""Newest values of a signal that are looked at."""


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    _fold(db, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """The owner's words, and other tills' own come back this way, so that all tills end up with the same."""
    _fold(db, body)


def _fold(db: apsw.Connection, body: Contract) -> None:
    match body:
        case SignalRecorded():
            db.execute("REPLACE INTO signal VALUES(?, ?, ?, ?)", (body.name, body.about, body.at, _text(body)))
        case LocalEventAdded():
            row = (body.first_day, body.name, body.last_day, _text(body))
            db.execute("REPLACE INTO local_event VALUES(?, ?, ?, ?)", row)


def _text(body: Contract) -> str:
    return body.model_dump_json()


BEFORE = "SELECT body ->> 'value' FROM signal WHERE name = ? AND about = ? AND at < ? ORDER BY at DESC LIMIT ?"
NEWEST = "SELECT body FROM signal WHERE name = ? AND about = ? AND at <= ? ORDER BY at DESC LIMIT ?"


class SignalReads:
    """What is asked of signals, events, and what was learnt of them."""

    db: apsw.Connection

    def signal_names(self, since: int = 0) -> list[tuple[str, str]]:
        """(name, about) of every signal with a value at `since` (UTC ms) or later."""
        sql = "SELECT DISTINCT name, about FROM signal WHERE at >= ? ORDER BY name, about"
        return [(str(name), str(about)) for name, about in self.db.execute(sql, (since,))]

    def signal(self, name: str, about: str, until: int, most: int = VALUES_KEPT) -> list[SignalRecorded]:
        """The newest values up to a moment (UTC ms), in order of time."""
        rows = self.db.execute(NEWEST, (name, about, until, most)).fetchall()
        return [SignalRecorded.model_validate_json(body) for (body,) in reversed(rows)]

    def signal_before(self, name: str, about: str, at: int, most: int = VALUES_KEPT) -> list[int]:
        """The newest values (in thousandths) before a moment (UTC ms), in order of time; quicker than `signal`."""
        return [int(str(value)) for (value,) in self.db.execute(BEFORE, (name, about, at, most)).fetchall()][::-1]

    def local_events(self, first_day: int = 0, last_day: int = 2**40) -> list[LocalEventAdded]:
        """What stands on the calendar on any of these days, in order of days; what was called off does not."""
        sql = "SELECT body FROM local_event WHERE last_day >= ? AND first_day <= ? ORDER BY first_day, name"
        found = (LocalEventAdded.model_validate_json(body) for (body,) in self.db.execute(sql, (first_day, last_day)))
        return [event for event in found if not event.called_off]

    def local_event(self, first_day: int, name: str) -> LocalEventAdded | None:
        """The event of that name and first day, called off or not."""
        sql = "SELECT body FROM local_event WHERE first_day = ? AND name = ?"
        row = self.db.execute(sql, (first_day, name)).fetchone()
        return LocalEventAdded.model_validate_json(row[0]) if row else None

    def learnt(self) -> Learnt:
        """What this shop's own history says of signals and events, as it was learnt last."""
        row = self.db.execute("SELECT value FROM mark WHERE name = 'learnt'").fetchone()
        return learnt_from(str(row[0])) if row else Learnt()
