"""The orders as the till shows them: one row an item, the most money at risk first, each with its reason."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.strip import Strip

from edge_agent.till.figures import quantity, written
from edge_agent.till.paint import BOLD, DIM, PLAIN, fit, row, sides
from edge_agent.till.speech import say
from edge_agent.till.words import moment

if TYPE_CHECKING:
    from edge_agent.journal.reading import Reading
    from edge_agent.journal.views.orders import Order, OrderedLine
    from edge_agent.rules.forecast import Forecast
    from edge_agent.rules.reasons import Names
    from edge_agent.wire.events.reorder import ReorderDecided

    Plans = Callable[[str, Forecast | None], tuple[str, ...]]

SHOWN = ("proposed", "held", "approved", "sent", "rejected")
OPEN = ("proposed", "held")
PAST_MS = 24 * 3_600_000
"""A rejected order is shown until a day after its cut-off."""


@dataclass(frozen=True)
class Risk:
    """One SKU of an order. `left` and `sells` (until the arrival after this order's) in milli-units, `out` the chance
    in basis points to run out without the order, `at_risk` the takings that stand behind it in minor units."""

    sku: str
    name: str
    supplier: str
    number: str
    state: str
    why_not: str
    packs: int
    qty: int
    cutoff_at: int
    arrives_at: int
    left: int
    sells: int
    out: int
    at_risk: int
    short: str
    sentences: tuple[str, ...]
    arithmetic: tuple[str, ...]
    plan: tuple[str, ...]


@dataclass(frozen=True)
class Board:
    """All rows, as read at one moment."""

    rows: tuple[Risk, ...] = ()

    def headline(self) -> str:
        """The most urgent order in one line: what is still to be decided, else what was decided last."""
        still = [risk for risk in self.rows if risk.state in OPEN]
        if still:
            return min(still, key=lambda risk: (risk.cutoff_at, -risk.at_risk)).short
        return ""


def load(memory: "Reading", now: int, decimals: int) -> Board:
    """Read the orders that matter now; slow enough to be done off the screen's thread."""
    from edge_agent.rules.reasons import Names

    names = {key: one.name for key, one in memory.suppliers().items()}
    plan, shop = _plans(memory, now), memory.shop()
    language = shop.language if shop else "en"
    rows = [
        _risk(memory, order, line, Names(names.get(order.supplier, order.supplier), line.sku, decimals, language), plan)
        for order in memory.orders(SHOWN)
        if order.state != "rejected" or order.cutoff_at > now - PAST_MS
        for line in order.lines
        if line.packs or order.state == "rejected"
    ]
    return Board(tuple(sorted(rows, key=lambda risk: (-risk.at_risk, risk.name, risk.number))))


def _plans(memory: "Reading", now: int) -> "Plans":
    """The next 72 hours of a SKU as they look now, in words; where no forecast is stored, by what was decided on."""
    from edge_agent.rules.dayparts import outlook, table
    from edge_agent.rules.factor_words import at_work
    from edge_agent.rules.plan import hours_of
    from edge_agent.signals import moving
    from edge_agent.snapshots import forecast_of, snapshot_of

    shop = memory.shop()
    if shop is None:
        return lambda _, __: ()
    hours, moves = hours_of(shop), moving(memory, shop.zone, now)

    def plan(sku: str, decided: "Forecast | None") -> tuple[str, ...]:
        item = memory.item(sku)
        if item is None:
            return ()
        known = decided if decided and memory.forecast(sku) is None else forecast_of(memory, sku, shop, now)
        forecast = moves.moved(known, item)
        found = snapshot_of(memory, item, shop, now)
        seen = outlook(found.on_hand - found.reserved, found.incoming, forecast, hours, now)
        moved = at_work(forecast, shop.zone, now, seen.until, shop.language)
        return (*table(seen, shop.zone, shop.language), *moved)

    return plan


def _risk(memory: "Reading", order: "Order", line: "OrderedLine", names: "Names", plan: "Plans") -> Risk:
    from edge_agent.rules.explain import arithmetic
    from edge_agent.rules.phrases import say as phrased
    from edge_agent.rules.reasons import sentences, short, whole
    from edge_agent.rules.record import decision_of
    from edge_agent.wire.events.reorder import ReorderDecided

    body = None if order.author else ReorderDecided.model_validate(memory.event(order.seq).body)
    item = memory.item(line.sku)
    names = replace(names, item=item.name) if item else names
    decided = next((one for one in body.lines if one.sku == line.sku), None) if body else None
    found = decision_of(body, decided) if body and decided else None
    holds = whole(body, _named(memory, body), names.decimals, names.language) if body else ()
    without = phrased(names.language, "anothers" if order.author else "owners")
    out, sells = (found.what_if[0].out, found.need.mean) if found else (0, 0)
    price = item.price if item else 0
    return Risk(
        sku=line.sku,
        name=names.item,
        supplier=names.supplier,
        number=order.number,
        state=order.state,
        why_not=order.reason,
        packs=line.packs,
        qty=line.qty,
        cutoff_at=order.cutoff_at,
        arrives_at=order.arrives_at,
        left=memory.stock(line.sku).on_hand,
        sells=sells,
        out=out,
        at_risk=price * sells // 1000 * out // 10_000,
        short=short(body, decided, names)
        if body and decided
        else say("reorder: {quantity} {item}", quantity=quantity(line.qty), item=names.item),
        sentences=(*holds, *(sentences(body, decided, names) if body and decided else (without,))),
        arithmetic=tuple(arithmetic(body, decided, names)[2:]) if body and decided else (),
        plan=plan(line.sku, found.forecast if found else None),
    )


def _named(memory: "Reading", body: "ReorderDecided") -> dict[str, str]:
    """Names of what the order as a whole speaks of."""
    return memory.names([*(guard.sku for guard in body.guards), *(line.sku for line in body.left)])


def state_words(risk: Risk) -> str:
    """What has become of it."""
    return say("for the owner") if risk.state == "proposed" else say(risk.state)


def beside(board: Board | None, width: int, now: int, zone: str) -> list[Strip]:
    """The orders as a column beside the sale: the most at risk first, two rows each."""
    rows = [row(width, (say("TO ORDER"), BOLD)), row(width)]
    if board is None or not board.rows:
        return [*rows, row(width, (say("nothing to order now"), DIM))]
    for risk in board.rows:
        count = say("{quantity} left", quantity=quantity(risk.left))
        rows.append(sides(width, [(fit(risk.name, width - len(count) - 1), PLAIN)], [(count, PLAIN)]))
        told = f"  {quantity(risk.qty)} {_verb(risk)} {moment(_when(risk), now, zone)}"
        rows.append(row(width, (fit(told, width), DIM)))
    return rows


def _verb(risk: Risk) -> str:
    verbs = {"approved": "come", "sent": "come", "rejected": "rejected, cut-off"}
    return say(verbs.get(risk.state, "to order before"))


def _when(risk: Risk) -> int:
    return risk.arrives_at if risk.state in ("approved", "sent") else risk.cutoff_at


def worth(risk: Risk, decimals: int) -> str:
    """The takings at risk, as written on the screen."""
    return written(risk.at_risk, decimals)
