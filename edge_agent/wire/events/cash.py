"""Feed entries of the account: what orders may take out of it, so that a till knows the limit offline too."""

from typing import Annotated

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Sku


class CashRoom(Contract):
    """Feed entry: what an order to a supplier may cost with its tax (minor units, None: there is no limit) before the
    account falls under what must stay in it, on ordinal day `day`; the newest word on a supplier holds, until `until`
    (UTC ms): then the bank balance that it is worked out from is too old."""

    supplier: Sku
    room: Annotated[Whole, Field(ge=0)] | None
    day: Count
    until: Count


KINDS: dict[tuple[str, int], type[Contract]] = {("cash_room", 1): CashRoom}
