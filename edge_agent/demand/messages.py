"""What the till and its model's child say to each other, as plain JSON values and back."""

from collections.abc import Collection, Mapping
from dataclasses import astuple
from typing import Any

from edge_agent.rules.forecast import Forecast
from edge_agent.rules.guess import Guess

from .habits import Blend, Habits, Part
from .kin import Kin, Kindred, Trust
from .priors import NEUTRAL, priors_from
from .series import Facts, Opening, ShopHistory, SkuHistory


def shop_to_plain(shop: ShopHistory, skus: Collection[str] | None = None) -> dict[str, Any]:
    """A shop as JSON values, with these SKUs (all if None)."""
    wanted = shop.skus if skus is None else {sku: shop.skus[sku] for sku in skus}
    opening = shop.opening
    return {
        "zone": shop.zone,
        "hours": opening.hours,
        "closed": sorted(opening.closed),
        "special": [(day, *hours) for day, hours in sorted(opening.special.items())],
        "today": shop.today,
        "hour_profile": shop.hour_profile,
        "facts": {sku: astuple(shop.facts[sku]) for sku in wanted if sku in shop.facts} if skus is None else {},
        "priors": shop.priors.plain() if skus is None else None,
        "skus": [
            (one.sku, one.days, one.qtys, sorted(one.short.items()), sorted(one.asked.items()), _guess(one))
            for one in wanted.values()
        ],
    }


def _guess(one: SkuHistory) -> tuple[int, ...] | None:
    return astuple(one.guess) if one.guess else None


def shop_from(plain: Mapping[str, Any]) -> ShopHistory:
    """The inverse of `shop_to_plain`."""
    hours = tuple((day[0], day[1]) if day else None for day in plain["hours"])
    special = {day: (opens, closes) for day, opens, closes in plain["special"]}
    skus = {
        sku: SkuHistory(sku, tuple(days), tuple(qtys), dict(short), dict(asked), guess=Guess(*guess) if guess else None)
        for sku, days, qtys, short, asked, guess in plain["skus"]
    }
    profile = tuple(tuple(day) for day in plain["hour_profile"])
    opening = Opening(hours, frozenset(plain["closed"]), special)
    facts = {sku: Facts(*told) for sku, told in plain["facts"].items()}
    priors = priors_from(plain["priors"]) if plain["priors"] else NEUTRAL
    return ShopHistory(plain["zone"], opening, plain["today"], skus, profile, facts=facts, priors=priors)


def habits_from(plain: Mapping[str, Any]) -> Habits:
    """The inverse of `dataclasses.asdict` on Habits, through JSON."""
    return Habits(
        until=plain["until"],
        trading=tuple(plain["trading"]),
        week=tuple(plain["week"]),
        hour_shares=tuple(plain["hour_shares"]),
        curves=tuple(tuple(curve) for curve in plain["curves"]),
        blend=_blend_from(plain["blend"]),
        kindred=_kindred_from(plain["kindred"]),
        model=plain["model"],
    )


def _kindred_from(plain: Mapping[str, Any]) -> Kindred:
    told = {sku: Kin(**kin) for sku, kin in plain["told"].items()}
    return Kindred(Kin(**plain["usual"]), Trust(**plain["trust"]), told)


def _blend_from(plain: Mapping[str, Any]) -> Blend:
    parts = tuple(Part(**{**part, "lean": tuple(part["lean"])}) for part in plain["parts"])
    return Blend(parts, tuple(plain["spreads"]))


def forecast_from(plain: Mapping[str, Any]) -> Forecast:
    """The inverse of `dataclasses.asdict` on a Forecast that nothing has moved yet, through JSON."""
    lists = {name: tuple(plain[name]) for name in ("day_means", "hour_shares", "mix")}
    return Forecast(**{**plain, **lists, "factors": (), "plain": ()})
