"""Who made a drop and gets a share of it: read, checked, and split to the last minor unit.

of each part: (sales - what came back, both as customers paid them) is split by largest remainder between the shop
and its creators: 19.99 by 85, 10 and 5 % is 16.99, 2.00 and 1.00
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_agent.errors import BadInput
from edge_agent.rules.drop import split as pieces_of
from edge_agent.rules.money import divided, percent, read
from edge_agent.rules.tax import allocate
from edge_agent.rules.text import clean_name, from_csv_cell
from edge_agent.wire.events.drops import Creator, DropSet

ALL = 10_000
MOST = 8
DUE_DAYS = 14
"""So long after the window what a creator gets is paid: by then most of what comes back has come."""
ONE = re.compile(r"(?P<name>.+?)\s+(?P<share>[0-9]{1,3}(?:[.,][0-9]{1,2})?)\s*%?(?:\s+of\s+(?P<sku>\S+))?")


@dataclass(frozen=True)
class Owed:
    """What a creator is owed: of `sold` less `back` (minor units, as customers paid them) `amount`."""

    creator: Creator
    sold: int
    back: int
    amount: int


def creators_of(text: str) -> tuple[Creator, ...]:
    """`Ana Lund 10 %; Ben 5 % of mug-l`; BadInput names what cannot be read."""
    found = []
    for one in filter(None, (part.strip() for part in from_csv_cell(text).split(";"))):
        fits = ONE.fullmatch(one)
        name = clean_name(fits["name"]) if fits else ""
        if fits is None or not name:
            raise BadInput(f"{one[:40]!r} is no creator: write it like Ana Lund 10 %, or Ana Lund 10 % of mug-l")
        found.append(Creator(name=name, share=read(fits["share"].replace(",", ".")), sku=fits["sku"] or ""))
    if len(found) > MOST:
        raise BadInput(f"a drop has {MOST} creators at most")
    return tuple(found)


def words_of(creators: Sequence[Creator]) -> str:
    """The same as text."""
    return "; ".join(f"{one.name} {percent(one.share)}" + (f" of {one.sku}" if one.sku else "") for one in creators)


def check(drop: DropSet) -> None:
    """BadInput when a share is of no part, is given twice, or the shares of a part are more than there is."""
    skus = {part.sku for part in drop.parts}
    for one in drop.creators:
        if one.sku and one.sku not in skus:
            raise BadInput(f"{one.sku} is no variant of this drop: {one.name} has no share of it")
        if not 0 < one.share <= ALL:
            raise BadInput(f"{one.name} has {percent(one.share)}: a share is more than nothing and at most all of it")
    if len({(one.name, one.sku) for one in drop.creators}) < len(drop.creators):
        raise BadInput("a creator stands there twice for the same variant")
    for sku in skus:
        if share_on(drop, sku) > ALL:
            raise BadInput(f"the shares of {sku} are {percent(share_on(drop, sku))} together: that is more than all")


def share_on(drop: DropSet, sku: str) -> int:
    """Basis points of a part that all creators have together."""
    return sum(one.share for one in _on(drop, sku))


def each_of(amount: int, shares: Sequence[int]) -> list[int]:
    """The shop's part of an amount, then each creator's."""
    return allocate(amount, [ALL - sum(shares), *shares])


def owed(drop: DropSet, sold: Mapping[str, int], back: Mapping[str, int]) -> list[Owed]:
    """What each is owed, by what was sold of each SKU and what was given back for it (both 0 or more)."""
    sums = {(one.name, one.sku): [0, 0, 0] for one in drop.creators}
    for part in drop.parts:
        mine, took, gave = _on(drop, part.sku), sold.get(part.sku, 0), back.get(part.sku, 0)
        parts = each_of(took - gave, [one.share for one in mine])[1:]
        for one, amount in zip(mine, parts, strict=True):
            for place, each in enumerate((took, gave, amount)):
                sums[one.name, one.sku][place] += each
    return [Owed(one, *sums[one.name, one.sku]) for one in drop.creators]


def a_piece(drop: DropSet, prices: Mapping[str, int], mix: Sequence[float]) -> int:
    """Minor units that all creators get of a piece that stays sold, as the variants mix."""
    many = pieces_of(ALL, mix)
    shares = zip(drop.parts, many, strict=True)
    return divided(sum(prices[part.sku] * share_on(drop, part.sku) * each for part, each in shares), ALL * ALL)


def _on(drop: DropSet, sku: str) -> list[Creator]:
    return [one for one in drop.creators if one.sku in ("", sku)]
