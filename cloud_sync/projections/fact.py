"""A fact on its way into the projections: one event of one journal, read and checked."""

from dataclasses import dataclass

from edge_agent.wire.envelope import Contract, Event


@dataclass(frozen=True)
class Fact:
    """One event, where it lies (tenant, shop, journal, seq), its body, and the shop's zone."""

    tenant: str
    shop: str
    journal: str
    zone: str
    event: Event
    body: Contract
