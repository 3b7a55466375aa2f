"""Events and feed entries of drops: a limited launch as it is planned, sold out at a till, and closed there."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Label, Sku
from edge_agent.wire.events.sales import UNLESS_EMPTY, UNLESS_NONE

WINDOW_HOURS = 14 * 24
Pieces = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Share = Annotated[int, Field(strict=True, ge=0, le=10_000)]
"""In basis points."""
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class DropPart(Contract):
    """A variant of the drop: a limited SKU, and the milli-units that there are of it; a `price` of its own in the
    window (minor units, tax-inclusive; 0: the catalogue's)."""

    sku: Sku
    qty: Count
    price: Count = 0


class Creator(Contract):
    """Who gets `share` of what the drop takes (empty `sku`: of each part)."""

    name: Label
    share: Share
    sku: Annotated[str, Field(max_length=64), UNLESS_EMPTY] = ""


class DropSet(Contract):
    """A drop, whole (the newest word on `drop` holds): its parts are sold from `start` to `end` (UTC ms), not before.

    `product` is the same word in each drop of the same goods. At most `cap` pieces go to one customer (0: any). The
    owner guessed that a window wants `low`, `likely`, `high` pieces; what is left is worth `salvage` basis points of
    its cost. `order_by` is the supplier's last cut-off whose goods are there at the start (0: none known). A piece that
    comes back costs `handling` minor units; when the drop was planned the cloud knew that `returned` of the pieces come
    back and that `again` of these can be sold again (None: nothing was known).

    From `home` it is also sold to `countries`: nothing is, until each point of that checklist is `checked`, or the
    owner said why it opens all the same (`override`). Its `creators` have their share of what stays sold.
    """

    drop: Sku
    product: Annotated[str, Field(min_length=1, max_length=64)]
    name: Label
    start: Count
    end: Count
    parts: Annotated[tuple[DropPart, ...], Field(min_length=1, max_length=12)]
    cap: Pieces
    low: Pieces
    likely: Pieces
    high: Pieces
    salvage: Share
    order_by: Count
    called_off: bool = False
    handling: Annotated[Count, UNLESS_EMPTY] = 0
    returned: Annotated[Share | None, UNLESS_NONE] = None
    again: Annotated[Share | None, UNLESS_NONE] = None
    home: Annotated[Country | Literal[""], UNLESS_EMPTY] = ""
    countries: Annotated[tuple[Country, ...], Field(max_length=40), UNLESS_EMPTY] = ()
    checked: Annotated[tuple[Annotated[str, Field(max_length=16)], ...], Field(max_length=40), UNLESS_EMPTY] = ()
    override: Annotated[Label, UNLESS_EMPTY] = ""
    creators: Annotated[tuple[Creator, ...], Field(max_length=8), UNLESS_EMPTY] = ()


class DropSoldOut(Contract):
    """The sale that this event was caused by took the last piece of a part that this till may sell."""

    drop: Sku
    sku: Sku


class ClosedPart(Contract):
    """What one journal sold of a part in the window, what came back to it, and what it had `left` to sell at the close
    (milli-units; a paired till gave that up), and when the last sale was (UTC ms, 0: none)."""

    sku: Sku
    sold: Count
    back: Count
    left: Count
    last_at: Count


class DropClosed(Contract):
    """A till's part of a drop whose window is over. `hours` weighs each clock hour that the window touches by what the
    shop sells in it; the last word of a `journal` on a drop holds."""

    drop: Sku
    journal: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    parts: Annotated[tuple[ClosedPart, ...], Field(min_length=1, max_length=12)]
    hours: Annotated[tuple[Count, ...], Field(min_length=1, max_length=WINDOW_HOURS + 1)]


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("drop_set", 1): DropSet,
    ("drop_sold_out", 1): DropSoldOut,
    ("drop_closed", 1): DropClosed,
}
