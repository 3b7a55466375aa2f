"""Orders that are ready to leave, a mail server beside them, and postmen of our own, for the tests of what leaves."""

from dataclasses import dataclass, field, replace

from sqlalchemy import delete, update
from sqlmodel import col

from cloud_sync.orders import By, approve, order_of, version_of
from cloud_sync.post.network import networks_of
from cloud_sync.post.outbox import messages_of
from cloud_sync.post.server import MailServer
from cloud_sync.post.ways import Ways
from cloud_sync.post.webhook import Web, web_of
from cloud_sync.post.worker import Postman
from cloud_sync.tables.orders import Order
from cloud_sync.tables.post import Message
from scripts.smtp_ import MailBox
from tests.cloud import Cloud, FakeTill, proposal
from tests.owner_shop import says
from tests.shop import CAST, TUESDAY_14


def mail_to(box: MailBox, **changed: object) -> MailServer:
    """The mail server of these tests, in the clear on loopback."""
    usual = {"port": box.port, "security": "none", "user": "", "secret_file": None, "ca_file": None}
    made = {"host": "127.0.0.1", "sender": "orders@shop.example", **usual, **changed}
    return MailServer(**made)  # type: ignore[arg-type]


@dataclass
class Office:
    """A cloud with a shop whose till proposed orders, and its clock."""

    cloud: Cloud
    till: FakeTill
    made: int = 0
    keys: list[str] = field(default_factory=list)

    def approved(self, **changed: object) -> str:
        """One more approved order; its key."""
        self.made += 1
        key = f"{self.made:064x}"
        number = f"0001-{self.made:04d}"
        self.till.says("reorder_decided", proposal(key, number=number, **changed))
        self.till.sends()
        with self.cloud.database.writing() as session:
            seen = version_of(order_of(session, tenant=self.cloud.shop.tenant, order=key))
            approve(session, tenant=self.cloud.shop.tenant, order=key, version=seen, by=By("a", "Ann"), now=TUESDAY_14)
        self.keys.append(key)
        return key

    def message(self, key: str) -> Message:
        with self.cloud.reading() as session:
            (found,) = messages_of(session, tenant=self.cloud.shop.tenant, order=key)
        return found

    def state(self, key: str) -> str:
        with self.cloud.reading() as session:
            return order_of(session, tenant=self.cloud.shop.tenant, order=key).state

    @property
    def web(self) -> Web:
        """Webhooks may go to this machine."""
        return replace(web_of(self.cloud.service.settings), allowed=networks_of("127.0.0.0/8"))

    def postman(self, server: MailServer | None, name: str = "w", web: Web | None = None) -> Postman:
        ways = Ways(server, web or self.web, self.cloud.url)
        return Postman(self.cloud.database, self.cloud.service.clock, ways, name)

    def clear(self) -> None:
        """Nothing of it waits any more: other tests' postmen are on the same database."""
        self.till.close()
        with self.cloud.database.writing() as session:
            session.execute(delete(Message))
            waits = update(Order).where(col(Order.state) == "approved")
            session.execute(waits.values(state="expired"))

    def later(self, ms: int) -> None:
        self.cloud.set_clock(self.cloud.service.clock.now() + ms)


def office(cloud: Cloud) -> Office:
    """A shop that knows its supplier and its items."""
    till = FakeTill(cloud)
    says(till, *CAST)
    till.sends()
    return Office(cloud, till)
