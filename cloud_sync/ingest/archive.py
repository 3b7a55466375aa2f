"""Taking in an archive that a till exported, carried by hand: the same lines, chain and signatures as over the wire."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlmodel import Session, select

from cloud_sync.database import Database
from cloud_sync.ingest.batch import Batch, batch_of, signature_holds
from cloud_sync.ingest.receive import open_session, receive
from cloud_sync.service import stamp
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow
from edge_agent.errors import BadInput, NotAllowed
from edge_agent.wire.messages import SessionRequest


@dataclass
class TakenIn:
    """What an archive brought: the till, events in the archive, and those that were not here yet."""

    till: str
    state: str
    events: int = 0
    fresh: int = 0


def take_in(database: Database, lines: Iterable[bytes], now: int) -> TakenIn:
    """Store what is new of an archive; what a suspected or banned till has written is held back as over the wire.

    NotAllowed when its till is not known here or a batch is not signed by it; what came before that batch stays.
    """
    rest = iter(lines)
    with database.service().reading() as session:
        device, audience = _whose(session, next(rest, b""))
    done = TakenIn(device.till, device.state)
    for batch in _batches(rest):
        if not signature_holds(batch, public_key=device.public_key, audience=audience, tenant=device.tenant):
            raise NotAllowed(f"events {batch.header.first} to {batch.header.last} were not signed by {device.till}")
        done.events += len(batch.lines)
        done.fresh += _take(database, device, batch, now)
    return done


def _whose(session: Session, line: bytes) -> tuple[Device, str]:
    try:
        said = json.loads(line)
        key, tenant = str(said["public_key"]), str(said["tenant"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("this is no till's archive") from error
    mine = select(Device).where(Device.tenant == tenant, Device.public_key == key)
    device = session.exec(mine).first()
    if device is None:
        raise NotAllowed("the archive is of a till that was never paired with this cloud")
    return device, stamp(session, "audience")


def _batches(lines: Iterator[bytes]) -> Iterator[Batch]:
    """The batches as they came over the wire: the hash before each line is computed anew by who stores it."""
    for header in lines:
        try:
            said = json.loads(header)
            many = int(said["last"]) - int(said["first"]) + 1
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput("a batch of the archive has no header") from error
        inner = [line.partition(b" ")[2] for _, line in zip(range(many), lines, strict=False)]
        yield batch_of(b"\n".join([header, *inner, b""]))


def _take(database: Database, device: Device, batch: Batch, now: int) -> int:
    header = batch.header
    asked = SessionRequest(
        journal=header.journal, head_seq=header.last, head_hash=header.head_hash, boot="", version="", accept=1
    )
    with database.of(device.tenant).reading() as session:
        row = session.get(JournalRow, (device.tenant, header.journal))
        before = row.seq if row else 0
    opened = open_session(database, device, asked, now)
    mine = Batch(header.model_copy(update={"session": opened.session}), batch.lines)
    return max(0, receive(database, device, mine, now).received - before)
