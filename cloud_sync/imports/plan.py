"""What a file would change in a shop: each row new, changed, the same or refused; nothing is changed by asking."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session, select

from cloud_sync.catalogue import items, suppliers
from cloud_sync.desk import days_known, has_imported
from cloud_sync.imports.kept import Chosen
from cloud_sync.imports.stocky import left_out, of_known_item, supplier_said
from cloud_sync.pages import item_form, supplier_form
from cloud_sync.pages.shown import Shown
from cloud_sync.tables.figures import Stock
from edge_agent.errors import BadInput, BadRow
from edge_agent.rules.imports import (
    ITEMS,
    SALES,
    STOCK,
    SUPPLIERS,
    ItemRow,
    SaleRow,
    read_items,
    read_sales,
    read_stock,
    read_suppliers,
)
from edge_agent.rules.imports_made import item_of
from edge_agent.rules.imports_rivals import Kind, kinds_of
from edge_agent.rules.imports_table import Cells, Columns, table
from edge_agent.rules.money import quantity
from edge_agent.rules.terms import supplier_of
from edge_agent.wire.envelope import canonical
from edge_agent.wire.events.catalogue import ItemSet, SupplierSet

OURS: Mapping[Kind, Columns] = {"items": ITEMS, "stock": STOCK, "suppliers": SUPPLIERS, "sales": SALES}
NAMES: Mapping[str, str] = {
    "": "your own",
    "square": "Square",
    "shopify": "Shopify",
    "stocky": "Stocky",
    "loyverse": "Loyverse",
}
_NOUGHTS = re.compile(r"(\.[0-9]{2}[0-9]*?)0+$")
Said = tuple[str, str, str]
"""A field, what it says now, and what it would say."""


@dataclass(frozen=True)
class Asked:
    """What an owner says beside the file: what to take of it, and what the file itself does not say."""

    kind: Kind
    vat: str = ""
    on_top: bool = False
    calendar: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """A row that is new (`fields` is empty) or changes fields; `name` is what the owner knows it by."""

    line: int
    key: str
    name: str
    fields: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a file would change. `mark` names all of it: another one as soon as anything of it would be otherwise."""

    asked: Asked
    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    same: int = 0
    refused: tuple[BadRow, ...] = ()
    notes: tuple[str, ...] = ()
    items: tuple[ItemSet, ...] = ()
    suppliers: tuple[SupplierSet, ...] = ()
    counted: Mapping[str, int] = field(default_factory=dict)
    sales: Sequence[SaleRow] = ()

    @property
    def mark(self) -> str:
        """16 letters of what was shown. Of stock what was counted, not what was expected: a shop goes on selling."""
        said: list[object] = list[object](sorted(self.counted.items()))
        if self.asked.kind != "stock":
            rows = [[one.line, one.key, one.name, *one.fields] for one in (*self.new, *self.changed)]
            said = [self.asked.on_top, self.asked.vat, dict(self.asked.calendar), *rows]
        whole = [self.asked.kind, said, [one.line for one in self.refused]]
        return hashlib.sha256(canonical(whole)).hexdigest()[:16]

    @property
    def takes(self) -> int:
        """How many rows would change something."""
        return len(self.new) + len(self.changed)


def recognised(chosen: Chosen) -> tuple[str, tuple[Kind, ...]]:
    """Whose file it is (empty: one of ours) and what it holds; BadInput when nobody's that is known."""
    header, _ = table(chosen.name, chosen.content)
    whose, kinds = kinds_of(header)
    words = {word for word in header if word}
    ours = tuple(kind for kind, columns in OURS.items() if set(columns.required) <= words <= set(columns.known))
    if not kinds and not ours:
        raise BadInput(
            f"{chosen.name} is not known by its first line. Square's item library and item sales, Shopify's products "
            "and orders, Stocky's purchase orders, stock and stocktakes and Loyverse's items and receipts by item are "
            "taken as they are; other files need the columns that stand below."
        )
    return whose, kinds or ours


def planned(session: Session, here: Shown, chosen: Chosen, asked: Asked) -> Plan:
    """What would change. BadInput when the file as a whole can't be read."""
    whose, kinds = recognised(chosen)
    if asked.kind not in kinds:
        raise BadInput(f"{chosen.name} holds no {asked.kind}.")
    make: Callable[[Session, Shown, Chosen, Asked, str], Plan] = {
        "items": _items,
        "stock": _stock,
        "suppliers": _suppliers,
        "sales": _sales,
    }[asked.kind]
    plan = make(session, here, chosen, asked, whose)
    left = left_out(chosen, asked.kind) if whose == "stocky" else ()
    return replace(plan, notes=(*plan.notes, *left))


def _items(session: Session, here: Shown, chosen: Chosen, asked: Asked, whose: str) -> Plan:
    known = items(session, tenant=here.tenant, shop=here.shop)
    sellers = suppliers(session, tenant=here.tenant, shop=here.shop)
    refused: list[BadRow] = []
    strangers: set[str] = set()

    def over(cells: Cells) -> Cells:
        before = known.get(cells.text("sku"))
        if whose == "stocky":
            cells = of_known_item(cells, here, known=before is not None)
        said = _laid_over(cells, item_form.columns_of(before, here.decimals) if before else {}, foreign=bool(whose))
        if (seller := said.text("supplier")) and seller not in sellers:
            strangers.add(seller)
            said = replace(said, values={**said.values, "supplier": before.supplier if before else ""})
        return said

    rows = read_items(chosen.name, chosen.content, here.decimals, asked.vat, refuse=refused.append, over=over)
    rows = _codes_free(chosen.name, rows, known, refused)
    wanted = [(row, item_of(row, known.get(row.sku), here.now)) for row in rows]
    new = tuple(Change(row.line, one.sku, one.name) for row, one in wanted if one.sku not in known)
    differ = [(row, one, known[one.sku]) for row, one in wanted if one.sku in known and known[one.sku] != one]
    changed = tuple(
        Change(
            row.line,
            one.sku,
            one.name,
            _fields(item_form.columns_of(old, here.decimals), item_form.columns_of(one, here.decimals)),
        )
        for row, one, old in differ
    )
    bodies = tuple(one for _, one in wanted if known.get(one.sku) != one)
    notes = (_strangers(strangers),) if strangers else ()
    same = len(rows) - len(new) - len(changed)
    return Plan(asked, new, changed, same, _in_order(refused), notes, items=bodies)


def _laid_over(cells: Cells, before: Mapping[str, str], *, foreign: bool) -> Cells:
    """A row with what it does not speak of as it was: columns that the file has not; of another till's, empty cells
    and a cost of nothing, too."""
    kept = {
        name: value
        for name, value in before.items()
        if name not in cells.values or (foreign and cells.text(name) in ("", *(("0",) if name == "cost" else ())))
    }
    return replace(cells, values={**cells.values, **kept})


def _codes_free(
    file: str, rows: Sequence[ItemRow], known: Mapping[str, ItemSet], refused: list[BadRow]
) -> list[ItemRow]:
    """Without the rows that take a code of an item which keeps it."""
    ours = {row.sku for row in rows}
    held = {code: one for one in known.values() if one.sku not in ours for code in (*one.codes, one.sku)}
    free: list[ItemRow] = []
    for row in rows:
        taken = next((code for code in (*row.codes, row.sku) if code in held), None)
        if taken is None:
            free.append(row)
        else:
            refused.append(BadRow(file, row.line, "codes", f"{taken} belongs to {held[taken].name} already"))
    return free


def _strangers(names: Iterable[str]) -> str:
    some = sorted(names)
    listed = ", ".join(some[:5]) + (f" and {len(some) - 5} more" if some[5:] else "")
    return f"Suppliers that this shop does not know are left out: {listed}. Take suppliers first, then the items."


def _suppliers(session: Session, here: Shown, chosen: Chosen, asked: Asked, whose: str) -> Plan:
    known = suppliers(session, tenant=here.tenant, shop=here.shop)
    refused: list[BadRow] = []

    def over(cells: Cells) -> Cells:
        before = known.get(cells.text("supplier"))
        said = supplier_form.fields_of(before, here.decimals) if before else {}
        if whose == "stocky":
            return replace(cells, values=supplier_said(cells, here, said))
        # Of another till's file the name is all that there is: what is known of the supplier stays.
        return replace(cells, values={**cells.values, **said}) if whose else _laid_over(cells, said, foreign=False)

    calendar = asked.calendar if whose else None
    rows = read_suppliers(chosen.name, chosen.content, here.decimals, calendar, refuse=refused.append, over=over)
    wanted = [(row, supplier_of(row, known.get(row.supplier), here.zone, here.now)) for row in rows]
    new = tuple(Change(row.line, one.supplier, one.name) for row, one in wanted if one.supplier not in known)
    changed = tuple(
        Change(row.line, one.supplier, one.name, _fields(_terms(known[one.supplier], here), _terms(one, here)))
        for row, one in wanted
        if one.supplier in known and known[one.supplier] != one
    )
    bodies = tuple(one for _, one in wanted if known.get(one.supplier) != one)
    return Plan(asked, new, changed, len(rows) - len(bodies), _in_order(refused), suppliers=bodies)


def _terms(one: SupplierSet, here: Shown) -> dict[str, str]:
    return supplier_form.fields_of(one, here.decimals)


def _stock(session: Session, here: Shown, chosen: Chosen, asked: Asked, _whose: str) -> Plan:
    names = {one.sku: one.name for one in items(session, tenant=here.tenant, shop=here.shop).values()}
    refused: list[BadRow] = []
    new: list[Change] = []
    changed: list[Change] = []
    same, counted = 0, dict[str, int]()
    mine = select(Stock).where(Stock.tenant == here.tenant, Stock.shop == here.shop)
    stock = {row.sku: row for row in session.exec(mine)}
    for row in read_stock(chosen.name, chosen.content, refuse=refused.append):
        if row.sku not in names:
            refused.append(BadRow(chosen.name, row.line, "sku", f"{row.sku} is not in the catalogue; take items first"))
            continue
        counted[row.sku] = row.qty_milli
        held = stock.get(row.sku)
        now = quantity(held.on_hand) if held else "0"
        said = Change(row.line, row.sku, names[row.sku], (("stock", now, quantity(row.qty_milli)),))
        if held is None or not held.counts:
            new.append(said)
        elif held.on_hand != row.qty_milli:
            changed.append(said)
        else:
            same += 1
    return Plan(asked, tuple(new), tuple(changed), same, _in_order(refused), counted=counted)


def _sales(session: Session, here: Shown, chosen: Chosen, asked: Asked, _whose: str) -> Plan:
    refused: list[BadRow] = []
    rows = read_sales(chosen.name, chosen.content, here.zone, here.now, refuse=refused.append)
    where = {"tenant": here.tenant, "shop": here.shop}
    if has_imported(session, **where, source=chosen.source):
        return Plan(asked, same=len(rows), notes=("This very file was taken before: nothing is counted twice.",))
    if not asked.on_top and (both := days_known(session, **where, zone=here.zone, rows=rows)):
        first, last = (here.date(day) for day in (min(day for _, day in both), max(day for _, day in both)))
        raise BadInput(
            f"Sales between {first} and {last} are known already ({len({sku for sku, _ in both})} of its items sold on "
            "days of this file). If both are true, such as two tills' files of the same days, say so below."
        )
    known = items(session, tenant=here.tenant, shop=here.shop)
    skus = {row.sku for row in rows}
    strange = len(skus - set(known))
    notes = (f"{strange} of {len(skus)} items are not in the catalogue; their sales are kept.",) if strange else ()
    sold = dict.fromkeys(sorted(skus), 0)
    for row in rows:
        sold[row.sku] += row.qty_milli
    new = tuple(
        Change(0, sku, known[sku].name if sku in known else sku, (("sold", "", quantity(qty)),))
        for sku, qty in sold.items()
    )
    return Plan(asked, new, refused=_in_order(refused), notes=notes, sales=rows)


def _fields(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Said, ...]:
    differ = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
    return tuple((name, _short(name, before), _short(name, after)) for name in differ)


def _short(name: str, said: Mapping[str, str]) -> str:
    """As an owner would write it: a piece's cost without the noughts behind its cents."""
    value = said.get(name, "")
    return _NOUGHTS.sub(r"\1", value) if name == "cost" else value


def _in_order(refused: Iterable[BadRow]) -> tuple[BadRow, ...]:
    return tuple(sorted(refused, key=lambda bad: bad.line))
