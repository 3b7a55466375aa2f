"""The decision how much of one SKU to order now: pure, in integers at its edges, the same on any machine.

    c1 = next cut-off, a1 = its arrival; a2 = arrival of the order after it        (`Moment`)
    m  = expected demand in [now, a2)                                              protection interval
    S  = negative-binomial quantile(m, phi, alpha)                                 order-up-to level
    alpha = max(owner's floor, under / (under + over)), at most the ceiling        critical ratio
    IP = on hand + incoming due before a2 - reserved - what expires unsold         inventory position
    raw = max(0, S - IP); packs = the whole number that earns most; then shelf life, minimum and maximum

When the owner's floor binds, `over` is the one it implies, under x (1 - alpha) / alpha: service and money are one rule.
Sources: Silver, Pyke, Thomas, "Inventory and Production Management in Supply Chains": the newsvendor's critical ratio
(chapter 9) in an order-up-to policy over review period plus lead time (chapter 6).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from edge_agent.rules import guess, rush
from edge_agent.rules import packs as packing
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.factor import clip_note
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.money import divided
from edge_agent.rules.packs import Odds, Stakes
from edge_agent.rules.plan import OpeningHours, cut, day_of, expected
from edge_agent.rules.spoiling import Shelf, Spoiling, worth
from edge_agent.rules.stakes import at_stake, margin

TABLE_ROWS = 12
SPOILS_WITHIN_DAYS = 28
"""Goods that keep longer are reordered as durable: what is left over sells after the next arrival."""
LATE_MS = 3 * DAY_MS
"""A delivery this long overdue is no longer counted on, where nobody knows how late its supplier usually is."""
LOST_AFTER = 3
"""Where it is known: after so many times that."""
ASK_AGAIN = 12_000
"""What the owner refused is proposed again when more than this share of it is needed (basis points)."""
RUSH_FROM = 1_000
"""A second source is priced when the chance to run out before the order comes is above this (basis points)."""

Note = tuple[str | int, ...]


@dataclass(frozen=True)
class Incoming:
    """Goods on their way: the first eight digits of their order, when they are due, milli-units."""

    order: str
    eta_at: int
    qty: int


@dataclass(frozen=True)
class Lot:
    """Goods on the shelf that expire at a moment (UTC ms), in milli-units."""

    expires_at: int
    qty: int


@dataclass(frozen=True)
class Terms:
    """What the supplier asks for one SKU, and what the shop gets for it.

    `pack` in milli-units, `pack_cost` in minor units without VAT, `price` per piece in minor units with VAT of `rate`
    basis points; `least` and `most` packs (0: no limit); `life_days` from arrival (0: durable).
    """

    pack: int
    pack_cost: int
    price: int
    rate: int
    least: int = 0
    most: int = 0
    life_days: int = 0


@dataclass(frozen=True)
class Known:
    """What ordering without the owner looks at: days since the last count (-1: never), days in stock since its first
    sale, the usual order (median and median distance from it, in milli-units; 0: too few), and the cost of a piece when
    it was last ordered (thousandths of a minor unit; 0: never)."""

    counted_days: int
    stocked_days: int
    usual: int = 0
    spread: int = 0
    cost_was: int = 0


@dataclass(frozen=True)
class Snapshot:
    """One SKU as the shop knows it at the moment of deciding; quantities in milli-units, `on_hand` may be negative.

    `late_ms`: how late the supplier usually is (median; 0: unknown). `second`: where it is had dearer and sooner.
    `refused`: by the owner, last, and not ordered since (0: nothing). `spoken`: who speaks for a new item's demand.
    """

    sku: str
    on_hand: int
    counted: bool
    terms: Terms
    reserved: int = 0
    incoming: tuple[Incoming, ...] = ()
    lots: tuple[Lot, ...] = ()
    late_ms: int = 0
    second: rush.Second | None = None
    known: Known | None = None
    refused: int = 0
    spoken: guess.Spoken | None = None


@dataclass(frozen=True)
class Policy:
    """The owner's rules, in basis points, and the shop's hours.

    `floor`: least chance not to run out; `ceiling`: the most; `carry`: money and space a year; `obsolete`: of a left
    piece's cost lost per delivery; `salvage`: of cost saved from spoilt goods; `waste`: of an order that may spoil.
    """

    hours: OpeningHours
    floor: int = 9_000
    ceiling: int = 9_900
    carry: int = 2_500
    obsolete: int = 150
    salvage: int = 0
    waste: int = 500


@dataclass(frozen=True)
class Moment:
    """Now (UTC ms), the cycle being decided with its cut-off and arrival, and the arrival after it."""

    now: int
    cycle: int
    cutoff_at: int
    arrives_at: int
    next_arrives_at: int


@dataclass(frozen=True)
class Need:
    """The arithmetic: quantities in milli-units, `alpha` in basis points, stakes in thousandths of a minor unit.

    `until` is where the protection interval ends: the next arrival, or when this order's goods have spoilt before it.
    `mean_first` and `out_first` (basis points) speak of the time before this order arrives.
    """

    until: int
    mean_first: int
    mean: int
    mean_life: int
    alpha: int
    under: int
    over: int
    level: int
    incoming: int
    expiring: int
    position: int
    raw: int
    out_first: int


@dataclass(frozen=True)
class Decision:
    """Packs of one SKU with all that led to them; `what_if` is its table, `notes` what was out of the ordinary.

    `wanted` packs were right for the SKU alone; its order may have left it others (`rules.settle`).
    """

    snapshot: Snapshot
    forecast: Forecast
    moment: Moment
    need: Need
    packs: int
    qty: int
    cost: int
    what_if: tuple[packing.WhatIf, ...]
    notes: tuple[Note, ...]
    wanted: int


def decide(
    snapshot: Snapshot,
    policy: Policy,
    forecast: Forecast,
    at: Moment,
    *,
    table: int = TABLE_ROWS,
    allotted: int | None = None,
) -> Decision:
    """How many packs to order in this cycle; equal arguments, equal decisions. `table`: most what-if rows (>= 4);
    `allotted`: the packs that its order leaves it, in place of those that are right for it alone."""
    forecast = _that_matters(forecast, policy, snapshot.terms, at)
    need = _need(snapshot, policy, forecast, at)
    odds = Odds(need.mean, forecast.phi_milli)
    life = Odds(need.mean_life, forecast.phi_milli) if need.mean_life else None
    wanted, notes = _packs(snapshot.terms, policy, need, odds, life)
    if 0 < wanted * snapshot.terms.pack * 10_000 <= ASK_AGAIN * snapshot.refused:
        wanted, notes = 0, [("refused", snapshot.refused)]
    packs = wanted if allotted is None else allotted
    first, count = packing.window(packs, table)
    return Decision(
        snapshot=snapshot,
        forecast=forecast,
        moment=at,
        need=need,
        packs=packs,
        qty=packs * snapshot.terms.pack,
        cost=packs * snapshot.terms.pack_cost,
        what_if=tuple(_row(n, snapshot.terms, need, odds, life) for n in packing.rows(first, count)),
        notes=(
            *_warnings(snapshot, need, at),
            *clip_note(forecast, day_of(need.until, policy.hours.zone)),
            *notes,
            *_sooner(snapshot, policy, forecast, need, at),
        ),
        wanted=wanted,
    )


def _sooner(snapshot: Snapshot, policy: Policy, forecast: Forecast, need: Need, at: Moment) -> list[Note]:
    """`("rush", supplier, packs, arrives, net)` where the second source earns more than waiting for this order."""
    second, terms = snapshot.second, snapshot.terms
    if second is None or need.out_first <= RUSH_FROM or second.arrives_at >= at.arrives_at:
        return []
    before = expected(forecast, policy.hours, at.now, second.arrives_at)
    there = max(0, snapshot.on_hand + _soon(snapshot, at) - snapshot.reserved - before)
    dearer = divided((second.pack_cost - terms.pack_cost) * 1_000_000, terms.pack)
    found = rush.best(
        Odds(max(0, need.mean_first - before), forecast.phi_milli),
        there,
        terms.pack,
        margin=margin(terms) - dearer,
        dearer=max(0, dearer),
        fee=second.fee,
    )
    return [("rush", second.supplier, found.packs, second.arrives_at, found.net)] if found else []


def _that_matters(forecast: Forecast, policy: Policy, terms: Terms, at: Moment) -> Forecast:
    """The stored days from today to the end of the interval, or of the shelf life where that is looked at."""
    zone = policy.hours.zone
    end = max(at.next_arrives_at, _spoils_at(terms, at) or 0)
    return cut(forecast, day_of(at.now, zone), day_of(end, zone))


def _spoils_at(terms: Terms, at: Moment) -> int | None:
    if not 0 < terms.life_days <= SPOILS_WITHIN_DAYS:
        return None
    return at.arrives_at + terms.life_days * DAY_MS


def _need(snapshot: Snapshot, policy: Policy, forecast: Forecast, at: Moment) -> Need:
    spoils = _spoils_at(snapshot.terms, at)
    until = min(at.next_arrives_at, spoils or at.next_arrives_at)

    def mean(to: int) -> int:
        return expected(forecast, policy.hours, at.now, to)

    spoilt = spoils is not None and spoils <= at.next_arrives_at
    stakes, alpha = at_stake(snapshot.terms, policy, span=until - at.now, spoilt=spoilt)
    level = packing.WHOLE * Odds(mean(until), forecast.phi_milli).level(alpha)
    incoming = sum(one.qty for one in _counted(snapshot, at.now) if one.eta_at < until)
    expiring = _expiring(snapshot.lots, until, mean)
    position = snapshot.on_hand + incoming - snapshot.reserved - expiring
    soon = _soon(snapshot, at)
    first = Odds(mean(at.arrives_at), forecast.phi_milli)
    return Need(
        until=until,
        mean_first=first.mean,
        mean=mean(until),
        mean_life=mean(spoils) if spoils else 0,
        alpha=alpha,
        under=stakes.under,
        over=stakes.over,
        level=level,
        incoming=incoming,
        expiring=expiring,
        position=position,
        raw=max(0, level - position),
        out_first=first.out(position - incoming + soon),
    )


def _soon(snapshot: Snapshot, at: Moment) -> int:
    """What comes before this order does."""
    return sum(one.qty for one in _counted(snapshot, at.now) if one.eta_at < at.arrives_at)


def _counted(snapshot: Snapshot, now: int) -> list[Incoming]:
    """A late delivery is still counted on, as if it came as late from now as the supplier usually is; one that is
    overdue three times as long is not."""
    found = []
    for one in snapshot.incoming:
        if one.eta_at > now:
            found.append(one)
        elif not _is_lost(one, snapshot, now):
            found.append(replace(one, eta_at=now + snapshot.late_ms) if snapshot.late_ms else one)
    return found


def _is_lost(one: Incoming, snapshot: Snapshot, now: int) -> bool:
    return one.eta_at <= now - (LOST_AFTER * snapshot.late_ms or LATE_MS)


def _expiring(lots: tuple[Lot, ...], until: int, mean: Callable[[int], int]) -> int:
    """Milli-units that will expire unsold before `until`, if what expires first is sold first."""
    lost = total = 0
    for lot in sorted(lots, key=lambda lot: lot.expires_at):
        if lot.expires_at < until:
            total += lot.qty
            lost = max(lost, total - mean(lot.expires_at))
    return lost


def _packs(terms: Terms, policy: Policy, need: Need, odds: Odds, life: Odds | None) -> tuple[int, list[Note]]:
    if need.raw == 0:
        return 0, []
    low, high = need.raw // terms.pack, -(-need.raw // terms.pack)
    candidates = [0, *(n for n in (low, high) if n >= terms.least), max(high, terms.least)]
    packs = packing.best(odds, Stakes(need.under, need.over), need.position, terms.pack, candidates)
    if packs == 0:
        return 0, [("not_worth", max(high, terms.least))]
    earning = _worth(terms, policy, need, odds, life, packs)
    kept = packing.within_waste(life, need.position, terms.pack, earning, policy.waste)
    kept = kept if kept >= terms.least else 0
    allowed = min(kept, terms.most) if terms.most else kept
    notes: list[Note] = []
    if packs > high:
        notes.append(("least", terms.least))
    if earning < packs:
        notes.append(("spoils", packs))
    if kept < earning:
        notes.append(("waste", earning, policy.waste))
    if allowed < kept:
        notes.append(("most", kept))
    return allowed, notes


def _worth(terms: Terms, policy: Policy, need: Need, odds: Odds, life: Odds | None, packs: int) -> int:
    """Fewer packs where they outlive the interval and yet spoil; what spoils within it has that in its stakes."""
    if life is None or need.mean_life <= need.mean:
        return packs
    own = Odds(need.mean_life - need.mean_first, odds.phi_milli)
    cost = divided(terms.pack_cost * 100 * (10_000 - policy.salvage), terms.pack)
    shelf = Shelf(need.position, policy.floor, empty=need.position <= need.mean_first)
    return worth(odds, Stakes(need.under, need.over), Spoiling(life, own, cost), shelf, terms.pack, packs)


def _row(packs: int, terms: Terms, need: Need, odds: Odds, life: Odds | None) -> packing.WhatIf:
    qty = packs * terms.pack
    return packing.WhatIf(
        packs=packs,
        cost=packs * terms.pack_cost,
        out=odds.out(need.position + qty),
        waste=packing.wasted(life, need.position, qty),
    )


def _warnings(snapshot: Snapshot, need: Need, at: Moment) -> list[Note]:
    notes: list[Note] = []
    for one in snapshot.incoming:
        if _is_lost(one, snapshot, at.now):
            notes.append(("lost", one.order, one.eta_at, one.qty))
        elif one.eta_at <= at.now:
            word = "overdue" if snapshot.late_ms and at.now + snapshot.late_ms >= need.until else "late"
            notes.append((word, one.order, one.eta_at, one.qty))
        elif one.eta_at >= need.until:
            notes.append(("after", one.order, one.eta_at, one.qty))
    if snapshot.on_hand < 0:
        notes.append(("negative", snapshot.on_hand))
    elif not snapshot.counted:
        notes.append(("uncounted",))
    if margin(snapshot.terms) <= 0:
        notes.append(("no_margin",))
    return notes
