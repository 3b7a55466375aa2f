"""Files that an owner has chosen and not said yes to: kept for an hour, by the hash of their bytes."""

import gzip
from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import Session, col, select

from cloud_sync.tables.imports import ImportFile
from edge_agent.errors import BadInput
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.imports_made import source_of
from edge_agent.rules.imports_table import unpacked
from edge_agent.rules.text import clean_name

KEPT_MS = HOUR_MS
MOST_FILES = 4
MOST_PLAIN = 8 * 1024 * 1024
PACK_LEVEL = 6


@dataclass(frozen=True)
class Chosen:
    """A file as it came: its name, its plain bytes, and their SHA-256, by which it is asked for."""

    source: str
    name: str
    content: bytes


def keep(session: Session, *, tenant: str, shop: str, name: str, content: bytes, at: int) -> Chosen:
    """Keep a file (plain or gzipped) for an hour; the oldest of a shop go. BadInput for one that is too long."""
    called = clean_name(name) or "file.csv"
    plain = unpacked(called, content, MOST_PLAIN)
    chosen = Chosen(source_of(plain), called, plain)
    forget_old(session, tenant=tenant, now=at)
    mine = select(ImportFile).where(ImportFile.tenant == tenant, ImportFile.shop == shop)
    rows = session.exec(mine.order_by(col(ImportFile.at).desc())).all()
    for row in [row for row in rows if row.source == chosen.source] + list(rows[MOST_FILES - 1 :]):
        session.delete(row)
    session.flush()
    packed = gzip.compress(plain, PACK_LEVEL, mtime=0)
    session.add(ImportFile(tenant=tenant, shop=shop, source=chosen.source, name=called, content=packed, at=at))
    return chosen


def kept(session: Session, *, tenant: str, shop: str, source: str, now: int) -> Chosen:
    """The file of this hash. BadInput when it is not here, or no more."""
    row = session.get(ImportFile, (tenant, shop, source))
    if row is None or row.at <= now - KEPT_MS:
        raise BadInput("That file is no longer here (a file is kept for an hour). Choose it again.")
    content = gzip.decompress(row.content)
    if source_of(content) != source:
        raise BadInput("What is kept is not the file that was shown. Choose it again.")
    return Chosen(source, row.name, content)


def forget(session: Session, *, tenant: str, shop: str, source: str) -> None:
    """It is not needed any more."""
    row = session.get(ImportFile, (tenant, shop, source))
    if row is not None:
        session.delete(row)


def forget_old(session: Session, *, tenant: str, now: int) -> None:
    """Files that nobody said yes to within their hour."""
    old = delete(ImportFile).where(col(ImportFile.tenant) == tenant, col(ImportFile.at) <= now - KEPT_MS)
    session.execute(old)
