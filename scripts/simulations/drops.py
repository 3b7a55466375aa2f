"""Drops on real demand: a lot for three days every other week, sized by us and by shops that follow a thumb rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from edge_agent.demand.series import weekday
from edge_agent.proof.history import History, Wanted
from edge_agent.rules.drop import Gamma, Past, Stakes, guessed
from edge_agent.rules.drop_past import Item, usual
from edge_agent.rules.exposure import Curve, curve

STAKES = Stakes(price=20, cost=8, salvage=5)
DAYS, EVERY, KNOWN_DAYS = 3, 14, 28
DAY = 24 * 60
BOUNDS = {"gifts": 0.75}
BOUND, AIM = 0.85, 0.95
OURS, SEEING = "ours", "ours, seeing true demand"
MEAN, LAST, RAISED = "mean of past drops", "last lot x 1.3 if sold out", "mean, sold-out x 1.3"
CRUDE = (MEAN, LAST, RAISED)


@dataclass(frozen=True)
class Window:
    """What was wanted of an item in a drop's window: (minute of the window, pieces)."""

    wanted: tuple[Wanted, ...]

    @property
    def demand(self) -> int:
        """Pieces."""
        return sum(pieces for _, pieces in self.wanted)

    def sell(self, lot: int) -> tuple[int, int | None]:
        """Pieces sold, and the minute at which the last one went (None: some are left)."""
        sold = 0
        for minute, pieces in self.wanted:
            sold += min(pieces, lot - sold)
            if sold >= lot:
                return sold, minute
        return sold, None


@dataclass(frozen=True)
class Launches:
    """A history's drops: what the owner guessed of each item before the first, and its windows; the shop's hours."""

    hours: Curve
    guesses: Mapping[str, float]
    windows: Mapping[str, Sequence[Window]]


@dataclass(frozen=True)
class Outcome:
    """Profit by rule over all drops but the first (which all rules size by the same guess), and of a shop that knows
    what will be wanted."""

    name: str
    items: int
    drops: int
    profit: Mapping[str, float]
    clairvoyant: float

    @property
    def ratio(self) -> float:
        """Ours against the same model seeing true demand."""
        return self.profit[OURS] / self.profit[SEEING]

    def line(self) -> str:
        parts = ", ".join(f"{rule} {profit / self.clairvoyant:.3f}" for rule, profit in self.profit.items())
        return (
            f"{self.name}: {self.items} items, {self.drops} drops each; share of the clairvoyant's profit: {parts}; "
            f"ours / seeing true demand {self.ratio:.3f} (bound {self.bound}, aim {AIM})"
        )

    @property
    def bound(self) -> float:
        return BOUNDS.get(self.name, BOUND)

    def missed(self) -> list[str]:
        """What falls short of the bounds."""
        found = [] if self.ratio >= self.bound else [f"{self.name}: {self.ratio:.3f} of the model seeing true demand"]
        ahead = [rule for rule in CRUDE if self.profit[OURS] <= self.profit[rule]]
        return found + [f"{self.name}: not ahead of {rule}" for rule in ahead]

    def as_json(self) -> dict[str, object]:
        shares = {rule: round(profit / self.clairvoyant, 4) for rule, profit in self.profit.items()}
        return {"items": self.items, "drops": self.drops, "share_of_clairvoyant": shares, "ratio": round(self.ratio, 4)}


def launches(history: History, items: int) -> Launches:
    """The busiest items of the first four weeks, in windows on the three weekdays that sold most in them."""
    first = min(one.days[0] for one in history.shop.skus.values() if one.days)
    start = first + KNOWN_DAYS
    kept = history.busiest(items, first, start - 1)
    start += (_busiest_weekday(history, start) - weekday(start)) % 7
    days = [day for day in range(start, history.last - DAYS + 2, EVERY) if _is_open(history, kept, day)]
    hours = curve(_profile(history, start), weekday(start), 0, DAYS * DAY)
    guesses = {sku: max(1.0, _sold(history, sku, first, start - 1) * DAYS / (start - first)) for sku in kept}
    return Launches(hours, guesses, {sku: [_window(history, sku, day) for day in days] for sku in kept})


def _busiest_weekday(history: History, before: int) -> int:
    sums = [0] * 7
    for one in history.shop.skus.values():
        for day, qty in zip(one.days, one.qtys, strict=True):
            sums[weekday(day)] += qty if day < before else 0
    return max(range(7), key=lambda first: sum(sums[(first + step) % 7] for step in range(DAYS)))


def _is_open(history: History, skus: Sequence[str], day: int) -> bool:
    """Nobody launches what a closed shop cannot sell."""
    return any(history.pieces(sku, day + step) for step in range(DAYS) for sku in skus)


def _profile(history: History, before: int) -> list[list[int]]:
    """Lines by weekday and hour before the first drop; of day totals, as they are spread."""
    table = [[0] * 24 for _ in range(7)]
    if not history.lines:
        for place, minutes in enumerate(history.minutes):
            for minute in minutes:
                table[place][minute // 60] += 1
    for (_, day), lines in history.lines.items():
        for minute, _ in lines if day < before else ():
            table[weekday(day)][minute // 60] += 1
    return table


def _sold(history: History, sku: str, first: int, last: int) -> int:
    return sum(history.pieces(sku, day) for day in range(first, last + 1))


def _window(history: History, sku: str, day: int) -> Window:
    lines = [
        (step * DAY + minute, pieces) for step in range(DAYS) for minute, pieces in history.wanted(sku, day + step)
    ]
    return Window(tuple(lines))


def outcome(history: History, items: int, stakes: Stakes = STAKES) -> Outcome:
    """Every rule on the same drops."""
    here = launches(history, items)
    profit = {OURS: _learning(here, stakes, seeing=False), SEEING: _learning(here, stakes, seeing=True)}
    for rule in CRUDE:
        profit[rule] = sum(_crude(here, sku, rule, stakes) for sku in here.windows)
    known = sum(window.demand for windows in here.windows.values() for window in windows[1:])
    drops = max(map(len, here.windows.values()))
    return Outcome(history.name, len(here.windows), drops, profit, known * (stakes.value - stakes.cost))


def earned(stakes: Stakes, lot: int, sold: int) -> float:
    """What a lot brought."""
    return sold * stakes.value + (lot - sold) * stakes.salvage - lot * stakes.cost


def _learning(here: Launches, stakes: Stakes, *, seeing: bool) -> float:
    items = {sku: Item(_prior(guess)) for sku, guess in here.guesses.items()}
    profit = 0.0
    for place in range(max(map(len, here.windows.values()))):
        shop = usual(items.values())
        for sku, item in items.items():
            window = here.windows[sku][place]
            lot = max(1, shop.demand(item).size(stakes.ratio)) if place else ceil(here.guesses[sku])
            sold, out = window.sell(lot)
            profit += earned(stakes, lot, sold) if place else 0.0
            past = Past(window.demand, 1.0) if seeing else Past(sold, here.hours.exposure(out))
            items[sku] = item.after(past, shop.phi(item))
    return profit


def _prior(guess: float) -> Gamma:
    """An owner who says: half of it if it goes badly, twice if it goes well."""
    return guessed(guess / 2, guess, 2 * guess)


def _crude(here: Launches, sku: str, rule: str, stakes: Stakes) -> float:
    next_lot = _RULES[rule]
    lot, profit, past = ceil(here.guesses[sku]), 0.0, list[Lot]()
    for place, window in enumerate(here.windows[sku]):
        sold, out = window.sell(lot)
        profit += earned(stakes, lot, sold) if place else 0.0
        past.append((sold, out is not None))
        lot = max(1, ceil(next_lot(past)))
    return profit


Lot = tuple[int, bool]
"""Pieces sold of a lot, and whether it sold out."""


def _mean(past: Sequence[Lot], raised: float) -> float:
    return sum(sold * raised if out else sold for sold, out in past) / len(past)


_RULES: dict[str, Callable[[Sequence[Lot]], float]] = {
    MEAN: lambda past: _mean(past, 1.0),
    LAST: lambda past: past[-1][0] * (1.3 if past[-1][1] else 1.0),
    RAISED: lambda past: _mean(past, 1.3),
}


def other_stakes() -> Iterator[tuple[str, Stakes]]:
    """What a leftover costs, from little to everything."""
    for salvage in (6.5, 5.0, 2.0, 0.0):
        stakes = replace(STAKES, salvage=salvage)
        yield f"salvage {salvage:g}, ratio {stakes.ratio:.2f}", stakes
