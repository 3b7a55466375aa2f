"""The last units of a limited item: what a till gives up of its share, and what the cloud grants (milli-units)."""

from typing import Annotated

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Sku


class QuotaGiven(Contract):
    """A till gives up so much of its quota of a SKU, for the cloud to grant to another; it may not sell that itself."""

    sku: Sku
    qty: Annotated[int, Field(strict=True, ge=1)]


class QuotaSet(Contract):
    """Feed entry: of a SKU, what was `granted` to each journal in all (a total: the highest cursor holds), and how
    much each may `keep` of what it can still sell; a journal that is not named there keeps all."""

    sku: Sku
    granted: dict[str, Count]
    keep: dict[str, Count]


KINDS: dict[tuple[str, int], type[Contract]] = {("quota_given", 1): QuotaGiven, ("quota_set", 1): QuotaSet}
