"""View: samples and their codes, as this till gave them and the cloud told; who agreed to texts and who said stop."""

from dataclasses import dataclass

import apsw

from edge_agent.rules.cohort import Given
from edge_agent.rules.follow_up import Book
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.samples import SampleGiven, SampleUsed, TextsAgreed, TextSent, TextsStopped
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS sample(
    sample TEXT PRIMARY KEY, sku TEXT NOT NULL, day INTEGER NOT NULL, expires INTEGER NOT NULL,
    percent INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sample_used(sample TEXT PRIMARY KEY, day INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS texts(
    place INTEGER PRIMARY KEY, what TEXT NOT NULL, contact TEXT NOT NULL, sample TEXT NOT NULL, mark TEXT NOT NULL,
    step INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT;
"""
TABLES = ("sample", "sample_used", "texts")
FOLDS = (SampleGiven, TextsAgreed, TextsStopped, TextSent, SaleCompleted)

TEXT = "INSERT INTO texts(what, contact, sample, mark, step, at) VALUES(?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class KnownSample:
    """A sample that this till knows of; `used` is the ordinal day on which its code was used (0: it was not)."""

    sku: str
    expires: int
    percent: int
    used: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case SaleCompleted():
            if body.sample:
                db.execute("INSERT OR IGNORE INTO sample_used VALUES(?, ?)", (body.sample, body.day))
        case _:
            _fold(db, event.at, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """What other tills gave, and which codes were used; whom they may write to is their own affair, a stop is all's."""
    match body:
        case SampleUsed():
            db.execute("INSERT OR IGNORE INTO sample_used VALUES(?, ?)", (body.sample, body.day))
        case SampleGiven() | TextsStopped():
            _fold(db, entry.at, body)


def _fold(db: apsw.Connection, at: int, body: Contract) -> None:
    match body:
        case SampleGiven():
            row = (body.sample, body.sku, body.day, body.expires, body.percent, at)
            db.execute("INSERT OR IGNORE INTO sample VALUES(?, ?, ?, ?, ?, ?)", row)
        case TextsAgreed():
            db.execute(TEXT, ("agreed", body.contact, body.sample, body.mark, 0, at))
        case TextsStopped():
            db.execute(TEXT, ("stopped", "", "", body.mark, 0, at))
        case TextSent():
            db.execute(TEXT, ("sent", body.contact, body.sample, "", body.step, at))


class SampleReads:
    """What is asked of samples."""

    db: apsw.Connection

    def sample(self, sample: str) -> KnownSample | None:
        """A sample with what became of its code; None: this till never heard of it (its code may have been used)."""
        sql = "SELECT sku, expires, percent FROM sample WHERE sample = ?"
        row = self.db.execute(sql, (sample,)).fetchone()
        return KnownSample(str(row[0]), int(row[1]), int(row[2]), self.sample_used(sample)) if row else None

    def sample_used(self, sample: str) -> int:
        """The ordinal day on which a code was used, as far as this till knows; 0: it was not."""
        row = self.db.execute("SELECT day FROM sample_used WHERE sample = ?", (sample,)).fetchone()
        return int(row[0]) if row else 0

    def samples(self) -> list[Given]:
        """Every sample of the shop that this till knows of."""
        sql = "SELECT sku, sample.day, coalesce(sample_used.day, 0) FROM sample LEFT JOIN sample_used USING(sample)"
        return [Given(str(sku), int(day), int(used)) for sku, day, used in self.db.execute(sql)]

    def texts(self) -> Book:
        """Whom this till may write to, and what it wrote already; asked anew at the moment of sending."""
        book = Book()
        for sample, at in self.db.execute("SELECT sample, at FROM sample"):
            book.given(str(sample), int(at))
        for (sample,) in self.db.execute("SELECT sample FROM sample_used"):
            book.used(str(sample))
        sql = "SELECT what, contact, sample, mark, step, at FROM texts ORDER BY place"
        for what, contact, sample, mark, step, at in self.db.execute(sql):
            match what:
                case "agreed":
                    book.agreed(str(contact), str(sample), str(mark), int(at))
                case "stopped":
                    book.stopped(str(mark))
                case _:
                    book.sent(str(sample), int(step))
        return book
