"""What needs a look of the owner: lines of the tills that were put aside, and orders that did not leave."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from cloud_sync.database import ask
from cloud_sync.pages.leaving import NEEDS_YOU
from cloud_sync.pages.shown import Shown
from cloud_sync.question import always
from cloud_sync.tables.events import Quarantine
from cloud_sync.tables.post import Message


class Needs(NamedTuple):
    """How many lines were put aside and wait, how many orders did not leave or perhaps not, and one of these."""

    odd: int
    unsent: int
    order: str | None


def needs(session: Session, shop: Shown) -> Needs:
    """Of one shop."""
    (row,) = ask(session, _needs(), tenant=shop.tenant, shop=shop.shop)
    return Needs(*row)


@cache
def _needs() -> Select[*tuple[Any, ...]]:
    aside = select(func.count()).select_from(Quarantine).where(col(Quarantine.tenant) == bindparam("tenant"))
    odd = aside.where(
        col(Quarantine.shop) == bindparam("shop"), col(Quarantine.state) == always("open")
    ).scalar_subquery()
    orders = func.count(col(Message.order).distinct()), func.min(col(Message.order))
    mine = select(odd.label("odd"), *orders).where(col(Message.tenant) == bindparam("tenant"))
    return mine.where(col(Message.shop) == bindparam("shop"), col(Message.state).in_(always(NEEDS_YOU)))
