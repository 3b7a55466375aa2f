"""Projection: which demand model speaks at each till, and its last word of one that it refused or set aside."""

from collections.abc import Iterable

from sqlmodel import Session

from cloud_sync.projections.fact import Fact
from cloud_sync.tables.fleet import TillModel
from edge_agent.wire.events import KIND_OF
from edge_agent.wire.events.models import ModelActivated, ModelRefused, ModelSetAside, ModelTaken

SAYS = (ModelTaken, ModelRefused, ModelActivated, ModelSetAside)
KINDS = tuple(KIND_OF[body][0] for body in SAYS)


def apply(session: Session, fact: Fact) -> None:
    """Fold one fact; journals keep apart, and each is told in its own order."""
    if not isinstance(fact.body, SAYS):
        return
    key = (fact.tenant, fact.journal)
    row = session.get(TillModel, key) or TillModel(tenant=fact.tenant, journal=fact.journal, shop=fact.shop)
    at = fact.event.at
    match fact.body:
        case ModelTaken(version=version):
            row.shadow = version
        case ModelActivated(sha256=sha256):
            row.speaks, row.since, row.shadow = sha256, at, 0
        case ModelRefused(version=version, words=words):
            row.words, row.said_at = f"Model {version} was refused: {words}"[:300], at
        case ModelSetAside(version=version, words=words, instead=instead):
            row.words, row.said_at = f"Model {version} was set aside: {words}"[:300], at
            row.speaks, row.since = instead, at
            row.shadow = 0 if row.shadow == version else row.shadow
    session.add(row)
    session.flush()


def apply_anew(session: Session, tenant: str, journal: str, facts: Iterable[Fact]) -> None:
    """Fold all that a journal said of models, in its order: one of them came late."""
    if row := session.get(TillModel, (tenant, journal)):
        session.delete(row)
        session.flush()
    for fact in facts:
        apply(session, fact)
