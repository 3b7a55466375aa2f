"""Feed entry of a live window: pieces of a drop sold for a while to who has its code, at a price of its own."""

from typing import Annotated

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Sku
from edge_agent.wire.events.sales import UNLESS_EMPTY

LiveCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{4,12}$")]


class LivePart(Contract):
    """Milli-units of a part that are set aside, and its unit price in the window (tax-inclusive, minor units)."""

    sku: Sku
    qty: Annotated[int, Field(strict=True, ge=1)]
    price: Count


class LiveSet(Contract):
    """A live window of a drop, whole (the newest word on its `code` holds), from `start` to `end` (UTC ms). Who has the
    code reserves from afar, kept for `hold` minutes. What nobody took falls back to the tills at the end."""

    code: LiveCode
    drop: Sku
    start: Count
    end: Count
    parts: Annotated[tuple[LivePart, ...], Field(min_length=1, max_length=12)]
    hold: Annotated[int, Field(strict=True, ge=5, le=10_080)]
    called_off: Annotated[bool, UNLESS_EMPTY] = False


KINDS: dict[tuple[str, int], type[Contract]] = {("live_set", 1): LiveSet}
