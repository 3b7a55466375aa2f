"""Admission: so many pushes and sessions at once; the others are told when to come before their body is read."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from edge_agent.wire.messages import Refusal

OPENS = "/v1/session"
DOORS = ("/v1/push", OPENS)
KNOWN_S = 60.0
"""How many tills there are is asked no more often."""
LONGEST_S = 300
CALM_S = 0.2
"""After so long without a push, counting need not give way."""
SESSION, PUSH = 1, 2
"""What the two weigh that a returning till asks."""
SMOOTH = 0.003
"""So much of each answer goes into the pace: told by a few, the unlucky tills' spread would be twice the others'."""
WARM = 100
"""After so many answers their cost says something: the first ones of a program that has just begun cost ten times as
much, and whoever came first would stay away long after all the others are through."""
SECONDS = 0.2
"""So much of each second goes into how often somebody is turned away."""
FADES = 0.1
"""How much can be answered in a second is the most that was, and fades by so much: in one in which few came few were
answered, and somebody may have been turned away all the same."""
FULL = 0.3
"""The gate is too small for those who come when somebody was turned away in so many of the last seconds: not when the
disk once stood still for a moment."""
PART = 4
"""One in so many places is for pushes alone: who has opened a session gets in, so that it was not opened in vain."""
CROWD_S = 2.0
"""Tills come as a crowd while one in so many places was taken so short a time ago."""


class Pace:
    """A running mean of about the last three hundred; 0 until the first `WARM` are over."""

    def __init__(self) -> None:
        self.mean, self._seen = 0.0, -WARM

    def note(self, value: float) -> None:
        self._seen += 1
        if self._seen > 0:
            self.mean += max(SMOOTH, 1 / self._seen) * (value - self.mean)


class Answered:
    """How much is answered in a second, while somebody is turned away in most of them."""

    def __init__(self) -> None:
        self._second, self._weight, self._turned_away = 0, 0, 0
        self._rate, self._full = 0.0, 0.0

    def note(self, now: float, *, weight: int = 0, turned_away: int = 0) -> None:
        """An answer of that weight, or a refusal."""
        passed = int(now) - self._second
        if passed == 1:
            self._rate = max(self._weight, (1 - FADES) * self._rate)
            self._full += SECONDS * (min(1, self._turned_away) - self._full)
        elif passed:
            self._rate = self._full = 0.0
        if passed:
            self._second, self._weight, self._turned_away = int(now), 0, 0
        self._weight += weight
        self._turned_away += turned_away

    @property
    def pace_s(self) -> float:
        """What a weight of one takes; 0 while nobody is turned away."""
        return 1 / self._rate if self._full > FULL and self._rate else 0.0


class Gate:
    """Counts who is inside. `most` at once; `each_s` tills a second is what returning tills are spread to.

    A refused till's turn, and the spread of all, come as fast as that; or as an answer costs this process (`spent`)
    while many are inside, which no disk and no slow till makes longer; or as the answers really come while the gate is
    too small.
    """

    def __init__(
        self,
        most: int = 16,
        each_s: int = 150,
        now: Callable[[], float] = time.monotonic,
        spent: Callable[[], float] = time.process_time,
    ) -> None:
        self._most, self._full, self._many = most, most - most // PART, max(1, most // PART)
        self._each_s, self._now, self._spent, self._lock = each_s, now, spent, threading.Lock()
        self.inside, self._many_at = 0, now() - CROWD_S
        self._left_at, self._slot = now() - CALM_S, 0.0
        self._answered, self._cost, self._spent_at = Answered(), Pace(), 0.0
        self._known, self._known_at = 0, -KNOWN_S

    def enter(self, *, opens: bool = False) -> int:
        """0 when admitted (then `leave` must follow), else the seconds to stay away: each refused till its own turn.

        One that `opens` a session leaves some places to those that push."""
        with self._lock:
            now = self._now()
            if self.inside < (self._full if opens else self._most):
                self._come_in(now)
                return 0
            self._answered.note(now, turned_away=1)
            self._slot = max(self._slot, now) + self._turn_s()
            return min(LONGEST_S, math.ceil(self._slot - now))

    def leave(self, *, opens: bool = False) -> None:
        """An admitted request is answered."""
        with self._lock:
            now, weight = self._now(), SESSION if opens else PUSH
            self._answered.note(now, weight=weight)
            if self.inside >= self._many:
                spent = self._spent()
                self._cost.note((spent - self._spent_at) / weight)
                self._spent_at, self._many_at = spent, now
            self.inside -= 1
            self._left_at = now

    def _come_in(self, now: float) -> None:
        self.inside += 1
        if self.inside == self._many:
            self._spent_at = self._spent()
        if self.inside >= self._many:
            self._many_at = now

    def spread_s(self, known: Callable[[], int]) -> int:
        """The seconds over which a till is to spread itself when it comes back: all that are `known` may come with it.

        Not those that opened a session lately: who comes first after a restart would be told to come at once."""
        now = self._now()
        if now - self._known_at >= KNOWN_S:
            self._known, self._known_at = known(), now
        with self._lock:
            return min(LONGEST_S, int(self._known * self._turn_s()))

    def _turn_s(self) -> float:
        return max(1 / self._each_s, (SESSION + PUSH) * max(self._cost.mean, self._answered.pace_s))

    def busy(self) -> bool:
        """True while tills push."""
        with self._lock:
            return self.inside > 0 or self._now() - self._left_at < CALM_S

    def crowded(self) -> bool:
        """True while tills come back by the hundred: many at once, not one with much to say; or as many have turns."""
        with self._lock:
            now = self._now()
            return self.inside >= self._many or now - self._many_at < CROWD_S or now < self._slot


@dataclass(frozen=True)
class Admission:
    """Answers 503 BUSY with Retry-After while the gate is full; the body of such a request is never kept."""

    app: ASGIApp
    gate: Gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in DOORS:
            await self.app(scope, receive, send)
            return
        opens = scope["path"] == OPENS
        wait_s = self.gate.enter(opens=opens)
        if wait_s:
            await _refuse(send, wait_s)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.gate.leave(opens=opens)


async def _refuse(send: Send, wait_s: int) -> None:
    answer = Refusal(error="BUSY", words="many tills come at once").model_dump_json().encode()
    told = {"content-type": "application/json", "content-length": len(answer), "retry-after": wait_s}
    headers = [(name.encode(), str(value).encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
