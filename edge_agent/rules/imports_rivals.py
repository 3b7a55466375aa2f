"""Exports of Square, Shopify, Stocky and Loyverse as rows of our own files; their columns stay named in errors.

Column names as their exports write them in 2026. What we have no place for is left; what would be guessed is asked for.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

from edge_agent.errors import BadInput
from edge_agent.rules import imports_stocky as stocky
from edge_agent.rules.imports_table import Cells, Foreign, made, table

Kind = Literal["items", "stock", "suppliers", "sales"]
Row = Mapping[str, str]
YES = ("y", "yes", "true", "1")
_TAX = re.compile(r'^tax - "?(.+?)"? \((\d+(?:\.\d+)?) ?%\)$')
_PLAIN = ("regular", "default title", "default")
"""What an item's only variant is called: no part of its name."""


def foreign(
    file: str,
    content: bytes,
    kind: Kind,
    vat: str = "",
    *,
    sellers: bool = False,
    calendar: Mapping[str, str] | None = None,
) -> Iterator[Cells] | None:
    """The rows of another till's export by our columns; None for a file of our own. `vat` is the percentage of what the
    file calls taxed without saying how much, `calendar` what it does not say of its suppliers; items keep their
    supplier's name where `sellers` are asked for. BadInput when it does not hold this kind."""
    header, lines = table(file, content)
    whose = _whose(header)
    if whose is None:
        return None
    missing = _missing(header, whose, kind)
    if missing:
        raise BadInput(f"{file} is {whose.capitalize()}'s, but no export of {kind}: it has no column {missing!r}")
    if whose == "stocky" and kind == "items" and not sellers:
        raise BadInput(f"{file} is Stocky's: it has costs of items, but no prices; take it on the owner's page")
    read = READ[whose, kind == "sales"]
    named: Iterator[Foreign] = (_row(file, line, header, cells) for line, cells in lines)
    if whose == "stocky" and kind == "items":
        named = stocky.newest(named)
    return _only(kind, read(named, vat), sellers=sellers, calendar=calendar or {})


def as_it_came(file: str, content: bytes) -> Iterator[Foreign]:
    """The rows of another program's file by its own columns."""
    header, lines = table(file, content)
    return (_row(file, line, header, cells) for line, cells in lines)


def kinds_of(header: Sequence[str]) -> tuple[str, tuple[Kind, ...]]:
    """Whose export has this header (in small letters), and what it holds; ("", ()) for nobody's that is known."""
    whose = _whose(header)
    if whose is None:
        return "", ()
    return whose, tuple(kind for kind in get_args(Kind) if not _missing(header, whose, kind))


def _missing(header: Sequence[str], whose: str, kind: Kind) -> str:
    """The first column that an export of this kind has and this one has not."""
    if whose == "stocky":
        return stocky.missing(header, kind)
    return next((word for word in NEEDED[whose, kind] if not any(_is(one, word) for one in header)), "")


def _is(word: str, wanted: str) -> bool:
    """True for a column of this name; `current quantity ...` is one for each place."""
    return word.startswith(wanted[:-3].rstrip()) if wanted.endswith("...") else word == wanted


NEEDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("square", "items"): ("item name", "price"),
    ("square", "stock"): ("item name", "current quantity ..."),
    ("square", "suppliers"): ("item name", "default vendor name"),
    ("square", "sales"): ("date", "time", "qty"),
    ("shopify", "items"): ("handle", "variant price"),
    ("shopify", "stock"): ("handle", "variant inventory qty"),
    ("shopify", "suppliers"): ("handle", "vendor"),
    ("shopify", "sales"): ("created at", "lineitem quantity"),
    ("loyverse", "items"): ("handle", "sku", "name"),
    ("loyverse", "stock"): ("handle", "sku", "name", "in stock ..."),
    ("loyverse", "suppliers"): ("handle", "sku", "name", "supplier"),
    ("loyverse", "sales"): ("date", "receipt number", "quantity"),
}


def _whose(header: Sequence[str]) -> str | None:
    known = set(header)
    if {"token", "item name"} <= known or {"gross sales", "price point name", "qty"} <= known:
        return "square"
    if {"handle", "variant price"} <= known or {"handle", "variant inventory qty"} <= known:
        return "shopify"
    if {"lineitem quantity", "lineitem name"} <= known:
        return "shopify"
    if {"handle", "sku", "name", "sold by weight"} <= known or {"receipt number", "receipt type", "quantity"} <= known:
        return "loyverse"
    return "stocky" if stocky.recognises(header) else None


def _row(file: str, line: int, header: Sequence[str], cells: Sequence[str]) -> Foreign:
    """A line as named cells; a short one ends in empty cells, as these exports write them."""
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return Foreign(file, line, {word: cell.strip() for word, cell in zip(header, padded, strict=False) if word})


def _only(kind: Kind, found: Iterator[Cells], *, sellers: bool, calendar: Mapping[str, str]) -> Iterator[Cells]:
    """Of a stock file the counted rows alone, one a SKU; of suppliers each name once."""
    names: set[str] = set()
    for cells in found:
        name = cells.text("supplier")
        if kind == "suppliers":
            if name and name not in names:
                terms = {word: said for word in stocky.TERMS if (said := cells.text(word))}
                yield replace(
                    cells, values={**calendar, **terms, "supplier": name, "name": name, "said": " ".join(terms)}
                )
            names.add(name)
        elif kind != "stock":
            yield cells if sellers else replace(cells, values={**cells.values, "supplier": ""})
        elif cells.text("qty"):
            yield replace(cells, values={"sku": cells.text("sku"), "qty": cells.text("qty")})


def _first(row: Foreign, start: str) -> str:
    """The first column whose name begins so, such as the stock of the one shop; its name, empty when there is none."""
    return next((word for word in row.values if word.startswith(start)), "")


def _named(*words: str) -> str:
    """An item's name with its variant's, each said once."""
    return " ".join(word for word in dict.fromkeys(words) if word and word.lower() not in _PLAIN)


def _tax(row: Foreign, vat: str) -> str:
    """Per cent by the columns `Tax - name (n%)` that say yes; `vat` where the file has none."""
    rates = [(match[2], value) for word, value in row.values.items() if (match := _TAX.match(word))]
    if not rates:
        return _given(row, vat)
    return next((rate for rate, value in rates if value.lower() in YES), "0")


def _given(row: Foreign, vat: str) -> str:
    if not vat:
        raise BadInput(f"{row.file} does not say how much VAT is in its prices: say it, such as 20 (command: --vat 20)")
    return vat


def _square(rows: Iterator[Foreign], vat: str) -> Iterator[Foreign]:
    for row in rows:
        if row.text("archived").lower() in YES or not row.text("item name"):
            continue
        stock = _first(row, "current quantity")
        theirs = {"price": "price", "codes": "gtin", "cost": "default unit cost", "qty": stock or "current quantity"}
        asks = row.text("price").lower() == "variable"
        category = row.text("categories") or row.text("category")
        yield made(
            row,
            {**theirs, "sku": "sku", "name": "item name", "vat": "tax"},
            sku=row.text("sku") or row.text("token"),
            name=_named(row.text("item name"), row.text("variation name")),
            category=category.split(",")[0].split("(")[0].strip(),
            supplier=row.text("default vendor name"),
            price="0" if asks else row.text("price"),
            cost=row.text("default unit cost") or "0",
            vat=_tax(row, vat),
            asks="yes" if asks else "",
            unit="kg" if "(kg)" in row.text("unit and precision").lower() else "",
        )


def _shopify(rows: Iterator[Foreign], vat: str) -> Iterator[Foreign]:
    titles: dict[str, tuple[str, str, str, str]] = {}
    for row in rows:
        handle = row.text("handle")
        said = row.text("title"), row.text("type"), row.text("status"), row.text("vendor")
        title, kind, status, vendor = titles.setdefault(handle, said)
        counted = row.text("variant inventory qty")
        if not (row.text("variant price") or counted) or status.lower() == "archived":
            continue
        options = [row.text(f"option{place} value") for place in (1, 2, 3)]
        options = [one for one in options if one and one.lower() not in _PLAIN]
        taxed = row.text("variant taxable").lower() not in ("false", "no")
        yield made(
            row,
            {"sku": "variant sku", "price": "variant price", "qty": "variant inventory qty", "cost": "cost per item"},
            sku=row.text("variant sku").lstrip("'") or "-".join([handle, *options]),
            item=handle if options else "",
            name=_named(title or handle, *options),
            category=kind,
            supplier=vendor,
            codes=row.text("variant barcode").lstrip("'"),
            cost=row.text("cost per item") or "0",
            vat=_given(row, vat) if taxed else "0",
        )


def _loyverse(rows: Iterator[Foreign], vat: str) -> Iterator[Foreign]:
    names: dict[str, tuple[str, str, str]] = {}
    for row in rows:
        handle = row.text("handle")
        said = row.text("name"), row.text("category"), row.text("supplier")
        name, category, supplier = names.setdefault(handle, said)
        if not row.text("sku"):
            continue
        options = [row.text(f"option {place} value") for place in (1, 2, 3)]
        price, stock = _first(row, "default price") or _first(row, "price"), _first(row, "in stock")
        asks = row.text(price).lower() in ("", "variable")
        yield made(
            row,
            {"sku": "sku", "price": price, "codes": "barcode", "cost": "cost", "qty": stock, "name": "name"},
            item=handle if any(options) else "",
            name=_named(name, *options),
            category=category,
            supplier=row.text("supplier") or supplier,
            price="0" if asks else row.text(price),
            cost=row.text("cost") or "0",
            vat=_tax(row, vat),
            asks="yes" if asks else "",
            unit="kg" if row.text("sold by weight").lower() in YES else "",
        )


def _square_sales(rows: Iterator[Foreign], _vat: str) -> Iterator[Foreign]:
    for row in rows:
        if row.text("qty").startswith("-") or row.text("event type").lower() == "refund":
            continue
        yield made(row, {"qty": "qty", "sku": "sku", "ts": "date"}, ts=f"{row.text('date')}T{row.text('time')}")


def _shopify_sales(rows: Iterator[Foreign], _vat: str) -> Iterator[Foreign]:
    when = ""
    for row in rows:
        when = row.text("created at") or when
        at = re.sub(r" ([+-]\d\d)(\d\d)$", r"\1:\2", when)
        yield made(row, {"qty": "lineitem quantity", "sku": "lineitem sku", "ts": "created at"}, ts=at)


def _loyverse_sales(rows: Iterator[Foreign], _vat: str) -> Iterator[Foreign]:
    for row in rows:
        if row.text("receipt type").lower() == "refund":
            continue
        yield made(row, {"qty": "quantity", "sku": "sku", "ts": "date"})


READ: Mapping[tuple[str, bool], Callable[[Iterator[Foreign], str], Iterator[Foreign]]] = {
    ("square", False): _square,
    ("square", True): _square_sales,
    ("shopify", False): _shopify,
    ("shopify", True): _shopify_sales,
    ("stocky", False): stocky.read,
    ("loyverse", False): _loyverse,
    ("loyverse", True): _loyverse_sales,
}
"""What reads whose export: of sales, or of everything else."""
