"""The feed: what the cloud publishes to the tills of a shop, verbatim, by a cursor that only counts up."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import ColumnElement, Select, bindparam, delete
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.database import ask, columns
from cloud_sync.question import Row
from cloud_sync.service import stamp
from cloud_sync.tables.events import FeedRow
from cloud_sync.tables.house import Shop
from edge_agent.errors import DropshelfError, NotKnown
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events import kind_of
from edge_agent.wire.limits import FEED_PAGE
from edge_agent.wire.messages import FeedEntry, FeedPage

PAGE_BYTES = 1024 * 1024


class Refetch(DropshelfError):
    """The till's cursor is of another generation: it starts again at 0."""

    again = True


def publish(
    session: Session, shop: Shop, body: Contract, *, key: str, at: int, author: str = "", skip: str = ""
) -> FeedRow:
    """Append one entry in the caller's transaction, which holds `shop` for update (see `held_shop`)."""
    kind, v = kind_of(body)
    shop.feed_head += 1
    row = FeedRow(
        tenant=shop.tenant,
        shop=shop.shop,
        cursor=shop.feed_head,
        kind=kind,
        v=v,
        at=at,
        key=key,
        author=author,
        skip=skip,
        body=body.model_dump_json().encode(),
    )
    session.add_all([shop, row])
    return row


def newest_first() -> ColumnElement[int]:
    """The order of entries of one kind. Not by the cursor alone: SQLite would rather walk through the whole feed in its
    order than look for the few of the kind."""
    return (col(FeedRow.cursor) + 0).desc()


def entries(tenant: str, shop: str, kind: str) -> SelectOfScalar[FeedRow]:
    """Asks for a shop's entries of one kind, the newest first."""
    mine = select(FeedRow).where(FeedRow.tenant == tenant, FeedRow.shop == shop, FeedRow.kind == kind)
    return mine.order_by(newest_first())


def bodies(session: Session, tenant: str, shop: str, kind: str) -> list[bytes]:
    """What they say, the oldest first; those of this transaction too."""
    session.flush()
    return [row.body for row in reversed(session.exec(entries(tenant, shop, kind)).all())]


def take_out(session: Session, shop: Shop, cursors: Iterable[int]) -> None:
    """Take entries out that later ones make needless; what a till has taken of them is not wrong."""
    here = delete(FeedRow).where(col(FeedRow.tenant) == shop.tenant, col(FeedRow.shop) == shop.shop)
    session.execute(here.where(col(FeedRow.cursor).in_(list(cursors))))


def held_shop(session: Session, tenant: str, shop: str) -> Shop:
    """The shop's row, held until the transaction ends, so that cursors are given out one after the other."""
    row = session.get(Shop, (tenant, shop), with_for_update=True)
    if row is None:
        raise NotKnown(f"there is no shop {shop}")
    return row


def page(session: Session, *, tenant: str, shop: str, journal: str, after: int, generation: str) -> FeedPage:
    """The entries behind `after`, at most a page. What `journal` itself said and still holds is left out.

    The last row of a page is always sent, so that the cursor of a till moves. Refetch when `generation` is another, or
    the cursor lies ahead of the feed.
    """
    head, own = head_of(session, tenant, shop), stamp(session, "generation")
    if generation != own or after > head:
        raise Refetch("the feed starts again")
    size = 0
    rows: list[Row] = []
    for row in ask(session, _behind(), tenant=tenant, shop=shop, after=after):
        size += len(row.body) + 100
        if rows and size > PAGE_BYTES:
            break
        rows.append(row)
    sent = [row for row in rows if row is rows[-1] or not journal or row.skip != journal]
    return FeedPage(generation=own, entries=tuple(_entry(row) for row in sent), head=head)


@cache
def _behind() -> Select[*tuple[Any, ...]]:
    row = FeedRow
    mine = sql.select(*columns(row.cursor, row.kind, row.v, row.at, row.skip, row.body))
    mine = mine.where(col(row.tenant) == bindparam("tenant"), col(row.shop) == bindparam("shop"))
    return mine.where(col(row.cursor) > bindparam("after")).order_by(col(row.cursor)).limit(FEED_PAGE)


def head_of(session: Session, tenant: str, shop: str) -> int:
    """The newest cursor of a shop's feed."""
    row = session.get(Shop, (tenant, shop))
    return row.feed_head if row else 0


def _entry(row: Row) -> FeedEntry:
    return FeedEntry(cursor=row.cursor, kind=row.kind, v=row.v, at=row.at, body=json.loads(row.body))
