"""The device's memory: records events with everything that follows from them, takes the feed, and tells who listens."""

import fcntl
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import apsw

from edge_agent.clock import Clock, SureClock, seconds_up
from edge_agent.errors import BadInput, Unreachable
from edge_agent.journal.answer import pass_on
from edge_agent.journal.behind import Behind
from edge_agent.journal.chain import Head, head_of
from edge_agent.journal.fold import STALE, fold_anew, fold_entry, fold_event, is_long, mark_stale
from edge_agent.journal.lineage import TAKEN_BACK, Birth, Reason, append_taken_back, lost_with_feed, succeed
from edge_agent.journal.marker import Mark, Marker, forget_set_back, is_behind, read_set_back
from edge_agent.journal.mending import keep_copy, leave_out_damaged, mend, words_of
from edge_agent.journal.reading import Reading, Within
from edge_agent.journal.renumbered import fold_behind, go_on_serving, last_place
from edge_agent.journal.staging import FEED, stage, told_of, unstage
from edge_agent.journal.timing import Timing
from edge_agent.journal.views.demand import rows_of, store
from edge_agent.journal.views.receipts import number_behind
from edge_agent.journal.writer import Acts, Writer, connect
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.signal import Learnt, learnt_as_text
from edge_agent.wire.envelope import Contract, Envelope, canonical, link, written
from edge_agent.wire.events import kind_of
from edge_agent.wire.events.device import Genesis
from edge_agent.wire.limits import EVENT_BYTES
from edge_agent.wire.messages import Ack, FeedEntry, Session

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Draft:
    """What is to be recorded: the body, who did it (random staff id), and the seq of the event that caused it."""

    body: Contract
    by: str = ""
    because: int | None = None


class Recorded(NamedTuple):
    """An event that is durable: its bytes and its link of the chain."""

    event: Envelope
    body: Contract
    line: bytes
    hash: bytes

    def head(self) -> Head:
        return Head(self.event.seq, self.hash, self.event.at)


Compose = Callable[[Reading], Sequence[Draft]]
Fed = tuple[int, tuple[FeedEntry, ...], *tuple[Recorded, ...]]
"""The cursor that the feed has reached, its fresh entries, and what was recorded with them."""


class Journal:
    """The only writer of `journal.db`. Every answer comes after the commit (WAL, synchronous=FULL).

    `writer` runs the acts: a thread of its own, or the one that asks; `monotonic` counts seconds for marker and clock.
    `mended` says in words that a file was found damaged and this journal goes on; empty while all is sound.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        ids: Callable[[], str],
        lock: IO[str],
        *,
        writer: type[Acts] = Writer,
        monotonic: Callable[[], float] = seconds_up,
        waits: bool = False,
    ) -> None:
        self.file, self._ids, self._lock = folder / "journal.db", ids, lock
        self._marker = Marker(folder, monotonic)
        found = self._marker.read()
        self.mended = mend(folder, found, clock.now(), ids)
        db = connect(self.file)
        self._told: list[Callable[[tuple[Recorded, ...]], None]] = []
        self._told_feed: list[Callable[[tuple[FeedEntry, ...]], None]] = []
        self._writer = writer(self.file, db)
        self._writer.reopened = self._look
        with self.reading() as memory:
            self._look_into(memory)
            behind = found is not None and is_behind(memory, found)
        self._timing = Timing()
        self._behind = Behind(self.file, self._writer.act)
        self._behind.told = self._came_round
        self.clock = SureClock(clock, self._head.at, monotonic)
        self._begin_or_go_on(found, behind=behind, waits=waits)
        self._behind.begin()

    def came_round(self, seconds: float) -> bool:
        """Wait until no rebuild of the views goes on behind; False when it takes longer."""
        return self._behind.settled(seconds)

    @classmethod
    def open(cls, folder: Path, clock: Clock, ids: Callable[[], str], *, waits: bool = False) -> "Journal":
        """Open the journal of a data folder, or begin one. `ids` gives 16 random hex digits a call.

        A journal that was put back from a backup goes on in a new one, unless the caller settles that (`waits`).
        Unreachable when another till process holds it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Unreachable(f"another till program is using {folder}; close that one first") from None
        try:
            return cls(folder, clock, ids, lock, waits=waits)
        except BaseException:
            lock.close()
            raise

    def _begin_or_go_on(self, found: Mark | None, *, behind: bool, waits: bool) -> None:
        if not self.id:
            self._begin(found)
        elif found is not None and behind:
            log.warning("the database is older than its marker: a new journal goes on from it")
            self.begin_again("restored", next_receipt=found.next_receipt).result()
        elif read_set_back(self.file.parent) and not waits:
            self.settle_set_back(as_new=True)

    def settle_set_back(self, *, as_new: bool) -> None:
        """What a restore left is settled: by a new journal, or because this one has all that the cloud has of it."""
        if (left := read_set_back(self.file.parent)) is None:
            return
        if as_new:
            log.warning("a backup was put back: a new journal goes on from it")
            self.begin_again("restored", next_receipt=left.next_receipt).result()
        forget_set_back(self.file.parent)

    def _begin(self, lost: Mark | None) -> None:
        """The first journal here; or, where a marker tells of a database that is gone, the one that goes on from it."""
        self.id = name = self._ids() + self._ids()
        born = Genesis(journal=name, parent="", parent_seq=0, parent_hash="", reason="new", next_receipt=1)
        if lost is not None:
            gone = {"parent": lost.journal, "parent_seq": lost.seq, "parent_hash": lost.hash}
            why = {"reason": "corrupt" if self.mended else "restored", "next_receipt": lost.next_receipt}
            born = born.model_copy(update={**gone, **why})
            if not self.mended:
                log.warning("the database is gone: a new journal goes on", extra={"receipt": lost.next_receipt})

        def act(db: apsw.Connection) -> tuple[Recorded, ...]:
            db.execute("REPLACE INTO mark VALUES('journal', ?)", (name,))
            self._begin_act()
            return self._append(db, [Draft(born)])

        self._writer.act(act, self._committed).result()

    def begin_again(self, reason: Reason, *, next_receipt: int = 1, elder: str = "") -> "Future[None]":
        """Go on in a new journal: this one's numbers, or an `elder`'s, are used up elsewhere, or (`corrupt`) a line is
        not what was written. What the cloud may lack goes along."""

        def act(db: apsw.Connection) -> None:
            sound = leave_out_damaged(db) if reason == "corrupt" else None
            memory, head = Reading(db), head_of(db)
            number = max(next_receipt, memory.next_receipt())
            birth = Birth(self._ids() + self._ids(), reason, self._ids(), max(self.clock.now(), head.at), number)
            # The parent's own birth is not said again: a journal has one.
            kept = max(1, min(memory.mark().received, head.seq))
            places, behind = last_place(db), self._goes_on_behind(db) and sound is None and not elder
            succeed(db, memory.journal_id(), kept if sound is None else min(kept, sound), birth, elder=elder)
            # What the parent had said need not have been this till's word: the feed left it out.
            db.execute("UPDATE mark SET value = ? WHERE name = 'generation'", (TAKEN_BACK,))
            unstage(db)
            go_on_serving(db, kept, places) if behind else fold_anew(db)

        return self._writer.act(act, lambda _: self._begun())

    def _goes_on_behind(self, db: apsw.Connection) -> bool:
        """Whether the views are folded anew behind selling, and not within an act."""
        return self._writer.behind and is_long(db)

    def _begun(self) -> None:
        self._look()
        self._timing.anew()
        self._behind.begin()

    def leave_out_damage(self) -> "Future[None]":
        """Go on in a new journal without the lines that are damaged; a copy of the file is kept as it is."""
        self.mended = words_of(keep_copy(self.file, self.clock.now()))
        return self.begin_again("corrupt")

    def _look(self) -> None:
        """Where the journal stands, as it is on the disk."""
        with self.reading() as memory:
            self._look_into(memory)

    def _look_into(self, memory: Reading) -> None:
        self.id, self._head, self._next_receipt = memory.journal_id(), memory.head(), memory.next_receipt()
        self._cursor = memory.mark().feed
        born = memory.event(1) if self._head.seq else None
        # What an ancestor had recorded and this journal says again is told apart by its time.
        self._born_at = born.at if born and born.body["parent"] else 0
        if self.id:
            self._note_mark()

    def _note_mark(self) -> None:
        self._marker.note(self._mark)

    def _mark(self) -> Mark:
        return Mark(journal=self.id, seq=self._head.seq, hash=self._head.hash.hex(), next_receipt=self._next_receipt)

    def record(self, compose: Compose) -> "Future[tuple[Recorded, ...]]":
        """Record what `compose` gives as ONE transaction with every view, all at one time, `act_at`.

        `compose` runs on the journal's thread inside the transaction and may read the memory: numbers that it takes
        (receipt, revision) are its own. Nothing is recorded for an empty answer. BadInput for a line beyond the limits.
        What is to be said of the clock stands before, and is nobody's answer.
        """
        first: list[Recorded] = []

        def act(db: apsw.Connection) -> tuple[Recorded, ...]:
            first[:] = self._append(db, self._begin_act())
            return self._append(db, compose(Within(db, self._next_receipt)), behind=first)

        return self._writer.act(act, lambda done: self._committed((*first, *done)))

    def _append(
        self, db: apsw.Connection, drafts: Sequence[Draft], *, feed: int | None = None, behind: Sequence[Recorded] = ()
    ) -> tuple[Recorded, ...]:
        head = behind[-1].head() if behind else self._head if self._head.seq else head_of(db)
        done: list[Recorded] = []
        for draft in drafts:
            recorded = self._line(head, draft, self._cursor if feed is None else feed)
            db.execute("INSERT INTO journal VALUES(?, ?, ?)", (recorded.event.seq, recorded.line, recorded.hash))
            fold_event(db, recorded.event, recorded.body)
            head = recorded.head()
            done.append(recorded)
        return tuple(done)

    def _line(self, head: Head, draft: Draft, feed: int) -> Recorded:
        kind, v = kind_of(draft.body)
        event = Envelope(
            seq=head.seq + 1,
            id=self._ids(),
            kind=kind,
            v=v,
            at=self.act_at,
            clock=self._timing.now.clock,
            feed=feed,
            because=draft.because,
            by=draft.by,
        )
        line = written(event, draft.body)
        if len(line) > EVENT_BYTES:
            raise BadInput(f"{kind} has {len(line)} bytes; a line holds {EVENT_BYTES}")
        return Recorded(event, draft.body, line, link(head.hash, line))

    def _begin_act(self) -> list[Draft]:
        """Look at the clock for an act; gives what a line must say of it first."""
        first = list(map(Draft, self._timing.begin(self.clock, self._head.at, self._born_at)))
        self.act_at = self._timing.now.at
        return first

    def _committed(self, done: tuple[Recorded, ...]) -> None:
        if not done:
            return
        self._head = done[-1].head()
        self.clock.went_on(self._head.at, self._timing.now.up_ms)
        self._timing.committed((one.event, one.body) for one in done)
        self._next_receipt = max([self._next_receipt, *(number_behind(one.body) for one in done)])
        self._note_mark()
        for told in [*self._told]:
            self._safely(told, done)

    @staticmethod
    def _safely(told: Callable[..., None], what: object) -> None:
        try:
            told(what)
        except Exception:
            log.exception("a listener failed; the record stands")

    def take_feed(self, generation: str, entries: Sequence[FeedEntry], *, reached: bool = True) -> "Future[int]":
        """Keep feed entries verbatim and fold them; known cursors change nothing.

        Those of another generation are gathered beside the feed that holds, until one page has `reached` its head.
        """

        def act(db: apsw.Connection) -> Fed:
            mark = Reading(db).mark()
            if mark.generation and mark.generation != generation:
                stage(db, generation, entries)
                return self._renew_feed(db, generation) if reached else (mark.feed, ())
            if not mark.generation or Reading(db).staged()[0]:
                unstage(db)
                db.execute("REPLACE INTO mark VALUES('generation', ?)", (generation,))
            fresh = tuple(entry for entry in entries if entry.cursor > mark.feed)
            for entry in fresh:
                db.execute("INSERT INTO feed VALUES(?, ?)", (entry.cursor, canonical(entry.model_dump())))
                fold_entry(db, entry)
            return (fresh[-1].cursor if fresh else mark.feed), fresh

        taken: Future[int] = Future()
        act_done = self._writer.act(act, lambda result: self._fed(*result))
        act_done.add_done_callback(lambda future: pass_on(future, taken))
        return taken

    def _renew_feed(self, db: apsw.Connection, generation: str) -> Fed:
        """The feed that was gathered takes the place of the one that held. What that said and cannot be undone is
        recorded: the cloud may have been set back behind it. The views of a long journal come round behind selling."""
        drafts = [Draft(body) for body in lost_with_feed(Reading(db), generation)]
        db.execute("DELETE FROM feed")
        db.execute("INSERT INTO feed SELECT cursor, line FROM feed_next")
        unstage(db)
        db.execute("REPLACE INTO mark VALUES('generation', ?)", (generation,))
        recorded = self._append(db, [*self._begin_act(), *drafts], feed=0)
        cursor = Reading(db).mark().feed
        if self._goes_on_behind(db):
            mark_stale(db, FEED)
            return cursor, (), *recorded
        fold_anew(db)
        # What was recorded stands last: a commit that ended in an error is looked up by it.
        return cursor, told_of(db), *recorded

    def _fed(self, cursor: int, fresh: tuple[FeedEntry, ...], *renewed: Recorded) -> None:
        self._cursor = cursor
        self._committed(renewed)
        if fresh:
            for told in self._told_feed:
                self._safely(told, fresh)
        if renewed and not fresh:
            self._behind.wake()

    def _came_round(self, mark: str) -> None:
        """The views are what journal and feed say again; who listens to a feed is told of one that began anew."""
        with self.reading() as memory:
            fresh = told_of(memory.db) if mark.startswith(f"{STALE}{FEED}") else ()
        for told in self._told_feed if fresh else ():
            self._safely(told, fresh)

    def take_back(self, after: int, lines: Sequence[bytes]) -> "Future[None]":
        """Take own events back that an old copy of the journal lacks, behind its last one `after`; their chain was
        checked. The feed is then taken from its start. Broken when something was recorded meanwhile."""

        def act(db: apsw.Connection) -> None:
            append_taken_back(db, after, lines)
            unstage(db)
            fold_behind(db, after) if self._goes_on_behind(db) else fold_anew(db)

        return self._writer.act(act, lambda _: self._begun())

    def note_offered(self) -> "Future[None]":
        """The cloud of the feed's generation has what it lacked of the journals before this one."""

        sql = "REPLACE INTO mark VALUES('offered', ?)"
        return self._writer.act(lambda db: db.execute(sql, (Reading(db).mark().generation,)) and None)

    def acknowledge(self, said: Session | Ack) -> "Future[None]":
        """Keep what the cloud says that it has; it may be less than before."""
        received = said.ack if isinstance(said, Session) else said.received
        marks = [("received", str(received)), ("safe", str(said.safe))]
        return self._writer.act(lambda db: db.executemany("REPLACE INTO mark VALUES(?, ?)", marks) and None)

    def store_forecasts(self, forecasts: Sequence[Forecast]) -> "Future[None]":
        """Keep forecasts for `decide`; a cache that can be made anew, so that it is not part of the truth."""
        rows = rows_of(forecasts)
        return self._writer.act(lambda db: store(db, rows))

    def store_learnt(self, learnt: Learnt) -> "Future[None]":
        """Keep what the history says of signals and events; it can be learnt anew."""
        row = ("learnt", learnt_as_text(learnt))
        return self._writer.act(lambda db: db.execute("REPLACE INTO mark VALUES(?, ?)", row) and None)

    def when_full(self, act: Callable[[], None]) -> None:
        """Do this when the disk is full, on the journal's thread, before whoever recorded is told."""
        self._writer.full = act

    def listen(self, told: Callable[[tuple[Recorded, ...]], None]) -> Callable[[], None]:
        """Be told after each commit, on the journal's thread: post and return. What is given back ends that, once."""
        self._told.append(told)
        return lambda: self._told.remove(told)

    def listen_feed(self, told: Callable[[tuple[FeedEntry, ...]], None]) -> None:
        """Be told of fresh feed entries, on the journal's thread: post and return."""
        self._told_feed.append(told)

    def reading(self) -> Reading:
        """An own read-only connection; one thread each."""
        return Reading.open(self.file)

    def close(self) -> None:
        """Finish what is queued, close the file and let another program have it."""
        self._behind.stop()
        self._writer.close()
        self._marker.flush()
        self._lock.close()
