"""Who an invoice was made out to: name, VAT number and address, sealed in `people.db`; the journal holds an id."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.counter.people import People
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.text import clean_name

KEPT_MS = 10 * 366 * 86_400_000
"""As long as invoices are asked for."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS buyer(
    id TEXT PRIMARY KEY, keep_until INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Buyer:
    """A customer as an invoice names them."""

    name: str
    vat_number: str = ""
    address: str = ""


class Buyers:
    """The table `buyer`; sealed and forgotten like people are."""

    def __init__(self, people: People, ids: Callable[[], str]) -> None:
        self._people, self._ids = people, ids

    def add(self, buyer: Buyer, now: int) -> str:
        """Keep a buyer; the random id that events may name. BadInput without a name."""
        words = [clean_name(word) for word in (buyer.name, buyer.vat_number, buyer.address)]
        if not words[0]:
            raise BadInput("an invoice needs a name: type it, then Enter")
        id_ = self._ids()
        with self._people.opened() as db:
            db.execute(SCHEMA)
            sealed = self._people.seal(id_, json.dumps(words).encode())
            db.execute("INSERT INTO buyer VALUES(?, ?, ?)", (id_, now + KEPT_MS, sealed))
        return id_

    def known(self, id_: str) -> Buyer:
        """Who that is; NotKnown once forgotten."""
        with self._people.opened() as db:
            db.execute(SCHEMA)
            row = db.execute("SELECT sealed FROM buyer WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise NotKnown("who the invoice was made out to is forgotten: F8 copies the receipt")
        return Buyer(*json.loads(self._people.unseal(id_, row[0])))

    def forget_due(self, now: int) -> int:
        """Forget all whose time has come; returns how many."""
        if not self._people.exists:
            return 0
        with self._people.opened() as db:
            db.execute(SCHEMA)
            return len(db.execute("DELETE FROM buyer WHERE keep_until <= ? RETURNING id", (now,)).fetchall())
