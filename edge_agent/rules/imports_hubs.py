"""A hub as an owner writes it, and what a hub that has no interface tells by file: stock, where orders are, charges."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.hub import FAR_M, MICRO, MILLS, Held, Point, Rounds, Tariff
from edge_agent.rules.imports_table import Cells, Columns, rows, table
from edge_agent.rules.text import clean_name, from_csv_cell

STOCK = Columns(("sku", "on_hand"), ("committed", "exceptions"))
TRACKING = Columns(("reference", "state"), ("date",))
CHARGES = Columns(("date", "kind", "amount", "invoice"))
STATES = ("reserved", "shipped", "delivered", "released")
MOST_ROWS, MOST_PIECES = 20_000, 1_000_000
RATES = ("receive", "litre_day", "pick", "item", "mile", "pack")
RATE_DECIMALS = 3
MOST_TRANSIT, MOST_STOPS, MOST_GRAMS, MOST_ML = 14, 10_000, 100_000, 1_000_000
PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
PICK_UP = "pickup"
ADAPTERS = ("rest", "csv", PICK_UP)


@dataclass(frozen=True)
class HubCard:
    """A hub: where it is, how it is spoken to (`rest`: at `url`), its rounds and tariff, the volume of a piece, and the
    round that brings its orders: metres, stops, grams a kilometre, and grams of packaging. A pick-up point is not
    spoken to; its customers find it at `address`."""

    hub: str
    name: str
    place: Point
    adapter: str
    url: str
    rounds: Rounds
    tariff: Tariff
    piece_ml: int
    route_m: int
    stops: int
    km_g: int
    box_g: int
    address: str = ""


@dataclass(frozen=True)
class Tracked:
    """Where an order is; `day` is when it was told to be there (0: it was not said)."""

    reference: str
    state: str
    day: int = 0


@dataclass(frozen=True)
class Charge:
    """An amount (minor units) of a hub's invoice for an ordinal day."""

    day: int
    kind: str
    amount: int
    invoice: str


@dataclass(frozen=True)
class Told:
    """What one file tells."""

    stock: tuple[Held, ...] = ()
    tracked: tuple[Tracked, ...] = ()
    charges: tuple[Charge, ...] = ()


def card_of(cells: Cells, decimals: int) -> HubCard:
    """A form's fields; BadRow names the one that is off."""
    adapter = cells.text("adapter") or "csv"
    if adapter not in ADAPTERS:
        raise cells.bad("adapter", f"{adapter[:40]!r} is none of {', '.join(ADAPTERS)}")
    url = cells.text("url") if adapter == "rest" else ""
    if adapter == "rest" and not url:
        raise cells.bad("url", "is empty")
    hub = cells.text("hub")
    if not PLAIN.fullmatch(hub):
        raise cells.bad("hub", "is a short name of letters, digits, - and _")
    days = cell.weekdays(cells, "working_days")
    return HubCard(
        hub=hub,
        name=clean_name(cells.text("name")) or hub,
        place=point_of(cells),
        adapter=adapter,
        url=url,
        rounds=Rounds(
            cell.minute(cells, "cutoff"), max(1, _whole(cells, "transit", MOST_TRANSIT)), days or (0, 1, 2, 3, 4)
        ),
        tariff=Tariff(**{name: _mills(cells, name, decimals) for name in RATES}),
        piece_ml=_whole(cells, "piece_ml", MOST_ML),
        route_m=_whole(cells, "route_m", 10 * FAR_M),
        stops=_whole(cells, "stops", MOST_STOPS),
        km_g=_whole(cells, "km_g", MOST_GRAMS),
        box_g=_whole(cells, "box_g", MOST_GRAMS),
        address=clean_name(cells.text("address")),
    )


def point_of(cells: Cells) -> Point:
    """The fields `lat` and `lon` in degrees."""
    return Point(_degrees(cells, "lat", 90), _degrees(cells, "lon", 180))


def _degrees(cells: Cells, column: str, most: int) -> int:
    try:
        value = Decimal(cells.text(column))
    except InvalidOperation:
        raise cells.bad(column, f"{cells.text(column)[:40]!r} is no degree like 51.5074") from None
    if not value.is_finite() or abs(value) > most:
        raise cells.bad(column, f"{cells.text(column)[:40]!r} is no degree from -{most} to {most}")
    return round(value * MICRO)


def _mills(cells: Cells, column: str, decimals: int) -> int:
    """Money to a thousandth of its smallest unit."""
    if not cells.text(column):
        return 0
    return int(cell.number(cells, column, decimals=decimals + RATE_DECIMALS).scaleb(decimals) * MILLS)


def _whole(cells: Cells, column: str, most: int) -> int:
    return cell.whole(cells, column, most) if cells.text(column) else 0


def read_told(file: str, content: bytes, decimals: int) -> Told:
    """What a hub's file tells; which of the three it is, its header says."""
    head, _ = table(file, content)
    if "on_hand" in head:
        return Told(stock=tuple(_held(one) for one in rows(file, content, STOCK, MOST_ROWS)))
    if "reference" in head:
        return Told(tracked=tuple(_tracked(one) for one in rows(file, content, TRACKING, MOST_ROWS)))
    if "kind" in head:
        return Told(charges=tuple(_charge(one, decimals) for one in rows(file, content, CHARGES, MOST_ROWS)))
    raise BadInput(f"{file}: the first line names neither on_hand (stock), reference (orders) nor kind (charges)")


def _held(cells: Cells) -> Held:
    counts = [_whole(cells, name, MOST_PIECES) for name in ("on_hand", "committed", "exceptions")]
    return Held(cell.identifier(cells, "sku", needed=True), *counts)


def _tracked(cells: Cells) -> Tracked:
    state = cells.text("state").lower()
    if state not in STATES:
        raise cells.bad("state", f"{state[:40]!r} is none of {', '.join(STATES)}")
    day = cell.ordinal(cells, "date") if cells.text("date") else 0
    return Tracked(cell.identifier(cells, "reference", needed=True), state, day)


def _charge(cells: Cells, decimals: int) -> Charge:
    kind, invoice = (clean_name(from_csv_cell(cells.text(name)))[:32] for name in ("kind", "invoice"))
    return Charge(cell.ordinal(cells, "date"), kind.lower(), cell.amount(cells, "amount", decimals), invoice)
