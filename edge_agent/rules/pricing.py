"""What comes off a sale: each line's own discount, the promotions, then the discount on the whole; pure."""

from dataclasses import replace

from edge_agent.rules.money import divided, percent
from edge_agent.rules.offers import Done, Offers
from edge_agent.rules.sale import ALL, Line, Sale
from edge_agent.rules.tax import allocate
from edge_agent.wire.events.sales import Cut


def priced(sale: Sale, offers: Offers) -> Sale:
    """The sale with every line's cuts as they are now; a line that did not change is the same object.

    A promotion never touches a line that was discounted or priced by hand; the discount on the whole sale comes off
    what is left, split by largest remainder.
    """
    done = None if sale.percent else offers.done
    at = done.grown_at(sale) if done else None
    fresh = _priced_whole(sale, offers) if at is None else _priced_at(sale, at, offers)
    offers.done = None if sale.percent else Done(fresh.lines, fresh.cards)
    return fresh


def _priced_at(sale: Sale, at: int, offers: Offers) -> Sale:
    """The same where only the line at `at` is new or another: no other line is touched but those of its promotions."""
    line = sale.lines[at]
    found = offers.cuts_with(sale, at)
    found[at] = _own(line) if line.percent else found.get(at, ())
    changed = {place: cuts for place, cuts in found.items() if sale.lines[place].cuts != cuts}
    if not changed:
        return sale
    lines = list(sale.lines)
    for place, cuts in changed.items():
        lines[place] = replace(lines[place], cuts=cuts)
    return replace(sale, lines=tuple(lines))


def _priced_whole(sale: Sale, offers: Offers) -> Sale:
    promoted = offers.cuts(sale)
    cuts = [_own(line) if line.percent else promoted.get(place, ()) for place, line in enumerate(sale.lines)]
    if sale.percent:
        cuts = _with_whole(sale, cuts)
    if all(line.cuts is fresh or line.cuts == fresh for line, fresh in zip(sale.lines, cuts, strict=True)):
        return sale
    lines = (
        line if line.cuts is fresh or line.cuts == fresh else replace(line, cuts=fresh)
        for line, fresh in zip(sale.lines, cuts, strict=True)
    )
    return replace(sale, lines=tuple(lines))


def _own(line: Line) -> tuple[Cut, ...]:
    amount = divided(line.goods * line.percent, ALL)
    return (Cut(kind="line", of="", name=f"{percent(line.percent)} off", amount=amount),) if amount else ()


def _with_whole(sale: Sale, cuts: list[tuple[Cut, ...]]) -> list[tuple[Cut, ...]]:
    left = [line.goods - sum(cut.amount for cut in taken) for line, taken in zip(sale.lines, cuts, strict=True)]
    shares = allocate(divided(sum(left) * sale.percent, ALL), left)
    name = f"{percent(sale.percent)} off all"
    return [
        (*taken, Cut(kind="sale", of="", name=name, amount=share)) if share else taken
        for taken, share in zip(cuts, shares, strict=True)
    ]
