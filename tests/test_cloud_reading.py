"""What only reads: it keeps nothing, and what it asks again and again is prepared once."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql
from sqlalchemy import Boolean, bindparam, cast, literal, null, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from cloud_sync.clock import SystemClock
from cloud_sync.database import Database, ask, open_database
from cloud_sync.founding import NewShop, found
from cloud_sync.settings import Settings
from cloud_sync.tables.house import Shop

pytestmark = pytest.mark.both
NOBODY = cast(null(), Boolean)


@pytest.fixture
def database(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Database]:
    settings = Settings(data=tmp_path, database=new_database())
    found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=SystemClock().now())
    opened = open_database(settings.database_url).service()
    yield opened
    opened.close()


def named(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.exec(select(Shop.name)))


def test_what_is_changed_in_a_look_is_not_kept(database: Database) -> None:
    with database.reading() as session:
        session.exec(select(Shop)).one().name = "Other Shop"
    assert named(database) == ["Corner Shop"]


def test_a_look_that_says_so_to_the_database_changes_nothing_either(database: Database) -> None:
    with suppress(DBAPIError), database.reading() as session:
        session.execute(text("UPDATE shop SET name = 'Other Shop'"))
    assert named(database) == ["Corner Shop"]


def test_a_look_sees_one_moment_whatever_is_written_meanwhile(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        # Without a log that is safe, who writes waits until nobody looks.
        return
    with database.reading() as session, database.glance() as view:
        first = session.exec(select(Shop.feed_head)).one(), view.execute(select(Shop.feed_head)).scalar_one()
        with database.writing() as writing:
            shop = writing.exec(select(Shop)).one()
            shop.feed_head += 1
            writing.add(shop)
        assert (session.exec(select(Shop.feed_head)).one(), view.execute(select(Shop.feed_head)).scalar_one()) == first
    with database.reading() as session:
        assert session.exec(select(Shop.feed_head)).one() == first[0] + 1


def test_postgresql_prepares_what_is_asked_again_and_again(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        return
    for _ in range(10):
        named(database)
    with database.reading() as session:
        prepared = session.execute(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%shop%'"))
        assert prepared.scalar_one() >= 1


def test_what_is_asked_with_a_list_is_answered_by_name_for_lists_of_any_length(database: Database) -> None:
    named = [col(Shop.shop), col(Shop.name).label("called"), literal(value=True).label("yes"), NOBODY.label("none")]
    told: sql.Select[*tuple[Any, ...]] = sql.select(*named)
    asked = told.where(col(Shop.tenant) == bindparam("tenant"))
    asked = asked.where(col(Shop.shop).in_(bindparam("shops", expanding=True)), col(Shop.currency).in_(("GBP", "EUR")))
    with database.reading() as session:
        shop = session.exec(select(Shop)).one()
        for others in ([], ["nowhere"], ["nowhere", "elsewhere"], ["elsewhere"]):
            assert ask(session, asked, tenant=shop.tenant, shops=others) == []
            (row,) = ask(session, asked, tenant=shop.tenant, shops=[shop.shop, *others])
            assert (row.shop, row.called) == (shop.shop, "Corner Shop")
            assert row[2] is row.yes is True
            assert row.none is None


def asked_of_the_dead(database: Database, asked: sql.Select[*tuple[Any, ...]]) -> None:
    with database.reading() as session:
        mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:mine, 10000)"), {"mine": mine})
        ask(session, asked)


def test_after_the_database_has_hung_up_the_next_question_is_answered(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        return
    names: sql.Select[*tuple[Any, ...]] = sql.select(col(Shop.name))
    with pytest.raises(DBAPIError):
        asked_of_the_dead(database, names)
    with database.reading() as session:
        assert ask(session, names) == [("Corner Shop",)]
