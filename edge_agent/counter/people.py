"""People: who stands behind a random id of an event, in an encrypted table beside the journal that can forget."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from edge_agent.errors import BadInput, Broken, NotKnown
from edge_agent.rules.text import clean_name

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEPT_MS = 2 * 366 * 86_400_000
"""How long a person is known unless said otherwise."""
NONCE = 12
PIN_DIGITS = range(4, 9)
PHONE = 32
SCHEMA = """
PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS person(
    id TEXT PRIMARY KEY, keep_until INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Person:
    """A person as `people.db` knows them; events name the `id` alone. Forgotten at `keep_until` (UTC ms). A `manager`
    has a PIN, which allows what a cashier alone may not do."""

    id: str
    name: str
    phone: str
    keep_until: int
    manager: bool = False


class People:
    """The table in `people.db` of a data folder; made at the first person. Any thread.

    Names and phones lie sealed under `keys/people.key` (AES-256-GCM, bound to the id), a deleted row is
    overwritten: what is forgotten is in no later copy. Journal, receipts and cloud hold ids only, and stay as they are.
    """

    def __init__(self, data: Path, ids: Callable[[], str]) -> None:
        self._file, self._key, self._ids = data / "people.db", data / "keys" / "people.key", ids

    def add(self, name: str, phone: str = "", *, now: int, keep_ms: int = KEPT_MS) -> Person:
        """Know a person from now on; BadInput without a name."""
        name, phone = clean_name(name), clean_name(phone, PHONE)
        if not name:
            raise BadInput("a person needs a name")
        person = Person(self._ids(), name, phone, now + keep_ms)
        with self._open() as db:
            db.execute("INSERT INTO person VALUES(?, ?, ?)", (person.id, person.keep_until, self._sealed(person)))
        return person

    def all(self, now: int) -> list[Person]:
        """Those that are known, by name. Broken when the key is not the one that sealed them."""
        if not self._file.exists():
            return []
        sql = "SELECT id, keep_until, sealed FROM person WHERE keep_until > ?"
        with self._open() as db:
            rows: list[Any] = db.execute(sql, (now,)).fetchall()
        return sorted((self._opened(*row) for row in rows), key=lambda person: (person.name, person.id))

    def name_of(self, id_: str, now: int) -> str:
        """The name behind an id; empty when nobody (any more) is known by it."""
        return next((person.name for person in self.all(now) if person.id == id_), "") if id_ else ""

    def set_pin(self, id_: str, pin: str) -> None:
        """Make a person a manager with this PIN (argon2id under the seal); empty: a manager no more. NotKnown; BadInput
        for what is no PIN."""
        if pin and not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
            raise BadInput(f"a PIN is {PIN_DIGITS[0]} to {PIN_DIGITS[-1]} digits")
        hashed = _hashed(pin) if pin else ""
        row: Any = None
        if self._file.exists():
            with self._open() as db:
                row = db.execute("SELECT id, keep_until, sealed FROM person WHERE id = ?", (id_,)).fetchone()
                if row is not None:
                    sealed = self._sealed(self._opened(*row), hashed)
                    db.execute("UPDATE person SET sealed = ? WHERE id = ?", (sealed, id_))
        if row is None:
            raise NotKnown(f"nobody is known by {id_}")

    def has_managers(self, now: int) -> bool:
        """Whether anybody has a PIN. Broken when that cannot be told."""
        return any(person.manager for person in self.all(now))

    def manager_by_pin(self, pin: str, now: int) -> Person | None:
        """The manager whose PIN this is; slow on purpose (some 40 ms a manager)."""
        if not self._file.exists():
            return None
        with self._open() as db:
            rows: list[Any] = db.execute(
                "SELECT id, keep_until, sealed FROM person WHERE keep_until > ?", (now,)
            ).fetchall()
        for id_, keep_until, sealed in rows:
            _, _, *hashed = self._plain(id_, sealed)
            if hashed and hashed[0] and _verified(pin, hashed[0]):
                return self._opened(id_, keep_until, sealed)
        return None

    def forget(self, id_: str) -> None:
        """Forget a person for ever; NotKnown when there is none of that id."""
        if not self._deleted("DELETE FROM person WHERE id = ? RETURNING id", id_):
            raise NotKnown(f"nobody is known by {id_}")

    def forget_due(self, now: int) -> int:
        """Forget all whose time has come; returns how many."""
        return self._deleted("DELETE FROM person WHERE keep_until <= ? RETURNING id", now)

    def _deleted(self, sql: str, value: str | int) -> int:
        if not self._file.exists():
            return 0
        with self._open() as db:
            return len(db.execute(sql, (value,)).fetchall())

    @property
    def exists(self) -> bool:
        """True once anybody was kept."""
        return self._file.exists()

    @contextlib.contextmanager
    def opened(self) -> Iterator[apsw.Connection]:
        """The file with its own tables, one transaction; for what is kept beside the people under the same seal."""
        with self._open() as db:
            yield db

    @contextlib.contextmanager
    def _open(self) -> Iterator[apsw.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        db = apsw.Connection(str(self._file))
        try:
            db.execute(SCHEMA).fetchall()
            with db:
                yield db
        finally:
            db.close()

    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(bytes.fromhex(self._key.read_text()))
        except (OSError, ValueError) as error:
            raise Broken(f"the key in {self._key} cannot be read: {error}") from error

    def _sealed(self, person: Person, hashed: str = "") -> bytes:
        plain = json.dumps([person.name, person.phone, *([hashed] if hashed else [])]).encode()
        return self.seal(person.id, plain)

    def seal(self, id_: str, plain: bytes) -> bytes:
        """Words sealed for an id; the key is made at the first ones."""
        from edge_agent.sync.keys import write_secret

        if not self._key.exists():
            write_secret(self._key, os.urandom(32).hex())
        nonce = os.urandom(NONCE)
        return nonce + self._cipher().encrypt(nonce, plain, id_.encode())

    def _opened(self, id_: str, keep_until: int, sealed: bytes) -> Person:
        name, phone, *hashed = self._plain(id_, sealed)
        return Person(id_, name, phone, keep_until, bool(hashed and hashed[0]))

    def _plain(self, id_: str, sealed: bytes) -> list[str]:
        """Name, phone, and the hash of a PIN where there is one."""
        plain: list[str] = json.loads(self.unseal(id_, sealed))
        return plain

    def unseal(self, id_: str, sealed: bytes) -> bytes:
        """What was sealed for an id; Broken when the key is not the one that did."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher().decrypt(sealed[:NONCE], sealed[NONCE:], id_.encode())
        except (InvalidTag, ValueError) as error:
            raise Broken(f"the key in {self._key} is not the one that sealed {self._file.name}") from error


def _hashed(pin: str) -> str:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    work = Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=19 * 1024)
    return work.derive_phc_encoded(pin.encode())


def _verified(pin: str, hashed: str) -> bool:
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    try:
        Argon2id.verify_phc_encoded(pin.encode(), hashed)
    except InvalidKey:
        return False
    return True
