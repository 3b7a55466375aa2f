"""An order's slip: what a shop that orders by hand reads out or hands over, with the number that the order goes by."""

from dataclasses import dataclass

from edge_agent.rules import escpos
from edge_agent.rules.money import quantity
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.row import Row, as_bytes, as_lines, wrapped

COUNT_CELLS = 7


@dataclass(frozen=True)
class SlipLine:
    """Packs of a good; `pack` in milli-units."""

    packs: int
    pack: int
    name: str


@dataclass(frozen=True)
class Slip:
    """All that stands on it; times are written out in the shop's zone, `value` with its currency."""

    shop_lines: tuple[str, ...]
    number: str
    supplier: str
    before: str
    arrives: str
    lines: tuple[SlipLine, ...]
    value: str


def render(slip: Slip, profile: PrinterProfile) -> bytes:
    """The slip as bytes for one printer, cut at the end."""
    paper = as_bytes(rows(slip, profile.columns), profile)
    return paper + escpos.feed(profile.feed) + (escpos.cut() if profile.cutter else b"")


def as_text(slip: Slip, columns: int) -> str:
    """The slip as plain text."""
    return "\n".join(as_lines(rows(slip, columns), columns)) + "\n"


def rows(slip: Slip, columns: int) -> tuple[Row, ...]:
    """Row by row, top to bottom."""
    name, *address = slip.shop_lines or ("",)
    return (
        Row(name, centred=True, bold=True),
        *(Row(words, centred=True) for words in address),
        Row(),
        Row("ORDER", slip.number, bold=True, big=True),
        Row(f"to {slip.supplier}"),
        Row("to be in before", slip.before),
        Row("arrives", slip.arrives),
        Row(rule=True),
        *(_line(line, columns) for line in slip.lines),
        Row(rule=True),
        Row("Value at cost", slip.value, bold=True),
    )


def _line(line: SlipLine, columns: int) -> Row:
    sized = "" if line.pack == 1_000 else f" ({quantity(line.pack)} each)"
    name, *more = wrapped(f"{line.name}{sized}", columns - COUNT_CELLS) or ("",)
    indent = " " * COUNT_CELLS
    return Row(f"{line.packs:4} x".ljust(COUNT_CELLS) + name, below=tuple(indent + part for part in more))
