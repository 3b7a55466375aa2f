"""The sale that is on the counter, kept beside the journal while it grows: a till that was killed holds it at its next
start, and says so."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edge_agent.counter.holding import Holding, held_words, sale_of
from edge_agent.errors import DropshelfError
from edge_agent.journal.log import Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.sale import Sale
from edge_agent.wire.envelope import Contract, Count, event_of
from edge_agent.wire.events.selling import SaleHeld
from edge_agent.wire.messages import JournalId

log = logging.getLogger(__name__)
FILE = "on_the_counter"
PAID, SET_ASIDE = ("sale_completed",), ("sale_held", "sale_voided")
DONE = (*PAID, *SET_ASIDE)
"""Events that end the sale on the counter."""
PATIENCE = 5
"""After so many looks a sale is written while it grows, too; else it is written when it stands still for one."""


Seen = tuple[Sale, int, bool, int]
"""What was on the counter: the sale, the event that it was begun behind, whether there was more, and what a card had
paid of it already."""


class Kept(Contract):
    """The sale as the file holds it. It was begun behind event `after` of its journal; `more`: something was in it that
    no held sale has (a gift card to be loaded, a sample's code, a reservation, goods that come
    back in exchange)."""

    journal: JournalId
    after: Count
    held: SaleHeld | None
    more: bool
    taken: Count = 0


@dataclass(frozen=True)
class Left:
    """What was on the counter when the till stopped: held as `ticket` (None: it had no goods), of this total."""

    ticket: int | None
    total: int
    more: bool
    taken: int = 0
    """So much of it a card had paid already."""


class Unfinished:
    """Looked at once a second on the screen's thread, written on another one, and never waited for: no fsync, so that
    only a power cut loses it."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self._file, self._journal = folder / FILE, journal
        with journal.reading() as memory:
            self._done = self._after = memory.last_seq()
        self.exchange = False
        """Whether goods come back in exchange for the sale on the counter."""
        self.taken = 0
        """What a card has paid of it already."""
        self._seen: Seen = Sale(), self._after, False, 0
        self._written, self._looks = self._seen, 0
        journal.listen(self._recorded)

    def _recorded(self, events: Sequence[Recorded]) -> None:
        """On the journal's thread. A sale that is held or voided has left the counter before; one that is paid leaves
        it when the screen hears of it."""
        for one in events:
            if one.event.kind in DONE:
                self._done = one.event.seq
            if one.event.kind in SET_ASIDE:
                self._after = one.event.seq

    def cleared(self) -> None:
        """The counter is empty; what comes now is another sale."""
        self._after = self._done

    def look(self, sale: Sale, *, now: bool = False) -> Callable[[], None] | None:
        """What there is to write (on any thread) when this is on the counter: once it stands still, or `now`."""
        more = bool(sale.loads or sale.sample or sale.collected or self.exchange)
        seen = sale, self._after, more, self.taken
        if seen == self._written:
            self._looks = 0
            return None
        still, self._seen = seen == self._seen, seen
        self._looks += 1
        if not (now or still or self._looks > PATIENCE):
            return None
        self._looks = 0
        return lambda: self._write(seen)

    def _write(self, seen: Seen) -> None:
        """Whole or not at all. A disk that refuses costs a sale that nobody has paid, and no word."""
        sale, _, more, _ = seen
        try:
            if not sale and not more:
                self._file.unlink(missing_ok=True)
                return
            fresh = self._file.with_suffix(".next")
            fresh.write_text(_text(self._journal.id, seen))
            fresh.replace(self._file)
        except OSError as error:
            log.warning("the sale on the counter cannot be kept", extra={"error": str(error)})
        finally:
            # Not before: what was handed to a thread that ends with the program is still to be written at its end.
            self._written = seen

    def hold(self, holding: Holding) -> Left | None:
        """At the start: hold what was on the counter when the till stopped, unless it was paid, held or voided."""
        kept = self._read()
        if kept is None:
            return None
        held = kept.held
        try:
            ticket = holding.hold(sale_of(held)).result() if held else None
            self._file.unlink(missing_ok=True)
        except (DropshelfError, OSError) as error:
            log.warning("what was on the counter cannot be held", extra={"error": str(error)})
            return None
        return Left(ticket, held.total if held else 0, kept.more, kept.taken)

    def _read(self) -> Kept | None:
        try:
            kept = Kept.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            log.warning("what was on the counter cannot be read")
            return None
        with self._journal.reading() as memory:
            return kept if _is_open(memory, kept) else None


def _text(journal: str, seen: Seen) -> str:
    sale, after, more, taken = seen
    held = held_words(sale, 1) if sale.lines else None
    return json.dumps({"journal": journal, "after": after, "held": held, "more": more, "taken": taken})


def _is_open(memory: Reading, kept: Kept) -> bool:
    """Whether nothing since has ended that sale."""
    since = memory.lines(kept.after + 1, memory.last_seq())
    return kept.journal == memory.journal_id() and not any(event_of(line).kind in DONE for line in since)
