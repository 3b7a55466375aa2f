"""View: pop-ups as they are planned, where this till stands, what other tills have there, and goods on their way."""

from dataclasses import dataclass

import apsw

from edge_agent.journal.views.own import own_of
from edge_agent.rules.popup import Tally
from edge_agent.wire.envelope import Contract, Envelope, event_of
from edge_agent.wire.events.popups import LinkSet, PopUpClosed, PopUpOpened, PopUpSet, PopUpStands, StockCame, StockSent
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS popup(
    popup TEXT PRIMARY KEY, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS popup_here(
    one INTEGER PRIMARY KEY CHECK(one = 1), popup TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS popup_elsewhere(
    journal TEXT NOT NULL, first INTEGER NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL,
    PRIMARY KEY(journal, first, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS transfer(
    transfer TEXT NOT NULL, sku TEXT NOT NULL, popup TEXT NOT NULL, place TEXT NOT NULL, at INTEGER NOT NULL,
    sent INTEGER NOT NULL, PRIMARY KEY(transfer, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS popup_link(
    link TEXT PRIMARY KEY, popup TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
TABLES = ("popup", "popup_here", "popup_elsewhere", "transfer", "popup_link")
FOLDS = (PopUpSet, PopUpOpened, PopUpClosed, StockSent, StockCame)

# A box that was opened is one row without a SKU: its lines may be told later by the till that sent it.
OPENED = "SELECT 1 FROM transfer WHERE transfer = ? AND sku = ''"
COMING = "SELECT transfer, popup, place, at, sku, sent FROM transfer WHERE sent > 0 ORDER BY at, transfer, sku"
AWAY = "SELECT coalesce(sum(sent), 0) FROM transfer WHERE sku = ? AND at >= ?"


@dataclass(frozen=True)
class Here:
    """The pop-up at which this till stands, and the seq of its opening (negative: an ancestor's, by its place)."""

    popup: str
    seq: int


@dataclass(frozen=True)
class Coming:
    """A box that was sent and not opened yet: milli-units by SKU, and its place: the pop-up or the shop."""

    transfer: str
    popup: str
    place: str
    at: int
    lines: tuple[tuple[str, int], ...]


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case PopUpOpened():
            db.execute("REPLACE INTO popup_here VALUES(1, ?, ?)", (body.popup, event.seq))
        case PopUpClosed():
            db.execute("DELETE FROM popup_here")
        case _:
            _fold(db, event.at, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """What the owner plans, what other tills sent and opened, and what they have at a pop-up."""
    if isinstance(body, PopUpStands):
        if body.journal == own_of(db).journal:
            return
        db.execute("DELETE FROM popup_elsewhere WHERE journal = ? AND first = ?", (body.journal, body.first))
        rows = [(body.journal, body.first, sku, qty) for sku, qty in body.stock if not body.last]
        db.executemany("INSERT INTO popup_elsewhere VALUES(?, ?, ?, ?)", rows)
    elif isinstance(body, LinkSet):
        db.execute("REPLACE INTO popup_link VALUES(?, ?, ?, ?)", (body.link, body.popup, body.name, body.url))
    else:
        _fold(db, entry.at, body)


def _fold(db: apsw.Connection, at: int, body: Contract) -> None:
    match body:
        case PopUpSet():
            row = (body.popup, body.first_day, body.last_day, body.model_dump_json())
            db.execute("REPLACE INTO popup VALUES(?, ?, ?, ?)", row)
        case StockSent() if not db.execute(OPENED, (body.transfer,)).fetchone():
            rows = [(body.transfer, line.sku, body.popup, body.to, at, line.qty) for line in body.lines]
            db.executemany("REPLACE INTO transfer VALUES(?, ?, ?, ?, ?, ?)", rows)
        case StockCame():
            db.execute("DELETE FROM transfer WHERE transfer = ?", (body.transfer,))
            db.execute("INSERT INTO transfer VALUES(?, '', ?, ?, ?, 0)", (body.transfer, body.popup, body.to, at))


class PopUpReads:
    """What is asked of pop-ups."""

    db: apsw.Connection

    def popup(self, popup: str) -> PopUpSet | None:
        """The pop-up of that id."""
        row = self.db.execute("SELECT body FROM popup WHERE popup = ?", (popup,)).fetchone()
        return PopUpSet.model_validate_json(row[0]) if row else None

    def popups(self, first_day: int, last_day: int) -> list[PopUpSet]:
        """Those that stand on any of these ordinal days, in order; called off ones do not."""
        sql = "SELECT body FROM popup WHERE last_day >= ? AND first_day <= ? ORDER BY first_day, popup"
        found = (PopUpSet.model_validate_json(body) for (body,) in self.db.execute(sql, (first_day, last_day)))
        return [one for one in found if not one.called_off]

    def popup_links(self, popup: str) -> list[tuple[str, str]]:
        """(name, address) of each short link of a pop-up, by name."""
        sql = "SELECT name, url FROM popup_link WHERE popup = ? ORDER BY name, link"
        return [(str(name), str(url)) for name, url in self.db.execute(sql, (popup,))]

    def popup_here(self) -> Here | None:
        """Where this till stands; None: in the shop."""
        row = self.db.execute("SELECT popup, seq FROM popup_here").fetchone()
        return Here(str(row[0]), int(row[1])) if row else None

    def tally_here(self) -> Tally:
        """What this till did since it opened the pop-up where it stands; nothing where it stands in the shop."""
        tally, here = Tally(), self.popup_here()
        if here is None:
            return tally
        known = set[str]()
        for line in self._lines_behind(here.seq):
            event = event_of(line)
            # A new journal says again what the cloud may lack of its parent.
            if event.id not in known:
                known.add(event.id)
                tally.add(event.kind, event.body)
        return tally

    def _lines_behind(self, seq: int) -> list[bytes]:
        old = list[bytes]()
        if seq < 0:
            old = [
                row[0] for row in self.db.execute("SELECT line FROM ancestor WHERE place > ? ORDER BY place", (-seq,))
            ]
        own = self.db.execute("SELECT line FROM journal WHERE seq > ? ORDER BY seq", (max(seq, 0),))
        return [*old, *(row[0] for row in own)]

    def at_popups(self, sku: str) -> int:
        """Milli-units of the shop's stock that other tills have at pop-ups, as far as the cloud told."""
        row = self.db.execute("SELECT coalesce(sum(qty), 0) FROM popup_elsewhere WHERE sku = ?", (sku,)).fetchone()
        return int(row[0]) if row else 0

    def boxes(self, place: str, popup: str = "") -> list[Coming]:
        """Boxes on their way to a place (of one pop-up, or of all), the oldest first."""
        found: dict[str, list[tuple[str, int]]] = {}
        heads: dict[str, tuple[str, str, int]] = {}
        for transfer, of, to, at, sku, sent in self.db.execute(COMING):
            if to == place and popup in ("", of):
                heads[str(transfer)] = (str(of), str(to), int(at))
                found.setdefault(str(transfer), []).append((str(sku), int(sent)))
        return [Coming(one, *heads[one], tuple(lines)) for one, lines in found.items()]

    def box(self, transfer: str) -> Coming | None:
        """The box of that number, if it is on its way."""
        return next((one for place in ("popup", "shop") for one in self.boxes(place) if one.transfer == transfer), None)

    def in_boxes(self, sku: str, since: int) -> int:
        """Milli-units in boxes that left at `since` (UTC ms) or later: the shop's, and in no place's stock."""
        row = self.db.execute(AWAY, (sku, since)).fetchone()
        return int(row[0]) if row else 0
