"""Admission: so many pushes and sessions at once; the others are told when to come before their body is read."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from edge_agent.wire.messages import Refusal

DOORS = ("/v1/push", "/v1/session")
KNOWN_S = 60.0
"""How many tills there are is asked no more often."""
LONGEST_S = 300
CALM_S = 0.2
"""After so long without a push, counting need not give way."""
REQUESTS, SMOOTH = 3, 0.05
"""What a returning till asks: a session, and a push that weighs two. So much of each interval goes into the pace."""
MANY = 4
"""The pace is taken while at least a quarter of the places is taken: not the time in which nobody came."""
WAY = 9
"""While tills push, counting rests so many times as long as it worked."""


class Gate:
    """Counts who is inside. `most` at once; `each_s` tills a second is what returning tills are spread to.

    A refused till's turn, and the spread of all, come as fast as that, or as the answers really follow each other while
    many are inside.
    """

    def __init__(self, most: int = 16, each_s: int = 150, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._many, self._each_s, self._now = most, max(1, most // MANY), each_s, now
        self._lock = threading.Lock()
        self.inside, self._many_at = 0, 0.0
        self._left_at, self._slot, self._pace_s = now() - CALM_S, 0.0, 0.0
        self._known, self._known_at = 0, -KNOWN_S

    def enter(self) -> int:
        """0 when admitted (then `leave` must follow), else the seconds to stay away: each refused till its own turn."""
        with self._lock:
            if self.inside < self._most:
                self.inside += 1
                self._many_at = self._now() if self.inside == self._many else self._many_at
                return 0
            now = self._now()
            self._slot = max(self._slot, now) + self._turn_s()
            return min(LONGEST_S, math.ceil(self._slot - now))

    def leave(self) -> None:
        """An admitted request is answered."""
        with self._lock:
            now = self._now()
            if self.inside >= self._many:
                self._pace_s += SMOOTH * (now - max(self._left_at, self._many_at) - self._pace_s)
            self.inside -= 1
            self._left_at = now

    def spread_s(self, known: Callable[[], int]) -> int:
        """The seconds over which a till is to spread itself when it comes back: all that are `known` may come with it.

        Not those that opened a session lately: who comes first after a restart would be told to come at once."""
        now = self._now()
        if now - self._known_at >= KNOWN_S:
            self._known, self._known_at = known(), now
        with self._lock:
            return min(LONGEST_S, int(self._known * self._turn_s()))

    def _turn_s(self) -> float:
        return max(1 / self._each_s, REQUESTS * self._pace_s)

    def way_s(self, worked_s: float) -> float:
        """How long counting, which worked so long, gives way to the tills."""
        return WAY * worked_s if self.busy() else 0.0

    def busy(self) -> bool:
        """True while tills push."""
        with self._lock:
            return self.inside > 0 or self._now() - self._left_at < CALM_S


@dataclass(frozen=True)
class Admission:
    """Answers 503 BUSY with Retry-After while the gate is full; the body of such a request is never kept."""

    app: ASGIApp
    gate: Gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in DOORS:
            await self.app(scope, receive, send)
            return
        wait_s = self.gate.enter()
        if wait_s:
            await _refuse(send, wait_s)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.gate.leave()


async def _refuse(send: Send, wait_s: int) -> None:
    answer = Refusal(error="BUSY", words="many tills come at once").model_dump_json().encode()
    told = {"content-type": "application/json", "content-length": len(answer), "retry-after": wait_s}
    headers = [(name.encode(), str(value).encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
