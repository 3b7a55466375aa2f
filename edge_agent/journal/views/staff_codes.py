"""View: codes of the owner's page that may still be typed at a till, for a new PIN or a first manager."""

import hashlib

import apsw

from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.staff import StaffCode, StaffCodeUsed
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS staff_code(
    device TEXT NOT NULL, person TEXT NOT NULL, hashed TEXT NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY(device, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS staff_code_used(code TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""
TABLES = ("staff_code", "staff_code_used")
FOLDS = (StaffCodeUsed,)


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if isinstance(body, StaffCodeUsed):
        # Remembered by itself: a feed that is taken from its start says the code once more.
        db.execute("INSERT OR IGNORE INTO staff_code_used VALUES(?)", (body.code,))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    if isinstance(body, StaffCode):
        db.execute("REPLACE INTO staff_code VALUES(?, ?, ?, ?)", (body.device, body.person, body.hashed, body.until))


def mark_of(hashed: str) -> str:
    """What a code that was used is remembered by."""
    return hashlib.sha256(hashed.encode()).hexdigest()[:16]


class StaffCodeReads:
    """What is asked of the owner's codes."""

    db: apsw.Connection

    def staff_codes(self, device: str, now: int) -> list[tuple[str, str]]:
        """(person, argon2id hash) of the codes that hold at this till; an empty person is its first manager."""
        sql = "SELECT person, hashed FROM staff_code WHERE device = ? AND until > ? ORDER BY person"
        found = [(str(person), str(hashed)) for person, hashed in self.db.execute(sql, (device, now))]
        used = {code for (code,) in self.db.execute("SELECT code FROM staff_code_used")}
        return [(person, hashed) for person, hashed in found if mark_of(hashed) not in used]
