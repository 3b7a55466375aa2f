"""The kinds of events, one file an area; `body_class` finds the model of a kind and version."""

from functools import cache
from operator import itemgetter
from typing import get_args

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


@cache
def known() -> str:
    """All that this program can read: each kind and version with its fields, and the fields of what lies in those."""
    told = [f"{kind} {v}: {_fields(body)}" for (kind, v), body in sorted(KINDS.items(), key=itemgetter(0))]
    return "\n".join(told)


def _fields(of: object) -> str:
    """The fields of a contract, or of those that a type speaks of, by name."""
    if isinstance(of, type) and issubclass(of, Contract):
        fields = of.model_fields.items()
        return "{" + ",".join(name + _fields(field.annotation) for name, field in fields) + "}"
    return "".join(_fields(part) for part in get_args(of))


def kind_of(body: Contract) -> tuple[str, int]:
    """The kind and version under which a body is recorded."""
    return KIND_OF[type(body)]
