"""Feed entries of reservations: goods that the cloud keeps for a customer who comes for them with a code."""

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Label, Sku

Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
"""Made of the code's number, which stands in no event."""
MOST_LINES = 20


class ReservedLine(Contract):
    """So many milli-units of a SKU are kept, at a unit `price` (tax-inclusive, minor units)."""

    sku: Sku
    qty: Annotated[int, Field(strict=True, ge=1)]
    price: Count


class ReservationSet(Contract):
    """Feed entry: a reservation, whole (the newest word on it holds). It is kept until `until` (UTC ms).

    `channel` says where it was made, `number` counts them in the shop; `state` is `open`, `handed` (a till sold it to
    its customer) or `released` (it is kept no longer). `paid` was paid for there. `spot` is where it waits, if not at
    the counter: a pick-up point and its compartment.
    """

    reservation: Mark
    number: Annotated[int, Field(strict=True, ge=1)]
    channel: Sku
    lines: Annotated[tuple[ReservedLine, ...], Field(min_length=1, max_length=MOST_LINES)]
    until: Count
    state: Literal["open", "handed", "released"]
    drop: Annotated[str, Field(max_length=64, exclude_if=not_)] = ""
    spot: Annotated[Label, Field(exclude_if=not_)] = ""
    paid: Annotated[bool, Field(exclude_if=not_)] = False


KINDS: dict[tuple[str, int], type[Contract]] = {("reservation_set", 1): ReservationSet}
