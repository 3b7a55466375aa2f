"""The outbox: one message an order and channel, taken by one worker at a time, and never sent twice.

Every step is a row's change on a condition, so that of any number of workers one makes it. Before the last bytes are
handed over the row says so, and from there on only the other side's answer, or the owner, says what became of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from cloud_sync.database import Database
from cloud_sync.tables.orders import Order
from cloud_sync.tables.post import Message
from edge_agent.errors import BadInput, NotKnown

Channel = Literal["email", "webhook"]
HELD_MS = 5 * 60_000
"""So long a worker may be at a message; much longer than a talk may last (see `talk.WHOLE_S`)."""
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 30_000, 15 * 60_000
LATE_MS = 2 * 3_600_000
"""So long behind the cut-off it is still tried: later, the supplier would take it for the next delivery."""
STOPPED = "The cloud stopped while it was handing the order over: it may have left."
TOO_LATE = "It had not left two hours after the cut-off."
RESTORED = "The cloud was restored from a backup that was made before the order left, if it did."


@dataclass(frozen=True)
class Taken:
    """A message that its worker, and nobody else, may hand over at this try."""

    tenant: str
    order: str
    channel: str
    worker: str
    tries: int


def put(session: Session, order: Order, channel: Channel, now: int, *, until_at: int) -> None:
    """Let an order wait to leave, in the transaction that claims it; behind `until_at` it is not tried any more."""
    message = Message(
        tenant=order.tenant,
        order=order.order,
        channel=channel,
        shop=order.shop,
        state="queued",
        made_at=now,
        next_at=now,
        until_at=until_at,
    )
    session.add(message)


def messages_of(session: Session, *, tenant: str, order: str) -> list[Message]:
    """What was sent, or is to be, of an order."""
    mine = select(Message).where(Message.tenant == tenant, Message.order == order)
    return list(session.exec(mine.order_by(col(Message.made_at), col(Message.channel))))


def take(database: Database, worker: str, now: int, channels: Collection[str]) -> Taken | None:
    """The message of these channels that has been due longest; None when none is."""
    due = select(Message).where(Message.state == "queued", col(Message.next_at) <= now)
    due = due.where(col(Message.channel).in_(channels))
    with database.service().reading() as session:
        if session.exec(due.limit(1)).first() is None:
            return None
    with database.service().writing() as session:
        row = session.exec(due.order_by(col(Message.next_at)).limit(1).with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        row.state, row.worker, row.tries = "leaving", worker, row.tries + 1
        row.tried_at, row.held_until = now, now + HELD_MS
        session.add(row)
        return Taken(row.tenant, row.order, row.channel, worker, row.tries)


def hand_over(database: Database, taken: Taken, to: str) -> bool:
    """Say, before the last bytes go, that they go; False when the message is not this worker's any more."""
    return _change(database, taken, ("leaving",), state="handed", sent_to=to[:400])


def note_left(database: Database, taken: Taken, now: int) -> bool:
    """The other side has taken it. That holds even where the row was thought lost meanwhile."""
    states = ("handed", "unsure", "queued")
    return _change(database, taken, states, state="left", left_at=now, problem="", settled_by="")


def note_refused(database: Database, taken: Taken, problem: str, now: int, *, again: bool) -> bool:
    """Surely nothing has left. It is tried again after a while, unless that is no use or too late."""
    pause = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(taken.tries - 1, 10))
    held = ("leaving", "handed", "unsure")
    if again and _change(
        database, taken, held, now + pause, state="queued", next_at=now + pause, problem=problem[:200]
    ):
        return True
    return _change(database, taken, held, state="failed", problem=problem[:200])


def note_unknown(database: Database, taken: Taken, problem: str) -> bool:
    """It was handed over and nobody said that it was taken."""
    return _change(database, taken, ("handed",), state="unsure", problem=problem[:200])


def let_lapse(database: Database, now: int) -> None:
    """What a worker left behind: before it handed over, another one may try; after, the owner is asked. What waited
    for too long does not leave by itself any more."""
    gone, late = col(Message.held_until) <= now, col(Message.until_at) < now
    lapsed = (
        (col(Message.state).in_(("leaving", "handed")), gone),
        (col(Message.state) == "queued", late),
    )
    with database.service().reading() as session:
        found = [session.exec(select(Message.order).where(*one).limit(1)).first() for one in lapsed]
    if not any(found):
        return
    with database.service().writing() as session:
        lost = update(Message).where(col(Message.state) == "handed", gone)
        session.execute(lost.values(state="unsure", problem=STOPPED))
        free = update(Message).where(col(Message.state) == "leaving", gone)
        session.execute(free.values(state="queued", next_at=now))
        session.execute(update(Message).where(*lapsed[1]).values(state="failed", problem=TOO_LATE))


def doubt_all(session: Session) -> None:
    """In a database that was put back: whatever had not left in the backup may have left since."""
    waits = update(Message).where(col(Message.state).in_(("queued", "leaving", "handed", "failed")))
    session.execute(waits.values(state="unsure", problem=RESTORED))


def may_be_sent_again(message: Message, *, missing: bool) -> None:
    """BadInput unless it surely did not leave; or nobody knows, and the owner heard that it is `missing`."""
    if missing and message.state != "unsure":
        raise BadInput("It is known by now what became of it.")
    if not missing and message.state != "failed":
        raise BadInput("Only what surely did not leave is sent again.")


def arrived(session: Session, message: Message, *, by: str, now: int) -> None:
    """The owner's word, who asked the supplier, on a message of which nobody knew whether it left."""
    if message.state != "unsure":
        raise BadInput("It is known by now what became of it.")
    message.state, message.left_at, message.settled_by = "left", now, by[:80]
    session.add(message)


def requeue(session: Session, message: Message, now: int) -> None:
    """Let it wait to leave once more, from now on."""
    message.problem, message.state, message.next_at = "", "queued", now
    message.until_at = max(message.until_at, now + LATE_MS)
    session.add(message)


def held_message(session: Session, *, tenant: str, order: str, channel: str) -> Message:
    """A message for the owner's word on it, held until the transaction ends."""
    row = session.get(Message, (tenant, order, channel), with_for_update=True)
    if row is None:
        raise NotKnown("nothing of this order was to be sent so")
    return row


def _change(database: Database, taken: Taken, states: tuple[str, ...], before: int = 0, **fresh: str | int) -> bool:
    """Change a message that this worker holds, or held last, if it is in one of `states` and not over `before`."""
    wanted = update(Message).where(
        col(Message.tenant) == taken.tenant,
        col(Message.order) == taken.order,
        col(Message.channel) == taken.channel,
        col(Message.worker) == taken.worker,
        col(Message.tries) == taken.tries,
        col(Message.state).in_(states),
        col(Message.until_at) >= before,
    )
    with database.of(taken.tenant).writing() as session:
        done = session.execute(wanted.values(**fresh))
        assert isinstance(done, CursorResult)
        return bool(done.rowcount)
