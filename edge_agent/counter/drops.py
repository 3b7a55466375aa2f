"""Drops at the till: nothing before the start, no more than the cap, the quota given up at the end."""

from collections.abc import Sequence
from functools import partial

from edge_agent.clock import Clock
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.rules.calendar import calendar_of, weekday
from edge_agent.rules.cohort import Sampled, cohorts, latest
from edge_agent.rules.cross_border import held_back
from edge_agent.rules.day import local
from edge_agent.rules.drop_report import Proposal, Report, proposal, report, window_of
from edge_agent.rules.drop_window import check_plan, order_by, over_cap, refusal, state, warnings
from edge_agent.rules.exposure import curve
from edge_agent.rules.sale import Sale, limited
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.drops import DropClosed, DropSet, DropSoldOut
from edge_agent.wire.events.quota import QuotaGiven
from edge_agent.wire.events.sales import SaleCompleted

LOOKED_BACK_MS = 30 * 86_400_000
"""A till that was away closes drops of the last month when it is back."""
MINUTE_MS = 60_000


def check(memory: Reading, sale: Sale, clock: Clock) -> None:
    """BadInput when the sale holds what is not on sale yet, or more of a drop than one customer may have. A till whose
    clock is not to be trusted sells."""
    held = limited(sale)
    basket = {sku: qty for sku, (_, qty) in held.items()}
    for sku, (name, _) in held.items():
        drop = memory.drop_of(sku, clock.now())
        if drop is None:
            continue
        check_border(drop)
        too_early = refusal(drop, clock.now(), zone_of_shop(memory))
        if too_early and clock.quality() != "floor":
            raise BadInput(f"{too_early}: {name}")
        if over_cap(drop, basket):
            raise BadInput(f"at most {drop.cap} for one customer: {drop.name}; Esc, then go on")


def check_border(drop: DropSet) -> None:
    """BadInput while the checklist of the countries that a drop goes to is open."""
    waits = held_back(drop)
    if waits:
        raise BadInput(f"{waits}: {drop.name}")


def zone_of_shop(memory: Reading) -> str:
    """The shop's time zone."""
    shop = memory.shop()
    return shop.zone if shop else "UTC"


def with_cutoff(memory: Reading, drop: DropSet) -> DropSet:
    """The drop with the last cut-off of its suppliers; BadInput for a part that nobody knows."""
    items, suppliers, zone = items_of(memory, drop), memory.suppliers(), zone_of_shop(memory)
    known = [suppliers[item.supplier] for item in items.values() if item.supplier in suppliers]
    found = [order_by(calendar_of(one), zone, drop.start) for one in known]
    return drop.model_copy(update={"order_by": min(found, default=0)})


def items_of(memory: Reading, drop: DropSet) -> dict[str, ItemSet]:
    """The catalogue's items of a drop's parts; NotKnown names one that is missing."""
    found = {}
    for part in drop.parts:
        item = memory.item(part.sku)
        if item is None:
            raise NotKnown(f"{part.sku} is not in the catalogue")
        found[part.sku] = item
    return found


def plan(journal: Journal, drop: DropSet, now: int, by: str = "") -> list[str]:
    """Record a drop and make its parts limited, in one act; what the planner should know. BadInput, NotKnown: nothing
    is recorded. For a shop that no cloud has taken over: after pairing the owner plans."""
    told: list[str] = []

    def compose(memory: Reading) -> list[Draft]:
        if memory.paired():
            raise BadInput("this till is paired: the owner plans drops, on the page of drops")
        full, zone = with_cutoff(memory, drop), zone_of_shop(memory)
        others = memory.drops(since=now)
        check_plan(full, others, now, zone)
        told.extend(warnings(full, others, now, zone))
        open_ = [item for item in items_of(memory, full).values() if not item.limited]
        return [Draft(full, by), *(Draft(item.model_copy(update={"limited": True}), by) for item in open_)]

    journal.record(compose).result()
    return told


def reports(memory: Reading, until: int = 2**62) -> list[Report]:
    """Every drop that is over and closed, in the order in which they ended."""
    found = []
    for drop in sorted(memory.drops(until=until), key=lambda one: (one.end, one.drop)):
        closings = memory.drop_closings(drop.drop)
        if closings and not drop.called_off:
            found.append(report(drop, closings, items_of(memory, drop)))
    return found


def sized(memory: Reading, drop: DropSet, now: int = 0) -> Proposal:
    """Three sizes for a drop, by the drops that ended before it."""
    past = [one for one in reports(memory) if one.drop.end <= drop.start]
    return proposal(drop, past, items_of(memory, drop), sampled=_sampled(memory, drop, past, now))


def next_size(memory: Reading, drop: DropSet, now: int = 0) -> Proposal:
    """Three sizes for the drop after this one, of the same product."""
    past = reports(memory)
    return proposal(drop, past, items_of(memory, drop), sampled=_sampled(memory, drop, past, now))


def _sampled(memory: Reading, drop: DropSet, past: Sequence[Report], now: int) -> Sampled:
    """What this till knows of samples of a drop's goods; whom other tills may write to it does not know."""
    skus = {part.sku for part in drop.parts}
    every = memory.samples()
    mine = [one for one in every if one.sku in skus]
    windows = [window_of(one.drop) for one in past if one.drop.product == drop.product]
    today = max(local(now, zone_of_shop(memory)).toordinal(), latest(every))
    return Sampled(cohorts(windows, mine, today), memory.texts().reachable() if mine else 0)


class Drops:
    """What a till does about drops by itself: each act is one transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal, self._clock = journal, journal.clock

    def start(self) -> None:
        """Hear of every sale from now on."""
        self._journal.listen(self._heard)

    def _heard(self, done: Sequence[Recorded]) -> None:
        sales = [one for one in done if isinstance(one.body, SaleCompleted)]
        if sales:
            skus = {line.sku for one in sales if isinstance(one.body, SaleCompleted) for line in one.body.lines}
            self._journal.record(lambda memory: self._sold_out(memory, skus, sales[-1].event.seq))

    def _sold_out(self, memory: Reading, skus: set[str], seq: int) -> list[Draft]:
        now = self._clock.now()
        return [
            Draft(DropSoldOut(drop=drop.drop, sku=part.sku), because=seq)
            for drop in memory.drops(since=now, until=now + 1)
            for part in drop.parts
            if part.sku in skus and not drop.called_off and memory.may_sell(part.sku) <= 0
        ]

    def tick(self) -> None:
        """Close what is over. A till that does not know the time waits until it does."""
        now = self._clock.now()
        if self._clock.quality() == "floor":
            return
        with self._journal.reading() as memory:
            due = _due(memory, now)
        for drop in due:
            self._journal.record(partial(_closing, drop=drop, now=now)).result()


def _due(memory: Reading, now: int) -> list[DropSet]:
    mine = memory.journal_id()
    return [
        drop
        for drop in memory.drops(since=now - LOOKED_BACK_MS, until=now)
        if state(drop, now) == "over" and not drop.called_off
        if all(one.journal != mine for one in memory.drop_closings(drop.drop))
    ]


def _closing(memory: Reading, drop: DropSet, now: int) -> list[Draft]:
    """The quota goes back first, so that nothing is sold of it after the close; then what this till did."""
    if drop not in _due(memory, now):
        return []
    left = {part.sku: max(0, memory.may_sell(part.sku)) for part in drop.parts}
    parts = [one.model_copy(update={"left": left[one.sku]}) for one in memory.sold_in(drop)]
    back = [Draft(QuotaGiven(sku=sku, qty=qty)) for sku, qty in left.items() if qty and memory.paired()]
    hours = hours_of(memory, drop)
    return [*back, Draft(DropClosed(drop=drop.drop, journal=memory.journal_id(), parts=tuple(parts), hours=hours))]


def hours_of(memory: Reading, drop: DropSet) -> tuple[int, ...]:
    """What the shop sells in each clock hour that the window touches."""
    begins = local(drop.start, zone_of_shop(memory))
    minutes = (drop.end - drop.start) // MINUTE_MS
    found = curve(memory.hour_profile(), weekday(begins.toordinal()), begins.hour * 60 + begins.minute, minutes)
    return tuple(map(int, found.hours))


def left_of(memory: Reading, drop: DropSet) -> int:
    """Milli-units that this till may still sell of a drop."""
    return sum(max(0, memory.may_sell(part.sku)) for part in drop.parts)
