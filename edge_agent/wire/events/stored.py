"""What the cloud tells of gift cards and points: what the whole shop put on and took off each account."""

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.sales import Account


class BalancesStand(Contract):
    """Feed entry: what is on some accounts (minor units of a gift card, points of a customer), as the shop's journals
    up to `saw` (journal id -> seq) moved it. Of an account the entry with the highest cursor holds; a till adds what it
    did itself behind `saw`."""

    saw: dict[str, Count]
    balances: tuple[tuple[Account, Whole], ...]


KINDS: dict[tuple[str, int], type[Contract]] = {("balances_stand", 1): BalancesStand}
