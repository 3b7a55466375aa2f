"""What is worth an alert, from what is known of a shop at a moment; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloud_sync.fittings import printouts
from edge_agent.rules.day import DAY_MS, HOUR_MS, local, moment
from edge_agent.rules.plan import hours_of
from edge_agent.wire.events.catalogue import ShopSet

NEAR_CUTOFF_MS = 2 * HOUR_MS
UNSEEN_MS = 30 * 60_000
OLD_BACKLOG_MS = DAY_MS
PRINTER_MIN = 10
PRINTER_AGAIN_MS = 30 * 60_000
LONGEST_DAYS = 31
AGAIN_MS = 6 * HOUR_MS
"""What was over for less is the same alert, and is not told again."""
DIFFERENCE = 500
"""A drawer that is off by more (minor units) at the close of a shift is told."""


@dataclass(frozen=True)
class Alert:
    """One thing that is so now: `key` names it for as long as it is, `link` is the page with its row. An `urgent` one
    is told at once, another with the day's digest. What was over for less than `again_ms` is not told again."""

    key: str
    rule: str
    words: str
    link: str
    urgent: bool
    again_ms: int = AGAIN_MS


@dataclass(frozen=True)
class Waiting:
    """An order that nobody decided yet."""

    order: str
    number: str
    supplier: str
    cutoff_at: int
    cutoff: str
    auto: bool


@dataclass(frozen=True)
class Short:
    """An item that runs out before more of it comes; `order` is where it stands, `waits` when that needs the owner."""

    sku: str
    name: str
    when: str
    order: str
    waits: bool


@dataclass(frozen=True)
class TillSeen:
    """An active till: when it was last heard (None: never) and how many events it then still held."""

    device: str
    name: str
    seen_at: int | None
    backlog: int
    ago: str


@dataclass(frozen=True)
class Printer:
    """A till's printer, as the till said when it was last heard: why it is down since when (None: it is not), and how
    many printouts wait since when (None: none); both moments also in words."""

    device: str
    till: str
    heard_at: int
    down_at: int | None = None
    down: str = ""
    why: str = ""
    waiting: int = 0
    waits_at: int | None = None
    waits: str = ""


@dataclass(frozen=True)
class Drawer:
    """A shift that was closed: what its drawer was off by."""

    key: str
    till: str
    difference: int
    money: str
    at: int


@dataclass(frozen=True)
class LowCash:
    """The account's lowest day while that is under the float (`floor` 0: under zero): by how much, when, and the
    payment behind it (its amount, day and name), if there is one."""

    under: str
    floor: int
    day: str
    bill: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a shop at `now` (UTC ms). `odd` are {till: lines that need a look}; `unsent` are
    (order, words) of orders that did not leave, `answered` (order, moment, words) of answers by which something comes
    otherwise. A printer that is down is told after `printer_min` minutes (0: never)."""

    now: int
    shop: str
    card: ShopSet | None = None
    waiting: tuple[Waiting, ...] = ()
    short: tuple[Short, ...] = ()
    tills: tuple[TillSeen, ...] = ()
    odd: tuple[tuple[str, int], ...] = ()
    unsent: tuple[tuple[str, str], ...] = ()
    answered: tuple[tuple[str, int, str], ...] = ()
    drawers: tuple[Drawer, ...] = ()
    low_cash: LowCash | None = None
    printers: tuple[Printer, ...] = ()
    printer_min: int = PRINTER_MIN


def alerts(facts: Facts) -> list[Alert]:
    """Everything that is so, urgent ones first."""
    found = [*_orders(facts), *_stock(facts), *_tills(facts), *_printers(facts), *_drawers(facts), *_cash(facts)]
    return sorted(found, key=lambda one: (not one.urgent, one.key))


def next_due(facts: Facts) -> int:
    """The next moment at which time alone may make an alert come or go; far away when nothing waits."""
    bounds = [at for one in facts.waiting for at in (one.cutoff_at - NEAR_CUTOFF_MS, one.cutoff_at)]
    bounds += [facts.now + left for one in facts.printers for left in _left(facts, one)]
    return min((at for at in bounds if at > facts.now), default=facts.now + DAY_MS)


def is_open(card: ShopSet, now: int) -> bool:
    """True within the shop's opening hours."""
    then = local(now, card.zone)
    hours = hours_of(card).on(then.toordinal())
    return hours is not None and hours[0] <= then.hour * 60 + then.minute < hours[1]


def open_ms(card: ShopSet, start: int, end: int) -> int:
    """For how long the shop was open from `start` to `end`; what lies more than a month back is not looked at."""
    hours, zone, total = hours_of(card), card.zone, 0
    last = local(end, zone).toordinal()
    for day in range(max(local(start, zone).toordinal(), last - LONGEST_DAYS), last + 1):
        if found := hours.on(day):
            opens, closes = (moment(day, minute, zone) for minute in found)
            total += max(0, min(end, closes) - max(start, opens))
    return total


def _orders(facts: Facts) -> Iterator[Alert]:
    for one in facts.waiting:
        if not one.auto and 0 < one.cutoff_at - facts.now <= NEAR_CUTOFF_MS:
            words = f"Order {one.number} to {one.supplier} waits for you; its cut-off is {one.cutoff}."
            yield Alert(f"waits {one.order}", "order waits", words, f"/orders/{one.order}", urgent=True)
    for order, words in facts.unsent:
        yield Alert(f"unsent {order}", "order did not leave", words, f"/orders/{order}", urgent=True)
    for order, at, words in facts.answered:
        yield Alert(f"answered {order} {at}", "supplier's answer", words, f"/orders/{order}", urgent=True)


def _stock(facts: Facts) -> Iterator[Alert]:
    for one in facts.short:
        words = f"{one.name} runs out {one.when}, before more comes{'; its order waits for you' if one.waits else ''}."
        yield Alert(f"short {one.sku} {one.order}", "runs out", words, f"/orders/{one.order}", urgent=False)


def _tills(facts: Facts) -> Iterator[Alert]:
    open_now = facts.card is not None and is_open(facts.card, facts.now)
    for one in facts.tills:
        if one.seen_at is None:
            continue
        away = facts.now - one.seen_at
        if away > UNSEEN_MS and open_now:
            words = f"{one.name} was last seen {one.ago}, and the shop is open. It goes on selling by itself."
            yield Alert(f"unseen {one.device}", "till unseen", words, f"/?shop={facts.shop}", urgent=True)
        if one.backlog and away > OLD_BACKLOG_MS:
            words = f"{one.name} holds {one.backlog} events that have waited for {away // DAY_MS} days or more."
            yield Alert(f"backlog {one.device}", "events wait", words, f"/?shop={facts.shop}", urgent=False)
    for till, number in facts.odd:
        lines = "line needs" if number == 1 else "lines need"
        words = f"{number} {lines} a look: {till} sent what does not fit, or does not add up."
        yield Alert(f"odd {till}", "lines need a look", words, f"/tasks?shop={facts.shop}", urgent=True)


def _printers(facts: Facts) -> Iterator[Alert]:
    """One a printer for as long as it is down or printouts wait; one that works for half an hour may go down anew."""
    for one in facts.printers:
        if min(_left(facts, one), default=1) <= 0:
            words = f"{_printer_words(one)}. Look at its power, paper and cable; the till goes on selling."
            link = f"/devices?shop={facts.shop}#d-{one.device}"
            yield Alert(f"printer {one.device}", "printer down", words, link, urgent=True, again_ms=PRINTER_AGAIN_MS)


def _left(facts: Facts, one: Printer) -> Iterator[int]:
    """How long until a printer is told, by what was heard of it: being down counts while the shop is open, a printout
    that waits whenever it does."""
    wanted = facts.printer_min * 60_000
    if wanted and one.down_at is not None and facts.card is not None:
        yield wanted - open_ms(facts.card, one.down_at, one.heard_at)
    if wanted and one.waits_at is not None:
        yield wanted - (one.heard_at - one.waits_at)


def _printer_words(one: Printer) -> str:
    if one.down_at is None:
        wait = "1 printout has" if one.waiting == 1 else f"{one.waiting} printouts have"
        return f"{wait} waited for the printer of {one.till} since {one.waits}"
    wait = f"; {printouts(one.waiting)}" if one.waiting else ""
    return f"The printer of {one.till} has been down since {one.down}: {one.why}{wait}"


def _drawers(facts: Facts) -> Iterator[Alert]:
    for one in _off(facts.drawers):
        words = f"{one.till}: the drawer was {one.money} {'over' if one.difference > 0 else 'short'} at the close."
        yield Alert(f"drawer {one.key}", "drawer is off", words, f"/takings?shop={facts.shop}", urgent=False)


def _cash(facts: Facts) -> Iterator[Alert]:
    """One as long as it lasts, whichever day is the lowest: an account that dips is told once."""
    if low := facts.low_cash:
        under = "the float" if low.floor else "zero"
        words = f"If sales are low, the account is {low.under} under {under} on {low.day}."
        if low.bill:
            money, day, name = low.bill
            words += f" Behind it: {money} on {day} for {name}."
        yield Alert("cash", "cash below float", words, f"/cash?shop={facts.shop}#low", urgent=True)


def _off(drawers: Iterable[Drawer]) -> Iterator[Drawer]:
    return (one for one in drawers if abs(one.difference) > DIFFERENCE)
