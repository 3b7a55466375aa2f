"""The waiting list of a drop: who comes first gets the piece that falls free, one at a time, for a while."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.channels import WEB
from cloud_sync.reservations import NoneLeft, Wish, reserve
from cloud_sync.tables.reservations import DropPage, Reservation, Waiting
from edge_agent.errors import BadInput
from edge_agent.rules.drop_window import MINUTE_MS

OFFERED_MS = 120 * MINUTE_MS
"""So long a piece that fell free is kept for who is next."""
MOST = 1_000


@dataclass(frozen=True)
class Due:
    """Somebody to be told that a piece is kept for them: `sealed` is where, and their code."""

    tenant: str
    shop: str
    drop: str
    mark: str
    sealed: bytes
    until: int


def join(session: Session, page: DropPage, *, sku: str, qty: int, mark: str, sealed: bytes, at: int) -> Waiting:
    """Come last. BadInput when the list is full."""
    mine = select(func.max(Waiting.place), func.count()).where(Waiting.tenant == page.tenant, Waiting.shop == page.shop)
    last, number = session.exec(mine.where(Waiting.drop == page.drop)).one()
    if number >= MOST:
        raise BadInput("The waiting list is full.")
    row = Waiting(
        tenant=page.tenant,
        shop=page.shop,
        ticket=mark,
        drop=page.drop,
        sku=sku,
        qty=qty,
        place=(last or 0) + 1,
        at=at,
        sealed=sealed,
    )
    session.add(row)
    session.flush()
    return row


def serve(session: Session, page: DropPage, end: int, at: int) -> int:
    """Keep what is free for those who wait, in their order; the caller's transaction holds the shop. Who wants more
    than is free keeps their place, and nobody behind them is served of that SKU. Returns how many got theirs."""
    done, short = 0, set[str]()
    for row in _in_line(session, page):
        if row.sku in short:
            continue
        wish = Wish(row.ticket, WEB, {row.sku: row.qty}, min(at + OFFERED_MS, end), drop=page.drop)
        try:
            reserve(session, tenant=page.tenant, shop=page.shop, wish=wish, at=at)
        except (NoneLeft, BadInput):
            short.add(row.sku)
            continue
        row.state = "told"
        session.add(row)
        done += 1
    session.flush()
    return done


def lengths(session: Session, *, tenant: str, shop: str, drop: str) -> dict[str, int]:
    """{SKU: how many wait for it}."""
    mine = select(Waiting.sku, func.count()).where(Waiting.tenant == tenant, Waiting.shop == shop)
    rows = session.exec(mine.where(Waiting.drop == drop, Waiting.state == "waiting").group_by(Waiting.sku))
    return {sku: int(number) for sku, number in rows}


def ticket(session: Session, *, tenant: str, shop: str, mark: str) -> tuple[Waiting, int] | None:
    """Who waits under that mark, and how many of the same SKU are before them."""
    row = session.get(Waiting, (tenant, shop, mark))
    if row is None:
        return None
    ahead = select(func.count()).where(Waiting.tenant == tenant, Waiting.shop == shop, Waiting.drop == row.drop)
    ahead = ahead.where(Waiting.sku == row.sku, Waiting.state == "waiting", Waiting.place < row.place)
    return row, session.exec(ahead).one()


def leave(session: Session, *, tenant: str, shop: str, mark: str) -> bool:
    """Off the list, with all that is known of them; True when they were on it."""
    row = session.get(Waiting, (tenant, shop, mark))
    if row is None or row.state == "over":
        return False
    row.state, row.sealed = "over", b""
    session.add(row)
    session.flush()
    return True


def close(session: Session, *, tenant: str, shop: str, drop: str) -> None:
    """Nobody waits any more, and nobody's address is kept."""
    mine = select(Waiting).where(Waiting.tenant == tenant, Waiting.shop == shop, Waiting.drop == drop)
    for row in session.exec(mine.where(Waiting.state != "over")):
        row.state, row.sealed = "over", b""
        session.add(row)
    session.flush()


def claim_told(session: Session, *, tenant: str, shop: str, drop: str) -> list[Due]:
    """Those who are to be told now; their address is forgotten with this transaction: nobody is told twice."""
    mine = select(Waiting, Reservation.until).join(
        Reservation,
        (col(Reservation.tenant) == Waiting.tenant)
        & (col(Reservation.shop) == Waiting.shop)
        & (col(Reservation.reservation) == Waiting.ticket),
    )
    mine = mine.where(Waiting.tenant == tenant, Waiting.shop == shop, Waiting.drop == drop)
    mine = mine.where(Waiting.state == "told", Waiting.sealed != b"", Reservation.state == "open")
    found = []
    for row, until in session.exec(mine.order_by(col(Waiting.place)).with_for_update()):
        found.append(Due(tenant, shop, row.drop, row.ticket, row.sealed, until))
        row.sealed = b""
        session.add(row)
    session.flush()
    return found


def _in_line(session: Session, page: DropPage) -> list[Waiting]:
    mine = select(Waiting).where(Waiting.tenant == page.tenant, Waiting.shop == page.shop, Waiting.drop == page.drop)
    return list(session.exec(mine.where(Waiting.state == "waiting").order_by(col(Waiting.place))))
