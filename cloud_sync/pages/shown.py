"""One shop as the pages show it: its money, its clock, and the words that its owner reads."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from fastapi import HTTPException
from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from cloud_sync.catalogue import read_card
from cloud_sync.database import ask, columns
from cloud_sync.german.moments import DAYS, MONTHS, SOON, ago
from cloud_sync.speech import about
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.house import Shop
from edge_agent.rules.day import business_day, local
from edge_agent.rules.dayparts import Part, span
from edge_agent.rules.money import Currency, written
from edge_agent.rules.printed import priced
from edge_agent.rules.reasons import clock, dated, near

MINUTE_MS = 60_000
DAY_CLOSES = 240
EVENING = 17
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


@dataclass(frozen=True)
class Shown:
    """A shop at a moment; `feed` is the head of its feed. Every word about money and time on its pages comes from here,
    in the reader's language."""

    tenant: str
    shop: str
    name: str
    zone: str
    symbol: str
    decimals: int
    day_closes: int
    now: int
    currency: str = "GBP"
    language: str = "en"
    feed: int = 0

    @property
    def day(self) -> int:
        """The business day that is open now, as an ordinal."""
        return business_day(self.now, self.zone, self.day_closes)

    def money(self, amount: int) -> str:
        """`£1,212.95` or `1.212,95 €`; what is owed the other way stands behind a minus."""
        symbol = self.symbol.strip() if self.language == "de" else self.symbol
        said = priced(Currency(self.currency, symbol, self.decimals, self.language), abs(amount))
        return f"−{said}" if amount < 0 else said

    def bare(self, amount: int) -> str:
        """`12.95`, for columns and files."""
        return written(amount, self.decimals)

    def hour(self, at: int) -> str:
        """`14:02`, with the day in front of it when that is not today."""
        same = local(at, self.zone).date() == local(self.now, self.zone).date()
        time = f"{local(at, self.zone):%H:%M}"
        return time if same else f"{dated(at, self.zone, self.language)} {time}"

    def when(self, at: int) -> str:
        """`15:00 today`, `Tue 15:00`, or `Tue 10 Mar 15:00`."""
        if self._is_today(at):
            time = f"{local(at, self.zone):%H:%M}"
            return f"heute {time}" if self.language == "de" else f"{time} today"
        return clock(at, self.now, self.zone, self.language)

    def by(self, at: int) -> str:
        """The same, shorter: `15:00` when that is today."""
        return f"{local(at, self.zone):%H:%M}" if self._is_today(at) else self.when(at)

    def _is_today(self, at: int) -> bool:
        return local(at, self.zone).date() == local(self.now, self.zone).date()

    def soon(self, at: int) -> str:
        """A day as coarse as a forecast is: `now`, `today`, `tonight`, `tomorrow`, `Thu`."""
        then, today = local(at, self.zone), local(self.now, self.zone).date()
        if at <= self.now:
            word = "now"
        elif then.date() == today:
            word = "tonight" if then.hour >= EVENING else "today"
        elif then.date() == today + timedelta(days=1):
            word = "tomorrow"
        else:
            return near(at, self.now, self.zone, self.language)
        return SOON[word] if self.language == "de" else word

    def ago(self, at: int) -> str:
        """`just now`, `5 min ago`, `3 h ago`, `2 days ago`."""
        minutes = max(0, self.now - at) // MINUTE_MS
        if minutes < 2:
            return SOON["just now"] if self.language == "de" else "just now"
        if minutes < 60:
            number, of = minutes, "min"
        else:
            number, of = (minutes // 60, "h") if minutes < 48 * 60 else (minutes // 1440, "days")
        return ago(number, of) if self.language == "de" else f"{number} {of} ago"

    def date(self, day: int) -> str:
        """`Tue 3 Mar 2026` of an ordinal day."""
        found = date.fromordinal(day)
        name, month = f"{found:%a}", f"{found:%b}"
        if self.language == "de":
            return f"{DAYS[name]} {found.day}. {MONTHS[month]} {found.year}"
        return f"{name} {found.day} {month} {found.year}"

    def day_of(self, at: int) -> int:
        """The business day of a moment."""
        return business_day(at, self.zone, self.day_closes)

    def stretch(self, part: Part) -> str:
        """`Tue 14-17`, of a part of a day."""
        return span(part, self.zone, self.language)

    def iso(self, at: int) -> str:
        """A moment as a form would send it, in the shop's time with its offset."""
        return local(at, self.zone).isoformat()

    def date_iso(self, day: int) -> str:
        """`2026-03-03` of an ordinal day, for files."""
        return date.fromordinal(day).isoformat()


class Listed(NamedTuple):
    """A shop in a list."""

    shop: str
    name: str


def shops_of(session: Session, tenant: str) -> list[Listed]:
    """The shops of a tenant, the oldest first."""
    return [Listed(*row) for row in ask(session, _names(), tenant=tenant)]


def speaks(session: Session, tenant: str) -> None:
    """What is told is about this tenant's first shop."""
    first = next(iter(ask(session, _first(), tenant=tenant)), None)
    about(read_card(first.card).language if first and first.card else "")


def shown(session: Session, *, tenant: str, shop: str, now: int) -> Shown:
    """The shop of that name (empty: the tenant's first); 404 when the tenant has none such."""
    asked = ask(session, _shop(), tenant=tenant, shop=shop) if shop else ask(session, _first(), tenant=tenant)
    if not asked:
        raise HTTPException(404, "There is no such shop.")
    row = asked[0]
    card = read_card(row.card) if row.card else None
    return Shown(
        tenant=tenant,
        shop=row.shop,
        name=card.name if card else row.name,
        zone=row.zone,
        symbol=card.symbol if card else SYMBOLS.get(row.currency, f"{row.currency} "),
        decimals=row.decimals,
        day_closes=card.day_closes if card else DAY_CLOSES,
        now=now,
        currency=row.currency,
        language=about(card.language if card else ""),
        feed=row.feed_head,
    )


@cache
def _names() -> Select[Any]:
    mine = select(*columns(Shop.shop, Shop.name)).where(col(Shop.tenant) == bindparam("tenant"))
    return mine.order_by(col(Shop.made_at), col(Shop.shop))


@cache
def _shop() -> Select[Any]:
    return _carded().where(col(Shop.shop) == bindparam("shop"))


@cache
def _first() -> Select[Any]:
    return _carded().order_by(col(Shop.made_at), col(Shop.shop)).limit(1)


def _carded() -> Select[Any]:
    """A tenant's shops with their cards."""
    here = (col(Entry.tenant) == Shop.tenant) & (col(Entry.shop) == Shop.shop)
    card = here & (col(Entry.kind) == "shop_set") & (col(Entry.key) == "")
    told = columns(Shop.shop, Shop.name, Shop.zone, Shop.currency, Shop.decimals, Shop.feed_head)
    wanted = select(*told, col(Entry.body).label("card")).join(Entry, card, isouter=True)
    return wanted.where(col(Shop.tenant) == bindparam("tenant"))
