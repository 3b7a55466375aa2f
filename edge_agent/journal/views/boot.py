"""View: how this boot's clock stood while it was not sure; a time server's word then sets the hours of its sales right.

The receipts, their day and all that was printed stay as they were recorded; the forecast's hours of the day are told by
true time. What no time server ever helped stays where it was.
"""

from collections import Counter
from collections.abc import Iterable

import apsw

from edge_agent.journal.views.demand import HOUR
from edge_agent.journal.views.sold import lines_of, zone_of
from edge_agent.rules.day import local
from edge_agent.rules.true_time import BootTime, stand_of
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.device import Booted, ClockMoved
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS boot_clock(
    number INTEGER PRIMARY KEY, boot TEXT NOT NULL, ahead INTEGER NOT NULL, sure INTEGER NOT NULL
) STRICT;
"""
TABLES = ("boot_clock",)
FOLDS = (Booted, ClockMoved)

NOTE = """
INSERT INTO boot_clock SELECT coalesce(max(number), 0), ?, ?, ? FROM receipt WHERE true
ON CONFLICT(number) DO UPDATE SET ahead = excluded.ahead, sure = max(sure, excluded.sure)
"""
# A sale waits for this act, and a boot may have gone on for months.
MOST = 5_000
SALES = """
SELECT at, sold, (SELECT ahead FROM boot_clock WHERE number < receipt.number ORDER BY number DESC LIMIT 1)
FROM receipt WHERE refund = 0 AND number > (SELECT min(number) FROM boot_clock) ORDER BY number DESC LIMIT ?
"""


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    stand = stand_of(event, body)
    if stand is None or stand.ahead is None:
        return
    known = db.execute("SELECT boot, max(sure) FROM boot_clock GROUP BY boot").fetchone()
    if known is None or isinstance(body, Booted) or known[0] != stand.boot:
        db.execute("DELETE FROM boot_clock")
    elif stand.sure and not known[1]:
        _set_right(db, stand.ahead)
    db.execute(NOTE, (stand.boot, stand.ahead, int(stand.sure)))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """A boot is this till's alone."""


def _set_right(db: apsw.Connection, sure: int) -> None:
    """What was sold since the boot moves to the hours in which it was: beside it, so that it settles as it stands."""
    rows: list[tuple[int, str, int]] = db.execute(SALES, (MOST,)).fetchall()  # type: ignore[assignment]
    moved = _moved(rows, sure, zone_of(db)[0])
    db.executemany(HOUR, [(*hour, qty) for hour, qty in sorted(moved.items()) if qty])


def _moved(rows: Iterable[tuple[int, str, int]], sure: int, zone: str) -> Counter[tuple[int, int]]:
    """Milli-units by (weekday, hour): less where it was recorded, more where it was."""
    moved = Counter[tuple[int, int]]()
    for at, sold, ahead in rows:
        true = BootTime(ahead=ahead, sure=sure).true(at, "floor")
        qty = sum(qty for _, qty in lines_of(sold))
        for when, sign in ((at, -1), (true, 1)):
            if when is not None:
                hour = local(when, zone)
                moved[hour.weekday(), hour.hour] += sign * qty
    return moved
