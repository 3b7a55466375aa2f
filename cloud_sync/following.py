"""Whose short link is followed, whose public page or key it is: what is asked before anybody was let in."""

from sqlmodel import select

from cloud_sync.database import Database
from cloud_sync.tables.links import Link
from cloud_sync.tables.reservations import DropPage, Market


def found(database: Database, code: str) -> Link | None:
    """The link of that code, whoever's it is."""
    with database.service().reading() as session:
        return session.get(Link, code)


def page_found(database: Database, slug: str) -> DropPage | None:
    """The public page under that slug, whoever's it is."""
    with database.service().reading() as session:
        return session.get(DropPage, slug)


def seller_found(database: Database, key_hash: str) -> Market | None:
    """The marketplace whose key has that hash, whoever's it is."""
    with database.service().reading() as session:
        return session.exec(select(Market).where(Market.key_hash == key_hash).limit(1)).first()
