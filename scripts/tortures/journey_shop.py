"""The shop of the row `journey`: a till with its counter, a cloud that is killed, a mail server and a webhook receiver
that fail."""

import csv
import io
import random
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from sqlmodel import Session, select

from cloud_sync.accounts.owners import add_owner, set_password
from cloud_sync.accounts.pairing import make_code
from cloud_sync.accounts.second import begin, confirm, secret_for
from cloud_sync.accounts.sessions import second_key
from cloud_sync.accounts.totp import STEP_S, code_at
from cloud_sync.database import open_database
from cloud_sync.founding import NewShop, found
from cloud_sync.post.channels import Choice, choose
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.orders import Order, OrderLineRow
from cloud_sync.tables.post import Message
from edge_agent.clock import FileClock
from edge_agent.journal.log import Draft
from edge_agent.opening import OpenTill, open_till
from edge_agent.rules.barcode import check_digit
from edge_agent.rules.day import moment
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.sale import Tendered
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.events.catalogue import ItemSet, SupplierSet
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts import hook_, smtp_
from scripts.hook_ import Hook
from scripts.house_ import difference, free_port, shop_settings
from scripts.smtp_ import MailBox
from scripts.tortures.lives import Life, ask

ZONE = "Europe/London"
MONDAY = date(2026, 3, 2).toordinal()
OPENS, SELLS = 8, 4
FAILS = 0.7
"""Of the connections that are made to a supplier, so many fail."""
PATIENCE_S = 60.0
EMAIL, PASSWORD = "ann@shop.example", "a crate of oat milk"
REFUSED = ((421, "closing"), (451, "later"))
MAIL_FAULTS: tuple[dict[str, smtp_.Reply | str], ...] = (
    *({step: what} for step in ("connect", "EHLO", "MAIL", "RCPT", "DATA") for what in (*REFUSED, smtp_.CUT)),
    {"body": smtp_.CUT},
    *({"end": what} for what in (*REFUSED, (554, "never"), smtp_.TAKEN_SILENTLY, smtp_.LOST_SILENTLY)),
)
HOOK_FAULTS = (500, 503, 429, 502, 504, 404, 302, hook_.CUT, hook_.TAKEN_SILENTLY, hook_.LOST_SILENTLY)


@dataclass(frozen=True)
class Sent:
    """An order as a supplier has it: packs by SKU."""

    order: str
    packs: dict[str, int]


@dataclass(frozen=True)
class Decided:
    """An order as the cloud has it: packs by SKU as the till proposed and as the owner approved them."""

    state: str
    proposed: dict[str, int] = field(default_factory=dict)
    approved: dict[str, int] = field(default_factory=dict)


class JourneyShop:
    """One shop on one scripted clock; even suppliers are written to, odd ones have a webhook."""

    def __init__(self, folder: Path, seed: str, suppliers: int, servers: tuple[MailBox, Hook], *, forgets: int) -> None:
        self.folder, self.data, self.cloud_data = folder, folder / "till", folder / "cloud"
        self.mail, self.hook = servers
        self.suppliers = [f"s{number}" for number in range(suppliers)]
        self.chance, self.done = random.Random(seed), Counter[str]()
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = FileClock(folder / "clock")
        self.at(0, OPENS)
        self.settings, self.port, self._forgets = Settings(data=self.cloud_data), free_port(), forgets
        self.url = f"http://127.0.0.1:{self.port}"
        self.shop = found(self.settings, NewShop("Corner Shop", ZONE, "GBP"), now=self.clock.now())
        self.database = open_database(self.settings.database_url).service()
        self._person()
        self._cloud: Life | None = None
        self.cloud_up()
        self.sync: SyncLoop | None = None
        self.till = self._first_till()

    # The clock, the cloud's process, the till's program.

    def at(self, day: int, hour: int) -> None:
        self.clock.set(moment(MONDAY + day, 60 * hour, ZONE))

    def later(self, ms: int) -> None:
        self.clock.set(self.clock.now() + ms)

    def cloud_up(self) -> None:
        words = (str(self.cloud_data), str(self.port), str(self.clock.path), str(self.mail.port), str(self._forgets))
        self._cloud = Life("scripts.tortures.journey_cloud", *words)
        self.wait(self._answers, "the cloud answers")

    def cloud_killed(self) -> None:
        """kill -9, and a new start."""
        assert self._cloud is not None
        self._cloud.kill()
        self.done["killed"] += 1
        self.cloud_up()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def till_restarted(self) -> None:
        """The till's program ends and begins again, offline."""
        self.goes_offline()
        self.till.close()
        self.till = self._opened()
        self.done["tills"] += 1

    def goes_offline(self) -> None:
        if self.sync is not None:
            self.sync.stop()
            self.sync = None

    def comes_online(self) -> None:
        """The till sends what it has and takes the feed to its end."""
        if self.sync is None:
            self.sync = SyncLoop(self.till.journal, self.data, version="1", chance=lambda: 0.01)
            self.sync.start()
        self.sync.wake()
        self.wait(lambda: self.till.reading.head().seq <= self.till.reading.mark().received, "everything is sent")

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for another process."""
        ends = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > ends:
                raise RuntimeError(f"waited {PATIENCE_S:.0f} s in vain until {what}")
            time.sleep(0.02)

    def _opened(self) -> OpenTill:
        till = open_till(self.data, self.clock)
        till.replenish.start()
        return till

    def _first_till(self) -> OpenTill:
        """Items, suppliers and stock are written at the till; pairing uploads them."""
        self.data.mkdir(parents=True)
        (self.data / "settings.toml").write_text(shop_settings('[till]\nname = "Till 1"'), encoding="utf-8")
        till = open_till(self.data, self.clock)
        stock = tuple(CountedLine(sku=name, counted=6_000, expected=0) for name in self.suppliers)
        bodies = [*map(_supplier, self.suppliers), *map(_item, self.suppliers)]
        bodies_and_stock = [*bodies, StockCounted(lines=stock, saw=till.reading.vector())]
        till.journal.record(lambda _: [Draft(body) for body in bodies_and_stock]).result()
        till.close()
        self._pair()
        till = self._opened()
        self.till = till
        self.comes_online()
        self.wait(self._channels, "the cloud knows the suppliers")
        return till

    def _pair(self) -> None:
        with self.database.writing() as session:
            code = make_code(session, tenant=self.shop.tenant, shop=self.shop.shop, now=self.clock.now())
        ask("edge_agent.commands", "pair", self.url, code, "--data", str(self.data), clock=str(self.clock.path))

    def _channels(self) -> bool:
        """Every second supplier's orders go to the webhook, once the cloud knows the supplier."""
        try:
            with self.database.writing() as session:
                for name in self.suppliers[1::2]:
                    self._to_webhook(session, name)
        except Exception as error:
            if "supplier" in str(error):
                return False
            raise
        return True

    def _to_webhook(self, session: Session, name: str) -> None:
        tenant, shop, url = self.shop.tenant, self.shop.shop, self.hook.url
        choose(session, Choice(tenant=tenant, shop=shop, supplier=name, goes_by="webhook", url=url, by="Ann", at=0))

    # The owner's authenticator.

    def _person(self) -> None:
        with self.database.writing() as session:
            add_owner(session, tenant=self.shop.tenant, email=EMAIL, name="Ann", now=self.clock.now())
            owner = session.exec(select(Owner)).one()
            set_password(session, tenant=owner.tenant, owner=owner.owner, password=PASSWORD)
            begin(session, owner)
            key = second_key(self.settings)
            code = code_at(secret_for(key, owner), self.clock.now() // 1000 // STEP_S)
            confirm(session, key, owner, code, self.clock.now())

    def code(self) -> str:
        """What the authenticator shows in the next half minute."""
        self.later(STEP_S * 1000)
        with self.database.reading() as session:
            owner = session.exec(select(Owner)).one()
        return code_at(secret_for(second_key(self.settings), owner), self.clock.now() // 1000 // STEP_S)

    # The till's day.

    def sells(self, day: int) -> list[str]:
        """Some of everything, without a network; the orders that the till makes of it."""
        shares = (*[0] * 9, *[1000] * 10, *[0] * 5)
        made = [Forecast(sku, 0, MONDAY + day, (4_000,) * 14, shares, 1_400, "base", "") for sku in self.suppliers]
        self.till.journal.store_forecasts(made).result()
        selling = self.till.selling
        for sku in self.suppliers:
            if selling.scan(_code(sku), 1000 * self.chance.randint(2, SELLS)).kind == "unknown":
                raise RuntimeError(f"the till does not know {sku}")
        self.till.paying.pay(selling.sale, [Tendered("cash", selling.sale.total)]).result()
        selling.clear()
        self.till.replenish.wake_all()
        if not self.till.replenish.settled(PATIENCE_S):
            raise RuntimeError("the till comes to no decision")
        return [order.key for order in self.till.reading.orders(("proposed", "held"))]

    def receives(self) -> dict[str, int]:
        """What was sent and is due comes, as it was ordered; {SKU: milli-units that came}."""
        came: dict[str, int] = {}
        for order in self.till.reading.orders(("sent",)):
            if order.arrives_at <= self.clock.now():
                came |= {line.sku: line.qty for line in order.lines}
                self.till.stock_room.receive_as_ordered(order.key).result()
        self.done["received"] += len(came)
        return came

    # What leaves, and what fails.

    def fails(self, faults: int) -> None:
        """From now on most connections to a supplier fail, until so many faults were made in all."""

        def mail(_number: int) -> dict[str, smtp_.Reply | str]:
            return self.chance.choice(MAIL_FAULTS) if self._strikes("mail", faults) else {}

        def hook(_number: int) -> hook_.Fault | None:
            return self.chance.choice(HOOK_FAULTS) if self._strikes("webhook", faults) else None

        self.mail.faults, self.hook.faults = mail, hook

    def _strikes(self, where: str, faults: int) -> bool:
        strikes = self.faults() < faults and self.chance.random() < FAILS
        self.done[where] += strikes
        return strikes

    def heals(self) -> None:
        self.mail.faults, self.hook.faults = (lambda _: {}), (lambda _: None)

    def faults(self) -> int:
        return sum(self.done[one] for one in ("mail", "webhook", "killed", "tills"))

    def messages(self, *states: str) -> list[Message]:
        with self.database.reading() as session:
            return [one for one in session.exec(select(Message)) if not states or one.state in states]

    def in_peace(self) -> None:
        """Nothing fails any more, and time passes until every message has left, failed or is unsure."""
        self.heals()
        self.wait(self._nothing_to_claim, "every approved order is in the outbox")
        ends = time.monotonic() + PATIENCE_S
        while self.messages("queued", "leaving", "handed"):
            if time.monotonic() > ends:
                raise RuntimeError("messages wait for ever")
            if waits := self.messages("queued"):
                self.clock.set(max(self.clock.now(), *(one.next_at for one in waits)))
            elif self.messages("leaving", "handed"):
                self.later(20_000)
            time.sleep(0.05)

    def _nothing_to_claim(self) -> bool:
        with self.database.reading() as session:
            return not session.exec(select(Order.order).where(Order.state == "approved")).all()

    def arrived(self) -> list[Sent]:
        """Everything that the suppliers have, a copy by copy; what the owner is told by mail is none of it."""
        letters = [mail for mail in list(self.mail.taken) if mail["X-Dropshelf-Order"]]
        mails = [Sent(str(mail["X-Dropshelf-Order"]).strip(), _packs_of(mail)) for mail in letters]
        return mails + [
            Sent(str(one["order"]), {line["sku"]: line["packs"] for line in one["lines"]}) for one in self.hook.taken
        ]

    def copies(self, order: str) -> int:
        return sum(one.order == order for one in self.arrived())

    def orders(self) -> dict[str, Decided]:
        """Every order as the cloud has it, by its key."""
        with self.database.reading() as session:
            found = {one.order: Decided(one.state) for one in session.exec(select(Order))}
            for line in session.exec(select(OrderLineRow)):
                found[line.order].proposed[line.sku] = line.packs
                if line.approved_packs is not None:
                    found[line.order].approved[line.sku] = line.approved_packs
        return found

    def lost_and_doubled(self) -> tuple[int, int]:
        """Events of the till that the cloud lacks, or has twice."""
        return difference(self.data, self.cloud_data)

    def close(self) -> None:
        self.goes_offline()
        self.till.close()
        if self._cloud is not None:
            self._cloud.kill()
        self.database.close()


def _packs_of(mail: EmailMessage) -> dict[str, int]:
    """By the letter's CSV."""
    (sheet,) = [part for part in mail.iter_attachments() if str(part.get_filename()).endswith(".csv")]
    content = sheet.get_content()
    text = content if isinstance(content, str) else content.decode("utf-8-sig")
    return {row["sku"]: int(row["packs"]) for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}


def _code(sku: str) -> str:
    body = f"400000000{int(sku[1:]):03d}"
    return body + check_digit(body)


def _supplier(name: str) -> SupplierSet:
    return SupplierSet(
        supplier=name,
        name=f"Supplier {name[1:]}",
        email=f"orders@{name}.example",
        ordered_from="cloud",
        calendar=1,
        valid_from=739_000,
        order_days=tuple(range(7)),
        cutoff=17 * 60,
        lead_days=1,
        working_days=tuple(range(7)),
        delivery_days=(),
        arrives=7 * 60,
        min_order=0,
    )


def _item(name: str) -> ItemSet:
    return ItemSet(
        sku=name,
        item="",
        name=f"Good {name[1:]}",
        category="",
        price=100,
        rate=0,
        codes=(_code(name),),
        pack=2_000,
        pack_cost=120,
        supplier=name,
        shelf_life_days=None,
        from_at=0,
    )
