"""A promotion as the owner's form says it, and in the words in which its kinds are told."""

from edge_agent.rules.day import local
from edge_agent.rules.imports_promotions import OF_MONEY
from edge_agent.rules.money import quantity, written
from edge_agent.wire.events.promotion import Method, PromotionSet

METHODS: dict[Method, str] = {
    "n_for": "several for one price",
    "percent": "per cent off each",
    "buy_get": "buy some, get some",
    "pair_for": "these and those for one price",
    "pair_percent": "with these, per cent off those",
    "from_n": "a price each from so many on",
}
USUAL = {"method": "n_for", "need": "3", "active": "yes"}


def fields_of(promotion: PromotionSet, decimals: int, zone: str) -> dict[str, str]:
    """The promotion as the form's fields."""
    money = promotion.method in OF_MONEY
    return {
        "promotion": promotion.promotion,
        "name": promotion.name,
        "method": promotion.method,
        "skus": " ".join(promotion.members),
        "others": " ".join(promotion.others),
        "value": written(promotion.value, decimals) if money else quantity(promotion.value * 10),
        "need": str(promotion.need),
        "get": str(promotion.get) if promotion.get else "",
        "limit": str(promotion.limit) if promotion.limit else "",
        "from": local(promotion.from_at, zone).date().isoformat() if promotion.from_at else "",
        "until": local(promotion.until_at - 1, zone).date().isoformat() if promotion.until_at else "",
        "card": promotion.card,
        "active": "yes" if promotion.active else "no",
    }


def words_of(promotion: PromotionSet, now: int) -> str:
    """`on now`, `to come`, `over` or `taken back`."""
    if not promotion.active:
        return "taken back"
    if promotion.from_at > now:
        return "to come"
    return "over" if promotion.until_at and promotion.until_at <= now else "on now"
