"""By which way an order goes to its supplier, and why it can't, in words."""

from sqlmodel import Session

from cloud_sync.catalogue import suppliers
from cloud_sync.post.outbox import Channel, put
from cloud_sync.post.server import MailServer
from cloud_sync.sending import File, why_not
from cloud_sync.tables.orders import Order


def way_of(session: Session, order: Order, server: MailServer | None) -> tuple[Channel | None, str]:
    """The channel; or None, and why there is none."""
    known = suppliers(session, tenant=order.tenant, shop=order.shop).get(order.supplier)
    if known is None or not known.email.strip():
        return None, "The supplier has no e-mail address, so the order can't leave."
    if server is None:
        return None, "This cloud has no mail server, so the order can't leave: whoever installed it sets mail_host."
    return "email", ""


def filer(server: MailServer | None, now: int) -> File:
    """Puts a claimed order into the outbox."""

    def file(session: Session, order: Order) -> bool:
        channel, _why = way_of(session, order, server)
        if channel is not None:
            put(session, order, channel, now)
        return channel is not None

    return file


def why_it_waits(session: Session, order: Order, server: MailServer | None) -> str:
    """Why an approved order does not leave, in words; empty when it will at once."""
    return why_not(session, order) or way_of(session, order, server)[1]
