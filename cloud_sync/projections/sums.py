"""Adding into tables of sums: the order in which facts arrive cannot change a sum, so that any rebuild is equal."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """The plain table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def add_up(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert each row; where its key is there already, add every other column to what is there."""
    if not rows:
        return
    table = table_of(model)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    sums = {c.name: c + insert.excluded[c.name] for c in table.columns if c.name not in keys}
    # One order of rows for all writers, so that two of them never wait for each other crosswise.
    ordered = sorted(rows, key=lambda row: [str(row[key]) for key in keys])
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), ordered)
