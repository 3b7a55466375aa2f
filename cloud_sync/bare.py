"""A transaction told to the database's driver itself: the few questions that tills ask by the thousand."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

NAMED = re.compile(r"(?<!:):([a-z]+)")
HELD = re.compile(r"\s+FOR UPDATE.*$", re.DOTALL)
Row = tuple[Any, ...]
Values = Mapping[str, object] | Sequence[object]


class Bare:
    """One transaction of a connection, past the layers that build statements and objects: a third of what a push costs.

    Statements name their values as `:name`. `FOR UPDATE` ends a statement, and is left out on SQLite, where no two
    write at once.
    """

    def __init__(self, connection: Connection) -> None:
        driver = connection.connection.driver_connection
        self.driver = driver
        self._error: type[Exception]
        if isinstance(driver, psycopg.Connection):
            self._run: Callable[[str, Values], Any] = driver.execute
            self._spelt, self._error = _for_postgres, psycopg.OperationalError
        elif isinstance(driver, sqlite3.Connection):
            self._run, self._spelt, self._error = driver.execute, _for_sqlite, sqlite3.OperationalError
        else:
            raise TypeError(f"no statement is told to {type(driver).__name__}")

    def rows(self, sql: str, **named: object) -> list[Row]:
        """Every row of the answer."""
        found: list[Row] = self._said(sql, named).fetchall()
        return found

    def row(self, sql: str, **named: object) -> Row | None:
        """The first row of the answer, if there is one."""
        found: Row | None = self._said(sql, named).fetchone()
        return found

    def told(self, words: str, values: Values) -> list[Row]:
        """Every row of the answer to words as the driver itself takes them."""
        found: list[Row] = self._try(words, values).fetchall()
        return found

    def does(self, sql: str, **named: object) -> None:
        """Something that has no answer."""
        self._said(sql, named)

    def do_both(self, first: str, second: str, **named: object) -> None:
        """Two writes to rows that have nothing to do with each other; PostgreSQL is told both at once."""
        if self._spelt is _for_postgres:
            self.does(_in_one(first, second), **named)
            return
        for sql in (first, second):
            self.does(sql, **{name: named[name] for name in NAMED.findall(sql)})

    def alone_in(self, what: str) -> None:
        """Nobody else is in `what` until the transaction ends."""
        if self._spelt is _for_postgres:
            self.does("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))", what=what)

    def _said(self, sql: str, named: Mapping[str, object]) -> Any:
        return self._try(self._spelt(sql), named)

    def _try(self, words: str, values: Values) -> Any:
        try:
            return self._run(words, values)
        except self._error as error:
            raise OperationalError(words, None, error) from error


@cache
def _in_one(first: str, second: str) -> str:
    return f"WITH first AS ({first}) {second}"


@cache
def _for_postgres(sql: str) -> str:
    return NAMED.sub(r"%(\1)s", sql)


@cache
def _for_sqlite(sql: str) -> str:
    return HELD.sub("", sql)
