"""The courier: a thread that posts news to each shop's webhook, signed, until it is taken; at least once."""

import logging

from cloud_sync.alerts.book import hook_of
from cloud_sync.alerts.herald import hook_secret
from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.news import book
from cloud_sync.post.talk import NotHeard, Refused
from cloud_sync.post.ways import Ways
from cloud_sync.post.webhook import post
from cloud_sync.rounds import Rounds
from cloud_sync.tables.news import NewsRow
from edge_agent.errors import BadInput
from edge_agent.rules.signature import signature

log = logging.getLogger(__name__)
LOOK_EVERY_S = 3.0
NO_HOOK = "The webhook was taken away."


class Courier(Rounds):
    """Posts what waits. Any number of them work side by side on one database."""

    def __init__(self, database: Database, clock: Clock, ways: Ways, *, every_s: float = LOOK_EVERY_S) -> None:
        super().__init__("courier", every_s, rests=True)
        self._database, self._clock, self._ways = database, clock, ways

    def go_round(self) -> int:
        """Post all that is due, the oldest first; a shop whose webhook does not take one rests until the next round."""
        tried, resting = 0, set[tuple[str, str]]()
        while not self._over.is_set() and (row := book.take(self._database, self._clock.now(), resting)):
            tried += 1
            if not self._told(row):
                resting.add((row.tenant, row.shop))
        return tried

    def _told(self, row: NewsRow) -> bool:
        try:
            self._post(row)
        except (NotHeard, Refused, BadInput) as no:
            again = no.message != NO_HOOK
            log.warning("news could not be told", extra={"kind": row.kind, "tries": row.tries, "why": no.message})
            book.not_taken(self._database, row, no.message, self._clock.now(), again=again)
            return False
        book.taken(self._database, row)
        return True

    def _post(self, row: NewsRow) -> None:
        with self._database.of(row.tenant).reading() as session:
            hook = hook_of(session, tenant=row.tenant, shop=row.shop)
            url, turn = hook.url, hook.turn
        if not url:
            raise Refused(NO_HOOK, again=False)
        secret = hook_secret(self._ways, tenant=row.tenant, shop=row.shop, turn=turn)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Dropshelf",
            "Idempotency-Key": row.news,
            "Dropshelf-Signature": signature(secret, self._clock.now() // 1000, row.body),
        }
        post(self._ways.web, url, row.body, headers, lambda: True)
