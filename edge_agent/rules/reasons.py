"""The reasons of an order in plain English, every number taken from what was recorded and from nowhere else."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from edge_agent.rules.day import local
from edge_agent.rules.factor_words import moved
from edge_agent.rules.money import quantity, written
from edge_agent.rules.record import decision_of
from edge_agent.rules.reorder import Decision, Incoming, Note
from edge_agent.wire.events.reorder import OrderLine, ReorderDecided

SHORT_COLUMNS = 78
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ODDS = {4: "four", 5: "five", 10: "ten", 20: "twenty", 40: "forty", 50: "fifty", 100: "a hundred"}

ANOTHER_TILL = "Decided at another till of this shop, which has the reasons."

HOLDS = {
    "clock": "Held: this till's clock can't be trusted, so the cut-off may be another one. Set the clock.",
    "minimum": "Held: below the supplier's minimum order. It is decided again whenever more is needed.",
    "length": "Held: more lines than one order carries. The rest is decided again in the next cycle.",
}
"""The words of an order's holds as sentences."""


@dataclass(frozen=True)
class Names:
    """What the numbers are about: the supplier's and the item's names, and the currency's decimals."""

    supplier: str
    item: str
    decimals: int = 2


def sentences(order: ReorderDecided, line: OrderLine, names: Names) -> tuple[str, ...]:
    """Why so many: what to order, what will sell, what is there, how it was rounded, what if not."""
    found, zone = decision_of(order, line), _zone(order)
    said = [_what(found, zone, names), _sells(found, zone), _have(found, zone), _rounded(found)]
    said += moved(found, zone)
    said += [text for note in found.notes if (text := _note(note, zone, found))]
    said.append(_skipped(found, zone))
    return tuple(said)


def short(order: ReorderDecided, line: OrderLine, names: Names) -> str:
    """One line for the till, at most 78 columns; a long name is cut."""
    found, zone = decision_of(order, line), _zone(order)
    need, left = found.need, quantity(found.snapshot.on_hand)
    begin = f"reorder: {quantity(found.qty)} "
    by = clock(found.moment.cutoff_at, found.moment.now, zone, month=False)
    until = near(need.until, found.moment.now, zone, month=False)
    end = f" before {by} ({left} left, about {about(need.mean)} sell by {until})"
    return begin + _fitted(names.item, SHORT_COLUMNS - len(begin) - len(end)) + end


def near(at: int, now: int, zone: str, *, month: bool = True) -> str:
    """A day as people say it: `Tue` within the next six days, else `Tue 10 Mar`, or `Tue 10` without the month."""
    when, today = local(at, zone), local(now, zone).date()
    if today <= when.date() <= today + timedelta(days=6):
        return _DAYS[when.weekday()]
    return dated(at, zone) if month else f"{_DAYS[when.weekday()]} {when.day}"


def dated(at: int, zone: str) -> str:
    """`Tue 10 Mar`."""
    when = local(at, zone)
    return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month]}"


def clock(at: int, now: int, zone: str, *, month: bool = True) -> str:
    """`Tue 15:00` within the next six days, else `Tue 10 Mar 15:00`."""
    return f"{near(at, now, zone, month=month)} {local(at, zone):%H:%M}"


def about(milli: int) -> str:
    """A mean as people say it: whole pieces, below ten with one decimal."""
    if milli >= 9_950:
        return str((milli + 500) // 1_000)
    tenths = (milli + 50) // 100
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def percent(basis_points: int) -> str:
    """`85 %`, rounded down; what is above nothing is never said to be 0."""
    return f"{basis_points // 100} %" if basis_points >= 100 or basis_points == 0 else "less than 1 %"


def _zone(order: ReorderDecided) -> str:
    return order.basis.zone if order.basis else "UTC"


def _what(found: Decision, zone: str, names: Names) -> str:
    pack, packs = found.snapshot.terms.pack, found.packs
    sized = "" if pack == 1_000 else f" ({packs} {'pack' if packs == 1 else 'packs'} of {quantity(pack)})"
    by = clock(found.moment.cutoff_at, found.moment.now, zone)
    return (
        f"Order {quantity(found.qty)}{sized} from {names.supplier} before {by}, {written(found.cost, names.decimals)}."
    )


def _sells(found: Decision, zone: str) -> str:
    need = found.need
    rare = 10_000 - need.alpha
    once = round(10_000 / rare)
    until = f"{dated(need.until, zone)} {local(need.until, zone):%H:%M}"
    odds = f"one time in {_ODDS.get(once, str(once))} more than {quantity(need.level)}"
    return f"By {until} you'll sell about {about(need.mean)}; {odds}."


def _have(found: Decision, zone: str) -> str:
    snapshot, need = found.snapshot, found.need
    parts = [f"You have {quantity(snapshot.on_hand)}"]
    parts += [_comes(one, found, zone) for one in snapshot.incoming if _is_counted(one, found)]
    if snapshot.reserved:
        parts.append(f"{quantity(snapshot.reserved)} are kept")
    if need.expiring:
        parts.append(f"{quantity(need.expiring)} will expire unsold")
    total = f": {quantity(need.position)}" if len(parts) > 1 else ""
    return ", ".join(parts) + total + "."


def _is_counted(one: Incoming, found: Decision) -> bool:
    kinds = {note[0] for note in found.notes if note[1:] == (one.order, one.eta_at, one.qty)}
    return not kinds & {"lost", "after"}


def _comes(one: Incoming, found: Decision, zone: str) -> str:
    if one.eta_at <= found.moment.now:
        return f"{quantity(one.qty)} are late (due {dated(one.eta_at, zone)})"
    return f"{quantity(one.qty)} come {near(one.eta_at, found.moment.now, zone)}"


def _rounded(found: Decision) -> str:
    need = found.need
    sum_ = f"{quantity(need.level)} - {_bracketed(need.position)} = {quantity(need.raw)}"
    return f"{sum_}." if found.qty == need.raw else f"{sum_}, rounded to {quantity(found.qty)}."


def _bracketed(milli: int) -> str:
    return f"({quantity(milli)})" if milli < 0 else quantity(milli)


def _skipped(found: Decision, zone: str) -> str:
    day = _DAYS[local(found.need.until, zone).weekday()]
    return f"If you skip this delivery: {percent(found.what_if[0].out)} chance to run out before {day}."


def _note(note: Note, zone: str, found: Decision) -> str:
    """What was out of the ordinary as a sentence; empty for a kind that another sentence tells."""
    kind, *numbers = note
    if kind in _ON_ITS_WAY:
        order, eta, qty = numbers
        return _ON_ITS_WAY[kind].format(order=order, qty=quantity(int(qty)), day=dated(int(eta), zone))
    packs = int(numbers[0]) if numbers else 0
    cap = percent(int(numbers[1])) if len(numbers) > 1 else ""
    text = _NOTES.get(str(kind), "")
    return text.format(packs=packs, qty=quantity(packs * found.snapshot.terms.pack), cap=cap)


_ON_ITS_WAY: dict[str | int, str] = {
    "late": "",
    "lost": "{qty} of order {order} were due {day} and are no longer counted on.",
    "after": "{qty} of order {order} come only {day}, too late to count.",
}
_NOTES = {
    "negative": "The stock is below zero: count it.",
    "uncounted": "It was never counted.",
    "no_margin": "It sells below its cost.",
    "least": "The supplier takes no less than {packs} packs.",
    "most": "The most that may be ordered; {qty} would have been right.",
    "waste": "Of {qty} more than {cap} would spoil.",
}


def _fitted(name: str, columns: int) -> str:
    if _width(name) <= columns:
        return name
    kept = ""
    for letter in name:
        if _width(kept + letter) > columns - 2:
            break
        kept += letter
    return kept.rstrip() + ".."


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
