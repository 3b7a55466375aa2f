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
NamesOf = Callable[[str], Collection[str]]
"""The words (`about`, without regard to case) that name a SKU; the empty one names all."""
Events = Sequence[LocalEventAdded]


def own_name(sku: str) -> Collection[str]:
    """All that can be told where nothing but SKUs is known."""
    return "", sku.casefold()


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


def learn_events(history: ShopHistory, events: Events, names_of: NamesOf = own_name) -> Learnt:
    """What the history says of each kind of events that have been."""
    past = [event for event in events if event.first_day < history.today]
    if not past:
        return Learnt()
    wanted = {event.about.casefold() for event in past}
    named: dict[str, list[SkuHistory]] = {word: [] for word in wanted}
    for sku, one in history.skus.items():
        for word in wanted.intersection(names_of(sku)):
            named[word].append(one)

    @lru_cache(maxsize=512)
    def sold(about: str) -> Mapping[int, float]:
        return sold_by_day(named[about.casefold()])

    return Learnt(learn_lifts(past, frozenset(trading_days(history, history.today - 1)), sold))


def calm(history: ShopHistory, events: Events, learnt: Learnt, names_of: NamesOf = own_name) -> ShopHistory:
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
    lifted: dict[str, list[tuple[LocalEventAdded, int]]] = {}
    for event in events:
        lift = learnt.lifts.get(learnt_as(event))
        part = by_lift(lift, event.attendance) if lift and event.kind != CLOSED else WHOLE
        if part != WHOLE:
            lifted.setdefault(event.about.casefold(), []).append((event, part))
    skus = {
        sku: _calmed(one, [pair for word in names_of(sku) for pair in lifted.get(word, ())])
        for sku, one in history.skus.items()
    }
    return replace(history, opening=opening, skus=skus)


def _calmed(one: SkuHistory, lifted: Sequence[tuple[LocalEventAdded, int]]) -> SkuHistory:
    lifts: dict[int, float] = {}
    for event, part in lifted:
        for day in range(event.first_day, event.last_day + 1):
            lifts[day] = lifts.get(day, 1.0) * part / WHOLE
    return calmed(one, lifts) if lifts else one


def multipliers(history: ShopHistory, learnt: Learnt, skus: Collection[str], days: int) -> list[list[float]]:
    """For each SKU, what the calendar multiplies the demand of each of the next days by, `history.today` being the
    first."""
    today = history.today
    coming = [event for event in history.events if event.last_day >= today and event.first_day < today + days]
    factors = [(event.about.casefold(), event_factor(event, learnt, today)) for event in coming]
    found = []
    for sku in skus:
        mine = [factor for about, factor in factors if about in own_name(sku)]
        found.append([taken(mine, today + ahead) / WHOLE if mine else 1.0 for ahead in range(days)])
    return found
