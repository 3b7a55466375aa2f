"""What a sample's slip and its texts say."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from edge_agent.rules.money import percent
from edge_agent.rules.row import Row
from edge_agent.rules.tongue import say_in

FIELDS = ("shop", "item", "code", "percent", "until")
"""What stands in braces in the owner's texts."""


@dataclass(frozen=True)
class Slip:
    """All that stands on it; `number` is the code's, `qr` the same with its signature."""

    shop_lines: tuple[str, ...]
    item: str
    percent: int
    expires: int
    number: str
    qr: str
    language: str = "en"


class Terms(Protocol):
    """Until which ordinal day a code holds, and what it takes off (basis points)."""

    @property
    def expires(self) -> int: ...

    @property
    def percent(self) -> int: ...


def rows(slip: Slip) -> tuple[Row, ...]:
    """Row by row, top to bottom."""
    name, *address = slip.shop_lines or ("",)
    off = say_in(slip.language, "{percent} off one purchase", percent=percent(slip.percent))
    until = say_in(slip.language, "once, until {day}", day=f"{date.fromordinal(slip.expires):%d.%m.%Y}")
    digits = " ".join(slip.number[at : at + 4] for at in range(0, len(slip.number), 4))
    return (
        Row(name, centred=True, bold=True, big=True),
        *(Row(words, centred=True) for words in address),
        Row(),
        Row(say_in(slip.language, "A SAMPLE"), centred=True, bold=True),
        Row(slip.item, centred=True),
        Row(),
        *((Row(off, centred=True, bold=True, big=True), Row(until, centred=True), Row()) if slip.percent else ()),
        *((Row(qr=slip.qr), Row(digits, centred=True)) if slip.percent else ()),
    )


def text_of(template: str, *, shop: str, item: str, code: str, known: Terms) -> str:
    """One of the owner's texts with its fields filled in; other braces stay as they are."""
    until = f"{date.fromordinal(known.expires):%d.%m.%Y}"
    values = dict(zip(FIELDS, (shop, item, code, percent(known.percent), until), strict=True))
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template
