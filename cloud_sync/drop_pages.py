"""Public pages of drops: a slug that leads there, what a visitor may know, and a piece kept for who asks for one."""

import re
from dataclasses import dataclass

from sqlmodel import Session, select

from cloud_sync import waiting
from cloud_sync.catalogue import items
from cloud_sync.channels import WEB, open_channel
from cloud_sync.drops import drop as drop_of
from cloud_sync.feed import held_shop
from cloud_sync.reservations import Kept, Wish, close_channel, lapse, left, release, reserve
from cloud_sync.tables.reservations import DropPage
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.cross_border import held_back
from edge_agent.rules.drop_window import MINUTE_MS, State, price_in, state
from edge_agent.rules.reservation import mark_of
from edge_agent.wire.events.drops import DropSet

PIECE = 1_000
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")
HOLDS = range(5, 7 * 24 * 60 + 1)
MOST_PIECES = 20


@dataclass(frozen=True)
class Wanted:
    """How the owner wants a public page: its `slug`, whether search engines may list it, for how many minutes a
    reservation is kept, and pieces of each part that are set aside for it (0: it shares with the tills)."""

    slug: str
    listed: bool = False
    hold: int = 120
    kept: int = 0


@dataclass(frozen=True)
class Offer:
    """A part of a drop as a visitor sees it: price in minor units, pieces left for the web, who waits for one."""

    sku: str
    name: str
    price: int
    left: int
    waiting: int
    age: int = 0


@dataclass(frozen=True)
class Look:
    """All that the public page says. `most` pieces go to one reservation; nothing is offered unless it is `open`."""

    page: DropPage
    drop: DropSet
    state: State
    offers: tuple[Offer, ...]
    most: int

    @property
    def open(self) -> bool:
        return self.state == "open" and not self.drop.called_off and not held_back(self.drop)


def publish_page(session: Session, *, tenant: str, shop: str, drop: str, wanted: Wanted, at: int) -> DropPage:
    """Make a drop's page public, or change how it is. BadInput for a slug that is none or taken."""
    one = drop_of(session, tenant=tenant, shop=shop, drop=drop)
    if one.end <= at or one.called_off:
        raise BadInput("That drop is over.")
    _check(session, wanted, tenant, shop, drop)
    row = page_of(session, tenant=tenant, shop=shop, drop=drop)
    if row is not None and row.slug != wanted.slug:
        session.delete(row)
        session.flush()
        row = None
    if row is None:
        row = DropPage(slug=wanted.slug, tenant=tenant, shop=shop, drop=drop, hold_minutes=0, kept=0, made_at=at)
    row.listed, row.hold_minutes, row.kept = wanted.listed, wanted.hold, wanted.kept
    session.add(row)
    pieces = {part.sku: min(part.qty, wanted.kept * PIECE) for part in one.parts}
    open_channel(session, tenant=tenant, shop=shop, channel=WEB, kept=pieces, until=one.end, at=at)
    return row


def _check(session: Session, wanted: Wanted, tenant: str, shop: str, drop: str) -> None:
    if not SLUG.fullmatch(wanted.slug):
        raise BadInput("An address is 3 to 40 small letters, digits and hyphens.")
    if wanted.hold not in HOLDS:
        raise BadInput("A reservation is kept five minutes at least and a week at most.")
    known = session.get(DropPage, wanted.slug)
    if known is not None and (known.tenant, known.shop, known.drop) != (tenant, shop, drop):
        raise BadInput("That address is taken: choose another one.")


def withdraw(session: Session, *, tenant: str, shop: str, drop: str, at: int) -> int:
    """There is no such page any more; what was reserved through it is free. Returns how many reservations ended."""
    row = page_of(session, tenant=tenant, shop=shop, drop=drop)
    if row is None:
        return 0
    skus = [part.sku for part in drop_of(session, tenant=tenant, shop=shop, drop=drop).parts]
    session.delete(row)
    waiting.close(session, tenant=tenant, shop=shop, drop=drop)
    return close_channel(session, tenant=tenant, shop=shop, channel=WEB, skus=skus, at=at)


def page_of(session: Session, *, tenant: str, shop: str, drop: str) -> DropPage | None:
    """A drop's public page, if it has one."""
    mine = select(DropPage).where(DropPage.tenant == tenant, DropPage.shop == shop, DropPage.drop == drop)
    return session.exec(mine).first()


def look(session: Session, page: DropPage, at: int) -> Look:
    """What a visitor sees now."""
    where = {"tenant": page.tenant, "shop": page.shop}
    one = drop_of(session, **where, drop=page.drop)
    known = items(session, **where, of=[part.sku for part in one.parts])
    skus = [part.sku for part in one.parts if part.sku in known]
    there = left(session, **where, channel=WEB, skus=skus, at=at)
    waits = waiting.lengths(session, **where, drop=page.drop)
    offers = tuple(
        Offer(
            sku,
            known[sku].name,
            price_in(one, sku, max(at, one.start)) or known[sku].price,
            there[sku] // PIECE,
            waits.get(sku, 0),
            known[sku].age,
        )
        for sku in skus
    )
    return Look(page, one, state(one, at), offers, min(one.cap or MOST_PIECES, MOST_PIECES))


def take(session: Session, page: DropPage, *, sku: str, pieces: int, number: str, at: int) -> Kept:
    """Keep pieces for a visitor under the code `number`, in the caller's transaction. Who waits comes first. NoneLeft;
    BadInput, in words for the page."""
    seen = _asked(session, page, sku, pieces, at)
    held = held_shop(session, page.tenant, page.shop)
    lapse(session, held, at)
    waiting.serve(session, page, seen.drop.end, at)
    wish = Wish(
        mark=mark_of(number),
        channel=WEB,
        lines={sku: pieces * PIECE},
        until=min(at + page.hold_minutes * MINUTE_MS, seen.drop.end),
        drop=page.drop,
    )
    return reserve(session, tenant=page.tenant, shop=page.shop, wish=wish, at=at)


def wait(session: Session, page: DropPage, *, sku: str, pieces: int, number: str, sealed: bytes, at: int) -> None:
    """Put a visitor on the waiting list under the code `number`; `sealed` is where they are told (empty: nowhere, they
    look at their page)."""
    seen = _asked(session, page, sku, pieces, at)
    held_shop(session, page.tenant, page.shop)
    waiting.join(session, page, sku=sku, qty=pieces * PIECE, mark=mark_of(number), sealed=sealed, at=at)
    waiting.serve(session, page, seen.drop.end, at)


def let_go(session: Session, page: DropPage, *, number: str, at: int) -> None:
    """A visitor needs it no longer; who waits gets it. NotKnown for a code that is nobody's."""
    where, mark = {"tenant": page.tenant, "shop": page.shop}, mark_of(number)
    held_shop(session, page.tenant, page.shop)
    left_list = waiting.leave(session, **where, mark=mark)
    if not release(session, **where, marks=[mark], at=at) and not left_list:
        raise NotKnown("there is no such reservation")
    waiting.serve(session, page, drop_of(session, **where, drop=page.drop).end, at)


def _asked(session: Session, page: DropPage, sku: str, pieces: int, at: int) -> Look:
    seen = look(session, page, at)
    if not seen.open:
        raise BadInput("Nothing of it can be reserved now.")
    if sku not in {one.sku for one in seen.offers}:
        raise BadInput("Choose what you would like.")
    if not 0 < pieces <= seen.most:
        raise BadInput(f"One to {seen.most} pieces can be reserved.")
    return seen
