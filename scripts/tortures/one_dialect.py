"""One dialect for all the databases that a process opens, so that a statement is compiled once and not once a cloud."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event


@cache
def one_dialect() -> None:
    """From here on: for a row that opens a cloud for each of a thousand runs, where a service opens one."""
    spoken: dict[str, Dialect] = {}
    compiled: dict[Any, Any] = {}

    @event.listens_for(Engine, "engine_connect")
    def speak(connection: Connection) -> None:
        # It is the same SQLite by the same driver each time: what the first engine found out about it holds.
        connection.dialect = spoken.setdefault(connection.dialect.name, connection.dialect)
        connection.execution_options(compiled_cache=compiled)
