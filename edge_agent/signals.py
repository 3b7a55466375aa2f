"""What the memory knows of signals and events, as the factors of a SKU's demand; and what its history says of them."""

from dataclasses import dataclass
from functools import lru_cache

from edge_agent.demand import foreseen
from edge_agent.demand.foreseen import AHEAD_DAYS, IsAbout, event_factor, learn_events
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
from edge_agent.wire.events.signals import SignalRecorded

NEVER = 2**62
MOST_VALUES = 1_000
Scoped = tuple[str, Factor]
"""What it is about (a SKU, a group, a category; empty: the whole shop), and the factor."""


@dataclass(frozen=True)
class Moving:
    """All that moves this shop's demand from today on."""

    scoped: tuple[Scoped, ...] = ()

    def of(self, sku: str, item: ItemSet | None) -> list[Factor]:
        """What moves one SKU."""
        return [factor for about, factor in self.scoped if is_about(about, sku, item)]

    def moved(self, forecast: Forecast, item: ItemSet | None) -> Forecast:
        """The stored forecast as it is moved now."""
        return with_factors(forecast, self.of(forecast.sku, item)) if self.scoped else forecast


def is_about(about: str, sku: str, item: ItemSet | None) -> bool:
    """True when that word names the SKU."""
    if about in ("", sku):
        return True
    return item is not None and about.casefold() in (item.category.casefold(), item.item.casefold())


def moving(memory: Reading, zone: str, now: int) -> Moving:
    """What moves demand as of `now`."""
    today, learnt = local(now, zone).toordinal(), memory.learnt()
    found: list[Scoped] = []
    for name, about in memory.signal_names(now - (GONE_DAYS + 1) * DAY_MS):
        values = memory.signal(name, about, now)
        factor = signal_factor(values, learnt, zone, today) if values else None
        if factor is not None:
            found.append((about, factor))
    events = memory.local_events(today, today + AHEAD_DAYS - 1)
    return Moving((*found, *((event.about, event_factor(event, learnt, today)) for event in events)))


def signal_factor(values: list[SignalRecorded], learnt: Learnt, zone: str, today: int) -> Factor | None:
    """What the newest of a signal's values does from today on; None where too few came before it."""
    *before, newest = values
    away = deviation(newest.kind, newest.value, [one.value for one in before])
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
        usual=usual([one.value for one in before]),
    )


def learn(memory: Reading, history: ShopHistory) -> Learnt:
    """What the shop's history says of the kinds of events and of the signals that were ever recorded."""
    names, events = memory.signal_names(), memory.local_events(0, history.today - 1)
    if not names and not events:
        return Learnt()
    is_about = _named_by(memory)
    worth = {}
    for name, about in names:
        values = memory.signal(name, about, NEVER, most=MOST_VALUES)
        days = [(local(one.at, history.zone).toordinal(), one.value) for one in values]
        sold = sold_by_day(one for sku, one in history.skus.items() if is_about(about, sku))
        worth[named(name, about)] = learn_worth(values[-1].kind, days, sold, history.today - 1)
    return Learnt(learn_events(history, events, is_about).lifts, worth)


def calm(memory: Reading, history: ShopHistory, learnt: Learnt) -> ShopHistory:
    """The history that forecasts are made from: what past events added is taken off, and closed days are known."""
    events = memory.local_events(0, history.today)
    return foreseen.calm(history, events, learnt, _named_by(memory)) if events else history


def _named_by(memory: Reading) -> IsAbout:
    """By SKU, and by the group and category that the catalogue gives it."""

    @lru_cache(maxsize=20_000)
    def item(sku: str) -> ItemSet | None:
        return memory.item(sku)

    return lambda about, sku: about in ("", sku) or is_about(about, sku, item(sku))
