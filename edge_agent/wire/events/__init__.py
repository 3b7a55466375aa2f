"""The kinds of events, one file an area; `body_class` finds the model of a kind and version."""

from edge_agent.wire.envelope import Contract
from edge_agent.wire.events import (
    cards,
    cash,
    catalogue,
    device,
    drops,
    experiments,
    fiscal,
    invoices,
    live,
    models,
    orders,
    popups,
    promotion,
    quota,
    refunds,
    reorder,
    reservations,
    sales,
    samples,
    selling,
    shift,
    signals,
    staff,
    stock,
    stored,
)

KINDS: dict[tuple[str, int], type[Contract]] = {
    **device.KINDS,
    **catalogue.KINDS,
    **promotion.KINDS,
    **sales.KINDS,
    **refunds.KINDS,
    **invoices.KINDS,
    **live.KINDS,
    **cards.KINDS,
    **cash.KINDS,
    **shift.KINDS,
    **selling.KINDS,
    **staff.KINDS,
    **stock.KINDS,
    **stored.KINDS,
    **reorder.KINDS,
    **orders.KINDS,
    **quota.KINDS,
    **drops.KINDS,
    **experiments.KINDS,
    **popups.KINDS,
    **samples.KINDS,
    **reservations.KINDS,
    **models.KINDS,
    **signals.KINDS,
    **fiscal.KINDS,
}

KIND_OF: dict[type[Contract], tuple[str, int]] = {body: kind for kind, body in KINDS.items()}


def body_class(kind: str, v: int) -> type[Contract] | None:
    """The model of a kind and version, or None when this program is too old to know it."""
    return KINDS.get((kind, v))


def kind_of(body: Contract) -> tuple[str, int]:
    """The kind and version under which a body is recorded."""
    return KIND_OF[type(body)]
