"""The sync loop: an own thread that asks the protocol for the next step, takes it, and tells it what came back."""

import logging
import random
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.demand.schema import SCHEMA
from edge_agent.errors import Broken, Unreachable
from edge_agent.journal.chain import reached, walk_own
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.shelf import Shelf
from edge_agent.sync import session as protocol
from edge_agent.sync.ahead import Ahead
from edge_agent.sync.batch import Packed, closed, pack
from edge_agent.sync.elders import offer
from edge_agent.sync.model import Bringing
from edge_agent.sync.patience import USUAL, Patience
from edge_agent.sync.session import Branch, Bring, Fetch, Offer, Open, Own, Pull, Push, Rest, Talk, Wait
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.messages import Session, SessionRequest

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.sync.http import Door
    from edge_agent.sync.keys import Keys

log = logging.getLogger(__name__)
NO_HASH = bytes(32).hex()
KEPT_S = 30.0
"""How long the journal may take to keep what the cloud said."""
FRESH_S = 60.0
"""What the cloud told is as good as new for so long: it is asked twice as often."""


@dataclass(frozen=True)
class SyncState:
    """For the screen: is the cloud there, how many events wait, since when (UTC ms), and what is wrong in words."""

    paired: bool
    online: bool
    waiting: int
    oldest_at: int | None
    words: str


class SyncLoop:
    """Brings what the journal records to the cloud, and the feed back; goes on after any fault by itself.

    An unpaired till has no thread and no network. `version` and `boot` are told to the cloud. `chance` spreads pauses,
    `door` is how the cloud is reached (None: over HTTP), `wait` waits for an event, so many seconds at most.
    `fittings`, set before the start, says how what is fitted stands at each look into the feed (empty: says nothing).
    """

    def __init__(
        self,
        journal: Journal,
        data: Path,
        *,
        version: str = "",
        boot: str = "",
        chance: Callable[[], float] = random.random,
        patience: Patience = USUAL,
        door: "Callable[[Keys], Door] | None" = None,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._told_at, self._began = -FRESH_S, time.monotonic()
        self._door_of, self._wait = door or partial(_door_of, patience=patience), wait
        self._journal, self._data, self._chance = journal, data, chance
        self._version, self._boot = version, boot or secrets.token_hex(8)
        self.fittings: Callable[[], str] = str
        self._looked_at = 0
        self._bell, self._hurry, self._over = threading.Event(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._door: Door | None = None
        self._talk = Talk()
        self._online = self._paired = False
        with journal.reading() as memory:
            self._head, self._ack = memory.last_seq(), memory.mark().received
        self._oldest_at: int | None = None
        self._hear_no_more = journal.listen(self._recorded)

    def start(self) -> None:
        """Begin, if this till is paired (the files in `keys/` say so)."""
        from edge_agent.sync.keys import load_keys

        try:
            keys = load_keys(self._data)
        except Broken as error:
            # Selling goes on without the cloud; the screen says why nothing leaves.
            self._paired, self._talk = True, protocol.failed(self._talk, f"{error.message}.")
            return
        if keys is None or self._thread is not None:
            return
        self._paired = True
        self._thread = threading.Thread(target=self.run, args=(keys,), name="sync", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look now: into the feed too, and without waiting for the end of a pause."""
        self._hurry.set()
        self._bell.set()

    def stop(self) -> None:
        """End; a request in hand is given up."""
        if not self._over.is_set():
            self._hear_no_more()
        self._over.set()
        self.wake()
        while self._thread is not None and self._thread.is_alive():
            if self._door is not None:
                self._door.interrupt()
            self._thread.join(0.2)

    def state(self) -> SyncState:
        """How it stands; cheap, from any thread."""
        waiting = max(0, self._head - self._ack)
        oldest = self._oldest_at if waiting else None
        return SyncState(self._paired, self._online, waiting, oldest, self._talk.words)

    def is_fresh(self) -> bool:
        """Whether the cloud has all of this till's events, and told it all it knows a moment ago; any thread."""
        return self._online and self._head <= self._ack and time.monotonic() - self._told_at < FRESH_S

    def unheard_ms(self) -> int:
        """How long the cloud has not told all it knows (since the start, where it has not yet); any thread."""
        return int(1000 * (time.monotonic() - max(self._told_at, self._began)))

    def _recorded(self, done: tuple[Recorded, ...]) -> None:
        if self._head <= self._ack:
            self._oldest_at = done[0].event.at
        self._head = done[-1].event.seq
        self._bell.set()

    def run(self, keys: "Keys") -> None:
        """Go on until `stop`, on the thread that calls; `start` gives it one of its own."""
        try:
            self._talk_with_cloud(keys)
        except Exception as error:
            log.exception("the sync could not begin")
            self._talk = protocol.failed(self._talk, f"Sync could not begin: {error}.")

    def _talk_with_cloud(self, keys: "Keys") -> None:
        with self._door_of(keys) as door, self._journal.reading() as memory:
            self._door = door
            turn = Turn(self._journal, memory, door, keys, self._version, self._boot, self.fittings)
            turn.say_paired()
            while not self._over.is_set():
                self._step(turn)
            self._door = None

    def _step(self, turn: "Turn") -> None:
        before = self._talk
        try:
            step = protocol.next_step(before, turn.own(), self._chance())
            if isinstance(step, Rest | Wait):
                self._pause(step)
                return
            self._talk = self._branched(turn, before, step) if isinstance(step, Branch) else turn.take(before, step)
            if isinstance(step, Pull) and self._talk.failures == 0 and not self._talk.feed_due:
                self._told_at, self._looked_at = time.monotonic(), self._journal.clock.now()
            if isinstance(step, Fetch):
                self._head = max(self._head, turn.memory.head().seq)
        except Exception as error:
            log.exception("a step of the sync failed")
            why = turn.damage() if isinstance(error, Broken | ValueError) else ""
            self._talk = (
                protocol.damaged(before, f"A record is damaged: {why}.")
                if why
                else protocol.failed(before, f"Sync stumbled: {error}.")
            )
        self._note(turn)

    def _branched(self, turn: "Turn", talk: Talk, step: Branch) -> Talk:
        """A clone, an old copy or a damaged line: what the cloud may lack goes along into a new journal, under its own
        ids. A damaged link looks like a clone's."""
        log.warning("this till goes on in a new journal", extra={"reason": step.reason, "words": talk.words})
        self._begun(
            self._journal.leave_out_damage()
            if turn.damage()
            else self._journal.begin_again(step.reason, elder=step.elder)
        )
        self._head, self._ack = turn.memory.head().seq, 0
        return protocol.branched(talk)

    def _begun(self, begins: "Future[None]") -> None:
        """Wait until a new journal has begun, however slow the disk is: asked for again it would begin once more."""
        while not begins.done() and not self._over.is_set():
            with suppress(TimeoutError):
                begins.exception(KEPT_S)
        begins.result(0)

    def _pause(self, step: Rest | Wait) -> None:
        """Rest until something is recorded or the feed is due; wait out a failure, recorded or not."""
        if isinstance(step, Wait):
            self._wait(self._hurry, step.seconds)
            self._talk = protocol.waited(self._talk)
        elif not self._wait(self._bell, step.seconds) or self._hurry.is_set() or self._is_long_ago(step.seconds):
            self._talk = protocol.feed_due(self._talk)
        self._hurry.clear()
        self._bell.clear()

    def _is_long_ago(self, seconds: float) -> bool:
        """Whether the feed was looked into so long ago: a till that sells all the time never rests for so long."""
        return abs(self._journal.clock.now() - self._looked_at) >= 1000 * seconds

    def _note(self, turn: "Turn") -> None:
        """What the screen shows, and one line in the log when the cloud goes and one when it is back."""
        online = self._talk.failures == 0 and self._talk.session is not None
        if online != self._online:
            log.info("the cloud is back" if online else "the cloud is gone", extra={"words": self._talk.words})
        self._online = online
        if self._talk.session is not None:
            self._ack = self._talk.ack
        self._oldest_at = turn.recorded_at(self._ack + 1) if self._head > self._ack else None


def _door_of(keys: "Keys", patience: Patience) -> "Door":
    # On the thread of the sync: what speaks HTTP is heavy to load, and the screen must not wait for it.
    from edge_agent.sync.http import Door

    pairing = keys.pairing
    return Door(pairing.url, pairing.paired.credential, pairing.ca, patience=patience)


@dataclass(frozen=True)
class Turn:
    """Takes steps: the hands of the loop, all on its one thread."""

    journal: Journal
    memory: Reading
    door: "Door"
    keys: "Keys"
    version: str
    boot: str
    fittings: Callable[[], str] = str
    ahead: Ahead = field(default_factory=Ahead)

    def own(self) -> Own:
        mark = self.memory.mark()
        elders = self.memory.has_elders_to_offer()
        staged, reached = self.memory.staged()
        generation, feed = (staged, reached) if staged else (mark.generation, mark.feed)
        model = self.memory.wanted_model(SCHEMA) is not None
        return Own(self.journal.id, self.memory.last_seq(), generation, feed, elders, model)

    def take(self, talk: Talk, step: Open | Push | Pull | Fetch | Offer | Bring) -> Talk:
        from edge_agent.sync.http import Refused

        try:
            return self._taken(talk, step)
        except Refused as error:
            said = error.refusal
            return protocol.refused(talk, said, self._hash_at(said.ack), wait_s=error.wait_s)
        except Unreachable as error:
            return protocol.failed(talk, f"{error.message[:1].upper()}{error.message[1:]}.")

    def _taken(self, talk: Talk, step: Open | Push | Pull | Fetch | Offer | Bring) -> Talk:
        match step:
            case Open():
                return self._open(talk)
            case Push():
                return self._push(talk, step)
            case Pull():
                return self._pull(talk, step)
            case Fetch():
                return self._fetch(talk, step)
            case Offer():
                return self._offer(talk)
            case Bring():
                return protocol.brought(talk, goes_on=self._bringing().step())

    def _bringing(self) -> Bringing:
        paired = self.keys.pairing.paired
        shelf = Shelf(self.journal.file.parent)
        return Bringing(self.journal, self.memory, self.door, shelf, paired.model_key, paired.audience)

    def say_paired(self) -> None:
        """A journal that was begun where the database was lost does not know yet that this till is paired."""
        if self.memory.paired() is None:
            kept = self.keys.pairing.paired.model_dump(include={"tenant", "shop", "device", "audience"})
            self.journal.record(lambda _: [Draft(DevicePaired(**kept, catalogue_to=0))]).result(KEPT_S)

    def damage(self) -> str:
        """The first line of the journal that is not what was written, in words; empty when there is none."""
        try:
            walk_own(self.memory.db)
        except Broken as error:
            return error.message
        return ""

    def recorded_at(self, seq: int) -> int | None:
        try:
            return self.memory.event(seq).at if seq <= self.memory.last_seq() else None
        except ValueError:
            # A damaged line: the next step finds it.
            return None

    def _open(self, talk: Talk) -> Talk:
        head = self.memory.head()
        request = SessionRequest(
            journal=self.journal.id,
            head_seq=head.seq,
            head_hash=head.hash.hex(),
            boot=self.boot,
            version=self.version,
            accept=1,
        )
        said = self.door.open_session(request)
        after = protocol.opened(talk, self.own(), said, self._hash_at(said.ack))
        if after.session is not None and said.ack <= head.seq:
            self._note_other_ack(said.ack)
            self.journal.acknowledge(said).result(KEPT_S)
        return after

    def _note_other_ack(self, ack: int) -> None:
        """A line in the log when the cloud stands elsewhere than it last said."""
        known = self.memory.mark().received
        if ack != known:
            words = "an answer was lost: the cloud has more" if ack > known else "the cloud was set back: it has less"
            log.info(words, extra={"acknowledged": known, "received": ack})

    def _push(self, talk: Talk, step: Push) -> Talk:
        assert talk.session is not None, "a push belongs to a session"
        place = (self.journal.id, talk.session.session, step.first)
        packed = self.ahead.taken(place) or self._packing(talk.session, step.first, step.last)()
        if packed.head_hash != self._hash_at(packed.last):
            raise Broken(f"the events from {step.first} on are not what was written")
        self._pack_ahead(talk.session, packed.last, step.last - step.first + 1)
        said = self.door.push(packed.body)
        after = protocol.pushed(talk, self.own(), (packed.last, packed.head_hash), said)
        if after.session is not None:
            self.journal.acknowledge(said).result(KEPT_S)
        return after

    def _pack_ahead(self, session: Session, behind: int, most: int) -> None:
        """Begin with the batch after the one that ends at `behind`, if there are lines for it."""
        last = min(self.memory.last_seq(), behind + most)
        if last > behind:
            place = (self.journal.id, session.session, behind + 1)
            self.ahead.begin(place, self._packing(session, behind + 1, last))

    def _packing(self, session: Session, first: int, last: int) -> Callable[[], Packed]:
        """The work of packing these lines, which were read on this thread; it may be done on any."""
        return partial(
            pack,
            closed(self.memory.lines(first, last), session.limits.batch_bytes),
            journal=self.journal.id,
            session=session.session,
            first=first,
            behind=self._hash_at(first - 1) or NO_HASH,
            sign=self.keys.signed,
        )

    def _fetch(self, talk: Talk, step: Fetch) -> Talk:
        """Every page first: only at the end is it known whether they go on from what is here."""
        lines: list[bytes] = []
        while step.after + len(lines) < talk.ack:
            page = self.door.own_lines(journal=self.journal.id, after=step.after + len(lines))
            if not page.lines:
                break
            lines += [line.encode() for line in page.lines]
        after = protocol.fetched(talk, self.own(), reached(self.memory.head(), lines))
        if after.session is not None:
            self.journal.take_back(step.after, lines).result(KEPT_S)
        return after

    def _offer(self, talk: Talk) -> Talk:
        for journal, last in self.memory.elders():
            if not offer(self.memory, self.door, self.keys, journal, last):
                return protocol.disowned(talk, journal)
        self.journal.note_offered().result(KEPT_S)
        return protocol.offered(talk)

    def _pull(self, talk: Talk, step: Pull) -> Talk:
        head = self.memory.head().seq
        asked = {"journal": self.journal.id, "generation": step.generation, "fittings": self.fittings()}
        page = self.door.feed(**asked, after=step.after, head=head)
        after = protocol.pulled(talk, page)
        if after.session is not None and (page.entries or self.memory.mark().generation != page.generation):
            self.journal.take_feed(page.generation, page.entries, reached=page.reached).result(KEPT_S)
        return after

    def _hash_at(self, seq: int) -> str | None:
        if seq == 0:
            return NO_HASH
        found = self.memory.hash_at(seq)
        return found.hex() if found is not None else None
