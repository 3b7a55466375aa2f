"""Live windows in the cloud: pieces of a drop set aside for who has the code, for a while; the rest falls back.

The feed is their only table. What is set aside is a channel's; its reservations outlive the window, up to their time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from cloud_sync.channels import open_channel, shut
from cloud_sync.drops import drop as drop_of
from cloud_sync.feed import bodies, held_shop, publish
from cloud_sync.quotas import share_out
from cloud_sync.reservations import Kept, Wish, left, reservations, reserve
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.drop_window import MINUTE_MS
from edge_agent.rules.live import channel_of, check, state
from edge_agent.rules.reservation import mark_of
from edge_agent.wire.events.live import LivePart, LiveSet

KIND = "live_set"


@dataclass(frozen=True)
class Standing:
    """A live window and how it stands, in milli-units by SKU: what of it was taken (reserved or fetched), and what may
    still be."""

    live: LiveSet
    taken: Mapping[str, int]
    left: Mapping[str, int]

    @property
    def held(self) -> int:
        return sum(part.qty for part in self.live.parts)


@dataclass(frozen=True)
class Asked:
    """What somebody asks for: milli-units of a SKU, under the code `number` of their reservation."""

    sku: str
    qty: int
    number: str


def lives(session: Session, *, tenant: str, shop: str, drop: str = "") -> list[LiveSet]:
    """Every live window (of a drop) by its start, called off ones too."""
    every = map(LiveSet.model_validate_json, bodies(session, tenant, shop, KIND))
    found = {one.code: one for one in every if drop in ("", one.drop)}
    return sorted(found.values(), key=lambda one: (one.start, one.code))


def plan(session: Session, *, tenant: str, shop: str, live: LiveSet, at: int) -> None:
    """Plan one in the caller's transaction: its pieces are set aside from now on, the tills give up what they hold of
    them. BadInput: it can't be."""
    held = held_shop(session, tenant, shop)
    check(
        live,
        drop_of(session, tenant=tenant, shop=shop, drop=live.drop),
        lives(session, tenant=tenant, shop=shop),
        at,
    )
    publish(session, held, live, key=live.code, at=at)
    pieces = {part.sku: part.qty for part in live.parts}
    open_channel(session, tenant=tenant, shop=shop, channel=channel_of(live), kept=pieces, until=live.end, at=at)


def call_off(session: Session, *, tenant: str, shop: str, code: str, at: int) -> None:
    """It does not take place, or ends now; who has reserved keeps it up to its time."""
    held = held_shop(session, tenant, shop)
    live = live_of(session, tenant=tenant, shop=shop, code=code)
    if live.end <= at:
        raise BadInput("That live window is over.")
    publish(session, held, live.model_copy(update={"called_off": True}), key=code, at=at)
    skus = [part.sku for part in live.parts]
    shut(session, held, channel_of(live), skus)
    share_out(session, held, skus, at)


def live_of(session: Session, *, tenant: str, shop: str, code: str) -> LiveSet:
    """The window of that code; NotKnown when there is none."""
    for one in lives(session, tenant=tenant, shop=shop):
        if one.code == code:
            return one
    raise NotKnown("there is no such live window")


def running(session: Session, *, tenant: str, shop: str, drop: str, at: int) -> LiveSet | None:
    """The one of a drop that is open now."""
    mine = lives(session, tenant=tenant, shop=shop, drop=drop)
    return next((one for one in mine if state(one, at) == "open" and not one.called_off), None)


def take(session: Session, *, tenant: str, shop: str, live: LiveSet, asked: Asked, at: int) -> Kept:
    """Keep pieces for who gave the code, in the caller's transaction. NoneLeft; BadInput in words for the page."""
    part = _part(live, asked.sku)
    if part is None or state(live, at) != "open" or live.called_off:
        raise BadInput("Nothing of it is sold live now.")
    held_shop(session, tenant, shop)
    end = drop_of(session, tenant=tenant, shop=shop, drop=live.drop).end
    wish = Wish(
        mark=mark_of(asked.number),
        channel=channel_of(live),
        lines={part.sku: asked.qty},
        until=min(at + live.hold * MINUTE_MS, end),
        prices={part.sku: part.price},
        drop=live.drop,
    )
    return reserve(session, tenant=tenant, shop=shop, wish=wish, at=at)


def _part(live: LiveSet, sku: str) -> LivePart | None:
    return next((one for one in live.parts if one.sku == sku), None)


def standing(session: Session, *, tenant: str, shop: str, live: LiveSet, at: int) -> Standing:
    """How a live window stands."""
    taken = {part.sku: 0 for part in live.parts}
    for one in reservations(session, tenant=tenant, shop=shop, drop=live.drop, since=1):
        if one.row.channel == channel_of(live) and one.row.state in ("open", "handed"):
            for line in one.lines:
                taken[line.sku] = taken.get(line.sku, 0) + line.qty
    skus = [part.sku for part in live.parts]
    free = left(session, tenant=tenant, shop=shop, channel=channel_of(live), skus=skus, at=at)
    return Standing(live, taken, free)
