"""The postman: a thread that claims approved orders and hands them over; it wakes, looks, and needs no memory."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.orders import order_of
from cloud_sync.post import outbox
from cloud_sync.post.answers import link
from cloud_sync.post.channels import channel_of
from cloud_sync.post.letter import Letter, letter
from cloud_sync.post.mail import mail_of, send
from cloud_sync.post.outbox import Taken
from cloud_sync.post.talk import HandOver, NotHeard, NotOurs, Refused
from cloud_sync.post.ways import Ways, filer
from cloud_sync.post.webhook import body_of, post
from cloud_sync.rounds import Rounds
from cloud_sync.sending import claim_next
from cloud_sync.speech import Reader, reads
from cloud_sync.tables.post import SupplierChannel
from edge_agent.errors import BadInput
from edge_agent.rules.signature import signature

log = logging.getLogger(__name__)
LOOK_EVERY_S = 2.0
NOTED_AGAIN = 3
T = TypeVar("T")


class Postman(Rounds):
    """Sends what was approved. Any number of them work side by side on one database; `name` is this one's alone."""

    def __init__(
        self, database: Database, clock: Clock, ways: Ways, name: str, *, every_s: float = LOOK_EVERY_S
    ) -> None:
        super().__init__("postman", every_s)
        self._database, self._clock, self._ways = database, clock, ways
        self._name = name

    def go_round(self) -> int:
        """Claim and hand over all that is due now; how many messages were tried."""
        now, tried = self._clock.now(), 0
        outbox.let_lapse(self._database, now)
        while claim_next(self._database, self._name, now, filer(self._ways, now)) is not None:
            continue
        while not self._over.is_set() and (taken := self._next()):
            tried += 1
            self._deliver(taken)
        return tried

    def _next(self) -> Taken | None:
        """What this worker can carry: another one's settings may know a mail server."""
        return outbox.take(self._database, self._name, self._clock.now(), self._ways.channels)

    def _deliver(self, taken: Taken) -> None:
        """One try. Whatever happens, the row says what is known."""
        handed = False

        def handing(to: str) -> HandOver:
            def hand_over() -> bool:
                nonlocal handed
                handed = outbox.hand_over(self._database, taken, to)
                return handed

            return hand_over

        try:
            self._send(taken, handing)
        except NotOurs:
            log.warning("another worker has the message", extra={"channel": taken.channel})
        except NotHeard as lost:
            words = lost.message
            self._noted(lambda: outbox.note_unknown(self._database, taken, words))
        except Refused as no:
            words, again = no.message, no.again
            self._noted(lambda: self._refused(taken, words, again=again))
        except Exception:
            log.exception("a message could not be written or sent")
            if handed:
                self._noted(lambda: outbox.note_unknown(self._database, taken, "It failed while it was handed over."))
            else:
                self._noted(lambda: self._refused(taken, "It could not be written; the log says why.", again=True))
        else:
            self._noted(lambda: outbox.note_left(self._database, taken, self._clock.now()))
            log.info("an order left", extra={"channel": taken.channel, "tries": taken.tries})

    def _send(self, taken: Taken, handing: Callable[[str], HandOver]) -> None:
        with self._database.of(taken.tenant).reading() as session:
            order = letter(session, tenant=taken.tenant, order=taken.order)
            order = replace(order, answer=link(self._ways, tenant=taken.tenant, order=taken.order))
            row = order_of(session, tenant=taken.tenant, order=taken.order)
            chosen = channel_of(session, tenant=taken.tenant, shop=row.shop, supplier=row.supplier)
        if taken.channel == "webhook":
            self._post(order, chosen, handing)
        else:
            self._mail(order, handing)

    def _mail(self, order: Letter, handing: Callable[[str], HandOver]) -> None:
        server = self._ways.mail
        assert server is not None, "without one, no e-mail is taken"
        try:
            with reads(Reader(shop=order.language)):
                mail = mail_of(order, server, self._clock.now())
        except BadInput as error:
            raise Refused(f"The supplier's e-mail address is not good: {error.message}.", again=False) from error
        send(server, mail, order.to, handing(order.to))

    def _post(self, order: Letter, chosen: SupplierChannel | None, handing: Callable[[str], HandOver]) -> None:
        if chosen is None or not chosen.url:
            raise Refused("The supplier has no webhook any more.", again=False)
        mine = {"tenant": chosen.tenant, "shop": chosen.shop, "supplier": chosen.supplier}
        secret = self._ways.web.secret(**mine, turn=chosen.turn)
        body = body_of(order)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Dropshelf",
            "Idempotency-Key": order.order,
            "Dropshelf-Signature": signature(secret, self._clock.now() // 1000, body),
        }
        post(self._ways.web, chosen.url, body, headers, handing(chosen.url))

    def _refused(self, taken: Taken, words: str, *, again: bool) -> bool:
        log.warning("an order did not leave", extra={"channel": taken.channel, "tries": taken.tries, "again": again})
        return outbox.note_refused(self._database, taken, words, self._clock.now(), again=again)

    def _noted(self, note: Callable[[], T]) -> T:
        """What is known is worth more than one try of the database: unwritten, the owner would have to ask."""
        for _ in range(NOTED_AGAIN):
            try:
                return note()
            except Exception:
                log.exception("what became of a message could not be noted yet")
                self._over.wait(1)
        return note()
