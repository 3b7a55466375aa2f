"""The herald: a thread that looks at every shop with news, and now and then, and tells what is new, once."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from cloud_sync.alerts import book
from cloud_sync.alerts.facts import facts_of
from cloud_sync.alerts.letter import alert_body, alert_mail
from cloud_sync.alerts.news import News, news
from cloud_sync.alerts.rules import alerts, next_due
from cloud_sync.catalogue import shop_card
from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.imports.kept import forget_old
from cloud_sync.ingest.gate import Gate
from cloud_sync.ingest.way import Way
from cloud_sync.news.book import forget_old as forget_news
from cloud_sync.pages.marks import Place
from cloud_sync.pages.shown import MINUTE_MS, Shown, shown
from cloud_sync.post.mail import send
from cloud_sync.post.talk import NotHeard, Refused
from cloud_sync.post.ways import Ways
from cloud_sync.post.webhook import post
from cloud_sync.rounds import Rounds
from cloud_sync.speech import Reader, reads
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.alerts import AlertRow
from edge_agent.errors import BadInput
from edge_agent.rules.day import local
from edge_agent.rules.signature import signature

log = logging.getLogger(__name__)
LOOK_EVERY_S = 60.0
DIGEST_HOUR = 8
REST_MS = 5 * MINUTE_MS
"""So long a shop without news is not looked at: what only time makes (goods that run out, a digest) is told by then."""


class Looked(NamedTuple):
    """What was known of a shop when it was looked at, and when it is to be looked at again without news."""

    news: News
    at: int
    due: int


class Herald(Rounds):
    """Tells alerts. Any number of them work side by side on one database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ways: Ways,
        *,
        gate: Gate | None = None,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        super().__init__("herald", every_s, rests=True)
        self._database, self._clock, self.ways = database, clock, ways
        self.way = Way("the herald", gate or Gate(), self._over)
        self._looked: dict[Place, Looked] = {}

    def go_round(self) -> int:
        """Look at every shop that has news, or whose time has come; how many alerts were told."""
        if not self.way.begin():
            return 0
        now = self._clock.now()
        with self._database.service().reading() as session:
            known = news(session, now)
        self._looked = {place: last for place, last in self._looked.items() if place in known}
        told = 0
        for place, new in known.items():
            if self._over.is_set():
                return told
            last = self._looked.get(place)
            if last is None or last.news != new or not last.at <= now < last.due:
                began = time.thread_time()
                told += self._look(place, new)
                # Pages are asked for meanwhile: they get the processor as long as we had it.
                self._over.wait(time.thread_time() - began)
                self.way.give()
        self.way.through()
        return told

    def _look(self, place: Place, new: News) -> int:
        now, (tenant, shop) = self._clock.now(), place
        database = self._database.of(tenant)
        with database.reading() as session:
            here = shown(session, tenant=tenant, shop=shop, now=now)
            facts = facts_of(session, here)
        self._looked[place] = Looked(new, now, min(now + REST_MS, next_due(facts)))
        with database.writing() as session:
            forget_old(session, tenant=tenant, now=now)
            forget_news(session, tenant=tenant, now=now)
            book.note(session, tenant=tenant, shop=shop, found=alerts(facts), now=now)
            fresh = book.claim_urgent(session, tenant=tenant, shop=shop, now=now)
        return self._urgent(database, here, fresh) + self._digest(database, here)

    def _urgent(self, database: Database, here: Shown, rows: list[AlertRow]) -> int:
        if not rows or self._told(database, here, rows, digest=False):
            return len(rows)
        self._looked.pop((here.tenant, here.shop), None)
        with database.writing() as session:
            book.give_back(session, rows)
        return 0

    def _digest(self, database: Database, here: Shown) -> int:
        then, where = local(here.now, here.zone), {"tenant": here.tenant, "shop": here.shop}
        if then.hour < DIGEST_HOUR:
            return 0
        day = then.date().toordinal()
        with database.writing() as session:
            rows = book.claim_digest(session, **where, day=day, now=here.now)
        if not rows or self._told(database, here, rows, digest=True):
            return len(rows)
        self._looked.pop((here.tenant, here.shop), None)
        with database.writing() as session:
            book.give_digest_back(session, **where, day=day)
        return 0

    def _told(self, database: Database, here: Shown, rows: list[AlertRow], *, digest: bool) -> bool:
        """Tell all who want it; False when there are such and none could be told."""
        with database.reading() as session:
            ways = [*self._mails(session, here, rows, digest=digest), *self._posts(session, here, rows)]
        done = [_done(way) for way in ways]
        log.info("alerts told", extra={"shop": here.shop, "number": len(rows), "digest": digest, "ways": sum(done)})
        return any(done) or not ways

    def _mails(
        self, session: Session, here: Shown, rows: Sequence[AlertRow], *, digest: bool
    ) -> list[Callable[[], None]]:
        server = self.ways.mail
        if server is None:
            return []
        card = shop_card(session, tenant=here.tenant, shop=here.shop)
        mine = select(Owner).where(Owner.tenant == here.tenant, col(Owner.disabled_at).is_(None))
        found: list[Callable[[], None]] = []
        for owner in session.exec(mine.order_by(Owner.email)):
            choice = book.choice_of(session, tenant=here.tenant, owner=owner.owner)
            if choice.digest if digest else choice.at_once:
                reader = Reader(chosen=owner.language, shop=card.language if card else "")
                mailer = _mailer(rows, self.ways, shop=here.name, to=owner.email, at=here.now, digest=digest)
                found.append(_read_by(reader, mailer))
        return found

    def _posts(self, session: Session, here: Shown, rows: Sequence[AlertRow]) -> list[Callable[[], None]]:
        hook = book.hook_of(session, tenant=here.tenant, shop=here.shop)
        if not hook.url:
            return []
        web, body = self.ways.web, alert_body(rows, shop=here.shop, base=self.ways.address)
        secret = hook_secret(self.ways, tenant=here.tenant, shop=here.shop, turn=hook.turn)
        signed = signature(secret, here.now // 1000, body)
        headers = {"Content-Type": "application/json", "User-Agent": "Dropshelf", "Dropshelf-Signature": signed}
        return [lambda: post(web, hook.url, body, headers, lambda: True)]


def hook_secret(ways: Ways, *, tenant: str, shop: str, turn: int) -> str:
    """What the receiver of a shop's alerts checks their signature with."""
    return ways.web.seal("alerts", tenant, shop, turn)


def _mailer(rows: Sequence[AlertRow], ways: Ways, *, shop: str, to: str, at: int, digest: bool) -> Callable[[], None]:
    server = ways.mail
    assert server is not None, "without one, no e-mail is written"

    def mail() -> None:
        letter = alert_mail(rows, shop=shop, to=to, server=server, base=ways.address, at=at, digest=digest)
        send(server, letter, to, lambda: True)

    return mail


def _read_by(reader: Reader, way: Callable[[], None]) -> Callable[[], None]:
    """The same, told to that reader."""

    def told() -> None:
        with reads(reader):
            way()

    return told


def _done(way: Callable[[], None]) -> bool:
    """True when it was told, or may have been."""
    try:
        way()
    except NotHeard:
        return True
    except (Refused, BadInput) as no:
        log.warning("an alert could not be told", extra={"why": no.message})
        return False
    return True
