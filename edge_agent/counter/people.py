"""People: who stands behind a random id of an event, in an encrypted table beside the journal that can forget."""

import contextlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from edge_agent.errors import BadInput, Broken, NotKnown
from edge_agent.rules.badge import badge_hash
from edge_agent.rules.rights import Role
from edge_agent.rules.text import clean_name

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEPT_MS = 2 * 366 * 86_400_000
"""How long a person is known unless said otherwise."""
RENEWED_MS = 31 * 86_400_000
"""So long before its time the last manager is kept on."""
LAST_MANAGER = "this till's last manager stays: make another one first"
NONCE = 12
PIN_DIGITS = range(4, 9)
PHONE = 32
SCHEMA = """
PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS person(
    id TEXT PRIMARY KEY, keep_until INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS guess(
    one INTEGER PRIMARY KEY CHECK(one = 1), wrong INTEGER NOT NULL, until INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Person:
    """A person as `people.db` knows them; events name the `id` alone. Forgotten at `keep_until` (UTC ms).

    `role` says what they may do; `pin` and `badge` whether they have one. One who is `retired` is known by name and can
    do nothing.
    """

    id: str
    name: str
    phone: str
    keep_until: int
    role: Role = "cashier"
    pin: bool = False
    badge: bool = False
    retired: bool = False

    @property
    def signs_on(self) -> bool:
        """Whether anything says that it is they."""
        return (self.pin or self.badge) and not self.retired


@dataclass(frozen=True)
class Guesses:
    """How many wrong PINs came lately, until when (UTC ms) the till waits, and when the last of them came."""

    wrong: int = 0
    until: int = 0
    at: int = 0


@dataclass(frozen=True)
class _Kept:
    """What lies under the seal: the person, and the hashes of PIN (argon2id) and badge."""

    person: Person
    pin: str = ""
    badge: str = ""

    @property
    def manages(self) -> bool:
        """A manager who can show it."""
        return self.person.role == "manager" and not self.person.retired and bool(self.pin or self.badge)


class People:
    """The table in `people.db` of a data folder; made at the first person. Any thread.

    Names and phones lie sealed under `keys/people.key` (AES-256-GCM, bound to the id), a deleted row is
    overwritten: what is forgotten is in no later copy. Journal, receipts and cloud hold ids only, and stay as they are.
    Once there is a manager there always is one: what would take the last one away is BadInput.
    """

    def __init__(self, data: Path, ids: Callable[[], str]) -> None:
        self._file, self._key, self._ids = data / "people.db", data / "keys" / "people.key", ids
        self._seen_last: list[str] = []

    def add(self, name: str, phone: str = "", *, now: int, keep_ms: int = KEPT_MS, role: Role = "cashier") -> Person:
        """Know a person from now on; BadInput without a name."""
        name, phone = clean_name(name), clean_name(phone, PHONE)
        if not name:
            raise BadInput("a person needs a name: type it, then Enter")
        person = Person(self._ids(), name, phone, now + keep_ms, role)
        with self._open() as db:
            sealed = self._sealed(_Kept(person))
            db.execute("INSERT INTO person VALUES(?, ?, ?)", (person.id, person.keep_until, sealed))
        return person

    def add_first_manager(self, name: str, pin: str, *, now: int) -> Person:
        """Know a manager with this PIN; BadInput when there is a manager already, or the PIN is none."""
        if any(one.manages for one in self._known(now)):
            raise BadInput("there is a manager already: they make others (00 Enter 42)")
        self._check_pin(pin, "", now)
        person = self.add(name, now=now, role="manager")
        self.set_pin(person.id, pin, now)
        return person

    def all(self, now: int) -> list[Person]:
        """Those that are known, by name. Broken when the key is not the one that sealed them."""
        return sorted((one.person for one in self._known(now)), key=lambda person: (person.name, person.id))

    def find(self, id_: str, now: int) -> Person | None:
        """The person behind an id, if anybody (still) is."""
        return next((person for person in self.all(now) if person.id == id_), None) if id_ else None

    def name_of(self, id_: str, now: int) -> str:
        """The name behind an id; empty when nobody (any more) is known by it."""
        person = self.find(id_, now)
        return person.name if person else ""

    def set_role(self, id_: str, role: Role) -> None:
        """What a person may do from now on; NotKnown."""
        self._change(id_, lambda kept: replace(kept, person=replace(kept.person, role=role)))

    def set_pin(self, id_: str, pin: str, now: int) -> None:
        """Give a person this PIN; empty: none any more. NotKnown; BadInput for what is no PIN, or another's: a PIN
        alone says who it is."""
        if pin:
            self._check_pin(pin, id_, now)
        hashed = _hashed(pin) if pin else ""
        self._change(id_, lambda kept: replace(kept, pin=hashed))

    def _check_pin(self, pin: str, id_: str, now: int) -> None:
        if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
            raise BadInput(f"a PIN is {PIN_DIGITS[0]} to {PIN_DIGITS[-1]} digits: type another")
        other = self.by_pin(pin, now)
        if other is not None and other.id != id_:
            raise BadInput("that PIN will not do: choose another PIN")

    def set_badge(self, id_: str, code: str, now: int) -> None:
        """Give a person this badge instead of any before; empty: none any more. NotKnown; BadInput for a code that is
        none, or another's."""
        hashed = badge_hash(code) if code else ""
        if hashed and any(one.badge == hashed and one.person.id != id_ for one in self._known(now)):
            raise BadInput("that is somebody else's badge: scan another")
        self._change(id_, lambda kept: replace(kept, badge=hashed))

    def retire(self, id_: str) -> None:
        """A person works here no more: known by name, PIN and badge are gone for good. NotKnown."""
        self._change(id_, lambda kept: _Kept(replace(kept.person, retired=True)))

    def by_pin(self, pin: str, now: int) -> Person | None:
        """Whose PIN this is; slow on purpose (some 40 ms each, those seen last first)."""
        known = [one for one in self._known(now) if one.pin]
        for kept in sorted(known, key=lambda one: self._lately(one.person.id)):
            if verified(pin, kept.pin):
                return self._seen(kept.person)
        return None

    def by_badge(self, code: str, now: int) -> Person | None:
        """Whose badge this is."""
        hashed = badge_hash(code)
        found = next((one.person for one in self._known(now) if hmac.compare_digest(one.badge, hashed)), None)
        return self._seen(found) if found else None

    def guesses(self) -> Guesses:
        """What was guessed here; a restart forgets nothing of it."""
        if not self._file.exists():
            return Guesses()
        with self._open() as db:
            row: Any = db.execute("SELECT wrong, until, at FROM guess").fetchone()
        return Guesses(*row) if row else Guesses()

    def note_guesses(self, found: Guesses) -> None:
        """Keep what `guesses` says."""
        if self._file.exists():
            with self._open() as db:
                db.execute("REPLACE INTO guess VALUES(1, ?, ?, ?)", (found.wrong, found.until, found.at))

    def forget(self, id_: str) -> None:
        """Forget a person for ever; NotKnown when there is none of that id."""
        if not self._deleted("DELETE FROM person WHERE id = ? RETURNING id", id_, but_the_last=True):
            raise NotKnown(f"nobody is known by {id_}")

    def forget_due(self, now: int) -> int:
        """Forget all whose time has come; returns how many. The last manager works here still, and is known on."""
        self._keep_last_manager(now)
        return self._deleted("DELETE FROM person WHERE keep_until <= ? RETURNING id", now)

    def _deleted(self, sql: str, value: str | int, *, but_the_last: bool = False) -> int:
        if not self._file.exists():
            return 0
        with self._open() as db:
            if but_the_last and self._managers(db) == [value]:
                raise BadInput(LAST_MANAGER)
            return len(db.execute(sql, (value,)).fetchall())

    def _keep_last_manager(self, now: int) -> None:
        if not self._file.exists():
            return
        with self._open() as db:
            last = self._managers(db)
            if len(last) == 1:
                sql = "UPDATE person SET keep_until = ? WHERE id = ? AND keep_until < ?"
                db.execute(sql, (now + KEPT_MS, last[0], now + RENEWED_MS))

    def _managers(self, db: apsw.Connection) -> list[str]:
        rows: list[Any] = db.execute("SELECT id, keep_until, sealed FROM person").fetchall()
        return [one.person.id for one in (self._opened(*row) for row in rows) if one.manages]

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

    def _sealed(self, kept: _Kept) -> bytes:
        person = kept.person
        words = {"name": person.name, "phone": person.phone, "role": person.role, "retired": person.retired}
        plain = json.dumps({**words, "pin": kept.pin, "badge": kept.badge}).encode()
        return self.seal(person.id, plain)

    def _known(self, now: int) -> list[_Kept]:
        if not self._file.exists():
            return []
        sql = "SELECT id, keep_until, sealed FROM person WHERE keep_until > ?"
        with self._open() as db:
            rows: list[Any] = db.execute(sql, (now,)).fetchall()
        return [self._opened(*row) for row in rows]

    def _change(self, id_: str, changed: Callable[[_Kept], _Kept]) -> None:
        row: Any = None
        if self._file.exists():
            with self._open() as db:
                row = db.execute("SELECT id, keep_until, sealed FROM person WHERE id = ?", (id_,)).fetchone()
                if row is not None:
                    before = self._opened(*row)
                    after = changed(before)
                    if before.manages and not after.manages and self._managers(db) == [id_]:
                        raise BadInput(LAST_MANAGER)
                    sealed = self._sealed(after)
                    db.execute("UPDATE person SET sealed = ? WHERE id = ?", (sealed, id_))
        if row is None:
            raise NotKnown(f"nobody is known by {id_}")

    def _lately(self, id_: str) -> int:
        return self._seen_last.index(id_) if id_ in self._seen_last else len(self._seen_last)

    def _seen(self, person: Person) -> Person:
        self._seen_last = [person.id, *(id_ for id_ in self._seen_last if id_ != person.id)]
        return person

    def seal(self, id_: str, plain: bytes) -> bytes:
        """Words sealed for an id; the key is made at the first ones."""
        from edge_agent.sync.keys import write_secret

        if not self._key.exists():
            write_secret(self._key, os.urandom(32).hex())
        nonce = os.urandom(NONCE)
        return nonce + self._cipher().encrypt(nonce, plain, id_.encode())

    def _opened(self, id_: str, keep_until: int, sealed: bytes) -> _Kept:
        plain: Any = json.loads(self.unseal(id_, sealed))
        if isinstance(plain, list):  # as it was kept when only managers had a PIN
            name, phone, *hashed = plain
            manager = bool(hashed and hashed[0])
            old = Person(id_, name, phone, keep_until, "manager" if manager else "cashier", pin=manager)
            return _Kept(old, hashed[0] if manager else "")
        words, pin, badge = plain, plain["pin"], plain["badge"]
        role: Role = words["role"]
        person = Person(id_, words["name"], words["phone"], keep_until, role, bool(pin), bool(badge), words["retired"])
        return _Kept(person, pin, badge)

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


def verified(pin: str, hashed: str) -> bool:
    """Whether a PIN or a code is the one behind an argon2id hash."""
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    try:
        Argon2id.verify_phc_encoded(pin.encode(), hashed)
    except InvalidKey:
        return False
    return True
