"""The calendar on a history: what past events added is taken off before anything is learnt, coming ones are put on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from edge_agent.rules.factor import CLOSED, taken
from edge_agent.rules.forecast import Factor
from edge_agent.rules.signal import WHOLE, Learnt, by_lift
from edge_agent.wire.events.signals import LocalEventAdded

from .base import trading_days
from .lift import calmed, learn_lifts, learnt_as, sold_by_day
from .series import Opening, ShopHistory, SkuHistory

AHEAD_DAYS = 42
"""How far the calendar is looked at: beyond any protection interval."""
IsAbout = Callable[[str, str], bool]
"""Whether a word (`about`) names a SKU."""
Events = Sequence[LocalEventAdded]


def by_name(about: str, sku: str) -> bool:
    """All that can be told where nothing but SKUs is known."""
    return about in ("", sku)


def event_factor(event: LocalEventAdded, learnt: Learnt, today: int) -> Factor:
    """What an event does on its days from today on."""
    first, last = max(today, event.first_day), min(event.last_day, today + AHEAD_DAYS - 1)
    lift = learnt.lifts.get(learnt_as(event))
    part = 0 if event.kind == CLOSED else by_lift(lift, event.attendance) if lift else WHOLE
    return Factor(
        kind=event.kind,
        name=event.name,
        source=event.source,
        day=event.first_day,
        first_day=first,
        parts=(part,) * (last - first + 1),
        seen=lift.seen if lift else 0,
    )


def learn_events(history: ShopHistory, events: Events, is_about: IsAbout = by_name) -> Learnt:
    """What the history says of each kind of events that have been."""

    @lru_cache(maxsize=64)
    def sold(about: str) -> Mapping[int, float]:
        return sold_by_day(one for sku, one in history.skus.items() if is_about(about, sku))

    past = [event for event in events if event.first_day < history.today]
    trading = frozenset(trading_days(history, history.today - 1)) if past else frozenset()
    return Learnt(learn_lifts(past, trading, sold))


def calm(history: ShopHistory, events: Events, learnt: Learnt, is_about: IsAbout = by_name) -> ShopHistory:
    """The history that forecasts are made from: without what events added, and with the days known that were closed."""
    if not events:
        return history
    closed = frozenset(
        day
        for event in events
        if event.kind == CLOSED
        for day in range(event.first_day, min(event.last_day, history.today - 1) + 1)
    )
    opening = Opening(history.opening.hours, history.opening.closed | closed, history.opening.special)
    told = [event for event in events if event.kind != CLOSED and learnt_as(event) in learnt.lifts]
    skus = {sku: _calmed(one, told, learnt, is_about) for sku, one in history.skus.items()}
    return replace(history, opening=opening, skus=skus)


def _calmed(one: SkuHistory, events: Events, learnt: Learnt, is_about: IsAbout) -> SkuHistory:
    lifts: dict[int, float] = {}
    for event in events:
        part = by_lift(learnt.lifts[learnt_as(event)], event.attendance)
        if part != WHOLE and is_about(event.about, one.sku):
            for day in range(event.first_day, event.last_day + 1):
                lifts[day] = lifts.get(day, 1.0) * part / WHOLE
    return calmed(one, lifts) if lifts else one


def multipliers(history: ShopHistory, learnt: Learnt, skus: Collection[str], days: int) -> list[list[float]]:
    """For each SKU, what the calendar multiplies the demand of each of the next days by, `history.today` being the
    first."""
    today = history.today
    coming = [event for event in history.events if event.last_day >= today and event.first_day < today + days]
    factors = [(event.about, event_factor(event, learnt, today)) for event in coming]
    found = []
    for sku in skus:
        mine = [factor for about, factor in factors if by_name(about, sku)]
        found.append([taken(mine, today + ahead) / WHOLE if mine else 1.0 for ahead in range(days)])
    return found
