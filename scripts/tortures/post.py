"""Orders leaving by e-mail and webhook while servers fail and the sending process is killed at every step."""

import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, select

from cloud_sync.catalogue import set_supplier
from cloud_sync.clock import FileClock
from cloud_sync.database import Database, open_database
from cloud_sync.founding import NewShop, found
from cloud_sync.orders import By, approve, order_of, version_of
from cloud_sync.post.channels import Choice, choose
from cloud_sync.post.outbox import HELD_MS, arrived, requeue
from cloud_sync.settings import Settings
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order, OrderLineRow
from cloud_sync.tables.post import Message
from edge_agent.rules.day import DAY_MS
from edge_agent.wire.events.catalogue import SupplierSet
from scripts import hook_, smtp_
from scripts.hook_ import Hook, hook
from scripts.smtp_ import MailBox, mailbox
from scripts.tortures import Report
from scripts.venv_ import ROOT
from tests.shop import NORTH

SUMMARY = (
    "Mail server and webhook fail and the sender is killed at every step: each order arrives once, or is asked about."
)
FULL = {"faults": 200}
SHORT = {"faults": 24}

START = 1_772_546_400_000
LONG = 60 * DAY_MS
SUPPLIERS = {"mail": "email", "hook": "webhook"}
REFUSED = (421, "closing"), (451, "later")
ENDS = (*REFUSED, (554, "never"), smtp_.TAKEN_SILENTLY, smtp_.LOST_SILENTLY)
STEPS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "end")
ANSWERS = (500, 503, 429, 502, 504, 404, 302, hook_.CUT, hook_.TAKEN_SILENTLY, hook_.LOST_SILENTLY)
CROSSINGS = 30
"""A killed sender dies at one of its first steps so many: every write to a wire and to the outbox is two."""


@dataclass
class Town:
    """A shop, its two suppliers' servers, and the process that sends; `number` counts the orders."""

    database: Database
    shop: Shop
    clock: FileClock
    clock_file: Path
    mail: MailBox
    hook: Hook
    sender: "subprocess.Popen[str]"
    number: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def later(self, ms: int) -> None:
        now = self.clock.now() + ms
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(now))
        fresh.replace(self.clock_file)

    def goes_round(self, kill_at: int = 0) -> None:
        """One round of a new sender, which dies at its step `kill_at` (0: never)."""
        assert self.sender.stdin is not None
        assert self.sender.stdout is not None
        self.number += 1
        self.sender.stdin.write(f"w{self.number} {kill_at}\n")
        self.sender.stdin.flush()
        ended = self.sender.stdout.readline().strip()
        if ended not in ("0", "-9"):
            raise RuntimeError(f"the sender ended by itself: {ended!r}")
        self.done["killed"] += ended == "-9"


def run(folder: Path, *, seed: int, faults: int, forgets: int = 0) -> Report:
    """So many faults, each on one order more; then everything heals, and the owner asks about what nobody knows.
    `forgets` plants the fault that the rig must find: a sender that takes no answer for no."""
    chance = random.Random(seed)
    clock_file = folder / "clock"
    folder.mkdir(parents=True, exist_ok=True)
    clock_file.write_text(str(START))
    settings = Settings(data=folder / "cloud")
    shop = found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=START)
    database = open_database(settings.database_url)
    with mailbox() as mail, hook() as receiver:
        _suppliers(database, shop, receiver.url)
        sender = _sender(settings, clock_file, mail.port, forgets)
        town = Town(database, shop, FileClock(clock_file), clock_file, mail, receiver, sender)
        try:
            for _ in range(faults):
                _fault(town, chance)
            _heal(town)
            wrong = _judge(town)
            asked = _owner_asks(town)
            _heal(town)
            wrong += _all_once(town)
        finally:
            sender.communicate(timeout=60)
            database.close()
    return Report(ok=not wrong, lines=[*_lines(town, faults, asked), *wrong[:10]])


def _sender(settings: Settings, clock: Path, port: int, forgets: int) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "scripts.tortures.post_sender", str(settings.data), str(clock), str(port)]
    return subprocess.Popen(
        [*words, str(forgets)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def _suppliers(database: Database, shop: Shop, url: str) -> None:
    at = {"tenant": shop.tenant, "shop": shop.shop}
    with database.writing() as session:
        for name, by in SUPPLIERS.items():
            set_supplier(session, **at, supplier=_supplier(name), at=START)
            if by == "webhook":
                choose(
                    session, Choice(**at, supplier=name, goes_by="webhook", url=url, by="Ann", at=START, renew=False)
                )


def _supplier(name: str) -> SupplierSet:
    words = {"supplier": name, "name": name.capitalize(), "email": f"orders@{name}.example"}
    return NORTH.model_copy(update=words)


def _fault(town: Town, chance: random.Random) -> None:
    """One order more, one thing that goes wrong, and some time."""
    by = chance.choice(tuple(SUPPLIERS))
    _approved(town, by)
    kill_at = chance.randint(1, CROSSINGS) if chance.random() < 0.5 else 0
    town.mail.faults, town.hook.faults = (lambda _: {}), (lambda _: None)
    if not kill_at and by == "mail":
        step = chance.choice(STEPS)
        what = chance.choice(ENDS if step == "end" else (smtp_.CUT,) if step == "body" else (*REFUSED, smtp_.CUT))
        town.mail.faults = lambda _: {step: what}
        town.done[f"mail {step}"] += 1
    elif not kill_at:
        answer = chance.choice(ANSWERS)
        town.hook.faults = lambda _: answer
        town.done["webhook"] += 1
    town.goes_round(kill_at)
    town.later(chance.choice((30_000, 120_000, HELD_MS + 1_000)))


def _approved(town: Town, supplier: str) -> None:
    with town.database.writing() as session:
        number = len(session.exec(select(Order.order)).all()) + 1
        order = _order(town, supplier, number)
        line = OrderLineRow(
            tenant=order.tenant, order=order.order, sku="milk", position=0, packs=3, qty=18_000, cost=900
        )
        session.add_all([order, line])
        session.flush()
        seen = version_of(order)
        approve(session, tenant=order.tenant, order=order.order, version=seen, by=By("a", "Ann"), now=town.clock.now())


def _order(town: Town, supplier: str, number: int) -> Order:
    now = town.clock.now()
    return Order(
        tenant=town.shop.tenant,
        order=f"{number:064x}",
        shop=town.shop.shop,
        number=f"0001-{number:04d}",
        supplier=supplier,
        purpose="stock",
        cycle=number,
        revision=1,
        journal="a" * 32,
        seq=number,
        saw_total=1,
        proposed_at=now,
        cutoff_at=now + LONG,
        arrives_at=now + LONG + DAY_MS,
        next_arrives_at=now + LONG + 2 * DAY_MS,
        proposal="proposed",
        state="proposed",
        holds=b"[]",
        value=900,
    )


def _heal(town: Town) -> None:
    """Nothing fails any more; rounds until nothing waits."""
    town.mail.faults, town.hook.faults = (lambda _: {}), (lambda _: None)
    for _ in range(20):
        town.goes_round()
        if not [one for one in _messages(town) if one.state in ("queued", "leaving", "handed")]:
            return
        town.later(16 * 60_000)


def _messages(town: Town) -> list[Message]:
    with town.database.reading() as session:
        return list(session.exec(select(Message)))


def _copies(town: Town) -> Counter[str]:
    return Counter([*town.mail.orders(), *town.hook.orders()])


def _judge(town: Town) -> list[str]:
    """What the suppliers have against what the cloud says, before the owner asks anybody."""
    copies, wrong = _copies(town), list[str]()
    messages = _messages(town)
    with town.database.reading() as session:
        orders = session.exec(select(Order.order)).all()
    untried = set(orders) - {one.order for one in messages}
    wrong += [f"wedged: order {int(key, 16)} was approved and never tried" for key in sorted(untried)]
    for one in messages:
        came = copies[one.order]
        fits = {"left": came == 1, "failed": came == 0, "unsure": came <= 1}.get(one.state, False)
        town.done[one.state] += 1
        town.done["unsure and there"] += one.state == "unsure" and came == 1
        if not fits:
            wrong.append(f"order {int(one.order, 16)} is {one.state} and arrived {came} times")
    return wrong


def _owner_asks(town: Town) -> int:
    """The owner asks the suppliers about what nobody knows, and lets go again what did not leave."""
    copies, asked = _copies(town), 0
    for one in _messages(town):
        if one.state not in ("unsure", "failed"):
            continue
        asked += one.state == "unsure"
        with town.database.writing() as session:
            _says(session, session.get_one(Message, (one.tenant, one.order, one.channel)), copies[one.order], town)
    return asked


def _says(session: Session, message: Message, came: int, town: Town) -> None:
    if message.state == "unsure" and came:
        arrived(session, message, by="Ann", now=town.clock.now())
    else:
        requeue(session, message, town.clock.now())


def _all_once(town: Town) -> list[str]:
    copies, wrong = _copies(town), []
    with town.database.reading() as session:
        for key in session.exec(select(Order.order)):
            state = order_of(session, tenant=town.shop.tenant, order=key).state
            if copies[key] != 1 or state != "sent":
                wrong.append(f"order {int(key, 16)} arrived {copies[key]} times in the end, and is {state}")
    return wrong


def _lines(town: Town, faults: int, asked: int) -> list[str]:
    done, copies = town.done, _copies(town)
    steps = ", ".join(f"{step} {done[f'mail {step}']}" for step in STEPS)
    return [
        f"{faults} orders and faults: {done['killed']} senders killed, webhook {done['webhook']}, mail at {steps}",
        f"{done['left']} left, {done['failed']} surely not, {done['unsure']} unsure "
        f"(of which {done['unsure and there']} had arrived)",
        f"the owner asked about {asked}; in the end {len(copies)} orders arrived, "
        f"{sum(copies.values()) - len(copies)} of them twice, {len(_messages(town)) - len(copies)} lost",
    ]
