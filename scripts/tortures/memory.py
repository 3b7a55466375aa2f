"""A folder in memory for rows that cut no power: what a kill leaves is the same there, and no disk is waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's folder in memory; files in it have random names


@contextmanager
def in_memory(folder: Path) -> Iterator[Path]:
    """A folder in memory where there is one, else inside `folder`."""
    with TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else folder, prefix="torture-") as place:
        yield Path(place)
