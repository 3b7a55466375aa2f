"""An order as its owner reads it: each line with the till's own what-if table and reasons, at the packs chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from cloud_sync.automatic import why_not
from cloud_sync.catalogue import names, suppliers
from cloud_sync.orders import NOT_DELIVERED, OPEN, proposal_of, received_of, version_of
from cloud_sync.pages.recorded import Recorded, recorded
from cloud_sync.pages.shown import Shown
from cloud_sync.projections.orders import lines_of
from cloud_sync.speech import told
from cloud_sync.tables.orders import Order, OrderLineRow
from edge_agent.errors import BadInput
from edge_agent.rules.packs import WhatIf
from edge_agent.rules.reasons import Names, whole
from edge_agent.wire.events.reorder import OrderLine, ReorderDecided

STATES = {
    "proposed": "to approve",
    "held": "held by the till",
    "withdrawn": "no longer needed",
    "approved": "approved",
    "sent": "sent",
    "rejected": "rejected",
    "expired": "expired",
    "received": "received",
}
Step = Literal["less", "more"]
Came = Mapping[str, tuple[int, int]]
"""{SKU: (good, damaged)} in milli-units."""
NOTHING = (0, 0)


@dataclass(frozen=True)
class LineView:
    """A line at `packs`, with what the till recorded for it; `came` is all that came, good or not, and
    None while nothing was received."""

    position: int
    sku: str
    name: str
    packs: int
    proposed: int
    pack: int
    unit_cost: int
    recorded: Recorded
    came: int | None
    damaged: int

    @property
    def rows(self) -> tuple[WhatIf, ...]:
        return self.recorded.rows

    @property
    def row(self) -> WhatIf:
        """The table's row of the chosen packs; none is made up when the table has no such row."""
        found = next((row for row in self.rows if row.packs == self.packs), None)
        return found or WhatIf(self.packs, self.packs * self.unit_cost, -1, -1)

    @property
    def qty(self) -> int:
        """What is ordered, in milli-units."""
        return self.packs * self.pack

    def step(self, to: Step) -> int | None:
        """The next number of packs in the table in that direction, or None at its end."""
        lower = [row.packs for row in self.rows if row.packs < self.packs]
        higher = [row.packs for row in self.rows if row.packs > self.packs]
        return (max(lower) if lower else None) if to == "less" else (min(higher) if higher else None)


@dataclass(frozen=True)
class OrderView:
    """An order with its lines; `version` is what a form sends back so that nothing is decided unseen."""

    order: Order
    supplier: str
    version: str
    lines: tuple[LineView, ...]
    holds: tuple[str, ...]
    least: int

    @property
    def total(self) -> int:
        return sum(line.row.cost for line in self.lines)

    @property
    def open(self) -> bool:
        return self.order.state in OPEN

    @property
    def edited(self) -> bool:
        return any(line.packs != line.proposed for line in self.lines)

    @property
    def state(self) -> str:
        return state_words(self.order.state, self.order.reason)


def state_words(state: str, reason: str) -> str:
    """How an order stands, in words."""
    return "not delivered" if reason == NOT_DELIVERED else STATES[state]


def view(session: Session, shop: Shown, order: Order, chosen: Mapping[int, int] | None = None) -> OrderView:
    """The order as it stands; `chosen` are other packs by the line's position, looked at but not commanded."""
    named = names(session, tenant=shop.tenant, shop=shop.shop)
    known = suppliers(session, tenant=shop.tenant, shop=shop.shop).get(order.supplier)
    supplier = known.name if known else order.supplier
    proposal = proposal_of(session, order)
    proposed = {line.sku: line for line in proposal.lines}
    came = received_of(session, order)
    language = shop.language
    lines = [
        _line(
            _Told(shop.decimals, proposal, supplier, named, language),
            proposed[row.sku],
            row,
            (chosen or {}).get(row.position),
            came,
        )
        for row in lines_of(session, order)
    ]
    lines.sort(key=_urgency)
    holds = whole(proposal, named, shop.decimals, language)
    if proposal.auto and order.state in OPEN:
        against = [told(why) for why in why_not(session, order, shop.now)]
        holds = (*holds[:-1], *against) if against else holds
    return OrderView(order, supplier, version_of(order), tuple(lines), holds, known.min_order if known else 0)


def packs_of(form: Mapping[str, object]) -> dict[int, int]:
    """The packs in a form, `packs.POSITION`; BadInput for what is no number."""
    found: dict[int, int] = {}
    for name, value in form.items():
        word, _dot, position = name.partition(".")
        if word != "packs":
            continue
        if not (position.isascii() and position.isdigit() and len(position) < 6):
            raise BadInput(f"{name!r} names no line.")
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10):
            raise BadInput("Packs are a whole number.")
        found[int(position)] = int(value)
    return found


def by_sku(shown: OrderView, chosen: Mapping[int, int]) -> dict[str, int]:
    """Chosen packs by SKU; BadInput for packs that the till's table doesn't know."""
    lines = {line.position: line for line in shown.lines}
    for position, packs in chosen.items():
        line = lines.get(position)
        if line is None:
            raise BadInput("The order has no such line.")
        if packs not in {line.proposed, *(row.packs for row in line.rows)}:
            raise BadInput(f"{line.name}: the till has not worked out {packs} packs.")
    return {lines[position].sku: packs for position, packs in chosen.items()}


@dataclass(frozen=True)
class _Told:
    """What all lines of an order are told with: `named` are names by SKU."""

    decimals: int
    proposal: ReorderDecided
    supplier: str
    named: Mapping[str, str]
    language: str


def _line(told: _Told, line: OrderLine, row: OrderLineRow, chosen: int | None, came: Came) -> LineView:
    name = told.named.get(row.sku, row.sku)
    names = Names(told.supplier, name, told.decimals, told.language)
    return LineView(
        position=row.position,
        sku=row.sku,
        name=name,
        packs=_packs(row, chosen),
        proposed=row.packs,
        pack=row.qty // max(1, row.packs),
        unit_cost=row.cost // max(1, row.packs),
        recorded=recorded(told.proposal, line, names),
        came=sum(came.get(row.sku, NOTHING)) if came else None,
        damaged=came.get(row.sku, NOTHING)[1],
    )


def _urgency(line: LineView) -> tuple[int, str]:
    """What would most likely run out without this order comes first."""
    return (-line.rows[0].out if line.rows else 1), line.name.casefold()


def _packs(row: OrderLineRow, chosen: int | None) -> int:
    if chosen is not None:
        return chosen
    return row.packs if row.approved_packs is None else row.approved_packs
