"""Promotions from a shop's own file: each row is one, whole; all of a file is right, or none is taken."""

from datetime import date

from pydantic import ValidationError

from edge_agent.rules import imports_cells as cell
from edge_agent.rules.day import moment
from edge_agent.rules.imports_table import Cells, Columns, rows
from edge_agent.rules.text import clean_name, from_csv_cell
from edge_agent.wire.events.promotion import PromotionSet

PROMOTIONS = Columns(
    ("promotion", "name", "method", "skus", "value"),
    ("others", "need", "get", "from", "until", "limit", "card", "active"),
)
OF_MONEY = ("n_for", "pair_for", "from_n")
OF_PERCENT = ("percent", "buy_get", "pair_percent")
OF_PAIRS = ("buy_get", "pair_for", "pair_percent")
MOST = 1_000


def read_promotions(file: str, content: bytes, decimals: int, zone: str) -> list[tuple[int, PromotionSet]]:
    """(line, promotion) of each row; days are the shop's, `until` is the last one. BadRow names line and column."""
    found: dict[str, tuple[int, PromotionSet]] = {}
    for cells in rows(file, content, PROMOTIONS):
        one = promotion_row(cells, decimals, zone)
        if one.promotion in found:
            raise cells.bad("promotion", f"{one.promotion} stands there twice")
        found[one.promotion] = cells.line, one
    return list(found.values())


def promotion_row(cells: Cells, decimals: int, zone: str) -> PromotionSet:
    """A row of PROMOTIONS, or the fields of a form by the same names."""
    method = cells.text("method")
    if method not in (*OF_MONEY, *OF_PERCENT):
        raise cells.bad("method", f"{method!r} is none of {', '.join((*OF_MONEY, *OF_PERCENT))}")
    value = cell.amount(cells, "value", decimals) if method in OF_MONEY else cell.basis_points(cells, "value")
    members, others = _skus(cells, "skus"), _skus(cells, "others")
    if set(members) & set(others):
        raise cells.bad("others", "names an item that stands in skus too")
    if method.startswith("pair") != bool(others):
        raise cells.bad("others", "belongs to pair_for and pair_percent, and only to them")
    try:
        return PromotionSet.model_validate(
            {
                "promotion": cell.identifier(cells, "promotion", needed=True),
                "name": clean_name(from_csv_cell(cells.text("name"))),
                "method": method,
                "members": members,
                "others": others,
                "need": _number(cells, "need", 1),
                "get": _number(cells, "get", 1 if method in OF_PAIRS else 0),
                "value": value,
                "from_at": _day(cells, "from", zone, 0),
                "until_at": _day(cells, "until", zone, 1),
                "limit": _number(cells, "limit", 0),
                "card": cells.text("card"),
                "active": cells.text("active").lower() not in ("no", "0", "false"),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise cells.bad(str(first["loc"][0]), str(first["msg"])) from None


def _skus(cells: Cells, column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cells.text(column).split()))


def _number(cells: Cells, column: str, usual: int) -> int:
    return cell.whole(cells, column, MOST) if cells.text(column) else usual


def _day(cells: Cells, column: str, zone: str, later: int) -> int:
    """The beginning of a day (or of the one after it) in UTC ms; 0 for none."""
    text = cells.text(column)
    if not text:
        return 0
    try:
        return moment(date.fromisoformat(text).toordinal() + later, 0, zone)
    except ValueError:
        raise cells.bad(column, f"{text[:40]!r} is not a day like 2026-03-01") from None
