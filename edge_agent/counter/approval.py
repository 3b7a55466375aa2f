"""A manager's word at the till: a PIN where the shop has set one up; after wrong ones the till waits."""

from edge_agent.clock import Clock
from edge_agent.counter.people import People
from edge_agent.errors import NotAllowed

TRIES = 5
WAIT_MS = 60_000


class Approvals:
    """Asked before what a cashier alone may not do."""

    def __init__(self, people: People, clock: Clock) -> None:
        self._people, self._clock = people, clock
        self._wrong, self._until = 0, 0

    def asked_for(self) -> bool:
        """Whether a PIN must be given: as soon as anybody has one. Broken when that cannot be told."""
        return self._people.has_managers(self._clock.now())

    def approve(self, pin: str) -> str:
        """The id of the manager whose PIN this is; NotAllowed for any other word, and for a while after five. Slow on
        purpose: not on the screen's thread."""
        now = self._clock.now()
        if now < self._until:
            raise NotAllowed(f"too many wrong PINs; wait {(self._until - now) // 1000 + 1} s")
        manager = self._people.manager_by_pin(pin, now)
        if manager is not None:
            self._wrong = 0
            return manager.id
        self._wrong += 1
        if self._wrong >= TRIES:
            self._wrong, self._until = 0, now + WAIT_MS
        raise NotAllowed("that is no manager's PIN")
