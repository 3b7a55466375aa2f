"""A thread that ends reservations at their time, shuts channels at theirs, and gives what falls free to who waits."""

import logging

from sqlmodel import Session, col, select

from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.drops import drop
from cloud_sync.feed import held_shop
from cloud_sync.pages.shown import shown
from cloud_sync.post.kept_letter import kept_mail
from cloud_sync.post.mail import send
from cloud_sync.post.talk import NotHeard, Refused
from cloud_sync.post.ways import Ways
from cloud_sync.reservations import lapse_due
from cloud_sync.rounds import Rounds
from cloud_sync.sealing import seal_of
from cloud_sync.settings import Settings
from cloud_sync.speech import Reader, reads
from cloud_sync.tables.reservations import DropPage, Waiting
from cloud_sync.waiting import Due, claim_told, close, serve
from edge_agent.errors import BadInput

log = logging.getLogger(__name__)
EVERY_S = 15.0


class Lapsing(Rounds):
    """Looks at what is due every quarter of a minute; who reserves looks at their shop's at once."""

    def __init__(self, database: Database, clock: Clock, ways: Ways, settings: Settings) -> None:
        super().__init__("reservations", EVERY_S, rests=True)
        self._database, self._clock, self._settings = database, clock, settings
        self.ways = ways

    def go_round(self) -> int:
        """End what is due, serve who waits, and tell them; returns how many reservations ended."""
        now = self._clock.now()
        ended = lapse_due(self._database, now)
        for page in self._waited_for():
            self._serve(self._database.of(page.tenant), page, now)
        return ended

    def _waited_for(self) -> list[DropPage]:
        here = (col(DropPage.tenant) == Waiting.tenant) & (col(DropPage.shop) == Waiting.shop)
        here = here & (col(DropPage.drop) == Waiting.drop)
        mine = select(DropPage).join(Waiting, here).where(Waiting.state != "over")
        with self._database.service().reading() as session:
            return list(session.exec(mine.distinct()))

    def _serve(self, database: Database, page: DropPage, now: int) -> None:
        where = {"tenant": page.tenant, "shop": page.shop}
        with database.writing() as session:
            held_shop(session, page.tenant, page.shop)
            planned = drop(session, **where, drop=page.drop)
            if planned.end <= now or planned.called_off:
                close(session, **where, drop=page.drop)
                return
            serve(session, page, planned.end, now)
        if self.ways.mail is not None:
            self._tell(database, page, now)

    def _tell(self, database: Database, page: DropPage, now: int) -> None:
        """Once at most: an address is forgotten before it is used."""
        with database.writing() as session:
            due = claim_told(session, tenant=page.tenant, shop=page.shop, drop=page.drop)
        for one in due:
            with database.reading() as session, reads(Reader()):
                self._mail(session, page, one, now)

    def _mail(self, session: Session, page: DropPage, due: Due, now: int) -> None:
        server = self.ways.mail
        assert server is not None, "without one, nobody is told"
        email, number = seal_of(self._settings, page.tenant, due.mark).open(due.sealed).split(" ")
        here = shown(session, tenant=page.tenant, shop=page.shop, now=now)
        planned = drop(session, tenant=page.tenant, shop=page.shop, drop=page.drop)
        link = f"{self.ways.address}/d/{page.slug}/{number}"
        letter = kept_mail(
            to=email, shop=here.name, drop=planned.name, until=here.when(due.until), link=link, server=server, at=now
        )
        try:
            send(server, letter, email, lambda: True)
        except NotHeard:
            log.info("nobody knows whether somebody on a waiting list was told", extra={"shop": page.shop})
        except (Refused, BadInput):
            log.warning("somebody on a waiting list could not be told", extra={"shop": page.shop})
