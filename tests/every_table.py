"""A row for any table of the cloud, for tests that look at all of them; what its values say fits no other table's."""

from sqlalchemy import Column, LargeBinary, String, Table
from sqlmodel import AutoString


def row_of(table: Table, tenant: str) -> dict[str, object]:
    """One row of a tenant."""
    return {column.name: _value(column, tenant) for column in table.columns}


def insert_of(table: Table, mark: str) -> str:
    """The statement that inserts such a row, with the driver's `mark` for each value."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join(mark for _ in table.columns)})'


def _value(column: Column[object], tenant: str) -> object:
    if isinstance(column.type, String | AutoString):
        return tenant[: column.type.length]
    return tenant.encode() if isinstance(column.type, LargeBinary) else column.type.python_type(1)
