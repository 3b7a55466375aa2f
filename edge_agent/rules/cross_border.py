"""What must be settled before goods or samples of a drop go over a border: a checklist that blocks, in plain words.

Defaults of a checklist and no advice: the owner confirms each, or says why the drop opens all the same.
"""

from collections.abc import Collection
from dataclasses import dataclass

from edge_agent.errors import BadInput
from edge_agent.wire.events.drops import DropSet

EU = frozenset(
    (
        *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
        *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    )
)


@dataclass(frozen=True)
class Item:
    """One line of the list."""

    item: str
    words: str


ALWAYS = (
    Item("wording", "The words to which people agree to texts are those of their country and language"),
    Item("free", "A sample is handed over whether or not somebody agrees to texts"),
    Item("allergens", "Allergens and ingredients are on the goods in the country's language"),
    Item("customs", "Each item has its customs value and HS code"),
)
INTO_EU = (
    Item("duty", "Into the EU: 3.00 of duty a tariff heading for parcels below 150 is in the price (from 1 July 2026)"),
    Item("identifier", "Into the EU: each parcel's product identifiers are told to customs (from 1 November 2026)"),
)
FROM_UK = (Item("gifts", "In the UK: nobody gets gifts worth over 50 in 12 months without VAT; samples carry none"),)


def countries_of(text: str) -> tuple[str, ...]:
    """ "de, FR" as codes in order; BadInput for what is none."""
    found = sorted({word.upper() for word in text.replace(",", " ").split()})
    odd = next((word for word in found if len(word) != 2 or not word.isascii() or not word.isalpha()), None)
    if odd:
        raise BadInput(f"{odd[:20]} is no country's two letters, like DE or FR.")
    return tuple(found)


def checklist(home: str, countries: Collection[str]) -> tuple[Item, ...]:
    """What a drop from `home` into these countries must have settled; nothing where it stays at home."""
    abroad = {one for one in countries if one != home and not {one, home} <= EU}
    if not abroad:
        return ()
    into_eu = INTO_EU if home not in EU and abroad & EU else ()
    return (*ALWAYS, *into_eu, *(FROM_UK if home == "GB" else ()))


def unresolved(drop: DropSet) -> tuple[Item, ...]:
    """What of a drop's list is not confirmed, where the owner did not open it all the same."""
    if drop.override:
        return ()
    return tuple(one for one in checklist(drop.home, drop.countries) if one.item not in drop.checked)


def held_back(drop: DropSet) -> str:
    """Why nothing of the drop may be sold or given away yet; empty: it may."""
    open_ = unresolved(drop)
    return f"{len(open_)} points of its checklist for {' '.join(drop.countries)} are open" if open_ else ""


def check(drop: DropSet) -> None:
    """BadInput for countries without a home, and for points that are on no list."""
    if drop.countries and not drop.home:
        raise BadInput("say which country it is sold from: two letters, like GB")
    known = {one.item for one in checklist(drop.home, drop.countries)}
    odd = next((one for one in drop.checked if one not in known), None)
    if odd:
        raise BadInput(f"{odd} is no point of its checklist")
