"""Command `why`: the arithmetic of an order, line by line, and whether deciding again gives the same numbers."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_agent.errors import NotKnown
from edge_agent.journal.reading import Reading
from edge_agent.rules.explain import arithmetic, heading, is_same, settles_again
from edge_agent.rules.order import key_prefix
from edge_agent.rules.reasons import Names, sentences
from edge_agent.rules.record import decision_of
from edge_agent.settings import default_folder
from edge_agent.wire.events.reorder import OrderLine, ReorderDecided

if TYPE_CHECKING:
    from edge_agent.past import Again

LEAST_WORD = 4
"""Shorter words than this could mean any order."""


def add_parser(commands: Any) -> None:
    """Add this command's words."""
    parser = commands.add_parser("why", help=__doc__, description=__doc__)
    parser.add_argument("order", help="an order's number, or its key or the beginning of it")
    parser.add_argument(
        "--forecast",
        action="store_true",
        help="make the forecasts again too, by the journal and the model's file",
    )
    parser.add_argument(
        "--otherwise",
        action="store_true",
        help="with --forecast: by the runtime's other code paths, as another processor might",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--data", type=Path, default=default_folder(), help="the till's data folder")


def run(args: argparse.Namespace) -> int:
    """0 when every line replays to the recorded numbers, 1 when one does not; NotKnown for an unknown order."""
    with Reading.open(args.data / "journal.db") as memory:
        order, state, seq = _order(memory, args.order)
        wrong = [line.sku for line in (*order.lines, *order.left) if not is_same(order, line)]
        wrong += [] if "length" in order.holds or settles_again(order) else ["the order as a whole"]
        again = _forecasts(args.data, seq, order, otherwise=args.otherwise) if args.forecast else {}
        said = _as_json(memory, order, state, wrong) if args.json else _as_words(memory, order, state, wrong)
    print(said if args.json else "\n".join([said, *again.values()]))
    return 1 if wrong or any("NOT" in words for words in again.values()) else 0


def _forecasts(data: Path, seq: int, order: ReorderDecided, *, otherwise: bool) -> dict[str, str]:
    """What making each line's forecast again came to, and the greatest distance of all."""
    from edge_agent.past import Past

    lines = sorted((*order.lines, *order.left), key=lambda line: decision_of(order, line).forecast.made_at)
    with Past(data, otherwise=otherwise) as past:
        made = {line.sku: past.made_again(seq, decision_of(order, line).forecast) for line in lines}
    said = _verdicts(order, made)
    apart = [one.apart for one in made.values() if one.apart is not None]
    return {**said, "": f"largest difference {max(apart):.1e} of a recorded number"} if apart else said


def _verdicts(order: ReorderDecided, made: "Mapping[str, Again]") -> dict[str, str]:
    said = {}
    for line in (*order.lines, *order.left):
        recorded = decision_of(order, line).forecast
        again, model = made[line.sku], recorded.model[:8] or "no model"
        if again.apart is None:
            verdict = f"NOT made again: {again.words}"
        elif again.same:
            verdict = "made again: same" if again.apart == 0 else f"made again: same within {again.apart:.0e}"
        else:
            verdict = f"made again: NOT the same, up to {100 * again.apart:.2g} % apart"
        said[line.sku] = f"forecast of {line.sku} ({recorded.forecaster}, {model}) {verdict}"
    return said


def _order(memory: Reading, word: str) -> tuple[ReorderDecided, str, int]:
    """The order as it was decided last, what became of it, and the event that says so."""
    prefix = key_prefix(word)
    found = memory.order(prefix) if len(prefix) >= LEAST_WORD else None
    if found is None:
        raise NotKnown(f"there is no order {word}, or more than one begins so; `edge-agent reorder` lists them")
    if found.author:
        raise NotKnown(f"order {found.number} was decided at another till of this shop; ask why there")
    return ReorderDecided.model_validate(memory.event(found.seq).body), found.state, found.seq


def _names(memory: Reading, order: ReorderDecided, line: OrderLine) -> Names:
    item, shop = memory.item(line.sku), memory.shop()
    decimals, language = (shop.decimals, shop.language) if shop else (2, "en")
    return Names(_supplier(memory, order), item.name if item else line.sku, decimals, language)


def _supplier(memory: Reading, order: ReorderDecided) -> str:
    supplier = memory.suppliers().get(order.supplier)
    return supplier.name if supplier else order.supplier


def _as_words(memory: Reading, order: ReorderDecided, state: str, wrong: list[str]) -> str:
    shop = memory.shop()
    decimals, language = (shop.decimals, shop.language) if shop else (2, "en")
    named = memory.names([*(guard.sku for guard in order.guards), *(line.sku for line in order.left)])
    said = heading(order, _supplier(memory, order), decimals, named, language)
    if state != order.state:
        said.append(f"since then: {state}")
    for line in (*order.lines, *order.left):
        said += ["", *arithmetic(order, line, _names(memory, order, line))]
    verdict = f"replayed: NOT the same for {', '.join(wrong)}" if wrong else "replayed: same"
    return "\n".join([*said, "", verdict])


def _as_json(memory: Reading, order: ReorderDecided, state: str, wrong: list[str]) -> str:
    lines = [
        {
            **asdict(decision_of(order, line)),
            "sentences": sentences(order, line, _names(memory, order, line)),
            "replayed": line.sku not in wrong,
        }
        for line in order.lines
    ]
    head = order.model_dump(exclude={"lines", "left"})
    return json.dumps({**head, "state": state, "lines": lines, "replayed": not wrong}, ensure_ascii=False)
