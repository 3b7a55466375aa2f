"""Signals and events of a decision as sentences: each its own, with its factor, its source and its age."""

from datetime import date

from edge_agent.rules.day import local
from edge_agent.rules.factor import CLOSED, part_on
from edge_agent.rules.forecast import Factor
from edge_agent.rules.money import divided, quantity
from edge_agent.rules.reorder import Decision, Note
from edge_agent.rules.signal import WHOLE

SIGNALS = ("trend", "count")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moved(found: Decision, zone: str) -> list[str]:
    """A sentence for each factor in the demand that was decided on, and one where they went too far together."""
    today, last = (local(at, zone).toordinal() for at in (found.moment.now, found.need.until - 1))
    said = [text for one in found.forecast.factors if (text := sentence(one, today, last))]
    return said + [_clipped(note) for note in found.notes if note[0] == "signal_clip"]


def sentence(factor: Factor, today: int, last: int) -> str:
    """What one factor does to the days from `today` to `last`; empty when it moves none of them."""
    days = [day for day in range(today, last + 1) if part_on(factor, day) != WHOLE]
    if not days:
        return ""
    when = _when(days[0], days[-1])
    source = f", says {factor.source}" if factor.source else ""
    if factor.kind == CLOSED:
        return f"Closed {when}: {factor.name}{source}."
    if factor.kind in SIGNALS:
        stands = f"{factor.name} stands at {quantity(factor.value)}, usually {quantity(factor.usual)}"
        return f"{stands} ({age(today - factor.day)}{source}): {_parts(factor, days)}."
    return f"{factor.name} {when} ({learnt(factor)}{source}): {_parts(factor, days)}."


def age(days: int) -> str:
    """`today`, `yesterday`, `3 days ago`."""
    return "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"


def learnt(factor: Factor) -> str:
    """What an event's factor rests on."""
    times = "once" if factor.seen == 1 else f"{factor.seen} times"
    return f"a {factor.kind} was seen {times} before"


def times(parts: int) -> str:
    """`x 1.26` of a factor in millionths."""
    hundredths = divided(100 * parts, WHOLE)
    return f"x {hundredths // 100}.{hundredths % 100:02d}"


def _parts(factor: Factor, days: list[int]) -> str:
    first, last = part_on(factor, days[0]), part_on(factor, days[-1])
    return times(first) if first == last else f"{times(first)}, fading to {times(last)} on {named(days[-1])}"


def _when(first: int, last: int) -> str:
    return f"on {named(first)}" if first == last else f"from {named(first)} to {named(last)}"


def named(day: int) -> str:
    """`Fri 6 Mar` of an ordinal day."""
    when = date.fromordinal(day)
    return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month]}"


def _clipped(note: Note) -> str:
    _, day, whole = note
    return f"On {named(int(day))} all of this together would be {times(int(whole))}, more than is believed: look at it."
