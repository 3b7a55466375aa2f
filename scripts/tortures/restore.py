"""Cloned or damaged cards, old backups of till and cloud, an empty cloud: none lost or doubled, a fork always told."""

import logging
import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func
from sqlmodel import col, select

from cloud_sync.ingest.verify import verify as verify_cloud
from cloud_sync.orders import By, Conflict, approve, listed, version_of
from cloud_sync.pages.safety import safety
from cloud_sync.pages.shown import shown
from cloud_sync.pages.standing import standing
from cloud_sync.sending import claim_next
from cloud_sync.settings import Settings
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.figures import Takings
from edge_agent.errors import Broken
from edge_agent.journal.rebuild import verify
from edge_agent.wire.events.reorder import OrderLine, ReorderDecided
from scripts.tortures import Report
from scripts.tortures.lanes import lanes
from scripts.tortures.memory import in_memory
from scripts.tortures.one_dialect import one_dialect
from scripts.tortures.order_shop import StepClock
from scripts.tortures.restore_world import Play, Till, World, founded

SUMMARY = "Cloned or damaged cards, old backups of till and cloud, an empty cloud: 0 lost or doubled, orders sent once."
FULL, SHORT = {"runs": 1_000}, {"runs": 12}

BEGINS = 1_772_546_400_000
HOUR_MS = 3_600_000


@dataclass
class Told:
    """What some runs came to."""

    runs: int = 0
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def clone_online(world: World) -> None:
    """A card is copied; both tills are online."""
    first = _selling(world)
    second = world.clone(first)
    for _ in range(2):
        for till in world.chance.sample((first, second), 2):
            till.sell()
            till.sync()
    _is_told(world)


def clone_offline(world: World) -> None:
    """A card is copied; the copy sells for long before it is online."""
    first = _selling(world)
    second = world.clone(first)
    for _ in range(world.chance.randint(1, 3)):
        second.sell()
        first.sell()
        first.sync()
    was = second.journal.id
    second.sync()
    if second.journal.id == was:
        world.wrong.append("the fork was not found in its first session")
    _is_told(world)


def clone_before_cloud_backup(world: World) -> None:
    """A card is copied, one till sells and is heard; the cloud is put back to before, and hears the other one first."""
    first = _selling(world)
    file, second = world.backup(), world.clone(first)
    first.sell()
    first.sync()
    if world.chance.random() < 0.5:
        first.journal.begin_again("restored").result()
        first.sell()
        first.sync()
    second.sell(world.chance.randint(1, 4))
    world.restore(file)
    second.sync()
    first.sync()
    _is_told(world)


def till_backup_online(world: World) -> None:
    """The card is lost; the stick is put back and the till paired."""
    till, stick = _selling(world), world.folder / "stick"
    till.backup(stick)
    till.sell()
    till.sync()
    was = till.journal.id
    till.put_back(stick)
    till.pair()
    if till.journal.id != was:
        world.wrong.append("the till did not get its own events back")
    till.sell()


def till_backup_offline(world: World) -> None:
    """An old database file is put back beside its marker, and sells before it is online."""
    till = _selling(world)
    old = till.copy_database()
    till.sell()
    till.sync()
    till.replace_database(old)
    till.sell()
    till.sync()
    _is_told(world)


def cloud_backup(world: World) -> None:
    """The cloud is put back to a backup; orders were sent since."""
    till = _selling(world)
    _decided(world, till)
    file = _order_sent_around_backup(world, till)
    till.sell()
    till.sync()
    world.restore(file)
    till.sell()
    _asks_again(world)


def cloud_backup_away(world: World) -> None:
    """The cloud is put back while one of two tills is away, and that one knows what was sent."""
    first, second = _selling(world), _selling(world)
    _decided(world, second)
    file = _order_sent_around_backup(world, second)
    second.sell()
    world.restore(file)
    first.sell()
    first.sync()
    world.count()
    _asks_again(world)


def both_backups(world: World) -> None:
    """Till and cloud are put back, to other moments."""
    till, stick = _selling(world), world.folder / "stick"
    file = world.backup()
    till.sell()
    till.sync()
    till.backup(stick)
    till.put_back(stick)
    world.restore(file)
    till.pair()
    till.sell()


def cloud_backup_branched(world: World) -> None:
    """The cloud is put back to a moment before its till went on in a new journal."""
    till = _selling(world)
    file = world.backup()
    till.sell()
    till.sync()
    old = till.copy_database()
    till.sell()
    till.sync()
    till.replace_database(old)
    till.sell()
    till.sync()
    world.restore(file)
    # What was on the lost database and in the lost part of the cloud is nowhere any more.
    with till.journal.reading() as memory:
        lines = memory.db.execute(
            "SELECT CAST(line AS TEXT) ->> 'id' FROM ancestor UNION SELECT CAST(line AS TEXT) ->> 'id' FROM journal"
        )
        kept = {str(row[0]) for row in lines}
    world.paid &= kept | _stored(world)


def cloud_empty(world: World) -> None:
    """A new cloud database: the tills pair again and send everything."""
    for _ in range(world.chance.randint(1, 2)):
        _selling(world)
    world.begin_empty()
    for till in world.tills:
        till.sell()


def database_deleted(world: World) -> None:
    """The till's database is gone, keys and marker are there."""
    till = _selling(world)
    with till.journal.reading() as memory:
        number = memory.next_receipt()
    till.replace_database(None)
    till.sell()
    with till.journal.reading() as memory:
        if min(event.body["receipt"] for event in memory.events("sale_completed")) < number:
            world.wrong.append("a receipt number was used again")


def database_damaged(world: World) -> None:
    """A bit of a line that the cloud has is flipped on the card while the till stands still."""
    till = _selling(world)
    with till.journal.reading() as memory:
        line = world.chance.choice(memory.lines(1, memory.mark().received))
    copy, was = till.copy_database(), till.journal.id
    till.replace_database(copy.replace(line, line[:-1] + b"|"))
    if till.journal.id == was or not till.journal.mended:
        world.wrong.append("the damaged line was not found at the start")
    till.sell()
    till.sync()
    _is_told(world)


SCENARIOS: tuple[Play, ...] = (
    clone_online,
    clone_offline,
    clone_before_cloud_backup,
    till_backup_online,
    till_backup_offline,
    cloud_backup,
    cloud_backup_away,
    both_backups,
    cloud_backup_branched,
    cloud_empty,
    database_deleted,
    database_damaged,
)


def run(folder: Path, *, seed: int, runs: int) -> Report:
    """Each scenario in turn, on two processes."""
    with in_memory(folder) as place, lanes() as pool:
        jobs = [(place / f"part{part}", seed, range(part, runs, 2)) for part in range(2)]
        parts = list(pool.map(_part, *zip(*jobs, strict=True)))
    done = sum((part.done for part in parts), Counter())
    wrong = [word for part in parts for word in part.wrong]
    return Report(
        ok=not wrong,
        lines=[
            f"{sum(part.runs for part in parts)} runs of {len(SCENARIOS)} scenarios, {done['sales']} sales paid, "
            f"{done['journals']} journals, {done['sent']} orders sent, {done['held']} held back after a restore",
            f"{done['told']} forks and old copies, each told to the owner",
            f"lost {done['lost']}, doubled {done['doubled']}, other faults {len(wrong) - done['blamed']}",
            *wrong[:10],
        ],
    )


def _part(folder: Path, seed: int, numbers: range) -> Told:
    # Every clone and old copy is warned of; here they are what is played.
    logging.getLogger("edge_agent").setLevel(logging.ERROR)
    one_dialect()
    told = Told()
    template = folder / "template"
    _settings, shop = founded(template, BEGINS)
    for number in numbers:
        play = SCENARIOS[number % len(SCENARIOS)]
        inside = folder / f"run{number}"
        shutil.copytree(template, inside / "cloud")
        chance, settings = random.Random(f"{seed}.{number}"), Settings(data=inside / "cloud")
        world = World(inside, chance, StepClock(BEGINS), shop, settings)
        words = one_run(world, play)
        told.wrong += [f"seed {seed}, run {number}, {play.__name__}: {word}" for word in words]
        told.done += world.done
        told.runs += 1
        shutil.rmtree(inside)
    return told


def one_run(world: World, play: Play) -> list[str]:
    """Play a scenario, heal, judge; what is wrong."""
    try:
        play(world)
        world.heals()
        _claims(world)
        _judge(world)
    finally:
        world.close()
    return world.wrong


def _selling(world: World) -> Till:
    till = world.till()
    till.sell()
    till.sync()
    world.count()
    return till


def _stored(world: World) -> set[str]:
    with world.service.database.reading() as session:
        return set(session.exec(select(RawEvent.id).where(RawEvent.kind == "sale_completed")))


def _decided(world: World, till: Till) -> None:
    """An order is proposed."""
    key = f"{world.chance.getrandbits(256):064x}"
    line = OrderLine(sku="milk", packs=3, qty=18_000, cost=900, decision={})
    body = ReorderDecided(
        order=key,
        number=f"{key[:4]}-{key[4:8]}".upper(),
        shop=world.shop.shop,
        supplier="north",
        purpose="stock",
        cycle=7,
        revision=1,
        saw={till.journal.id: 1},
        cutoff_at=BEGINS + HOUR_MS,
        arrives_at=BEGINS + 48 * HOUR_MS,
        next_arrives_at=BEGINS + 96 * HOUR_MS,
        state="proposed",
        holds=(),
        value=900,
        lines=(line,),
        basis=None,
    )
    till.record(body)
    till.sync()
    world.count()


def _order_sent_around_backup(world: World, till: Till) -> Path:
    """Approved before or after the backup, sent after it; a till hears of it, or (approved before) none does."""
    early = world.chance.random() < 0.5
    if early:
        _approve(world)
    file = world.backup()
    world.tick()
    if not early:
        _approve(world)
    _claims(world)
    if not early or world.chance.random() < 0.5:
        till.sync()
    return file


def _approve(world: World) -> None:
    with world.service.database.reading() as session:
        waiting = listed(session, tenant=world.shop.tenant, shop=world.shop.shop)
    for order in waiting:
        try:
            with world.service.database.writing() as session:
                key, now = order.order, world.clock.now()
                approve(session, tenant=order.tenant, order=key, version=version_of(order), by=By("ann"), now=now)
        except Conflict:
            world.done["again"] += 1


def _claims(world: World) -> None:
    while (claim := claim_next(world.service.database, "w", world.clock.now())) is not None:
        world.sent[claim.order] += 1
        world.done["sent"] += 1


def _asks_again(world: World) -> None:
    """An owner who forgot approves what is open again; the workers look for work."""
    world.tick()
    _approve(world)
    before = world.done["sent"]
    _claims(world)
    world.done["held"] += world.done["sent"] == before


def _is_told(world: World) -> None:
    """The owner's page names the till."""
    world.count()
    with world.service.database.reading() as session:
        here = shown(session, tenant=world.shop.tenant, shop=world.shop.shop, now=world.clock.now())
        begun = {one.till for one in safety(session, here, standing(session, here)).begun}
    if world.tills[-1].name not in begun:
        world.wrong.append("the owner's page does not name the till that was copied or set back")
    world.done["told"] += 1


def _judge(world: World) -> None:
    """Every sale once in the cloud's books; every order sent at most once; every chain and view as it was written."""
    stored = _stored(world)
    with world.service.database.reading() as session:
        counted = session.exec(select(func.coalesce(func.sum(col(Takings.receipts)), 0))).one()
    lost = world.paid - stored
    doubled = counted - len(stored | world.paid) + len(lost)
    world.done["lost"] += len(lost)
    world.done["doubled"] += max(0, doubled)
    if lost or doubled:
        world.done["blamed"] += 1
        world.wrong.append(f"{len(lost)} sales lost, {doubled} counted too often, of {len(world.paid)}")
    for order, times in world.sent.items():
        if times > 1:
            world.done["blamed"] += 1
            world.done["doubled"] += 1
            world.wrong.append(f"order {order[:8]} was sent {times} times")
    try:
        verify_cloud(world.service.database)
        for till in world.tills:
            with till.journal.reading() as memory:
                verify(memory.db)
                world.done["journals"] += 1
                if memory.mark().received != memory.head().seq:
                    world.wrong.append(f"{till.name} still waits after healing")
    except Broken as error:
        world.wrong.append(error.message)
