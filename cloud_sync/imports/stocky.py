"""What of Stocky's files fits this shop: costs and terms in its own money; what has no place here is told by name."""

from collections.abc import Mapping
from dataclasses import replace

from cloud_sync.imports.kept import Chosen
from cloud_sync.pages.shown import Shown
from edge_agent.rules.imports_rivals import Kind, as_it_came
from edge_agent.rules.imports_stocky import TERMS, columns, still_open
from edge_agent.rules.imports_table import Cells, table

USED: Mapping[str, tuple[str, ...]] = {
    "items": ("sku", "cost", "supplier", "currency", "date"),
    "stock": ("sku", "qty"),
    "suppliers": ("supplier", *TERMS),
    "sales": (),
}
"""What of such a file stands behind each kind that is taken of it."""
SHOWN = 10


def of_known_item(cells: Cells, here: Shown, *, known: bool) -> Cells:
    """Its cost and its supplier alone: the shop's own name stays. BadRow for a SKU that is new, and for other money."""
    if not known:
        said = cells.text("sku")
        raise cells.bad("sku", f"{said} is not in the catalogue; take items first" if said else "is empty")
    if _other_money(cells, here):
        raise cells.bad("currency", f"{cells.text('currency')} is not this shop's money ({here.currency})")
    return replace(cells, values={word: cells.text(word) for word in ("sku", "cost", "supplier")})


def supplier_said(cells: Cells, here: Shown, known: Mapping[str, str]) -> dict[str, str]:
    """What is known of a supplier with what the file says over it; a minimum in other money is refused."""
    if _other_money(cells, here) and cells.text("min_order"):
        raise cells.bad("currency", f"{cells.text('currency')} is not this shop's money ({here.currency})")
    terms = {word: cells.text(word) for word in cells.text("said").split() if word != "currency"}
    return {**cells.values, **known, **terms}


def _other_money(cells: Cells, here: Shown) -> bool:
    return cells.text("currency").upper() not in ("", here.currency)


def left_out(chosen: Chosen, kind: Kind) -> tuple[str, ...]:
    """What of the file nothing is made of: orders on their way, and columns without a place."""
    header, _ = table(chosen.name, chosen.content)
    has = columns(header)
    used = {has[word] for word in USED[kind] if word in has}
    notes: list[str] = []
    if "po" in has and (numbers := still_open(as_it_came(chosen.name, chosen.content))):
        listed = _listed([f"{number} ({lines})" for number, lines in numbers.items()])
        notes.append(
            f"Orders on their way are not taken over (each with its lines): {listed}. Book each in at a till when it "
            "comes; until then look at a proposed order for what is on its way already."
        )
    spare = list(dict.fromkeys(word for word in header if word and word not in used))
    if spare:
        notes.append(f"Columns that nothing is made of here: {_listed(spare)}.")
    if kind == "suppliers" and "lead_days" in has:
        notes.append("Days of delivery become working days: five of seven.")
    return tuple(notes)


def _listed(words: list[str]) -> str:
    return ", ".join(words[:SHOWN]) + (f" and {len(words) - SHOWN} more" if words[SHOWN:] else "")
