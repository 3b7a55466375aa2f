"""A live window: what may be planned of a drop, who may take of it when, and what is read of its code."""

import re
from collections.abc import Iterable

from edge_agent.errors import BadInput
from edge_agent.rules.drop_window import State
from edge_agent.wire.events.drops import DropSet
from edge_agent.wire.events.live import LiveSet

CODE = re.compile(r"[A-Z0-9]{4,12}")
LIVE = "live "
"""What the channel of a live window begins with: what is reserved there outlives the window."""
HOLDS = range(5, 7 * 24 * 60 + 1)


def code_of(text: str) -> str:
    """A code however it is typed; empty for what can be none."""
    found = "".join(text.upper().split())
    return found if CODE.fullmatch(found) else ""


def channel_of(live: LiveSet) -> str:
    """Under which its reservations are made."""
    return f"{LIVE}{live.code}"


def state(live: LiveSet, now: int) -> State:
    """Where a moment lies."""
    if now < live.start:
        return "coming"
    return "open" if now < live.end else "over"


def check(live: LiveSet, drop: DropSet, others: Iterable[LiveSet], now: int) -> None:
    """BadInput when the window does not lie in its drop's, holds what is no part of it or more than there is, or its
    code was another's."""
    if drop.called_off or not drop.start <= live.start < live.end <= drop.end or live.end <= now:
        raise BadInput("a live window lies within its drop's, and not behind")
    pieces = {part.sku: part.qty for part in drop.parts}
    if len({part.sku for part in live.parts}) < len(live.parts):
        raise BadInput("a SKU stands there twice")
    for part in live.parts:
        if part.sku not in pieces:
            raise BadInput(f"{part.sku} is no variant of {drop.name}")
        if part.qty > pieces[part.sku]:
            raise BadInput(f"{part.sku}: more are held for the live window than the drop has")
    for other in others:
        if other.code == live.code:
            raise BadInput(f"the code {live.code} was used before: choose another one")
        apart = other.end <= live.start or live.end <= other.start
        if other.drop == live.drop and not other.called_off and not apart:
            raise BadInput(f"the live window {other.code} is at that time, too")
