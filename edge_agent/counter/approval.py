"""Who stands at the till and what they may do: sign-on, lock, and the word of somebody who has a right; wrong PINs make
the till wait, longer each time, and are written down."""

from edge_agent.clock import Clock
from edge_agent.counter.people import Guesses, People, Person, verified
from edge_agent.errors import NotAllowed
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.views.staff_codes import mark_of
from edge_agent.rules.badge import is_badge
from edge_agent.rules.rights import Rights, Role, at_least
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.staff import ActApproved, How, PinRefused, SignedOn, StaffCodeUsed, TillLocked

TRIES = 5
WAIT_MS = 60_000
LONGEST_WAIT_MS = 16 * WAIT_MS
FORGOTTEN_MS = LONGEST_WAIT_MS + 10 * WAIT_MS
"""After so long without a wrong PIN the count begins anew."""


class OwnersCode(NotAllowed):
    """Not a PIN but a code of the owner's page: who typed it may now choose the PIN of `person`."""

    def __init__(self, person: Person) -> None:
        super().__init__(f"the owner's code: {person.name} chooses a new PIN")
        self.person = person


class Approvals:
    """A PIN or a badge is `word` throughout. What is slow on purpose is not for the screen's thread."""

    def __init__(self, people: People, clock: Clock, journal: Journal, rights: Rights) -> None:
        self._people, self._clock, self._journal, self._rights = people, clock, journal, rights

    @property
    def rights(self) -> Rights:
        """The least role for each act."""
        return self._rights

    def signs_on(self) -> bool:
        """Whether somebody must sign on: as soon as anybody who is no manager has a PIN or a badge. Broken when that
        cannot be told."""
        return any(one.signs_on and one.role != "manager" for one in self._people.all(self._clock.now()))

    def needs(self, act: str, by: str = "") -> Role | None:
        """The role that must allow this act to who stands there; None: they may themselves, or nobody in this shop has
        the right, and so there is nobody to ask. Broken when that cannot be told."""
        least, known = self._rights.least(act), self._people.all(self._clock.now())
        mine = next((one.role for one in known if one.id == by and one.signs_on), "cashier")
        asked = any(one.signs_on and at_least(one.role, least) for one in known)
        return least if asked and not at_least(mine, least) else None

    def nobody_may(self, act: str) -> bool:
        """True where no one in this shop has shown that they have the right. Broken when that cannot be told."""
        least = self._rights.least(act)
        return not any(one.signs_on and at_least(one.role, least) for one in self._people.all(self._clock.now()))

    def approve(self, word: str, act: str, by: str = "") -> str:
        """The id of who allows the act to `by`; NotAllowed for a word of nobody with the right."""
        person, how = self._whose(word, act, by)
        if not at_least(person.role, self._rights.least(act)):
            self._refused(how, act, by)
            raise NotAllowed(f"{person.name} may not allow this: somebody else's PIN, or Esc")
        self._record(ActApproved(act=act, how=how, approved=person.id), by)
        return person.id

    def sign_on(self, word: str, before: str = "") -> Person:
        """Who sells from now on; NotAllowed for a word that is nobody's, and for a while after some."""
        person, how = self._whose(word, "", before)
        self._record(SignedOn(how=how, before=before), person.id)
        return person

    def locked(self, by: str, *, idle: bool) -> None:
        """Nobody sells until somebody signs on."""
        self._record(TillLocked(how="idle" if idle else "key"), by)

    def _whose(self, word: str, act: str, by: str) -> tuple[Person, How]:
        now = self._clock.now()
        how: How = "badge" if is_badge(word) else "pin"
        if how == "pin":
            self._wait(now)
        person = self._people.by_badge(word, now) if how == "badge" else self._people.by_pin(word, now)
        if person is None and how == "pin":
            self._look_for_code(word, now)
        if person is None or not person.signs_on:
            self._refused(how, act, by)
            raise NotAllowed("that badge is nobody's" if how == "badge" else "that PIN is nobody's")
        return person, how

    def is_first_managers_code(self, word: str) -> bool:
        """Whether this is the owner's code for a first manager; NotAllowed for a while after wrong ones."""
        now = self._clock.now()
        self._wait(now)
        if "" in self._holders(word, now):
            return True
        self._refused("pin", "people", "")
        return False

    def first_manager(self, name: str, pin: str) -> Person:
        """Make a first manager; a code of the owner for one is used up by it."""
        person = self._people.add_first_manager(name, pin, now=self._clock.now())
        self._use("", person.id)
        return person

    def choose_pin(self, word: str, person: str, pin: str) -> None:
        """Give a person a new PIN by the owner's code, which is used up by it. BadInput for what is no PIN, or
        another's; NotAllowed when the code holds no more."""
        now = self._clock.now()
        if person not in self._holders(word, now):
            raise NotAllowed("that code holds no more: the owner gives a new one")
        self._people.set_pin(person, pin, now)
        self._use(person, person)

    def awaits_first_manager(self) -> bool:
        """Whether a code of the owner for a first manager of this till may still be typed."""
        return any(not person for person, _ in self._codes(self._clock.now()))

    def _look_for_code(self, word: str, now: int) -> None:
        for holder in self._holders(word, now):
            found = self._people.find(holder, now)
            if found is not None and not found.retired:
                raise OwnersCode(found)

    def _holders(self, word: str, now: int) -> list[str]:
        return [person for person, hashed in self._codes(now) if verified(word, hashed)]

    def _codes(self, now: int) -> list[tuple[str, str]]:
        with self._journal.reading() as memory:
            paired = memory.paired()
            return memory.staff_codes(paired.device, now) if paired else []

    def _use(self, code_of: str, by: str) -> None:
        used = [mark_of(hashed) for person, hashed in self._codes(self._clock.now()) if person == code_of]
        self._journal.record(lambda _: [Draft(StaffCodeUsed(person=code_of, code=one), by) for one in used]).result()

    def _wait(self, now: int) -> None:
        until = self._people.guesses().until
        if now < until:
            raise NotAllowed(f"too many wrong PINs; wait {(until - now) // 1000 + 1} s, or scan a badge")

    def _refused(self, how: How, act: str, by: str) -> None:
        """One more wrong word: each fifth PIN makes the till wait, twice as long as before. A right one in between
        forgets none of them (it may be the guesser's own), a quiet while does."""
        now, before, wait = self._clock.now(), self._people.guesses(), 0
        wrong = before.wrong if now < before.at + FORGOTTEN_MS else 0
        if how == "pin":
            wrong += 1
            wait = min(WAIT_MS << (wrong // TRIES - 1), LONGEST_WAIT_MS) if wrong % TRIES == 0 else 0
            self._people.note_guesses(Guesses(wrong, now + wait, now))
        self._record(PinRefused(how=how, act=act, wrong=wrong, wait=wait // 1000), by)

    def _record(self, body: Contract, by: str) -> None:
        """Written down; nobody waits for the disk."""
        self._journal.record(lambda _: [Draft(body, by)])
