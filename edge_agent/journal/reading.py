"""Reading the memory: an own read-only connection with every question that rooms ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from edge_agent.errors import NotKnown
from edge_agent.journal.chain import Head, head_of
from edge_agent.journal.schema import READER_PRAGMAS
from edge_agent.journal.views.cash_rooms import CashRoomReads
from edge_agent.journal.views.catalogue import CatalogueReads
from edge_agent.journal.views.demand import DemandReads
from edge_agent.journal.views.drops import DropReads
from edge_agent.journal.views.fiscal import FiscalReads
from edge_agent.journal.views.gone import GoneReads
from edge_agent.journal.views.held import HeldReads
from edge_agent.journal.views.models import ModelReads
from edge_agent.journal.views.orders import OrderReads
from edge_agent.journal.views.popups import PopUpReads
from edge_agent.journal.views.reservations import ReservationReads
from edge_agent.journal.views.samples import SampleReads
from edge_agent.journal.views.signals import SignalReads
from edge_agent.journal.views.staff_codes import StaffCodeReads
from edge_agent.journal.views.stock import StockReads
from edge_agent.journal.views.stored import StoredReads
from edge_agent.journal.views.tills import TillReads
from edge_agent.journal.views.unmatched import UnmatchedReads
from edge_agent.wire.envelope import Event, event_of

ONE = {
    (column, old): f"SELECT {column} FROM {'ancestor WHERE place' if old else 'journal WHERE seq'} = ?"
    for column in ("line", "hash")
    for old in (False, True)
}


@dataclass(frozen=True)
class SyncMark:
    """How far the cloud is: `received` may go down and is obeyed; `feed` is the cursor of its `generation`."""

    received: int
    safe: int
    generation: str
    feed: int


class Reading(
    DropReads,
    PopUpReads,
    SampleReads,
    ReservationReads,
    CashRoomReads,
    CatalogueReads,
    StockReads,
    DemandReads,
    GoneReads,
    TillReads,
    OrderReads,
    SignalReads,
    StoredReads,
    HeldReads,
    UnmatchedReads,
    ModelReads,
    FiscalReads,
    StaffCodeReads,
):
    """One thread's view of the journal. Cheap to keep; every call sees what was committed last."""

    def __init__(self, db: apsw.Connection) -> None:
        self.db = db

    @classmethod
    def open(cls, file: Path) -> "Reading":
        """Open `journal.db` beside a running till; NotKnown if there is none."""
        if not file.exists():
            raise NotKnown(f"there is no journal at {file}")
        db = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
        db.set_busy_timeout(5_000)
        db.execute(READER_PRAGMAS).fetchall()
        return cls(db)

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def journal_id(self) -> str:
        """The journal's own id, 32 hex digits."""
        return str(self._mark("journal", ""))

    def head(self) -> Head:
        return head_of(self.db)

    def last_seq(self) -> int:
        """The newest line's seq, whatever the line says; 0: there is none."""
        row = self.db.execute("SELECT max(seq) FROM journal").fetchone()
        return int(row[0] or 0) if row else 0

    def lines(self, first: int, last: int) -> list[bytes]:
        """The stored bytes of events `first` .. `last`, both included."""
        sql = "SELECT line FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq"
        return [row[0] for row in self.db.execute(sql, (first, last))]

    def hash_at(self, seq: int) -> bytes | None:
        """The link of the chain at an event (negative: an ancestor's, by its place)."""
        row = self.db.execute(ONE["hash", seq < 0], (abs(seq),)).fetchone()
        return row[0] if row else None

    def event(self, seq: int) -> Event:
        """The event of that seq (negative: an ancestor's, by its place); NotKnown if it is not here."""
        row = self.db.execute(ONE["line", seq < 0], (abs(seq),)).fetchone()
        if row is None:
            raise NotKnown(f"there is no event {seq}")
        return event_of(row[0])

    def events(self, *kinds: str) -> Iterator[Event]:
        """Events of those kinds (none given: all) in order; looks through the whole journal."""
        named = " OR ".join("instr(line, ?)" for _ in kinds) or "1"
        words = tuple(f'"{kind}"'.encode() for kind in kinds)
        for (line,) in self.db.execute(f"SELECT line FROM journal WHERE {named} ORDER BY seq", words):
            event = event_of(line)
            if not kinds or event.kind in kinds:
                yield event

    def newest(self, *words: str) -> Iterator[Event]:
        """Events whose line holds one of these words, the newest first."""
        named = " OR ".join("instr(line, ?)" for _ in words)
        spelt = tuple(word.encode() for word in words)
        for (line,) in self.db.execute(f"SELECT line FROM journal WHERE {named} ORDER BY seq DESC", spelt):
            yield event_of(line)

    def mark(self) -> SyncMark:
        """How far the cloud is."""
        feed = self.db.execute("SELECT coalesce(max(cursor), 0) FROM feed").fetchone()
        received, safe = (int(self._mark(name, "0")) for name in ("received", "safe"))
        return SyncMark(received, safe, self._mark("generation", ""), int(feed[0]) if feed else 0)

    def views_mark(self) -> str:
        """Of which program's shape the views are, or that they wait for a rebuild."""
        return str(self._mark("views", ""))

    def staged(self) -> tuple[str, int]:
        """The generation whose feed is being gathered beside the one that holds (empty: none), and how far."""
        row = self.db.execute("SELECT coalesce(max(cursor), 0) FROM feed_next").fetchone()
        return self._mark("generation_next", ""), int(row[0]) if row else 0

    def elders(self) -> list[tuple[str, int]]:
        """The journals that went before this one, the oldest first, and how far each is kept here."""
        sql = "SELECT journal, max(seq) FROM ancestor GROUP BY journal ORDER BY min(place)"
        return [(str(journal), int(last)) for journal, last in self.db.execute(sql)]

    def elder_lines(self, journal: str, first: int, last: int) -> list[tuple[bytes, bytes]]:
        """The stored bytes of an elder's events, and the chain's hash at each."""
        sql = "SELECT line, hash FROM ancestor WHERE journal = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        return list(self.db.execute(sql, (journal, first, last)))

    def has_elders_to_offer(self) -> bool:
        """True while the cloud of the feed's generation may lack some of them."""
        sql = "SELECT 1 FROM ancestor LIMIT 1"
        return self._mark("offered", "") != self._mark("generation", "") and bool(self.db.execute(sql).fetchone())

    def vector(self) -> dict[str, int]:
        """What of the shop's stock this device has seen: {journal id: seq}; other tills' journals come with the feed.

        Its own counts up to the last event that moved stock, so that two vectors that know the same are the same.
        """
        return self.seen()

    def may_sell(self, sku: str) -> int:
        """Milli-units of a limited item that this till may sell: its quota; a till that is paired with none, all."""
        return self.quota(sku).left if self.paired() else self.stock(sku).on_hand

    def here(self, sku: str) -> int:
        """Milli-units on the shelf where this till stands: at its pop-up, or in the shop without what is at pop-ups."""
        if self.popup_here():
            return self.tally_here().there[sku]
        return self.stock(sku).on_hand - self.at_popups(sku)

    def _mark(self, name: str, default: str) -> str:
        row = self.db.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default


class Within(Reading):
    """The memory inside an act that has recorded nothing yet: the next receipt's number is known, and not looked up."""

    def __init__(self, db: apsw.Connection, next_receipt: int) -> None:
        super().__init__(db)
        self._next_receipt = next_receipt

    def next_receipt(self) -> int:
        return self._next_receipt
