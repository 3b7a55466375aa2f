"""View: the shop's drops as they are planned, what sold out here, and what each journal closed with."""

import json
from collections.abc import Iterator

import apsw

from edge_agent.wire.envelope import Contract, Envelope, event_of
from edge_agent.wire.events.drops import ClosedPart, DropClosed, DropSet, DropSoldOut
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS launch(
    launch TEXT PRIMARY KEY, start_at INTEGER NOT NULL, end_at INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS launch_part(
    sku TEXT NOT NULL, launch TEXT NOT NULL, start_at INTEGER NOT NULL, end_at INTEGER NOT NULL,
    PRIMARY KEY(sku, launch)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS launch_out(
    launch TEXT NOT NULL, sku TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(launch, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS launch_closed(
    launch TEXT NOT NULL, journal TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(launch, journal)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("launch", "launch_part", "launch_out", "launch_closed")
FOLDS = (DropSet, DropSoldOut, DropClosed)

NEWEST_FIRST = "SELECT at, seq, refund, sold FROM receipt ORDER BY number DESC"
DAY_MS = 86_400_000
"""A clock that is set back moves a receipt's time by less than this."""


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case DropSoldOut():
            db.execute("REPLACE INTO launch_out VALUES(?, ?, ?)", (body.drop, body.sku, event.at))
        case _:
            _fold(db, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """The owner's plans, other tills' and what they closed with; its own come back and say the same."""
    _fold(db, body)


def _fold(db: apsw.Connection, body: Contract) -> None:
    match body:
        case DropSet():
            row = (body.drop, body.start, body.end, body.model_dump_json())
            db.execute("REPLACE INTO launch VALUES(?, ?, ?, ?)", row)
            db.execute("DELETE FROM launch_part WHERE launch = ?", (body.drop,))
            parts = [(part.sku, body.drop, body.start, body.end) for part in body.parts if not body.called_off]
            db.executemany("INSERT INTO launch_part VALUES(?, ?, ?, ?)", parts)
        case DropClosed():
            said = (body.drop, body.journal, body.model_dump_json())
            db.execute("REPLACE INTO launch_closed VALUES(?, ?, ?)", said)


class DropReads:
    """What is asked of drops."""

    db: apsw.Connection

    def drops(self, since: int = 0, until: int = 2**62) -> list[DropSet]:
        """Those that end after `since` and start before `until` (UTC ms), in order; called off ones too."""
        sql = "SELECT body FROM launch WHERE end_at > ? AND start_at < ? ORDER BY start_at, launch"
        return [DropSet.model_validate_json(body) for (body,) in self.db.execute(sql, (since, until))]

    def drop(self, drop: str) -> DropSet | None:
        """The drop of that id."""
        row = self.db.execute("SELECT body FROM launch WHERE launch = ?", (drop,)).fetchone()
        return DropSet.model_validate_json(row[0]) if row else None

    def drop_of(self, sku: str, at: int) -> DropSet | None:
        """The drop that a SKU is in at a moment, or the next one that it is kept for."""
        sql = "SELECT launch FROM launch_part WHERE sku = ? AND end_at > ? ORDER BY start_at LIMIT 1"
        row = self.db.execute(sql, (sku, at)).fetchone()
        return self.drop(str(row[0])) if row else None

    def kept_for_drops(self, at: int) -> set[str]:
        """The SKUs that are kept for a drop, or in one, at a moment."""
        return {str(sku) for (sku,) in self.db.execute("SELECT sku FROM launch_part WHERE end_at > ?", (at,))}

    def sold_out_here(self, drop: str) -> dict[str, int]:
        """{SKU: UTC ms}: when this till sold its last piece of a part."""
        return {
            str(sku): int(at) for sku, at in self.db.execute("SELECT sku, at FROM launch_out WHERE launch = ?", (drop,))
        }

    def drop_closings(self, drop: str) -> list[DropClosed]:
        """What each journal closed it with."""
        sql = "SELECT body FROM launch_closed WHERE launch = ? ORDER BY journal"
        return [DropClosed.model_validate_json(body) for (body,) in self.db.execute(sql, (drop,))]

    def sold_in(self, drop: DropSet) -> list[ClosedPart]:
        """What this till sold of each part in the window, and what came back of it."""
        sold = {part.sku: [0, 0, 0] for part in drop.parts}
        for at, sku, qty in self._lines_in(drop):
            if sku in sold and qty > 0:
                sold[sku][0] += qty
                sold[sku][2] = max(sold[sku][2], at)
            elif sku in sold:
                sold[sku][1] -= qty
        return [ClosedPart(sku=sku, sold=qty, back=back, left=0, last_at=at) for sku, (qty, back, at) in sold.items()]

    def _lines_in(self, drop: DropSet) -> Iterator[tuple[int, str, int]]:
        """(UTC ms, SKU, milli-units) of every line sold in the window; below 0: it came back."""
        for at, seq, refund, lines in self.db.execute(NEWEST_FIRST):
            if at < drop.start - DAY_MS:
                return
            if drop.start <= at < drop.end:
                kept = self._returned(int(seq)) if refund else json.loads(lines)
                yield from ((int(at), str(sku), int(qty)) for sku, qty in kept)

    def _returned(self, seq: int) -> list[tuple[str, int]]:
        row = self.db.execute("SELECT line FROM journal WHERE seq = ?", (seq,)).fetchone()
        lines = event_of(row[0]).body["lines"] if row else ()
        return [(line["sku"], -line["qty"]) for line in lines]
