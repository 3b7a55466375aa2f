"""Tables of sums: what facts add is gathered and written at once; no order of facts can change a sum."""

from collections import defaultdict

from sqlalchemy import Table
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
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    names = keys + [column.name for column in table.columns if column.name not in keys]
    sums = {name: table.c[name] + insert.excluded[name] for name in names[len(keys) :]}
    # One order of rows for all writers, so that two of them never wait for each other crosswise.
    ordered = [dict(zip(names, (*key, *rows[key]), strict=True)) for key in sorted(rows)]
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), ordered)
