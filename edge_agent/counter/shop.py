"""The shop itself in the memory: until a till is paired, what its settings say of the shop is recorded as an event."""

from edge_agent.journal.log import Draft
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


def shop_drafts(memory: Reading, settings: ShopSettings) -> list[Draft]:
    """What has to be recorded so that the memory knows the shop that holds: nothing, or the shop."""
    wanted = current_shop(memory, settings)
    return [] if wanted == memory.shop() else [Draft(wanted)]
