"""The tenant wall on PostgreSQL: row-level security on every table that names a tenant, for its owner, too.

A transaction sees and writes the rows of the tenant that it has named (`Database.of`), all of them if it is the
service's own (`Database.service`), and none if it has named nobody. SQLite has no such thing: nothing is done there.
"""

from collections.abc import Callable

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from edge_agent.errors import BadInput

POLICY = "tenant_wall"
MINE = "(SELECT current_setting('dropshelf.tenant', true)) IN (tenant, '*')"
"""Asked once a statement, not once a row; a setting that was never made is NULL, which is nobody's."""
TABLES = """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND a.attname = 'tenant' AND NOT a.attisdropped {} ORDER BY 1"""
OPEN = f"""AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
    SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = '{POLICY}'))"""
STRONG = "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"


def put_up(connection: Connection) -> None:
    """Close every table that names a tenant and is still open; they may have been made a moment ago."""
    for table in map(_quoted(connection), open_tables(connection)):
        _run(connection, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        _run(connection, f"DROP POLICY IF EXISTS {POLICY} ON {table}")
        _run(connection, f"CREATE POLICY {POLICY} ON {table} USING ({MINE})")


def take_down(connection: Connection) -> None:
    """Open every table again."""
    for table in map(_quoted(connection), _tables(connection, "")):
        _run(connection, f"DROP POLICY IF EXISTS {POLICY} ON {table}")
        _run(connection, f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")


def open_tables(connection: Connection) -> list[str]:
    """Tables that name a tenant and that the wall does not close."""
    return _tables(connection, OPEN)


def weakness(connection: Connection) -> str:
    """Why the wall does not hold for who is connected, in words; empty when it does, or there is none to hold."""
    if connection.dialect.name != "postgresql":
        return ""
    if role := connection.execute(text(STRONG)).scalar():
        return f"the database's role {role} may pass the wall between tenants: serve with an ordinary role"
    return f"tables are open to every tenant: {', '.join(found)}" if (found := open_tables(connection)) else ""


def let_serve(connection: Connection, url: str) -> None:
    """The role in `url` may read and write all rows that the wall shows it; it owns nothing and can change no table."""
    role = make_url(url).username
    if not role:
        raise BadInput("`database` names no role; beside `database_owner` it must")
    for given in ("SELECT, INSERT, UPDATE, DELETE ON ALL TABLES", "USAGE ON ALL SEQUENCES"):
        _run(connection, f"GRANT {given} IN SCHEMA public TO {_quoted(connection)(role)}")


def _tables(connection: Connection, further: str) -> list[str]:
    if connection.dialect.name != "postgresql":
        return []
    return list(connection.execute(text(TABLES.format(further))).scalars())


def _quoted(connection: Connection) -> Callable[[str], str]:
    return connection.dialect.identifier_preparer.quote


def _run(connection: Connection, words: str) -> None:
    connection.exec_driver_sql(words)
