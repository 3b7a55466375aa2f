"""Customers who collect points: name and phone sealed in `people.db`, under the account of their card's number."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.counter.people import People
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.stored import Card, card_of, number_of
from edge_agent.rules.text import clean_name

KEPT_MS = 3 * 366 * 86_400_000
"""Forgotten so long after the last time that they were looked for."""
RENEWED_MS = 30 * 86_400_000
PHONE, GROUP = 40, 64
SCHEMA = """
CREATE TABLE IF NOT EXISTS customer(
    id TEXT PRIMARY KEY, keep_until INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Customer:
    """`account` is what events name them by. `group` is the card of the promotions that hold for them."""

    account: str
    name: str = ""
    phone: str = ""
    group: str = ""
    number: str = ""
    keep_until: int = 0

    @property
    def tail(self) -> str:
        return self.number[-4:]

    def matches(self, words: str) -> bool:
        """Whether each word is a part of the name, or digits of the phone (its last ones first typed or not)."""
        digits = "".join(sign for sign in self.phone if sign.isdigit())
        name = self.name.casefold()
        return all(part in name or (part.isdigit() and part in digits) for part in words.casefold().split())


class Customers:
    """The table `customer`, sealed and forgotten like people are. `secret` gives random bits for a number."""

    def __init__(self, people: People, secret: Callable[[], int]) -> None:
        self._people, self._secret = people, secret

    def add(self, name: str, phone: str = "", group: str = "", *, now: int, card: Card | None = None) -> Customer:
        """Know a customer from now on, under the card's number or a new one. BadInput without a name."""
        name, phone, group = clean_name(name), clean_name(phone, PHONE), clean_name(group, GROUP)
        if not name:
            raise BadInput("a customer needs a name: type it, then Enter")
        card = card or card_of(number_of("customer", self._secret()))
        assert card is not None, "a number that is made reads as a card"
        customer = Customer(card.account, name, phone, group, card.number, now + KEPT_MS)
        self._write(customer)
        return customer

    def _write(self, customer: Customer) -> None:
        words = [customer.name, customer.phone, customer.group, customer.number]
        sealed = self._people.seal(customer.account, json.dumps(words).encode())
        with self._people.opened() as db:
            db.execute(SCHEMA)
            db.execute("REPLACE INTO customer VALUES(?, ?, ?)", (customer.account, customer.keep_until, sealed))

    def all(self, now: int) -> list[Customer]:
        """Those that are known, by name."""
        if not self._people.exists:
            return []
        with self._people.opened() as db:
            db.execute(SCHEMA)
            rows = list(db.execute("SELECT id, keep_until, sealed FROM customer WHERE keep_until > ?", (now,)))
        return sorted((self._opened(*row) for row in rows), key=lambda one: (one.name.casefold(), one.account))

    def known(self, account: str, now: int) -> Customer | None:
        """The customer of an account, known so much longer from now on; None when nobody (any more) is."""
        if not self._people.exists:
            return None
        with self._people.opened() as db:
            db.execute(SCHEMA)
            row = db.execute("SELECT id, keep_until, sealed FROM customer WHERE id = ?", (account,)).fetchone()
            if row is None or row[1] <= now:
                return None
            if row[1] < now + KEPT_MS - RENEWED_MS:
                db.execute("UPDATE customer SET keep_until = ? WHERE id = ?", (now + KEPT_MS, account))
        return self._opened(*row)

    def forget(self, account: str) -> None:
        """Forget a customer for ever; NotKnown when there is none of that account."""
        if not self._deleted("DELETE FROM customer WHERE id = ? RETURNING id", account):
            raise NotKnown(f"no customer is known by {account}")

    def forget_due(self, now: int) -> int:
        """Forget all whose time has come; returns how many."""
        return self._deleted("DELETE FROM customer WHERE keep_until <= ? RETURNING id", now)

    def _deleted(self, sql: str, value: str | int) -> int:
        if not self._people.exists:
            return 0
        with self._people.opened() as db:
            db.execute(SCHEMA)
            return len(db.execute(sql, (value,)).fetchall())

    def _opened(self, id_: str, keep_until: int, sealed: bytes) -> Customer:
        name, phone, group, number = json.loads(self._people.unseal(id_, sealed))
        return Customer(id_, name, phone, group, number, keep_until)
