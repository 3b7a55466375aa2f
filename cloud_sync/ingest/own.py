"""Giving a till its own lines back, verbatim: what an old copy of its journal lacks."""

from sqlmodel import Session, col, select

from cloud_sync.accounts.devices import Sender
from cloud_sync.tables.events import JournalRow, RawEvent
from edge_agent.errors import NotAllowed
from edge_agent.wire.limits import BATCH_EVENTS
from edge_agent.wire.messages import JournalPage

PAGE_BYTES = 1024 * 1024


def own_page(session: Session, device: Sender, *, journal: str, after: int) -> JournalPage:
    """A page of the lines behind `after` of the device's own journal; NotAllowed for one that is not its own."""
    row = session.get(JournalRow, (device.tenant, journal))
    if row is None or row.device != device.device:
        raise NotAllowed("this journal is not the till's own")
    size, lines = 0, list[str]()
    mine = select(RawEvent.line).where(RawEvent.tenant == device.tenant, RawEvent.journal == journal)
    for line in session.exec(mine.where(RawEvent.seq > after).order_by(col(RawEvent.seq)).limit(BATCH_EVENTS)):
        size += len(line)
        if lines and size > PAGE_BYTES:
            break
        # What is no UTF-8 is no event either: the till sees that its chain does not hold.
        lines.append(line.decode("utf-8", "replace"))
    return JournalPage(journal=journal, after=after, lines=tuple(lines))
