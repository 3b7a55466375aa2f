"""The card terminal as a port: one that stands beside the till, whose word the cashier keys in, and a simulated one."""

from collections.abc import Callable
from typing import Protocol

from edge_agent.wire.events.cards import CardResult


class CardTerminal(Protocol):
    """Takes money from a card. Never called for an attempt twice."""

    def charge(self, attempt: str, amount: int) -> CardResult | None:
        """Ask for minor units and wait for the answer (not on the screen's thread); None: the cashier says it."""
        ...


class BesideTerminal:
    """A terminal without a wire to the till: its answer is keyed in by the cashier."""

    def charge(self, attempt: str, amount: int) -> CardResult | None:
        return None


class SimulatedTerminal:
    """For practice and tests: the last two digits of an amount say what becomes of it (01 declined, 02 unknown)."""

    def __init__(self, charged: Callable[[str, int], None] = lambda *_: None) -> None:
        self._charged = charged

    def charge(self, attempt: str, amount: int) -> CardResult | None:
        self._charged(attempt, amount)
        ends: dict[int, CardResult] = {1: "declined", 2: "unknown"}
        return ends.get(amount % 100, "approved")


TERMINALS: dict[str, Callable[[], CardTerminal]] = {"beside": BesideTerminal, "simulated": SimulatedTerminal}
