"""A till and the journal that it sends, held for one transaction; and the questions that ask after both at once."""

from dataclasses import dataclass

from cloud_sync.accounts.devices import Sender
from cloud_sync.bare import Bare, Row
from cloud_sync.fittings import kept
from edge_agent.errors import NotAllowed
from edge_agent.wire.messages import BatchHeader, SessionRequest

SEEN_MS = 1_000
"""A till's sign of life is noted to the second: what is sent again within one costs no write."""
STANDING = """d.state, d.till, d.backlog, d.journal, d.last_seen_at, d.version,
    j.shop, j.device, j.seq, j.hash, j.session, s.seq"""
BOTH = """FROM device d JOIN journal j ON j.tenant = d.tenant AND j.journal = :journal
    LEFT JOIN safe s ON s.tenant = d.tenant AND s.journal = :journal"""
LAST = "LEFT JOIN raw_event e ON e.tenant = d.tenant AND e.journal = :journal AND e.seq = :last"
MINE = "WHERE d.tenant = :tenant AND d.device = :device"
NOTHING_NEW = """j.seq >= :last AND e.hash = :head AND j.device = :device AND j.session = :session
    AND d.journal = :journal AND d.last_seen_at BETWEEN :from AND :to"""
"""All of the batch is here, its till's session is the newest, and its sign of life is not due."""
GENERATION = "(SELECT value FROM stamp WHERE name = 'generation')"
TO_OPEN = " ".join(("SELECT", STANDING, ",", GENERATION, BOTH, MINE, "FOR UPDATE OF d, j"))
FRESH = f"AND NOT coalesce({NOTHING_NEW}, false)"
TO_STORE = " ".join(("SELECT", STANDING, ", e.hash", BOTH, LAST, MINE, FRESH, "FOR UPDATE OF d, j"))
ALL_HERE = " ".join(("SELECT j.seq, s.seq", BOTH, LAST, MINE, "AND", NOTHING_NEW))
TILL = " ".join(("SELECT d.state FROM device d", MINE, "FOR UPDATE"))
BORN = """INSERT INTO journal (tenant, journal, shop, device, seq, hash, session, boot)
    VALUES (:tenant, :journal, :shop, :device, 0, :hash, 0, '') ON CONFLICT DO NOTHING"""
OPENED = """UPDATE journal SET device = :device, boot = :boot, session = :session
    WHERE tenant = :tenant AND journal = :journal"""
MOVED = """UPDATE journal SET seq = :seq, hash = :hash, received_at = :arrived
    WHERE tenant = :tenant AND journal = :journal"""
SEEN = """UPDATE device SET last_seen_at = :now, backlog = :backlog, journal = :journal
    WHERE tenant = :tenant AND device = :device"""
TOLD = """UPDATE device SET last_seen_at = :now, backlog = :backlog, journal = :journal, version = :version
    WHERE tenant = :tenant AND device = :device"""
OPENED_LAST = "LEFT JOIN journal j ON j.tenant = d.tenant AND j.journal = d.journal"
POLLED = " ".join(
    (
        "SELECT d.backlog, d.journal, d.last_seen_at, d.fittings, j.seq FROM device d",
        OPENED_LAST,
        MINE,
        "FOR UPDATE OF d",
    )
)
FITTED = """UPDATE device SET fittings = :fittings, fittings_at = :now
    WHERE tenant = :tenant AND device = :device"""


@dataclass
class Held:
    """A till's state as the database holds it, and its journal: of which shop and till, how far, in which session.

    `opened` is the journal that the till last opened, `there` the hash at the end of its batch as it was before both
    were held.
    """

    tenant: str
    device: str
    till: str
    state: str
    backlog: int
    opened: str
    seen_at: int | None
    version: str
    journal: str
    shop: str
    holder: str
    seq: int
    hash: bytes
    session: int
    safe: int
    there: bytes | None = None


def held_to_open(bare: Bare, device: Sender, journal: str) -> tuple[Held, str]:
    """The till, a journal of it, and the cloud's generation. A journal's first session makes it."""
    place = _place(device, journal)
    row = bare.row(TO_OPEN, **place)
    if row is None:
        # The till is held before its journal by everybody, so that two requests of it never wait crosswise.
        hold_till(bare, device)
        bare.does(BORN, **place, shop=device.shop, hash=bytes(32))
        row = bare.row(TO_OPEN, **place)
        assert row is not None, "till and journal are there, and held"
    return _held(device, journal, row), str(row[-1])


def held_to_store(bare: Bare, device: Sender, head: BatchHeader, now: int) -> Held | None:
    """In one question: the till and its journal, both held. None, and nothing is held, when nothing is new or there is
    no such journal: then PostgreSQL has nothing to put on the disk."""
    row = bare.row(TO_STORE, **_batch(device, head, now))
    if row is None:
        return None
    held = _held(device, head.journal, row)
    held.there = row[-1] and bytes(row[-1])
    return held


def all_here(bare: Bare, device: Sender, head: BatchHeader, now: int) -> tuple[int, int] | None:
    """How far the journal is here, and how far it is safe, when a batch has nothing new."""
    row = bare.row(ALL_HERE, **_batch(device, head, now))
    return (row[0], row[1] or 0) if row else None


def hold_till(bare: Bare, device: Sender) -> None:
    """Hold the till's row alone; NotAllowed when it is gone."""
    if bare.row(TILL, tenant=device.tenant, device=device.device) is None:
        raise NotAllowed("this cloud does not know the till any more")


def note_session(bare: Bare, held: Held, request: SessionRequest, now: int) -> None:
    """The next session of the journal is this till's, which lives and says what it holds and which version it is."""
    held.session += 1
    place = {"tenant": held.tenant, "device": held.device, "journal": held.journal}
    opened = {**place, "boot": request.boot, "session": held.session}
    backlog, version = max(0, request.head_seq - held.seq), request.version[:32]
    if version == held.version and _is_noted(held, now, backlog):
        bare.does(OPENED, **opened)
    else:
        bare.do_both(OPENED, TOLD, **opened, now=now, backlog=backlog, version=version)


def note_taken(bare: Bare, held: Held, now: int, *, arrived: int, backlog: int) -> None:
    """The journal goes as far as it is held to go, by lines that came in at `arrived`; and its till lives."""
    place = {"tenant": held.tenant, "journal": held.journal}
    moved = {**place, "seq": held.seq, "hash": held.hash, "arrived": arrived}
    if _is_noted(held, now, backlog):
        bare.does(MOVED, **moved)
    else:
        bare.do_both(MOVED, SEEN, **moved, device=held.device, now=now, backlog=backlog)


def note_seen(bare: Bare, held: Held, now: int) -> None:
    """Note that the till lives, to the second."""
    if not _is_noted(held, now, held.backlog):
        place = {"tenant": held.tenant, "device": held.device, "journal": held.journal}
        bare.does(SEEN, **place, now=now, backlog=held.backlog)


def _is_noted(held: Held, now: int, backlog: int) -> bool:
    return _told(held.seen_at, now) and (held.backlog, held.opened) == (backlog, held.journal)


def note_polled(bare: Bare, device: Sender, now: int, *, head: int | None, fittings: str) -> None:
    """The till asked for the feed: it lives; `head`, its own last seq, says how much it still holds, `fittings` how
    its printer and the like stand."""
    place = {"tenant": device.tenant, "device": device.device}
    row = bare.row(POLLED, **place)
    if row is None:
        raise NotAllowed("this cloud does not know the till any more")
    known, journal, seen_at, fitted, seq = row
    backlog = max(0, head - seq) if seq is not None and head is not None else known
    if backlog != known or not _told(seen_at, now):
        bare.does(SEEN, **place, journal=journal, now=now, backlog=backlog)
    if (stand := kept(fittings, fitted, now)) != fitted:
        bare.does(FITTED, **place, fittings=stand, now=now)


def _told(seen_at: int | None, now: int) -> bool:
    return seen_at is not None and abs(now - seen_at) < SEEN_MS


def _held(device: Sender, journal: str, row: Row) -> Held:
    state, till, backlog, opened, seen_at, version, shop, holder, seq, hash_, session, safe = row[:12]
    return Held(
        tenant=device.tenant,
        device=device.device,
        till=till,
        state=state,
        backlog=backlog,
        opened=opened,
        seen_at=seen_at,
        version=version,
        journal=journal,
        shop=shop,
        holder=holder,
        seq=seq,
        hash=bytes(hash_),
        session=session,
        safe=safe or 0,
    )


def _place(device: Sender, journal: str) -> dict[str, object]:
    return {"tenant": device.tenant, "device": device.device, "journal": journal}


def _batch(device: Sender, head: BatchHeader, now: int) -> dict[str, object]:
    about = {"last": head.last, "head": bytes.fromhex(head.head_hash), "session": head.session}
    return {**_place(device, head.journal), **about, "from": now - SEEN_MS + 1, "to": now + SEEN_MS - 1}
