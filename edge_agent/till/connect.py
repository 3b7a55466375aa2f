"""Ties the open shop to the screen: codes from scanners, the state of devices, news of orders and of the cloud."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edge_agent.fittings import NoPrinter
from edge_agent.rules.quick import Quick
from edge_agent.sync.paired import is_paired
from edge_agent.till.messages import DropNews, News, Nudged, Scanned
from edge_agent.till.speech import speak
from edge_agent.till.words import said

if TYPE_CHECKING:
    from concurrent.futures import Future

    from edge_agent.devices.state import State
    from edge_agent.till.front import Front

log = logging.getLogger(__name__)

NEWS = ("reorder_decided", "order_outcome", "stock_received")
"""Events and feed entries after which the orders are read anew."""
DROP_NEWS = ("drop_set", "drop_closed", "quota_set", "quota_given", "stock_received", "stock_sent", "stock_came")
POPUP_NEWS = ("popup_set", "popup_opened", "popup_closed", "visitors_counted")


def connect(front: "Front") -> None:
    """Called once, on the screen's thread; whatever calls back from another thread only posts a message."""
    shop, app = front.shop, front.app
    _take_shop(front)

    def device_said(device: str, state: "State", words: str) -> None:
        front.status.devices[device] = (state, words)
        app.post_message(Nudged())

    def scanned(code: str) -> None:
        app.post_message(Scanned(code))

    def recorded(events: Sequence[Any]) -> None:
        if any(one.event.kind in NEWS for one in events):
            app.post_message(News())
        drop_news({one.event.kind for one in events})

    def pulled(entries: Sequence[Any]) -> None:
        if any(one.kind in NEWS for one in entries):
            app.post_message(News())
        drop_news({one.kind for one in entries})

    def drop_news(kinds: set[str]) -> None:
        told = front.launches
        if kinds & {*DROP_NEWS, *POPUP_NEWS} or ("sale_completed" in kinds and told and (told.drops or told.popup)):
            app.post_message(DropNews())

    front.status.paired = is_paired(shop.data)
    front.status.prints = not isinstance(shop.printer, NoPrinter)
    shop.listen_devices(device_said)
    shop.journal.listen(recorded)
    shop.journal.listen_feed(pulled)
    shop.scanner_codes(scanned)
    front.read_board()
    front.read_drops()
    app.work(lambda: _givens(front), lambda done: _learn(front, done))
    if front.by:
        app.work(lambda: shop.staff.name_of(front.by, shop.clock.now()), lambda done: _know(front, done))
    app.work(shop.start_work, lambda done: _started(front, done))
    app.work(shop.finder.make, findable)


def _givens(front: "Front") -> "list[tuple[int, int]]":
    with front.shop.journal.reading() as memory:
        return memory.cash_given()


def _learn(front: "Front", done: "Future[list[tuple[int, int]]]") -> None:
    """What this shop's customers give; without it the usual notes are offered."""
    if done.exception() is None:
        front.quick.learn(done.result())


def _know(front: "Front", done: "Future[str]") -> None:
    """Who stands here; a person who was forgotten is shown by nothing, and sells on under the same id."""
    error = done.exception()
    if error is not None:
        log.warning("who works here cannot be read", extra={"why": said(error)})
        return
    front.status.staff, front.status_stale = done.result(), True


def findable(done: "Future[Any]") -> None:
    """Items can be found from now on; F2 tries again where this failed."""
    error = done.exception()
    if error is not None:
        log.warning("the items cannot be read for finding", extra={"why": said(error)})
    else:
        done.result()()


def _started(front: "Front", done: "Future[Any]") -> None:
    """Forecasts, orders and sync run beside the sale; without them the till still sells, and says so."""
    error = done.exception()
    if error is not None:
        log.error("what runs beside the sale could not start", exc_info=error)
        front.status.devices["orders and cloud"] = ("fault", said(error))


def _take_shop(front: "Front") -> None:
    """The shop's own word for its name, zone and money."""
    known = front.shop.reading.shop()
    if known is not None:
        speak(known.language)
        front.status.shop, front.status.zone, front.decimals = known.name, known.zone, known.decimals
        front.quick = Quick(known.currency, known.decimals)
    if front.shop.settings.said:
        front.status.devices["settings"] = ("fault", front.shop.settings.said)


def look_at_sync(front: "Front") -> None:
    """What waits for the cloud; an unpaired till has nothing to say."""
    sync = getattr(front.shop, "sync", None)
    if sync is None:
        return
    state, status = sync.state(), front.status
    status.online, status.waiting, status.oldest_at = state.online or not state.paired, state.waiting, state.oldest_at
