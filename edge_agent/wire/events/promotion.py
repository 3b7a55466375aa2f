"""Promotions: set whole, by the shop before pairing and by the cloud after it; the newest one of a name holds."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Code, Label, Sku

Pieces = Annotated[int, Field(strict=True, ge=1, le=1_000)]
Method = Literal["n_for", "percent", "buy_get", "pair_for", "pair_percent", "from_n"]


class PromotionSet(Contract):
    """A promotion on any mix of its `members`, whole. A piece takes part in one promotion at most.

    `n_for`: `need` pieces cost `value`. `percent`: `value` basis points off each piece, from `need` pieces on.
    `buy_get`: of each `need` + `get` pieces the `get` cheapest have `value` basis points off. `pair_for`: `need` of the
    members and `get` of the `others` cost `value`; `pair_percent`: those others have `value` basis points off.
    `from_n`: from `need` pieces on each costs `value`. Money is in minor units. It holds from `from_at` until
    `until_at` (UTC ms, 0: no end), at most `limit` times a sale (pieces for `percent` and `from_n`; 0: any),
    and with a `card` only for a customer who shows it. Not `active`: taken back.
    """

    promotion: Sku
    name: Annotated[Label, Field(min_length=1)]
    method: Method
    members: Annotated[tuple[Sku, ...], Field(min_length=1, max_length=500)]
    others: Annotated[tuple[Sku, ...], Field(max_length=200)] = ()
    need: Pieces = 1
    get: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 0
    value: Count
    from_at: Count = 0
    until_at: Count = 0
    limit: Count = 0
    card: Code | Literal[""] = ""
    active: bool = True


KINDS: dict[tuple[str, int], type[Contract]] = {("promotion_set", 1): PromotionSet}
