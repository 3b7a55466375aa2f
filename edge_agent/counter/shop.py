"""The shop itself in the memory: until a till is paired, what its settings say of the shop is recorded as an event."""

from collections.abc import Sequence

from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.settings import ShopSettings, hours, minutes
from edge_agent.wire.events.catalogue import ShopSet


def shop_of(settings: ShopSettings) -> ShopSet:
    """The settings as the shop's record; BadInput names a wrong time."""
    return ShopSet(
        name=settings.name,
        address=settings.address,
        vat_number=settings.vat_number,
        currency=settings.currency,
        symbol=settings.symbol,
        decimals=settings.decimals,
        zone=settings.zone,
        hours=hours(settings),
        day_closes=minutes(settings.day_closes, "day_closes"),
        receipt_words=settings.receipt_words,
        reorder_floor=settings.reorder_floor * 100,
    )


def current_shop(memory: Reading, settings: ShopSettings) -> ShopSet:
    """The shop that holds: what is recorded once the till is paired, else what the settings say."""
    recorded = memory.shop()
    return recorded if recorded and memory.paired() else shop_of(settings)


def keep_shop(journal: Journal, settings: ShopSettings) -> ShopSet:
    """Record the settings' shop if it is not paired and differs from what is recorded; the shop that holds."""

    def compose(memory: Reading) -> Sequence[Draft]:
        wanted = current_shop(memory, settings)
        return [] if wanted == memory.shop() else [Draft(wanted)]

    journal.record(compose).result()
    with journal.reading() as memory:
        return current_shop(memory, settings)
