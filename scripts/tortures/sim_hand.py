"""A till's sync in a simulated world: the production loop on a thread that runs only while it is told to."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge_agent.errors import Unreachable
from edge_agent.sync.connection import Answer, Headers
from edge_agent.sync.http import Door


class PowerCut(BaseException):
    """The till is off: whatever its sync was at ends here. No handler of errors catches it."""


@dataclass
class Call:
    """One request and what becomes of it: `answered` once the till has an answer, or knows that there is none."""

    number: int
    method: str
    path: str
    credential: str
    content: bytes
    params: dict[str, str | int]
    flying: bool = True
    answered: bool = False
    answer: Answer | None = None


@dataclass(frozen=True)
class Pause:
    """The loop waits for an event, so many seconds at most."""

    event: threading.Event
    seconds: float


Asked = Call | Pause | None
"""What a hand stopped at: a request, a pause, or its end."""


class Hand:
    """Runs `work` until it asks the world for something; then the world runs until it says `go_on`. Never both."""

    def __init__(self, work: Callable[["Hand"], None]) -> None:
        self._mine, self._worlds = threading.Lock(), threading.Lock()
        self._mine.acquire()
        self._worlds.acquire()
        self._answer: Any = None
        self._cut = self._over = False
        self.stopped_at: Asked = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def go_on(self, answer: Any = None) -> Asked:
        """Give the hand what it asked for and wait until it asks again."""
        self._answer = answer
        self._mine.release()
        self._worlds.acquire()
        return self.stopped_at

    def cut(self) -> None:
        """The power goes: the hand ends where it stands."""
        self._cut = True
        if not self._over:
            self.go_on()
        self._thread.join()

    def ask(self, question: Call | Pause) -> Any:
        """On the hand's own thread: stop at a question, and go on with its answer."""
        self.stopped_at = question
        self._worlds.release()
        self._mine.acquire()
        if self._cut:
            raise PowerCut
        return self._answer

    def _run(self, work: Callable[["Hand"], None]) -> None:
        self._mine.acquire()
        try:
            if not self._cut:
                work(self)
        except PowerCut:
            pass
        except BaseException as error:  # noqa: BLE001 - the world judges it
            self.error = error
        self.stopped_at, self._over = None, True
        self._worlds.release()


@dataclass
class Numbers:
    """Counts up: requests have numbers in the trace."""

    last: int = 0

    def next(self) -> int:
        self.last += 1
        return self.last


class WorldDoor(Door):
    """The production door with the world in place of the network: its messages and its reading of answers are real."""

    def __init__(self, hand: Hand, credential: str, numbers: Numbers) -> None:
        self._hand, self._credential, self._numbers = hand, credential, numbers

    def close(self) -> None:
        """There is no line to hang up."""

    def interrupt(self) -> None:
        """Nothing is waited for outside the world."""

    def carry(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Headers | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Answer:
        call = Call(self._numbers.next(), method, path, self._credential, content, dict(params or {}))
        answer: Answer | None = self._hand.ask(call)
        if answer is None:
            raise Unreachable("the cloud does not answer (nothing came back)")
        return answer


@dataclass
class Time:
    """The world's own time in milliseconds; every clock in it is this one, put wrong by an offset."""

    now: int


@dataclass
class WorldClock:
    """The clock of a till or of the cloud; it may jump."""

    time: Time
    wrong: int = field(default=0)
    trusted: bool = True

    def now(self) -> int:
        return max(0, self.time.now + self.wrong)

    def quality(self) -> Any:
        return "ntp" if self.trusted else "floor"
