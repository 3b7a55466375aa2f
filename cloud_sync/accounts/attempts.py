"""Rate limits: an attempt is written down before it is judged, and struck off when it was right."""

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from cloud_sync.tables.accounts import Attempt
from edge_agent.errors import NotAllowed

WINDOW_MS = 15 * 60 * 1000


class TooMany(NotAllowed):
    """Too many wrong attempts; `wait_s` says when the next one is heard."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many attempts. Try again in {-(-wait_s // 60)} minutes.", again=True)
        self.wait_s = wait_s


def claim(session: Session, key: str, *, limit: int, now: int) -> None:
    """Count one more attempt for `key`; TooMany when `limit` of them were made within the window."""
    session.execute(delete(Attempt).where(col(Attempt.at) <= now - WINDOW_MS))
    made, oldest = session.exec(select(func.count(), func.min(Attempt.at)).where(Attempt.key == key)).one()
    if made >= limit:
        raise TooMany(max(1, (oldest + WINDOW_MS - now) // 1000))
    session.add(Attempt(key=key, at=now))


def forgive(session: Session, key: str) -> None:
    """Strike off all attempts of `key`: the last one was right."""
    session.execute(delete(Attempt).where(col(Attempt.key) == key))


def forgive_last(session: Session, key: str) -> None:
    """Strike off the last attempt of `key` alone."""
    last = session.exec(select(func.max(Attempt.attempt)).where(Attempt.key == key)).one()
    session.execute(delete(Attempt).where(col(Attempt.attempt) == last))
