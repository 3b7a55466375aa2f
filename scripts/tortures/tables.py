"""The tables of a new cloud, moved up once a process: a row that founds a shop for each of many runs copies them."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cloud_sync.database import open_database
from cloud_sync.migrations import migrate


def lay_tables(data: Path) -> None:
    """Put them, empty, where a cloud is about to be founded."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "cloud.db").write_bytes(_moved_up())


@cache
def _moved_up() -> bytes:
    with TemporaryDirectory() as place:
        file = Path(place) / "cloud.db"
        database = open_database(f"sqlite:///{file}")
        try:
            migrate(database)
        finally:
            database.close()
        return file.read_bytes()
