"""What the tills closed: the newest Z of every till, and what one day gave back, for the takings page and its file."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.pages.shown import Shown
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.drawer import Closing, DrawerDay
from cloud_sync.tables.events import JournalRow

SHOWN = 14


@dataclass(frozen=True)
class GivenBack:
    """What all tills gave back and moved at their drawers on one day, in minor units."""

    refunds: int
    refunded: int
    paid_in: int
    paid_out: int
    no_sales: int


def given_back(session: Session, shop: Shown, day: int) -> GivenBack:
    """Of one business day."""
    mine = select(DrawerDay).where(DrawerDay.tenant == shop.tenant, DrawerDay.shop == shop.shop, DrawerDay.day == day)
    tills = session.exec(mine).all()
    return GivenBack(
        refunds=sum(till.refunds for till in tills),
        refunded=sum(till.refunded for till in tills),
        paid_in=sum(till.paid_in for till in tills),
        paid_out=sum(till.paid_out for till in tills),
        no_sales=sum(till.no_sales for till in tills),
    )


def closings(session: Session, shop: Shown, what: str = "shift", limit: int = SHOWN) -> list[tuple[Closing, str]]:
    """The newest closings of a kind, each with its till's name."""
    here = (col(Closing.tenant) == JournalRow.tenant) & (col(Closing.journal) == JournalRow.journal)
    whose = (col(Device.tenant) == JournalRow.tenant) & (col(Device.device) == JournalRow.device)
    wanted = select(Closing, Device.till).join(JournalRow, here).join(Device, whose)
    mine = wanted.where(Closing.tenant == shop.tenant, Closing.shop == shop.shop, Closing.what == what)
    newest = mine.order_by(col(Closing.at).desc(), col(Closing.seq).desc()).limit(limit)
    return [(row, till) for row, till in session.exec(newest)]
