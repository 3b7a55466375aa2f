"""Tables of sums: what facts add is gathered and written at once; no order of facts can change a sum."""

from collections import defaultdict
from functools import cache

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Key = tuple[str | int, ...]


def table_of(model: type[SQLModel]) -> Table:
    """The plain table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


class Sums:
    """Gathers what is to be added to tables whose every column is either of the key or a sum."""

    def __init__(self) -> None:
        self._gathered: dict[type[SQLModel], dict[Key, list[int]]] = defaultdict(dict)

    def add(self, model: type[SQLModel], key: Key, *amounts: int) -> None:
        """Add `amounts` to the row of `key`; both in the order of the table's columns."""
        rows = self._gathered[model]
        known = rows.setdefault(key, [0] * len(amounts))
        for place, amount in enumerate(amounts):
            known[place] += amount

    def write(self, session: Session) -> None:
        """Insert each row; where its key is there already, add to what is there."""
        for model, rows in self._gathered.items():
            _write(session, table_of(model), rows)
        self._gathered.clear()


def _write(session: Session, table: Table, rows: dict[Key, list[int]]) -> None:
    names = _names(table)
    # One order of rows for all writers, so that two of them never wait for each other crosswise.
    ordered = [dict(zip(names, (*key, *rows[key]), strict=True)) for key in sorted(rows)]
    session.execute(_adding(table, session.get_bind().dialect.name), ordered)


def _names(table: Table) -> list[str]:
    keys = [column.name for column in table.primary_key]
    return keys + [column.name for column in table.columns if column.name not in keys]


@cache
def _adding(table: Table, dialect: str) -> Insert:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    sums = {name: table.c[name] + insert.excluded[name] for name in _names(table)[len(keys) :]}
    return insert.on_conflict_do_update(index_elements=keys, set_=sums)
