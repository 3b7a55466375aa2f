"""Admission: so many pushes and sessions at once; the others are told when to come before their body is read."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from edge_agent.wire.messages import Refusal

DOORS = ("/v1/push", "/v1/session")
LATELY_S = 600.0
LONGEST_S = 300
CALM_S = 0.2
"""After so long without a push, counting need not give way."""
REQUESTS, SMOOTH = 2, 0.05
"""What a returning till asks: a session and a push. So much of each new interval goes into the pace."""
WAY = 9
"""While tills push, counting rests so many times as long as it worked."""


class Gate:
    """Counts who is inside. `most` at once; `each_s` tills a second is what returning tills are spread to.

    A refused till's turn comes as fast as that, or as the answers really follow each other while the gate is full.
    """

    def __init__(self, most: int = 16, each_s: int = 150, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._each_s, self._now = most, each_s, now
        self._lock = threading.Lock()
        self.inside, self._full_at = 0, 0.0
        self._left_at, self._slot, self._pace_s = now() - CALM_S, 0.0, 0.0
        self._opened: deque[tuple[int, int]] = deque()

    def enter(self) -> int:
        """0 when admitted (then `leave` must follow), else the seconds to stay away: each refused till its own turn."""
        with self._lock:
            if self.inside < self._most:
                self.inside += 1
                self._full_at = self._now() if self.inside == self._most else self._full_at
                return 0
            now = self._now()
            self._slot = max(self._slot, now) + max(1 / self._each_s, REQUESTS * self._pace_s)
            return min(LONGEST_S, math.ceil(self._slot - now))

    def leave(self) -> None:
        """An admitted request is answered."""
        with self._lock:
            now = self._now()
            if self.inside == self._most:
                # Not the time in which nobody came.
                self._pace_s += SMOOTH * (now - max(self._left_at, self._full_at) - self._pace_s)
            self.inside -= 1
            self._left_at = now

    def opened(self) -> int:
        """A session was opened: the seconds over which its till is to spread itself when it comes back."""
        with self._lock:
            now = int(self._now())
            count = self._opened.pop()[1] + 1 if self._opened and self._opened[-1][0] == now else 1
            self._opened.append((now, count))
            while self._opened[0][0] < now - LATELY_S:
                self._opened.popleft()
            return min(LONGEST_S, sum(number for _, number in self._opened) // self._each_s)

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
