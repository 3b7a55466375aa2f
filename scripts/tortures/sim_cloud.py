"""The cloud of a simulated world: the production service on SQLite in memory, with copies and a disk that fails."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import Response
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from cloud_sync import catalogue, tills
from cloud_sync.accounts.codes import digest
from cloud_sync.database import Database, open_database
from cloud_sync.ingest.gate import Gate
from cloud_sync.ingest.project import project
from cloud_sync.service import Service
from cloud_sync.settings import Settings
from cloud_sync.tables import create_tables
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.house import Shop, Stamp, Tenant
from edge_agent.sync.connection import Answer
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.messages import SessionRequest
from scripts.tortures.sim_hand import Call, WorldClock

TENANT, STRANGER = "aa" * 8, "bb" * 8
SHOP = "cc" * 8
AUDIENCE = "dd" * 16
IDLE_S = 5


@cache
def _engine() -> tuple[Database, bytes]:
    """One engine a process, and the bytes of a founded cloud with a shop of ours and one of somebody else's."""
    database = open_database("sqlite://")
    create_tables(database)
    with database.writing() as session:
        for name, value in (("generation", "gen-0"), ("audience", AUDIENCE)):
            session.add(Stamp(name=name, value=value))
        for tenant in (TENANT, STRANGER):
            session.add(Tenant(tenant=tenant, name=tenant, made_at=0))
            session.flush()
            session.add(
                Shop(tenant=tenant, shop=SHOP, name=tenant, zone="Europe/London", currency="GBP", decimals=2, made_at=0)
            )
    return database, _memory(database).serialize()


def _memory(database: Database) -> Any:
    return database.engine.raw_connection().driver_connection


@dataclass(frozen=True)
class Copy:
    """A backup of the cloud's database."""

    bytes: bytes


class DiskFault(Exception):
    """The cloud's disk refuses a commit."""


class Cloud:
    """What the tills' requests reach. The same process holds one at a time."""

    def __init__(self, clock: WorldClock) -> None:
        self.database, founded = _engine()
        self.clock = clock
        self.restores = 0
        self.refuses_commits = 0
        self._memory = _memory(self.database)
        self._memory.deserialize(founded)
        settings = Settings(data=None, idle_s=IDLE_S)  # type: ignore[arg-type]  # In memory: it has no folder.
        gate = Gate(now=lambda: clock.time.now / 1000)
        self.service = Service(settings, clock, self.database, lambda _tenant, _journal: None, gate)
        event.listen(self.database.engine, "commit", self._commits)

    def close(self) -> None:
        """Let the next world have the database."""
        event.remove(self.database.engine, "commit", self._commits)

    def _commits(self, connection: Any) -> None:
        if self.refuses_commits and connection.get_execution_options().get("writes"):
            self.refuses_commits -= 1
            self._memory.rollback()
            raise OperationalError("COMMIT", {}, DiskFault("disk I/O error"))

    def enrol(self, name: str, public_key: str, credential: str, *, tenant: str = TENANT) -> None:
        """A till that was paired."""
        with self.database.writing() as session:
            session.add(
                Device(
                    tenant=tenant,
                    device=name,
                    shop=SHOP,
                    till=name,
                    public_key=public_key,
                    credential_hash=digest(credential),
                    paired_at=0,
                )
            )

    def answer(self, call: Call) -> Answer:
        """What the production doors say; a program error of theirs is a 500."""
        try:
            said = self._said(call)
        except OperationalError:
            return Answer(500, "text/plain", b"Internal Server Error", "")
        return Answer(said.status_code, "application/json", bytes(said.body), said.headers.get("retry-after", ""))

    def _said(self, call: Call) -> Response:
        who = f"Bearer {call.credential}"
        match call.path:
            case "/v1/session":
                return tills.answer_session(self.service, who, SessionRequest.model_validate_json(call.content))
            case "/v1/push":
                return tills.answer_push(self.service, who, call.content)
            case "/v1/feed":
                after, generation = int(call.params["after"]), str(call.params["generation"])
                rest = {"head": int(call.params["head"]), "journal": str(call.params["journal"])}
                return tills.answer_feed(self.service, who, after, generation, **rest)  # type: ignore[arg-type]
            case "/v1/journal":
                journal, after = str(call.params["journal"]), int(call.params["after"])
                return tills.answer_own_journal(self.service, who, journal, after)
        raise AssertionError(f"there is no door {call.path}")

    def count(self) -> int:
        """What the projector's thread does."""
        try:
            return project(self.database, self.clock.now())
        except OperationalError:
            return 0

    def publish(self, item: ItemSet) -> None:
        """The owner changes an item."""
        with self.database.writing() as session:
            catalogue.set_item(session, tenant=TENANT, shop=SHOP, item=item, at=self.clock.now())

    def copy(self) -> Copy:
        """A backup."""
        return Copy(self._memory.serialize())

    def restore(self, copy: Copy) -> None:
        """The database becomes an older one; its generation is a new one."""
        self._memory.deserialize(copy.bytes)
        self.restores += 1
        self.refuses_commits = 0
        with self.database.writing() as session:
            stamp = session.get(Stamp, "generation")
            assert stamp is not None, "a founded cloud has a generation"
            stamp.value = f"gen-{self.restores}"
            session.add(stamp)

    def sales(self) -> set[str]:
        """The ids of all sales that came in."""
        with self.database.reading() as session:
            return set(session.exec(select(RawEvent.id).where(RawEvent.kind == "sale_completed")))

    def hash_at(self, journal: str, seq: int) -> bytes | None:
        """The chain of a journal as it came in."""
        sql = "SELECT hash FROM raw_event WHERE tenant = ? AND journal = ? AND seq = ?"
        row = self._memory.execute(sql, (TENANT, journal, seq)).fetchone()
        return row[0] if row else bytes(32) if seq == 0 else None


def words_of(answer: Answer | None) -> str:
    """An answer in the trace: its status and its body as it came."""
    if answer is None:
        return "nothing"
    text = answer.body.decode("utf-8", "replace")
    try:
        return f"{answer.status} {json.loads(text).get('error', text)}"
    except (ValueError, AttributeError):
        return f"{answer.status} {text[:40]}"
