"""Short links of a pop-up in the cloud: made by the owner, printed by a till, followed by anybody, counted a day."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.feed import held_shop, publish
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.links import Link, LinkScan
from edge_agent.errors import BadInput
from edge_agent.rules.day import local
from edge_agent.wire.events.popups import LinkSet

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
CODE = 7
MOST = 40
"""Links of one pop-up."""


@dataclass(frozen=True)
class Counted:
    """A link and how often it was followed."""

    link: Link
    scans: int


def make(session: Session, link: Link, *, address: str, at: int) -> None:
    """Keep a link and tell the tills, which print it, in the caller's transaction. BadInput beyond the limit."""
    mine = select(func.count()).where(Link.tenant == link.tenant, Link.popup == link.popup)
    if session.exec(mine).one() >= MOST:
        raise BadInput(f"A pop-up has {MOST} links at most.")
    session.add(link)
    told = LinkSet(link=link.code, popup=link.popup, name=link.name, url=f"{address}/q/{link.code}")
    publish(session, held_shop(session, link.tenant, link.shop), told, key=link.code, at=at)


def code_of(choose: Callable[[str], str]) -> str:
    """A fresh code; `choose` takes one sign of an alphabet at random."""
    return "".join(choose(ALPHABET) for _ in range(CODE))


def links(session: Session, *, tenant: str, popup: str) -> list[Counted]:
    """The links of a pop-up in the order in which they were made."""
    mine = select(Link).where(Link.tenant == tenant, Link.popup == popup).order_by(col(Link.made_at), col(Link.code))
    scans = select(LinkScan.code, func.sum(LinkScan.scans)).where(LinkScan.tenant == tenant).group_by(LinkScan.code)
    found = {code: int(number) for code, number in session.exec(scans)}
    return [Counted(one, found.get(one.code, 0)) for one in session.exec(mine)]


def follow(session: Session, link: Link, at: int) -> None:
    """Count that it was followed."""
    sums = Sums()
    sums.add(LinkScan, (link.tenant, link.code, local(at, "UTC").toordinal()), 1)
    sums.write(session)
