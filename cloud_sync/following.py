"""Whose short link is followed: the one question about links that is asked before anybody was let in."""

from cloud_sync.database import Database
from cloud_sync.tables.links import Link


def found(database: Database, code: str) -> Link | None:
    """The link of that code, whoever's it is."""
    with database.service().reading() as session:
        return session.get(Link, code)
