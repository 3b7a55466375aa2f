"""The till's quota of limited items: no sale goes beyond it; what the cloud asks for is given up for other tills."""

from collections import Counter

from edge_agent.errors import BadInput
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.rules.money import quantity
from edge_agent.rules.sale import Sale, limited
from edge_agent.wire.events.quota import QuotaGiven
from edge_agent.wire.messages import FeedEntry


def check(memory: Reading, sale: Sale) -> None:
    """BadInput when the sale holds more of a limited item than this till may sell."""
    kept = reserved(memory, sale)
    for sku, (name, qty) in limited(sale).items():
        left = max(0, memory.may_sell(sku))
        if qty <= left + kept[sku]:
            continue
        others = max(0, memory.stock(sku).on_hand - left)
        beside = f"; {quantity(others)} are kept for the other tills" if memory.paired() and others else ""
        may = f"only {quantity(left)} left to sell here" if left else "none left to sell here"
        raise BadInput(f"{name}: {may}{beside}. Esc, then go on")


def reserved(memory: Reading, sale: Sale) -> Counter[str]:
    """{SKU: milli-units} that were kept elsewhere for this sale's customer: they are beside what this till may sell."""
    found: Counter[str] = Counter()
    for mark in sale.collected:
        body = memory.reservation(mark)
        for line in body.lines if body else ():
            found[line.sku] += line.qty
    return found


class Quotas:
    """Gives up what the cloud does not let this till keep; what was sold meanwhile cannot be given."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def start(self) -> None:
        """Give up what is due now and whenever the feed asks for it."""
        self._journal.listen_feed(self._fed)
        self._journal.record(given_up)

    def _fed(self, entries: tuple[FeedEntry, ...]) -> None:
        if any(entry.kind == "quota_set" for entry in entries):
            self._journal.record(given_up)


def given_up(memory: Reading) -> list[Draft]:
    """What is to be given up as it stands inside the transaction."""
    drafts = []
    for sku in memory.quotas_to_keep():
        mine = memory.quota(sku)
        if mine.keep is not None and mine.left > mine.keep:
            drafts.append(Draft(QuotaGiven(sku=sku, qty=mine.left - mine.keep)))
    return drafts
