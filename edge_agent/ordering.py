"""The open order of one supplier: which cycle it is for, what is on it, and recording it when something changed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from edge_agent.journal.log import Draft, Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.orders import OPEN, Order
from edge_agent.rules.calendar import CYCLES_A_VERSION, calendar_of, next_cutoffs
from edge_agent.rules.day import DAY_MS, local
from edge_agent.rules.guard import Caps, guard_words
from edge_agent.rules.order import Heading, knows_more, moments, order_key, proposal, same
from edge_agent.rules.record import decision_of, policy_of
from edge_agent.rules.reorder import Decision, Moment, Policy, decide
from edge_agent.rules.settle import NO_LIMITS, Limits, limits_of, most_within, unsettled
from edge_agent.rules.tax import tax_on
from edge_agent.signals import moving
from edge_agent.snapshots import forecast_of, policy_of_shop, shop_name, snapshot_of
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.reorder import ReorderDecided

CYCLES_AHEAD = 24
"""Cut-offs looked at to find one whose order is still open, and the arrival after it."""
BODIES_KEPT = 16
"""Orders that are kept as read: the open ones of so many suppliers. One takes up to half a megabyte."""
Bodies = dict[str, tuple[int, ReorderDecided]]
SHOWN = ("proposed", "held")
WEEK_MS = 7 * DAY_MS


@dataclass(frozen=True)
class Doubts:
    """What speaks against all orders that go by themselves: minutes that the clock stands behind what was recorded, and
    hours in which nothing was heard of the shop's other tills (0: neither)."""

    behind: int = 0
    unheard: int = 0


NO_DOUBTS = Doubts()


@dataclass(frozen=True)
class Desk:
    """What a pass over one supplier is made with."""

    memory: Reading
    shop: ShopSet
    supplier: SupplierSet
    now: int
    trusted: bool
    bodies: Bodies = field(default_factory=dict)
    """Orders read before, by their key: the seq of the event that was read, and its body."""
    late_ms: int = 0
    """How late this supplier usually is (0: nobody knows)."""
    doubts: Doubts = NO_DOUBTS

    @property
    def shop_name(self) -> str:
        return shop_name(self.memory)


@dataclass(frozen=True)
class OpenOrder:
    """The order being decided: its key, its cycle, and what stands on it so far (None: nothing yet).

    `body` is what this till said last; None also where another till's proposal holds.
    """

    key: str
    moment: Moment
    standing: Order | None
    body: ReorderDecided | None

    @property
    def is_anothers(self) -> bool:
        """True when another till's proposal holds: only what it did not know is a reason to decide otherwise."""
        return self.standing is not None and bool(self.standing.author)

    @property
    def skus(self) -> set[str]:
        """What stands on it, or would if the budget left it anything."""
        left = {line.sku for line in self.body.left} if self.body else set()
        return left | ({line.sku for line in self.standing.lines} if self.standing else set())


def open_order(desk: Desk) -> OpenOrder | None:
    """The order of the first cycle that nobody has settled; None when the calendar has no later arrival.

    An order begun under an older calendar stays open until its own cut-off.
    """
    for order in desk.memory.open_orders(desk.supplier.supplier, desk.now):
        if _is_of_older_calendar(order, desk):
            moment = Moment(desk.now, order.cycle, order.cutoff_at, order.arrives_at, order.next_arrives_at)
            return OpenOrder(order.key, moment, order, _body(desk, order))
    cutoffs = next_cutoffs(calendar_of(desk.supplier), desk.shop.zone, desk.now, CYCLES_AHEAD)
    for moment in moments(cutoffs, desk.now):
        key = order_key(shop=desk.shop_name, supplier=desk.supplier.supplier, cycle=moment.cycle)
        known = desk.memory.order(key)
        if known is None:
            return OpenOrder(key, moment, None, None)
        if known.state in OPEN:
            return OpenOrder(key, moment, known, _body(desk, known))
    return None


def _is_of_older_calendar(order: Order, desk: Desk) -> bool:
    ours = order_key(shop=desk.shop_name, supplier=desk.supplier.supplier, cycle=order.cycle) == order.key
    return ours and order.cycle // CYCLES_A_VERSION < desk.supplier.calendar


def _body(desk: Desk, order: Order) -> ReorderDecided | None:
    """The order as this till recorded it last (None: it is another's); the few that are open are read once."""
    if order.author:
        return None
    seq, body = desk.bodies.get(order.key, (0, None))
    if body is None or seq != order.seq:
        if order.key not in desk.bodies and len(desk.bodies) >= BODIES_KEPT:
            desk.bodies.clear()
        body = ReorderDecided.model_validate(desk.memory.event(order.seq).body)
        desk.bodies[order.key] = order.seq, body
    return body


def decided(desk: Desk, items: Iterable[ItemSet], policy: Policy, moment: Moment) -> list[Decision]:
    """A decision for each item but those of a drop: until it is over there is the one lot of them, and no more."""
    found, moves = [], moving(desk.memory, desk.shop.zone, desk.now)
    kept = desk.memory.kept_for_drops(desk.now)
    for item in (one for one in items if one.sku not in kept):
        snapshot = snapshot_of(desk.memory, item, desk.shop, desk.now, desk.supplier, desk.late_ms)
        forecast = moves.moved(forecast_of(desk.memory, item.sku, desk.shop, desk.now), item)
        found.append(decide(snapshot, policy, forecast, moment))
    return found


def revised(
    desk: Desk, current: OpenOrder, fresh: Collection[Decision], *, whole: bool = False
) -> ReorderDecided | None:
    """The order with the fresh decisions in place of what it said of their SKUs; None when nothing changed.

    `whole`: the decisions are of all SKUs, so that a line without one (its item left this supplier) goes.
    """
    policy = policy_of_shop(desk.shop)
    was, standing = current.body, current.standing
    if standing is not None and standing.author:
        return _instead(desk, current, fresh, policy, standing)
    skus = {one.snapshot.sku for one in fresh}
    left = was is not None and whole and any(line.sku not in skus for line in (*was.lines, *was.left))
    if not left and _is_as_before(was, fresh, policy, desk, current, whole=whole):
        return None
    kept = [] if whole else _kept(current, skus, policy)
    order = proposal([*kept, *fresh], policy, current.moment, _heading(desk, current, was.revision + 1 if was else 1))
    return None if _says_nothing_new(was, order) else order


def _instead(
    desk: Desk, current: OpenOrder, fresh: Collection[Decision], policy: Policy, standing: Order
) -> ReorderDecided | None:
    """The order in place of another till's (`fresh` is of all SKUs); None when that till said the same."""
    order = proposal(fresh, policy, current.moment, _heading(desk, current, standing.revision + 1))
    ours = order.state, [(line.sku, line.packs, line.qty) for line in order.lines]
    theirs = standing.state, [(line.sku, line.packs, line.qty) for line in standing.lines if line.packs]
    return None if ours == theirs else order


def is_news(memory: Reading, standing: Order, *, trusted: bool) -> bool:
    """True when this till knows what the till that proposed `standing` did not: a sale, or the right time."""
    return knows_more(memory.vector(), standing.saw) or (trusted and standing.state == "held")


def _heading(desk: Desk, current: OpenOrder, revision: int) -> Heading:
    return Heading(
        shop=desk.shop_name,
        supplier=desk.supplier.supplier,
        revision=revision,
        saw=desk.memory.vector(),
        trusted=desk.trusted,
        limits=_limits(desk, current),
        caps=_caps(desk, current) if desk.supplier.auto else None,
    )


def _limits(desk: Desk, current: OpenOrder) -> Limits:
    """The supplier's and the owner's, with what other orders by cut-offs within a week have taken of the week's."""
    supplier, week = desk.supplier, desk.shop.week_budget
    spent = 0
    if week:
        cutoff = current.moment.cutoff_at
        gone = desk.memory.worth_of_gone("", cutoff - WEEK_MS, cutoff + WEEK_MS - 1)
        spent = most_within([(at, value) for key, at, value in gone if key != current.key], cutoff)
    return Limits(supplier.min_order, supplier.fee, supplier.budget, week, spent)


def _caps(desk: Desk, current: OpenOrder) -> Caps:
    """What may go by itself, and what of this supplier went around this cut-off."""
    supplier, zone, cutoff = desk.supplier, desk.shop.zone, current.moment.cutoff_at
    gone = desk.memory.worth_of_gone(supplier.supplier, cutoff - WEEK_MS, cutoff)
    day = local(cutoff, zone).date()
    today = sum(value for key, at, value in gone if key != current.key and local(at, zone).date() == day)
    week = sum(value for key, _, value in gone if key != current.key)
    caps = Caps(supplier.most_order, supplier.most_day, supplier.most_week, today, week, **vars(desk.doubts))
    return _with_account(caps, desk, current)


def _with_account(caps: Caps, desk: Desk, current: OpenOrder) -> Caps:
    """What the account bears, as the cloud told it, less what was ordered by hand at this till since then."""
    known = desk.memory.cash_room(desk.supplier.supplier)
    if known is None or known[0].room is None:
        return caps
    told, at = known
    since = sum(_gross(order, desk.memory) for order in desk.memory.placed_since(at) if order.key != current.key)
    return replace(caps, room=max(0, (told.room or 0) - since), old_balance=desk.now >= told.until)


def _gross(order: Order, memory: Reading) -> int:
    """What an order costs with its tax, at today's terms."""
    known = [(line.packs, memory.item(line.sku)) for line in order.lines]
    costs = [(packs * item.pack_cost, item.rate) for packs, item in known if item]
    return sum(cost + tax_on(cost, rate) for cost, rate in costs)


def _kept(current: OpenOrder, touched: set[str], policy: Policy) -> list[Decision]:
    """What stands on the order of other SKUs; decided anew from its own inputs when the owner's policy changed."""
    was = current.body
    if was is None or was.basis is None:
        return []
    kept = [decision_of(was, line) for line in (*was.lines, *was.left) if line.sku not in touched]
    if policy_of(was.basis) == policy:
        return [unsettled(one, policy) for one in kept]
    return [decide(one.snapshot, policy, one.forecast, replace(current.moment, now=one.moment.now)) for one in kept]


def _is_as_before(
    was: ReorderDecided | None,
    fresh: Collection[Decision],
    policy: Policy,
    desk: Desk,
    current: OpenOrder,
    *,
    whole: bool,
) -> bool:
    """A quick look that spares building the order: the same packs of these SKUs, the same policy, the same holds."""
    if was is None:
        return not any(one.packs for one in fresh)
    if was.basis is not None and policy_of(was.basis) != policy:
        return False
    limits = _limits(desk, current)
    if desk.supplier.auto or was.auto or was.settled or limits:
        told = limits_of(was.settled) if was.settled else NO_LIMITS
        return not whole and bool(was.lines) and told == limits and _is_unmoved(was, fresh, desk)
    before = {line.sku: (line.packs, line.cost) for line in was.lines}
    same_packs = all(before.get(one.snapshot.sku, (0, 0)) == (one.packs, one.cost) for one in fresh)
    return same_packs and set(was.holds) - {"length"} == (set() if desk.trusted or not was.lines else {"clock"})


def _is_unmoved(was: ReorderDecided, fresh: Collection[Decision], desk: Desk) -> bool:
    """The same where the order as a whole decides too: what is right for each SKU alone, and what speaks against it."""
    known = {line.sku: line for line in (*was.lines, *was.left)}
    for one in fresh:
        line = known.get(one.snapshot.sku)
        before = decision_of(was, line) if line else None
        if one.wanted != (before.wanted if before else 0):
            return False
        if before and desk.supplier.auto and guard_words(one) != guard_words(before):
            return False
    doubted = [word for word in vars(desk.doubts) if word in was.holds]
    doubts = [word for word, one in vars(desk.doubts).items() if one and desk.supplier.auto]
    return ("clock" in was.holds) != desk.trusted and doubted == doubts


def _says_nothing_new(was: ReorderDecided | None, order: ReorderDecided) -> bool:
    return same(was, order) if was else not (order.lines or order.left)


def record(journal: Journal, order: ReorderDecided, because: int | None) -> Recorded | None:
    """Record a revision unless somebody settled the order meanwhile; revision and what was seen are taken inside."""

    def compose(memory: Reading) -> list[Draft]:
        known = memory.order(order.order)
        if known and (known.state not in OPEN or _is_anothers(memory, known, order)):
            return []
        fresh = {"revision": known.revision + 1 if known else 1, "saw": memory.vector()}
        return [Draft(order.model_copy(update=fresh), because=because)]

    done = journal.record(compose).result()
    return done[0] if done else None


def _is_anothers(memory: Reading, known: Order, order: ReorderDecided) -> bool:
    """True when another till's proposal has come that nothing is to be said against."""
    return bool(known.author) and not is_news(memory, known, trusted="clock" not in order.holds)


def overtaken(desk: Desk, current: OpenOrder) -> list[ReorderDecided]:
    """Open orders of this supplier that are not the one being decided (the shop was paired meanwhile), withdrawn."""
    found = []
    for order in desk.memory.open_orders(desk.supplier.supplier, desk.now):
        body = _body(desk, order)
        if body is not None and order.state in SHOWN and order.key != current.key:
            empty = {"state": "withdrawn", "holds": (), "value": 0, "lines": (), "basis": None}
            found.append(body.model_copy(update=empty))
    return found
