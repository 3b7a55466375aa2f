"""A shop lived through under one rule: mornings with deliveries, sales by the hour, cut-offs, evenings with waste."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from edge_agent.demand.presence import seen_share
from edge_agent.demand.series import SkuHistory
from edge_agent.proof.history import Wanted
from edge_agent.proof.placing import placed, wanted
from edge_agent.proof.rules import WINDOW, Rule, Sight
from edge_agent.proof.seer import Foresight, Seer
from edge_agent.proof.shelf import Shelf, Tally
from edge_agent.proof.world import EVENING, ZONE, Good, World
from edge_agent.rules.day import DAY_MS, moment
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.order import order_key
from edge_agent.rules.reorder import Moment

MINUTE_MS = 60_000


@dataclass
class Place:
    """One SKU's shelf, what is on its way, and its sales as the shop knows them."""

    shelf: Shelf
    days: list[int]
    qtys: list[int]
    coming: list[tuple[int, int]] = field(default_factory=list)
    short: dict[int, int] = field(default_factory=dict)
    first_recent: float = 0.0

    def recent(self, day: int) -> list[int]:
        """Pieces on each of the WINDOW days before `day`."""
        found = [0] * WINDOW
        for at in range(bisect_left(self.days, day - WINDOW), bisect_left(self.days, day)):
            found[self.days[at] - day + WINDOW] = self.qtys[at] // 1000
        return found

    def sold(self, day: int, pieces: int) -> None:
        if pieces:
            self.days.append(day)
            self.qtys.append(1000 * pieces)


class Run:
    """`first` to `last`, all SKUs, one rule at one value of its parameter; `pays` the fees of small orders, where the
    rule does not decide that itself."""

    def __init__(
        self,
        world: World,
        rule: Rule,
        value: float,
        sight: Foresight | None,
        *,
        first: int,
        asked_again: bool = True,
        pays: bool = False,
    ) -> None:
        self.world, self.rule, self.value, self.sight = world, rule, value, sight
        self.asked_again, self.pays = asked_again, pays
        # What this shop's own sales earn is this run's own: another run has sold otherwise.
        self._seer = Seer(sight.seer.model, sight.seer.mixes) if sight else None
        self.tally, self.sent = Tally(), set[str]()
        self.places = {sku: self._place(sku, good, first) for sku, good in world.goods.items()}
        self._wanted: dict[str, Sequence[Wanted]] = {}

    def _place(self, sku: str, good: Good, first: int) -> Place:
        """Opens with four days of usual sales on the shelf, fresh as of the first morning."""
        one = self.world.history.shop.skus[sku].until(first - 1)
        place = Place(Shelf(), list(one.days), list(one.qtys))
        place.first_recent = sum(place.recent(first)) / WINDOW
        stock = round(place.first_recent * (min(4, good.terms.life_days) if good.terms.life_days else 4))
        place.shelf.receive(stock, self._last_day(good, first))
        return place

    @staticmethod
    def _last_day(good: Good, arrived: int) -> int:
        return arrived + good.terms.life_days - 1 if good.terms.life_days else 0

    def live(self, first: int, last: int) -> Tally:
        for day in range(first, last + 1):
            self._wanted = {sku: self.world.history.wanted(sku, day) for sku in self.places}
            self._deliver(day)
            cutoffs = sorted({(at.now, name) for name in self.world.suppliers if (at := self.world.due(name, day))})
            from_minute = 0
            sold: dict[str, int] = {}
            for now, supplier in cutoffs:
                minute = (now - moment(day, 0, ZONE)) // MINUTE_MS
                self._sell(day, from_minute, minute, sold)
                from_minute = max(from_minute, minute)
                if minute < EVENING:
                    self._order(supplier, day, today=day)
            self._sell(day, from_minute, 24 * 60 + 1, sold)
            self._remember(day, sold)
            for now, supplier in cutoffs:
                if (now - moment(day, 0, ZONE)) // MINUTE_MS >= EVENING:
                    self._order(supplier, day, today=day + 1)
            self._evening(day)
        return self.tally

    def _deliver(self, day: int) -> None:
        end = moment(day + 1, 0, ZONE)
        for sku, place in self.places.items():
            for due, pieces in place.coming:
                if due < end:
                    place.shelf.receive(pieces, self._last_day(self.world.goods[sku], day))
            place.coming = [one for one in place.coming if one[0] >= end]
            if not place.shelf.lots:
                place.short[day] = 0

    def _sell(self, day: int, since: int, until: int, sold: dict[str, int]) -> None:
        for sku, place in self.places.items():
            lines = self._wanted[sku]
            part = lines[bisect_left(lines, (since, 0)) : bisect_left(lines, (until, 0))]
            wanted = sum(pieces for _, pieces in part)
            if wanted >= place.shelf.pieces and day not in place.short:
                place.short[day] = self._gone_at(place.shelf.pieces, part, day)
            given = place.shelf.sell(wanted)
            sold[sku] = sold.get(sku, 0) + given
            self.tally.wanted += wanted
            self.tally.lost += wanted - given
            self.tally.lost_cost += (wanted - given) * self.world.goods[sku].margin

    def _gone_at(self, stock: int, lines: Sequence[Wanted], day: int) -> int:
        """The share of the day's demand that came before the last piece went."""
        for minute, pieces in lines:
            stock -= pieces
            if stock <= 0:
                return seen_share(self.world.history.shop.hour_profile, day, minute)
        return 0

    def _remember(self, day: int, sold: dict[str, int]) -> None:
        """What the shop knows of the day: its sales, or with all demand in sight what was wanted."""
        for sku, place in self.places.items():
            if not self.world.feedback:
                place.sold(day, self.world.history.pieces(sku, day))
                place.short.pop(day, None)
                continue
            place.sold(day, sold.get(sku, 0))

    def _evening(self, day: int) -> None:
        self.tally.days += 1
        tied_up = 0.0
        for sku, place in self.places.items():
            good = self.world.goods[sku]
            wasted = place.shelf.spoil(day)
            self.tally.wasted += wasted
            self.tally.waste_cost += wasted * good.cost
            tied_up += place.shelf.pieces * good.cost
        self.tally.stock_value += tied_up
        self.tally.holding_cost += tied_up * self.world.holding
        self.tally.evenings.append((self.tally.lost_cost, self.tally.waste_cost, tied_up))

    def _order(self, supplier: str, day: int, *, today: int) -> None:
        at = self.world.due(supplier, day)
        assert at is not None
        forecasts = self._forecasts(today) if self.rule.sees else {}
        key = order_key(shop=self.world.name, supplier=supplier, cycle=at.cycle)
        sights = self._sights(supplier, at, today, forecasts)
        order = placed(self.world, self.rule, self.value, supplier, sights, pays=self.pays)
        if order.way:
            self.tally.small[order.way] = self.tally.small.get(order.way, 0) + 1
        if not order.packs:
            return
        assert key not in self.sent, "an order was sent twice"
        self.sent.add(key)
        self.tally.orders += 1
        self.tally.fee_cost += order.fee
        for sku, packs in order.packs.items():
            self.places[sku].coming.append((at.arrives_at, packs * self.world.goods[sku].pack))
        if self.asked_again:
            again = wanted(self.world, self.rule, self.value, self._sights(supplier, at, today, forecasts))
            self.tally.again += len(again)

    def _sights(self, supplier: str, at: Moment, today: int, forecasts: Mapping[str, Forecast]) -> list[Sight]:
        return [
            Sight(
                sku, self.world.goods[sku], at, place.shelf, place.coming, place.recent(today), place.first_recent,
                forecasts.get(sku), lambda a, b, sku=sku: self._future(sku, a, b),  # type: ignore[misc]
            )
            for sku, place in self.places.items()
            if self.world.goods[sku].supplier == supplier
        ]  # fmt: skip

    def _forecasts(self, today: int) -> dict[str, Forecast]:
        assert self.sight is not None
        assert self._seer is not None
        if not self.world.feedback:
            return self.sight.forecasts(today)
        shop = self.world.history.shop
        skus = {
            sku: SkuHistory(sku, tuple(place.days), tuple(place.qtys), dict(place.short))
            for sku, place in self.places.items()
        }
        lived = replace(shop, skus=skus).as_of(today)
        return self._seer.forecasts(lived)

    def _future(self, sku: str, since: int, until: int) -> int:
        """Whole days by their totals, the first and the last by the minute."""
        first, last = _day(since), _day(until)
        total = 0
        for day in range(first, last + 1):
            if day in (first, last):
                start = moment(day, 0, ZONE)
                low, high = (since - start) // MINUTE_MS, (until - start) // MINUTE_MS
                lines = self.world.history.wanted(sku, day)
                minutes = [minute for minute, _ in lines]
                total += sum(pieces for _, pieces in lines[bisect_left(minutes, low) : bisect_right(minutes, high - 1)])
            else:
                total += self.world.history.pieces(sku, day)
        return total


def _day(at: int) -> int:
    return at // DAY_MS + 719_163
