"""The shop itself: what the settings say of it, and which word of it holds."""

from typing import Literal

from edge_agent.errors import BadInput
from edge_agent.journal.reading import Reading
from edge_agent.rules.opening import minutes
from edge_agent.rules.sale import Terms
from edge_agent.settings import Settings, hours, other_hours
from edge_agent.wire.events.catalogue import ShopSet


def shop_of(settings: Settings) -> ShopSet:
    """The shop as the settings say it; BadInput names the key that is off."""
    shop = settings.shop
    try:
        return ShopSet(
            name=shop.name,
            address=shop.address,
            vat_number=shop.vat_number,
            currency=shop.currency,
            language=_language(shop.language),
            symbol=shop.symbol,
            decimals=shop.decimals,
            zone=shop.zone,
            hours=hours(shop),
            other_hours=other_hours(shop),
            day_closes=minutes(shop.day_closes, "day_closes"),
            receipt_words=shop.receipt_words,
            reorder_floor=shop.reorder_floor * 100,
            cash_step=shop.cash_step,
            tax_exclusive=shop.tax_exclusive,
            week_budget=shop.week_budget,
        )
    except ValueError as error:
        raise BadInput(f"settings.toml, [shop]: {error}") from None


def _language(word: str) -> Literal["en", "de"]:
    if word == "de":
        return "de"
    if word == "en":
        return "en"
    raise ValueError(f"language is {word!r}; it should be 'en' or 'de'")


def terms_of(shop: ShopSet | None) -> Terms:
    """How the shop reckons tax and cash."""
    return Terms(exclusive=shop.tax_exclusive, step=shop.cash_step) if shop else Terms()


def holding(memory: Reading, said: ShopSet) -> ShopSet:
    """The shop that holds: as recorded once the till is paired, before that as its settings say."""
    recorded = memory.shop()
    return recorded if recorded and memory.paired() else said
