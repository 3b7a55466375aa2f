"""Signals and events of a decision as sentences: each its own, with its factor, its source and its age."""

from datetime import date

from edge_agent.rules.day import local
from edge_agent.rules.factor import CLOSED, part_on
from edge_agent.rules.forecast import Factor, Forecast
from edge_agent.rules.money import divided, quantity
from edge_agent.rules.phrases import say, words
from edge_agent.rules.reorder import Decision, Note
from edge_agent.rules.signal import WHOLE

SIGNALS = ("trend", "count")


def moved(found: Decision, zone: str, language: str = "en") -> list[str]:
    """A sentence for each factor in the demand that was decided on, and one where they went too far together."""
    said = at_work(found.forecast, zone, found.moment.now, found.need.until, language)
    return said + [_clipped(note, language) for note in found.notes if note[0] == "signal_clip"]


def at_work(forecast: Forecast, zone: str, begin: int, end: int, language: str = "en") -> list[str]:
    """A sentence for each factor of a forecast between two moments (UTC ms)."""
    first, last = (local(at, zone).toordinal() for at in (begin, end - 1))
    return [text for one in forecast.factors if (text := sentence(one, first, last, language))]


def sentence(factor: Factor, today: int, last: int, language: str = "en") -> str:
    """What one factor does to the days from `today` to `last`; empty when it moves none of them."""
    days = [day for day in range(today, last + 1) if part_on(factor, day) != WHOLE]
    if not days:
        return ""
    source = say(language, "moved_source", source=factor.source) if factor.source else ""
    told = {"name": factor.name, "source": source, "when": _when(days[0], days[-1], language)}
    if factor.kind == CLOSED:
        return say(language, "moved_closed", **told)
    told["factor"] = _parts(factor, days, language)
    if factor.kind in SIGNALS:
        value, usual = quantity(factor.value), quantity(factor.usual)
        since = age(today - factor.day, language)
        return say(language, "moved_signal", **told, value=value, usual=usual, age=since)
    key = "moved_once" if factor.seen == 1 else "moved_often"
    return say(language, "moved_event", **told, learnt=say(language, key, kind=factor.kind, seen=factor.seen))


def age(days: int, language: str = "en") -> str:
    """`today`, `yesterday`, `3 days ago`."""
    key = "moved_today" if days <= 0 else "moved_yesterday" if days == 1 else "moved_days"
    return say(language, key, days=days)


def times(parts: int) -> str:
    """`x 1.26` of a factor in millionths."""
    hundredths = divided(100 * parts, WHOLE)
    return f"x {hundredths // 100}.{hundredths % 100:02d}"


def named(day: int, language: str = "en") -> str:
    """`Fri 6 Mar` of an ordinal day."""
    when = date.fromordinal(day)
    word, month = words(language, "days")[when.weekday()], words(language, "months")[when.month - 1]
    return say(language, "date", day=word, number=when.day, month=month)


def _parts(factor: Factor, days: list[int], language: str) -> str:
    first, last = part_on(factor, days[0]), part_on(factor, days[-1])
    if first == last:
        return times(first)
    return say(language, "moved_fading", factor=times(first), less=times(last), day=named(days[-1], language))


def _when(first: int, last: int, language: str) -> str:
    if first == last:
        return say(language, "moved_on", day=named(first, language))
    return say(language, "moved_from", day=named(first, language), last=named(last, language))


def _clipped(note: Note, language: str) -> str:
    _, day, whole = note
    return say(language, "moved_clip", day=named(int(day), language), factor=times(int(whole)))
