"""What a code stands for at the counter, what of it was changed by hand, and what the code said beside."""

from dataclasses import dataclass

from edge_agent.rules.bundle import Component


@dataclass(frozen=True)
class Article:
    """What a code stands for: tax-inclusive price per piece (or `unit`) in minor units, VAT rate in basis points; of a
    `limited` one a till sells no more than its quota. `deposit` comes on top of each piece; `age` is how old a buyer
    must be; `asks` says that its price is typed at each sale (a department)."""

    sku: str
    name: str
    price: int
    rate: int
    limited: bool = False
    unit: str = ""
    deposit: int = 0
    age: int = 0
    asks: bool = False
    parts: tuple[Component, ...] = ()
    """Of a bundle: what is in one of it."""


@dataclass(frozen=True)
class Override:
    """A unit price set by hand: what the catalogue said, why, and the id of who allowed it."""

    was: int
    reason: str
    approved: str = ""


@dataclass(frozen=True)
class Read:
    """What a code said beside the article: the code itself where it must be kept, a batch, a serial number."""

    code: str = ""
    lot: str = ""
    serial: str = ""


NOTHING_READ = Read()
