"""View: the demand models that the cloud offered and this till took, which of them speaks, and which were named."""

from dataclasses import dataclass

import apsw

from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.models import (
    ModelActivated,
    ModelJudged,
    ModelPublished,
    ModelRefused,
    ModelSetAside,
    ModelTaken,
)
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS model_offer(
    one INTEGER PRIMARY KEY CHECK(one = 1), body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS model_refused(signature TEXT PRIMARY KEY, why TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS model_file(
    sha256 TEXT PRIMARY KEY, version INTEGER NOT NULL, features TEXT NOT NULL, taught_until INTEGER NOT NULL,
    state TEXT NOT NULL, since INTEGER NOT NULL, judged_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS model_named(sha256 TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS model_cloud(
    one INTEGER PRIMARY KEY CHECK(one = 1), audience TEXT NOT NULL, newest INTEGER NOT NULL
) STRICT;
"""
TABLES = ("model_offer", "model_refused", "model_file", "model_named", "model_cloud")
FOLDS = (ReorderDecided, ModelTaken, ModelRefused, ModelJudged, ModelActivated, ModelSetAside, DevicePaired)

TAKE = "REPLACE INTO model_file VALUES(?, ?, ?, ?, ?, ?, 0)"
MOVE = "UPDATE model_file SET state = ?, since = ? WHERE sha256 = ?"


@dataclass(frozen=True)
class KnownModel:
    """A model that this till took. `state`: shadow, in_use, before (the one in use may still fall back to it), aside.

    `since` is when it came into this state, `judged_at` when the shop's weeks judged it last (0: never).
    """

    sha256: str
    version: int
    features: str
    taught_until: int
    state: str
    since: int
    judged_at: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case ReorderDecided(basis=basis) if basis is not None:
            _named(db, [model for _, model in basis.makers if model], event.at)
        case ModelTaken():
            _taken(db, body, event.at)
        case ModelRefused():
            db.execute("REPLACE INTO model_refused VALUES(?, ?)", (body.signature, body.why))
        case ModelJudged():
            db.execute("UPDATE model_file SET judged_at = ? WHERE sha256 = ?", (event.at, body.sha256))
        case ModelActivated():
            _activated(db, body.sha256, event.at)
        case ModelSetAside():
            db.execute(MOVE, ("aside", event.at, body.sha256))
            db.execute(f"{MOVE} AND state != 'in_use'", ("in_use", event.at, body.instead))
        case DevicePaired():
            _paired(db, body.audience)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    if isinstance(body, ModelPublished):
        db.execute("REPLACE INTO model_offer VALUES(1, ?)", (body.model_dump_json(),))


def _named(db: apsw.Connection, models: list[str], at: int) -> None:
    sql = "INSERT INTO model_named VALUES(?, ?) ON CONFLICT(sha256) DO UPDATE SET at = max(at, excluded.at)"
    db.executemany(sql, [(model, at) for model in models])


def _taken(db: apsw.Connection, body: ModelTaken, at: int) -> None:
    """The same file under a newer version keeps its place; else it begins in the shadow."""
    known = db.execute("SELECT state FROM model_file WHERE sha256 = ?", (body.sha256,)).fetchone()
    state = known[0] if known and known[0] == "in_use" else "shadow"
    db.execute(TAKE, (body.sha256, body.version, body.features, body.taught_until, state, at))
    db.execute("INSERT OR IGNORE INTO model_cloud VALUES(1, '', 0)")
    db.execute("UPDATE model_cloud SET newest = max(newest, ?)", (body.version,))


def _activated(db: apsw.Connection, sha256: str, at: int) -> None:
    db.execute("UPDATE model_file SET state = 'aside', since = ? WHERE state = 'before'", (at,))
    db.execute("UPDATE model_file SET state = 'before', since = ? WHERE state = 'in_use'", (at,))
    db.execute(MOVE, ("in_use", at, sha256))


def _paired(db: apsw.Connection, audience: str) -> None:
    """Another cloud counts its versions anew; a key that was pinned anew may fit what the old one did not."""
    known = db.execute("SELECT audience FROM model_cloud").fetchone()
    if known is None or known[0] != audience:
        db.execute("REPLACE INTO model_cloud VALUES(1, ?, 0)", (audience,))
    db.execute("DELETE FROM model_refused WHERE why = 'key'")


class ModelReads:
    """What is asked of models."""

    db: apsw.Connection

    def model_offer(self) -> ModelPublished | None:
        """What the cloud offers, whatever became of it."""
        row = self.db.execute("SELECT body FROM model_offer").fetchone()
        return ModelPublished.model_validate_json(row[0]) if row else None

    def wanted_model(self, features: str) -> ModelPublished | None:
        """The offer that this till has neither taken nor refused; one that was refused by a program of other features
        is looked at again."""
        offer = self.model_offer()
        if offer is None or any((one.sha256, one.version) == (offer.sha256, offer.version) for one in self.models()):
            return None
        sql = "SELECT why FROM model_refused WHERE signature = ?"
        why = (self.db.execute(sql, (offer.signature,)).fetchone() or ("",))[0]
        return offer if not why or (why == "schema" and offer.features == features) else None

    def newest_model(self) -> int:
        """The highest version that was ever taken from the cloud that this till is paired with."""
        row = self.db.execute("SELECT newest FROM model_cloud").fetchone()
        return int(row[0]) if row else 0

    def models(self) -> list[KnownModel]:
        """Every model that was taken, the newest first."""
        return [KnownModel(*row) for row in self.db.execute("SELECT * FROM model_file ORDER BY version DESC, sha256")]

    def model_in(self, state: str) -> KnownModel | None:
        """The newest model in a state; None if there is none."""
        return next((one for one in self.models() if one.state == state), None)

    def models_named(self, since: int) -> set[str]:
        """The models that an order decided at `since` or later names."""
        return {str(row[0]) for row in self.db.execute("SELECT sha256 FROM model_named WHERE at >= ?", (since,))}
