"""Command `reorder`: the orders that the device has decided, with what they wait for and why each line is on them."""

import argparse
import json
from pathlib import Path
from typing import Any

from edge_agent.clock import clock_from_environment
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.orders import Order
from edge_agent.rules.money import written
from edge_agent.rules.phrases import say
from edge_agent.rules.reasons import Names, clock, sentences, whole
from edge_agent.settings import default_folder
from edge_agent.wire.events.reorder import OrderLine, ReorderDecided

OPEN = ("proposed", "held", "approved", "sent")


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("reorder", help=__doc__, description=__doc__)
    parser.add_argument("--all", action="store_true", help="settled orders too: rejected, expired, withdrawn, received")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 with a list, empty or not."""
    now = clock_from_environment().now()
    with Reading.open(args.data / "journal.db") as memory:
        orders = memory.orders(() if args.all else OPEN)
        if args.json:
            print(json.dumps([_as_data(memory, order, now) for order in orders], ensure_ascii=False))
        else:
            print("\n\n".join(_as_words(memory, order, now) for order in orders) or "No order is open.")
    return 0


def _as_words(memory: Reading, order: Order, now: int) -> str:
    body, shop = _body(memory, order), memory.shop()
    zone, decimals = (shop.zone, shop.decimals) if shop else ("UTC", 2)
    language = shop.language if shop else "en"
    supplier = _supplier(memory, order)
    first = (
        f"{order.number}  {supplier}  {_state(order, now)}  {written(order.value, decimals)}  "
        f"in by {clock(order.cutoff_at, now, zone)}, arrives {clock(order.arrives_at, now, zone)}"
    )
    if body is None:
        names = {line.sku: item.name if (item := memory.item(line.sku)) else line.sku for line in order.lines}
        packs_of = [f"  {line.packs:4} {_packs(line.packs)}  {names[line.sku]}" for line in order.lines]
        return "\n".join([first, say(language, "anothers"), *packs_of])
    said = [first, *whole(body, _item_names(memory, body), decimals, language)]
    packs = {line.sku: line.packs for line in order.lines}
    for line in body.lines:
        said += _line(memory, body, line, packs.get(line.sku, 0), Names(supplier, line.sku, decimals, language))
    return "\n".join(said)


def _line(memory: Reading, body: ReorderDecided, line: OrderLine, packs: int, names: Names) -> list[str]:
    item = memory.item(line.sku)
    edited = "" if packs == line.packs else f" (proposed {line.packs})"
    return [
        f"  {packs:4} {_packs(packs)}{edited}  {item.name if item else line.sku}",
        "       " + " ".join(sentences(body, line, names)),
    ]


def _packs(number: int) -> str:
    return "pack" if number == 1 else "packs"


def _as_data(memory: Reading, order: Order, now: int) -> dict[str, object]:
    body = _body(memory, order)
    shop = memory.shop()
    names = Names(_supplier(memory, order), "", 2, shop.language if shop else "en")
    reasons = {line.sku: sentences(body, line, names) for line in body.lines} if body else {}
    return {
        "order": order.key,
        "number": order.number,
        "supplier": order.supplier,
        "cycle": order.cycle,
        "revision": order.revision,
        "state": _state(order, now),
        "holds": body.holds if body else (),
        "auto": bool(body and body.auto),
        "whole": whole(body, _item_names(memory, body), shop.decimals if shop else 2, names.language) if body else (),
        "cutoff_at": order.cutoff_at,
        "arrives_at": order.arrives_at,
        "value": order.value,
        "lines": [
            {
                "sku": line.sku,
                "packs": line.packs,
                "qty": line.qty,
                "came": line.came,
                "reasons": reasons.get(line.sku, ()),
            }
            for line in order.lines
        ],
    }


def _state(order: Order, now: int) -> str:
    """A proposal that nobody approved in time is said to be missed; the cloud's word may still come."""
    return "missed" if order.state in ("proposed", "held") and order.cutoff_at < now else order.state


def _item_names(memory: Reading, body: ReorderDecided) -> dict[str, str]:
    """Names of all that the order as a whole speaks of."""
    return memory.names([*(guard.sku for guard in body.guards), *(line.sku for line in body.left)])


def _body(memory: Reading, order: Order) -> ReorderDecided | None:
    """What this till decided; None where another till's proposal holds."""
    if order.author:
        return None
    return ReorderDecided.model_validate(memory.event(order.seq).body)


def _supplier(memory: Reading, order: Order) -> str:
    supplier = memory.suppliers().get(order.supplier)
    return supplier.name if supplier else order.supplier
