"""By which way an order goes to its supplier, and why it can't, in words."""

from dataclasses import dataclass

from sqlmodel import Session

from cloud_sync.catalogue import suppliers
from cloud_sync.post.channels import channel_of
from cloud_sync.post.outbox import LATE_MS, Channel, put, requeue
from cloud_sync.post.server import MailServer, mail_server
from cloud_sync.post.webhook import Web, web_of
from cloud_sync.sending import File, why_not
from cloud_sync.settings import Settings
from cloud_sync.tables.orders import Order
from cloud_sync.tables.post import Message


@dataclass(frozen=True)
class Ways:
    """What this cloud can send by; `mail` is None where no mail server is set; `address` is what the
    outside calls this cloud."""

    mail: MailServer | None
    web: Web
    address: str = ""

    @property
    def channels(self) -> tuple[Channel, ...]:
        return ("email", "webhook") if self.mail else ("webhook",)


def ways_of(settings: Settings) -> Ways:
    """From the settings; BadInput for such as can't be meant."""
    return Ways(mail_server(settings), web_of(settings), settings.public_address.rstrip("/"))


def way_of(session: Session, order: Order, ways: Ways) -> tuple[Channel | None, str]:
    """The channel; or None, and why there is none."""
    known = suppliers(session, tenant=order.tenant, shop=order.shop).get(order.supplier)
    if known is None:
        return None, "The supplier is not in the catalogue, so the order can't leave."
    chosen = channel_of(session, tenant=order.tenant, shop=order.shop, supplier=order.supplier)
    if chosen is not None and chosen.goes_by == "webhook":
        return "webhook", ""
    if not known.email.strip():
        return None, "The supplier has no e-mail address and no webhook, so the order can't leave."
    if ways.mail is None:
        return None, "This cloud has no mail server, so the order can't leave: whoever installed it sets mail_host."
    return "email", ""


def filer(ways: Ways, now: int) -> File:
    """Puts a claimed order into the outbox."""

    def file(session: Session, order: Order) -> bool:
        channel, _why = way_of(session, order, ways)
        if channel is not None:
            put(session, order, channel, now, until_at=order.cutoff_at + LATE_MS)
        return channel is not None

    return file


def why_it_waits(session: Session, order: Order, ways: Ways) -> str:
    """Why an approved order does not leave, in words; empty when it will at once."""
    return why_not(session, order) or way_of(session, order, ways)[1]


def send_anew(session: Session, order: Order, message: Message, ways: Ways, now: int) -> None:
    """Let a message that did not leave go once more, by the channel that holds now: the other one is given up."""
    channel, _why = way_of(session, order, ways)
    if channel in (None, message.channel):
        requeue(session, message, now)
        return
    assert channel is not None
    message.state = "given up"
    session.add(message)
    other = session.get(Message, (order.tenant, order.order, channel))
    if other is None:
        put(session, order, channel, now, until_at=now + LATE_MS)
    else:
        requeue(session, other, now)
