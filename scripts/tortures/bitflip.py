"""Bits flipped at random in a till's rows and file, the cloud's lines, an archive and a push: each is found."""

import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import apsw
from sqlmodel import select

from cloud_sync.database import open_database
from cloud_sync.ingest.verify import verify as verify_cloud
from cloud_sync.tables.events import RawEvent
from edge_agent.errors import Broken
from edge_agent.journal.fold import tables
from edge_agent.journal.rebuild import content_of, verify_file
from edge_agent.sync.archive import archived
from edge_agent.sync.batch import pack
from edge_agent.sync.http import Refused
from edge_agent.sync.keys import Keys, load_keys
from edge_agent.wire.messages import SessionRequest
from scripts import verify_archive
from scripts.tortures import Report
from scripts.tortures.order_shop import StepClock
from scripts.tortures.restore_world import InsideDoor, Till, World, founded

SUMMARY = (
    "One bit flipped in a till's rows or file, the cloud's lines, an archive or a push: found, or nothing changed."
)
FULL = {"flips": 1_000}
SHORT = {"flips": 30}

BEGINS = 1_772_546_400_000
TRUTH = ("journal", "ancestor")
ROWS = {
    "journal": "SELECT rowid FROM journal",
    "ancestor": "SELECT rowid FROM ancestor",
    "raw_event": "SELECT rowid FROM raw_event",
}
MADE_ANEW = ("mark", "forecast")
"""Tables that hold what the cloud says at each session, and forecasts."""


@dataclass
class Ground:
    """What is flipped, whole: a till with an ancestor, a feed and unsent sales, its cloud, its archive."""

    world: World
    keys: Keys
    file: Path
    journal: str
    till: bytes
    cloud: bytes
    archive: bytes
    unsent: list[tuple[bytes, bytes]]
    """Lines that the cloud lacks, with their links."""
    first: int
    """The seq of the first of them."""
    stored: int
    """How many lines the cloud has."""


@dataclass
class Told:
    """What became of the flips: {(place, outcome): how many}, and those that nobody noticed."""

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


def run(folder: Path, *, seed: int, flips: int) -> Report:
    """Each place in turn."""
    # Every refusal is warned of; here they are what is played.
    for name in ("edge_agent", "cloud_sync"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    told, chance = Told(), random.Random(seed)
    ground = _ground(folder, chance)
    try:
        for number in range(flips):
            place, flip = PLACES[number % len(PLACES)]
            outcome = flip(ground, chance)
            told.done[place, outcome] += 1
            if outcome.startswith("MISSED"):
                told.missed.append(f"seed {seed}, flip {number}, {place}: {outcome}")
        _right_ones_are_taken(ground, told)
    finally:
        ground.world.close()
    return Report(ok=not told.missed, lines=_lines(told, flips))


def _lines(told: Told, flips: int) -> list[str]:
    found = sum(many for (_, outcome), many in told.done.items() if outcome == "found")
    return [
        *(f"{place}: {many} {outcome}" for (place, outcome), many in sorted(told.done.items())),
        f"{flips} flips, {found} found, {flips - found - len(told.missed)} that changed nothing",
        f"missed {len(told.missed)}",
        *told.missed[:10],
    ]


def _ground(folder: Path, chance: random.Random) -> Ground:
    settings, shop = founded(folder / "cloud", BEGINS)
    world = World(folder, chance, StepClock(BEGINS), shop, settings)
    till, other = world.till(), world.till()
    till.sell(20)
    till.sync()
    till.journal.begin_again("fork").result()
    for one in (till, other):
        one.sell(5)
        one.sync()
        world.count()
    till.sync()
    till.sell(8)
    return _taken(world, till)


def _taken(world: World, till: Till) -> Ground:
    """The bytes of each part, while nobody works; the cloud serves again afterwards."""
    keys = load_keys(till.data)
    assert keys is not None, "a paired till has keys"
    with till.journal.reading() as memory:
        archive = b"".join(line + b"\n" for line in archived(memory, keys, keys.private))
        journal, ack = memory.journal_id(), memory.mark().received
        unsent = list(memory.db.execute("SELECT line, hash FROM journal WHERE seq > ? ORDER BY seq", (ack,)))
    file = till.data / "journal.db"
    till.close()
    world.service.database.close()
    cloud = (world.settings.data / "cloud.db").read_bytes()
    world.serve()
    ground = Ground(world, keys, file, journal, file.read_bytes(), cloud, archive, unsent, ack + 1, 0)
    ground.stored = _stored(ground)
    return ground


def flipped(whole: bytes, chance: random.Random, *, written: bool = False) -> bytes:
    """The same with one bit the other way round; `written`: of a byte that is not 0."""
    places, some = [at for at, byte in enumerate(whole) if byte] if written else range(len(whole)), bytearray(whole)
    some[chance.choice(places)] ^= 1 << chance.randrange(8)
    return bytes(some)


def _till_row(ground: Ground, chance: random.Random) -> str:
    table = chance.choice(TRUTH)
    return _till_file(ground, ground.till, lambda db: _flip_cell(db, table, ("line", "hash"), chance))


def _till_page(ground: Ground, chance: random.Random) -> str:
    # Most of a young till's file is empty pages: half of the flips hit what is written.
    return _till_file(ground, flipped(ground.till, chance, written=chance.random() < 0.5), None)


def _till_file(ground: Ground, content: bytes, touch: Callable[[apsw.Connection], None] | None) -> str:
    """What `verify` says of a journal's file with that content; what it lets pass must be as it was."""
    file = _laid(ground, "journal.db", content, touch)
    try:
        verify_file(file)
    except Broken:
        return "found"
    was, now = _tables(ground.file), _tables(file)
    differ = [table for table in was if was[table] != now[table]]
    if not differ:
        return "harmless: every row is as it was"
    if set(differ) <= {*MADE_ANEW, "feed"}:
        return f"harmless: {', '.join(differ)}, no view says otherwise"
    return f"MISSED: {', '.join(differ)}"


def _laid(ground: Ground, name: str, content: bytes, touch: Callable[[apsw.Connection], None] | None) -> Path:
    file = ground.world.folder / "flipped" / name
    file.parent.mkdir(exist_ok=True)
    for old in file.parent.glob(f"{name}*"):
        old.unlink()
    file.write_bytes(content)
    if touch is not None:
        db = apsw.Connection(str(file))
        db.execute("PRAGMA synchronous=OFF")
        touch(db)
        db.close()
    return file


def _flip_cell(db: apsw.Connection, table: str, columns: tuple[str, ...], chance: random.Random) -> None:
    places = [int(str(place)) for (place,) in db.execute(ROWS[table])]
    with db.blob_open("main", table, chance.choice(columns), chance.choice(places), True) as cell:
        fresh = flipped(cell.read(), chance)
        cell.seek(0)
        cell.write(fresh)


def _tables(file: Path) -> dict[str, tuple[int, str]]:
    db = apsw.Connection(str(file))
    try:
        return {name: content_of(db, name) for name in (*TRUTH, *MADE_ANEW, "feed", *tables())}
    finally:
        db.close()


def _cloud_line(ground: Ground, chance: random.Random) -> str:
    table, columns = chance.choice((*[("raw_event", ("line", "hash"))] * 9, ("journal", ("hash",))))
    file = _laid(ground, "cloud.db", ground.cloud, lambda db: _flip_cell(db, table, columns, chance))
    database = open_database(f"sqlite:///{file}")
    try:
        verify_cloud(database)
    except Broken:
        return "found"
    finally:
        database.close()
    return f"MISSED: {table}"


def _archive(ground: Ground, chance: random.Random) -> str:
    file = ground.world.folder / "archive"
    some = flipped(ground.archive, chance)
    file.write_bytes(some)
    try:
        verify_archive.check(str(file), ground.keys.private.public_key().public_bytes_raw().hex())
    except (verify_archive.Wrong, KeyError, ValueError):
        return "found"
    at = next(place for place, byte in enumerate(some) if byte != ground.archive[place])
    if at < ground.archive.index(b"\n"):
        return "harmless: the till's name for itself, which nothing goes by"
    return f"MISSED: byte {at} of the archive"


def _push(ground: Ground, chance: random.Random) -> str:
    """A line, or the link that is signed, is not what was written: the cloud takes nothing."""
    lines, links = [line for line, _ in ground.unsent], [link for _, link in ground.unsent]
    if chance.random() < 0.8:
        at = chance.randrange(len(lines))
        lines[at] = flipped(lines[at], chance)
    else:
        links[-1] = flipped(links[-1], chance)
    try:
        _sent(ground, lines, links)
    except Refused:
        return "found" if _stored(ground) == ground.stored else "MISSED: refused, and stored"
    return "MISSED: the cloud took it"


def _sent(ground: Ground, lines: list[bytes], links: list[bytes]) -> None:
    first, head = ground.first, links[-1].hex()
    asked = SessionRequest(
        journal=ground.journal, head_seq=first + len(lines) - 1, head_hash=head, boot="", version="", accept=1
    )
    with InsideDoor(ground.world.app, ground.keys.pairing.paired.credential) as door:
        session = door.open_session(asked).session
        packed = pack(
            lines,
            journal=ground.journal,
            session=session,
            first=first,
            behind=bytes(32).hex(),
            # What was written is what is signed, whatever became of the lines.
            sign=lambda header: ground.keys.signed(header.model_copy(update={"head_hash": head})),
        )
        door.push(packed.body)


def _stored(ground: Ground) -> int:
    with ground.world.service.database.reading() as session:
        return len(session.exec(select(RawEvent.seq).where(RawEvent.journal == ground.journal)).all())


def _right_ones_are_taken(ground: Ground, told: Told) -> None:
    """The cloud refused for the flip's sake: what was written it takes."""
    lines, links = [line for line, _ in ground.unsent], [link for _, link in ground.unsent]
    try:
        _sent(ground, lines, links)
        verify_cloud(ground.world.service.database)
    except (Refused, Broken) as error:
        told.missed.append(f"what was written is not taken: {error.message}")
    if _stored(ground) != ground.stored + len(lines):
        told.missed.append("what was written is not all in the cloud")


PLACES: tuple[tuple[str, Callable[[Ground, random.Random], str]], ...] = (
    ("till's rows", _till_row),
    ("till's file", _till_page),
    ("cloud's lines", _cloud_line),
    ("archive", _archive),
    ("push", _push),
)
