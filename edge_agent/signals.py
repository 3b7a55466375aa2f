"""What the memory knows of signals and events, as the factors of a SKU's demand; and what its history says of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from edge_agent.demand import foreseen
from edge_agent.demand.foreseen import AHEAD_DAYS, NamesOf, event_factor, learn_events
from edge_agent.demand.lift import learn_worth, sold_by_day
from edge_agent.demand.series import ShopHistory
from edge_agent.journal.reading import Reading
from edge_agent.rules.day import DAY_MS, local
from edge_agent.rules.factor import with_factors
from edge_agent.rules.forecast import Factor, Forecast
from edge_agent.rules.signal import (
    GONE_DAYS,
    WHOLE,
    WORTH,
    Learnt,
    by_deviation,
    deviation,
    faded,
    named,
    usual,
)
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.signals import EVENT_DAYS, LocalEventAdded, SignalRecorded

NEVER = 2**62
MOST_VALUES = 1_000
PROMOTION = "promotion"


@dataclass(frozen=True)
class Moving:
    """All that moves this shop's demand from today on, by what it is about (without regard to case; empty: all)."""

    about: Mapping[str, Sequence[Factor]] = field(default_factory=dict)

    def of(self, sku: str, item: ItemSet | None) -> list[Factor]:
        """What moves one SKU."""
        return [factor for word in names_of(sku, item) for factor in self.about.get(word, ())]

    def moved(self, forecast: Forecast, item: ItemSet | None) -> Forecast:
        """The stored forecast as it is moved now."""
        return with_factors(forecast, self.of(forecast.sku, item)) if self.about else forecast


def names_of(sku: str, item: ItemSet | None) -> list[str]:
    """The words that name a SKU: all, itself, its group and its category."""
    words = ("", sku, item.item, item.category) if item else ("", sku)
    return list(dict.fromkeys(word.casefold() for word in words))


def moving(memory: Reading, zone: str, now: int) -> Moving:
    """What moves demand as of `now`."""
    today, learnt = local(now, zone).toordinal(), memory.learnt()
    found: dict[str, list[Factor]] = {}
    for name, about in memory.signal_names(now - (GONE_DAYS + 1) * DAY_MS):
        for newest in memory.signal(name, about, now, most=1):
            factor = signal_factor(newest, memory.signal_before(name, about, newest.at), learnt, zone, today)
            if factor is not None:
                found.setdefault(about.casefold(), []).append(factor)
    for event in calendar(memory, zone, today, today + AHEAD_DAYS - 1):
        found.setdefault(event.about.casefold(), []).append(event_factor(event, learnt, today))
    return Moving(found)


def calendar(memory: Reading, zone: str, first_day: int, last_day: int) -> list[LocalEventAdded]:
    """What stands on the shop's calendar on any of these days; its dated promotions too, as one about each member."""
    offered = (event for one in memory.promotions().values() for event in _offered(one, zone))
    within = [event for event in offered if event.last_day >= first_day and event.first_day <= last_day]
    return [*memory.local_events(first_day, last_day), *within]


def _offered(one: PromotionSet, zone: str) -> Iterator[LocalEventAdded]:
    """Nothing of a promotion without a beginning and an end: it is how the shop always sells."""
    if not (one.active and one.from_at and one.until_at):
        return
    first, last = local(one.from_at, zone).toordinal(), local(one.until_at - 1, zone).toordinal()
    if first <= last < first + EVENT_DAYS:
        for sku in one.members:
            yield LocalEventAdded(
                name=one.name,
                kind=PROMOTION,
                about=sku,
                first_day=first,
                last_day=last,
                attendance=0,
                distance=0,
                source="",
            )


def signal_factor(
    newest: SignalRecorded, before: Sequence[int], learnt: Learnt, zone: str, today: int
) -> Factor | None:
    """What the newest of a signal's values does from today on; None where too few came before it."""
    away = deviation(newest.kind, newest.value, before)
    if away is None:
        return None
    b = learnt.worth.get(named(newest.name, newest.about), WORTH[newest.kind])
    whole, day = by_deviation(away, b), local(newest.at, zone).toordinal()
    parts = [faded(whole, today + ahead - day) for ahead in range(GONE_DAYS)]
    return Factor(
        kind=newest.kind,
        name=newest.name,
        source=newest.source,
        day=day,
        first_day=today,
        parts=tuple(part for part in parts if part != WHOLE),
        value=newest.value,
        usual=usual(before),
    )


def learn(memory: Reading, history: ShopHistory) -> Learnt:
    """What the shop's history says of the kinds of events and of the signals that were ever recorded."""
    names, events = memory.signal_names(), calendar(memory, history.zone, 0, history.today - 1)
    if not names and not events:
        return Learnt()
    known = _names(memory)
    worth = {}
    for name, about in names:
        values = memory.signal(name, about, NEVER, most=MOST_VALUES)
        days = [(local(one.at, history.zone).toordinal(), one.value) for one in values]
        sold = sold_by_day(one for sku, one in history.skus.items() if about.casefold() in known(sku))
        worth[named(name, about)] = learn_worth(values[-1].kind, days, sold, history.today - 1)
    return Learnt(learn_events(history, events, known).lifts, worth)


def calm(memory: Reading, history: ShopHistory, learnt: Learnt) -> ShopHistory:
    """The history that forecasts are made from: what past events added is taken off, and closed days are known."""
    events = calendar(memory, history.zone, 0, history.today)
    return foreseen.calm(history, events, learnt, _names(memory)) if events else history


def _names(memory: Reading) -> NamesOf:
    @lru_cache(maxsize=20_000)
    def known(sku: str) -> Collection[str]:
        return names_of(sku, memory.item(sku))

    return known
