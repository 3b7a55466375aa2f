"""Ties the open shop to the screen: codes from scanners, the state of devices, news of orders and of the cloud."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edge_agent.till.messages import News, Nudged, Scanned

if TYPE_CHECKING:
    from edge_agent.devices.state import State
    from edge_agent.till.front import Front

NEWS = ("reorder_decided", "order_outcome", "stock_received")
"""Events and feed entries after which the orders are read anew."""


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

    def pulled(entries: Sequence[Any]) -> None:
        if any(one.kind in NEWS for one in entries):
            app.post_message(News())

    shop.listen_devices(device_said)
    shop.journal.listen(recorded)
    shop.journal.listen_feed(pulled)
    shop.scanner_codes(scanned)
    front.read_board()


def _take_shop(front: "Front") -> None:
    """The shop's own word for its name, zone and money."""
    known = front.shop.reading.shop()
    if known is not None:
        front.status.shop, front.status.zone, front.decimals = known.name, known.zone, known.decimals
    if front.shop.settings.said:
        front.status.devices["settings"] = ("fault", front.shop.settings.said)


def look_at_sync(front: "Front") -> None:
    """What waits for the cloud; an unpaired till has nothing to say."""
    sync = getattr(front.shop, "sync", None)
    if sync is None:
        return
    state, status = sync.state(), front.status
    status.online, status.waiting, status.oldest_at = state.online, state.waiting, state.oldest_at
