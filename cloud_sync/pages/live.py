"""Open pages that follow what happens: the browser listens, and is told when something of its shop was counted.

One thread asks the database once a second for all shops that somebody looks at, whichever worker counted; a listener
costs a queue of one. What changed is not sent: the page is asked for again, as its owner may see it.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from cloud_sync.database import Database
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.marks import Place, marks
from cloud_sync.pages.shown import shown
from cloud_sync.rounds import Rounds
from cloud_sync.service import service_of

router = APIRouter()
LOOK_EVERY_S = 1.0
BEAT_S = 25.0
"""So often a word goes out that means nothing, so that no proxy takes the line for dead."""
LASTS_S = 300.0
"""So long a line lasts; the browser asks anew, and is let in anew."""
MOST = 2_000
CHANGED = b"event: changed\ndata: 1\n\n"


class Watch(Rounds):
    """Who listens to which shop, and the thread that looks for them."""

    def __init__(self, database: Database, *, every_s: float = LOOK_EVERY_S) -> None:
        super().__init__("watch", every_s, rests=True)
        self._database, self._lock = database, threading.Lock()
        self._ears: dict[Place, set[Ear]] = {}
        self._marks: dict[Place, str] = {}

    def stop(self) -> None:
        """End the thread and every line."""
        super().stop()
        with self._lock:
            ears = [ear for some in self._ears.values() for ear in some]
        for ear in ears:
            ear.tell("over")

    @property
    def listening(self) -> int:
        """How many pages are open; from `MOST` on another must do without."""
        with self._lock:
            return sum(map(len, self._ears.values()))

    def listen(self, place: Place) -> "Ear":
        """An ear at a shop, of the loop that runs."""
        ear = Ear(asyncio.get_running_loop())
        with self._lock:
            self._ears.setdefault(place, set()).add(ear)
        return ear

    def leave(self, place: Place, ear: "Ear") -> None:
        with self._lock:
            some = self._ears.get(place, set())
            some.discard(ear)
            if not some:
                self._ears.pop(place, None)
                self._marks.pop(place, None)

    def go_round(self) -> int:
        """Tell the ears of every shop of which something was counted since the last look; how many shops."""
        with self._lock:
            places = set(self._ears)
        if not places:
            return 0
        found, told = self._asked(places), 0
        for place, mark in found.items():
            with self._lock:
                before, ears = self._marks.get(place), list(self._ears.get(place, ()))
                self._marks[place] = mark
            if before not in (None, mark):
                told += 1
                for ear in ears:
                    ear.tell("changed")
        return told

    def moved(self, place: Place, seen: str) -> bool:
        """Whether something was counted since a page was made that has seen this mark."""
        return bool(seen) and self._asked({place}).get(place) != seen

    def _asked(self, places: set[Place]) -> Mapping[Place, str]:
        with self._database.service().reading() as session:
            return marks(session, places)


class Ear:
    """One open page. A word that comes while another waits is that word."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._word, self._heard = loop, "", asyncio.Event()

    def tell(self, word: str) -> None:
        """From any thread."""

        def heard() -> None:
            self._word = word
            self._heard.set()

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(heard)

    async def word(self, seconds: float) -> str:
        """The next word; empty when none came in time."""
        try:
            await asyncio.wait_for(self._heard.wait(), seconds)
        except TimeoutError:
            return ""
        self._heard.clear()
        return self._word


@router.get("/live")
def live(
    request: Request,
    owner: Looker,
    shop: Annotated[str, Query(max_length=32)] = "",
    seen: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The line of an open page: `changed` when something of its shop was counted or decided, at once when that was so
    since the page was made, which has `seen` the mark."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
    watch: Watch = request.app.state.watch
    if watch.listening >= MOST:
        return Response(status_code=503, headers={"Retry-After": "60"})
    place, at_once = (here.tenant, here.shop), {"X-Accel-Buffering": "no"}
    return StreamingResponse(_line(watch, place, seen), media_type="text/event-stream", headers=at_once)


async def _line(watch: Watch, place: Place, seen: str) -> AsyncIterator[bytes]:
    loop, ear = asyncio.get_running_loop(), watch.listen(place)
    until = loop.time() + LASTS_S
    try:
        yield b"retry: 3000\n\n"
        moved = await asyncio.to_thread(watch.moved, place, seen)
        if moved:
            yield CHANGED
        while (left := until - loop.time()) > 0:
            word = await ear.word(min(BEAT_S, left))
            if word == "over":
                return
            yield CHANGED if word else b": still here\n\n"
    finally:
        watch.leave(place, ear)
