"""Ties the open shop to the screen: codes from scanners, the state of devices, news of orders and of the cloud."""

from typing import TYPE_CHECKING

from edge_agent.till.messages import Scanned

if TYPE_CHECKING:
    from edge_agent.till.front import Front


def connect(front: "Front") -> None:
    """Called once, on the screen's thread; whatever calls back from another thread only posts a message."""
    take_shop(front)
    shop = front.shop
    shop.scanner_codes(lambda code: front.app.post_message(Scanned(code)))


def take_shop(front: "Front") -> None:
    """The shop's own word for its name, zone and money, once the memory is open."""
    with front.shop.journal.reading() as memory:
        known = memory.shop()
    if known is not None:
        front.status.shop, front.status.zone, front.decimals = known.name, known.zone, known.decimals


def look_at_sync(front: "Front") -> None:
    """What waits for the cloud."""
