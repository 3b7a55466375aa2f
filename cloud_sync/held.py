"""Who has the data folder: many may serve it, one alone may restore or migrate it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_agent.errors import NotAllowed

FILE = "serving"


@contextmanager
def held(data: Path, *, alone: bool) -> Iterator[None]:
    """Hold the folder; NotAllowed when it is served while one wants it alone, or the reverse."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / FILE).open("w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            doing = "a service is running on" if alone else "a restore or a migration is under way in"
            raise NotAllowed(f"{doing} {data}; stop that first") from None
        yield
