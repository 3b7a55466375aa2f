"""The till's app: one ordered queue of scans, texts and keys, one screen at a time, nothing waits here."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult

from edge_agent.clock import Clock
from edge_agent.settings import Settings
from edge_agent.till.driver import TillDriver
from edge_agent.till.front import Front
from edge_agent.till.messages import Answered, DropNews, EnterRested, HungUp, News, Nudged, Pressed, Scanned, Typed
from edge_agent.till.view import Bands
from edge_agent.till.waiting import WaitingView

if TYPE_CHECKING:
    from edge_agent.opening import OpenTill

TICK_SECONDS = 1.0
LOCK, TRAINING = "ctrl+l", "ctrl+t"


class TillApp(App[int]):
    """The screen of one till. `opening` builds the till's objects, off this thread and behind the first paint."""

    CSS_PATH = "till.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None

    def __init__(
        self, opening: "Callable[[], OpenTill]", clock: Clock, settings: Settings, *, prefix: str = ""
    ) -> None:
        super().__init__(driver_class=TillDriver, ansi_color=True)
        self.wedge_prefix = prefix
        self.clock = clock
        self.bands = Bands()
        self.front = Front(self, settings)
        self.front.show(WaitingView(self.front, opening))
        self._painted = False
        self._stale = True
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="till-work")

    def compose(self) -> ComposeResult:
        yield from self.bands.all()

    def on_mount(self) -> None:
        self.set_interval(TICK_SECONDS, self._tick)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.leave)

    def on_scanned(self, message: Scanned) -> None:
        self._stale = True
        self.front.touched()
        self.front.scanned(message.code)

    def on_typed(self, message: Typed) -> None:
        self._stale = True
        self.front.touched()
        for char in message.text:
            self.front.heard.typed(char)

    def on_pressed(self, message: Pressed) -> None:
        self._stale = True
        self.front.touched()
        if message.key == LOCK:
            self.front.lock_till()
        elif message.key == TRAINING:
            self.front.train()
        else:
            self.front.heard.pressed(message.key)

    def on_enter_rested(self, message: EnterRested) -> None:
        self._stale = True
        self.front.heard.enter_rested(single=message.single)

    def on_answered(self, message: Answered) -> None:
        self._stale = True
        message.then(message.future)

    def on_nudged(self, _: Nudged) -> None:
        self._stale = self.front.status_stale = True

    def on_hung_up(self, _: HungUp) -> None:
        self.leave()

    def on_news(self, _: News) -> None:
        self.front.read_board()

    def on_drop_news(self, _: DropNews) -> None:
        self.front.read_drops()

    def on_idle(self) -> None:
        """Draw once for all that has happened; behind the first picture the shop's memory is opened."""
        if not self._stale or not self.bands.width:
            return
        self._stale = False
        self.front.draw(self.bands)
        changes = "".join(band.changes(self.console) for band in self.bands.all())
        if changes and self._driver is not None:
            self._driver.write(changes)
        if not self._painted:
            self._painted = True
            self.call_after_refresh(self.front.begin)

    def _tick(self) -> None:
        """A timer is no message: only what is in the queue is followed by a drawing."""
        self.front.look_around()
        self.post_message(Nudged())

    def leave(self) -> None:
        """End the program; what is committed stays, an unfinished sale waits for the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.exit(0, return_code=0)

    def finish(self) -> None:
        """After the last picture: wait for what the worker thread has begun: nothing starts while all closes."""
        self._pool.shutdown(cancel_futures=True)

    def work(self, act: Callable[[], Any], then: "Callable[[Future[Any]], None]") -> None:
        """Run `act` on the worker thread, then `then` on this one with its future."""
        with contextlib.suppress(RuntimeError):  # the till is being left
            self.when_done(self._pool.submit(act), then)

    def when_done(self, future: "Future[Any]", then: "Callable[[Future[Any]], None]") -> None:
        """Call `then` on this thread when the future is done, whichever thread ends it."""
        future.add_done_callback(lambda done: self.post_message(Answered(done, then)))
