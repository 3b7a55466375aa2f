"""What customers asked for and did not get, and how old they had to be: notes of the counter that nobody waits for."""

from edge_agent.errors import BadInput
from edge_agent.journal.log import Draft, Journal
from edge_agent.rules.text import clean_name
from edge_agent.wire.events.selling import AgeChecked, LostDemandNoted

ASKED_CHARACTERS = 40
PIECE = 1000


class Asked:
    """Each note is one event."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def not_in_stock(self, sku: str, asked: str = "", qty: int = PIECE, by: str = "") -> None:
        """Somebody wanted so many milli-units of an item that was not there, or of what no item is called."""
        asked = "" if sku else clean_name(asked, ASKED_CHARACTERS)
        if not (sku or asked) or qty <= 0:
            raise BadInput("asked for what? type it, then -")
        self._journal.record(lambda _: [Draft(LostDemandNoted(sku=sku, asked=asked, qty=qty), by)])

    def age(self, sku: str, years: int, by: str = "", *, passed: bool) -> None:
        """A buyer was asked for an age: passed or refused, and nothing else."""
        self._journal.record(lambda _: [Draft(AgeChecked(sku=sku, years=years, passed=passed), by)])
