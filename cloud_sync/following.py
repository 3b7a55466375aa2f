"""Whose short link is followed, whose public page is asked for: what is asked before anybody was let in."""

from cloud_sync.database import Database
from cloud_sync.tables.links import Link
from cloud_sync.tables.reservations import DropPage


def found(database: Database, code: str) -> Link | None:
    """The link of that code, whoever's it is."""
    with database.service().reading() as session:
        return session.get(Link, code)


def page_found(database: Database, slug: str) -> DropPage | None:
    """The public page under that slug, whoever's it is."""
    with database.service().glancing() as session:
        return session.get(DropPage, slug)
