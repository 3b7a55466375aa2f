"""The reasons of an order in plain words, every number taken from what was recorded and from nowhere else."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from edge_agent.rules.day import local
from edge_agent.rules.factor_words import moved
from edge_agent.rules.money import quantity, written
from edge_agent.rules.phrases import named, odds, phrase, say, words
from edge_agent.rules.record import decision_of
from edge_agent.rules.reorder import Decision, Incoming, Note
from edge_agent.rules.tongue import pointed_in
from edge_agent.wire.events.reorder import Guard, OrderLine, ReorderDecided, Settlement

SHORT_COLUMNS = 78
MONEY_GUARDS = ("most_order", "most_day", "most_week", "float")
QUANTITY_GUARDS = ("unusual",)


@dataclass(frozen=True)
class Names:
    """What the numbers are about: the supplier's and the item's names, the currency's decimals, and the language."""

    supplier: str
    item: str
    decimals: int = 2
    language: str = "en"


def whole(order: ReorderDecided, items: Mapping[str, str], decimals: int = 2, language: str = "en") -> tuple[str, ...]:
    """What holds the whole order, or that it goes by itself, and what it decided over its lines; `items` by SKU."""
    guarded = {guard.word for guard in order.guards}
    said = [hold_words(word, language) for word in order.holds if word not in guarded]
    for word, same in groupby(sorted(order.guards, key=lambda one: one.word), key=lambda one: one.word):
        said.append(_guard(word, list(same), items, decimals, language))
    if order.settled:
        said += _settled(order, order.settled, items, decimals, language)
    if order.auto:
        said.append(say(language, "auto", by=_in_its_zone(order, language)))
    return tuple(said)


def hold_words(word: str, language: str = "en") -> str:
    """The word of a hold as a sentence."""
    return phrase(language, f"hold_{word}") or word


def _in_its_zone(order: ReorderDecided, language: str) -> str:
    zone = _zone(order)
    return f"{dated(order.cutoff_at, zone, language)} {local(order.cutoff_at, zone):%H:%M}"


def _guard(word: str, same: list[Guard], items: Mapping[str, str], decimals: int, language: str) -> str:
    first = same[0]
    numbers = {"was": str(first.was), "now": str(first.now)}
    if word in MONEY_GUARDS:
        numbers = {key: written(int(one), decimals) for key, one in numbers.items()}
    elif word in QUANTITY_GUARDS:
        numbers = {key: quantity(int(one)) for key, one in numbers.items()}
    elif word == "cost":
        numbers = {key: written(int(one), decimals + 3) for key, one in numbers.items()}
    of = named(language, [items.get(one.sku, one.sku) for one in same])
    return say(language, f"guard_{word}", items=of, **numbers) or word


def _settled(
    order: ReorderDecided, settled: Settlement, items: Mapping[str, str], decimals: int, language: str
) -> list[str]:
    said = []
    wanted, value = written(settled.wanted, decimals), written(order.value, decimals)
    if 0 < settled.budget < settled.wanted:
        said.append(say(language, "budget", budget=written(settled.budget, decimals), value=value, wanted=wanted))
    if settled.week and settled.week - settled.spent < settled.wanted:
        week, spent = written(settled.week, decimals), written(settled.spent, decimals)
        said.append(say(language, "week", week=week, spent=spent, value=value, wanted=wanted))
    if order.left:
        left = named(language, [items.get(line.sku, line.sku) for line in order.left])
        said.append(say(language, "left", items=left))
    if settled.way:
        losses = {
            "top_up": settled.top_up_loses,
            "fee": settled.fee_loses,
            "wait": settled.wait_loses,
        }
        figures = ", ".join(
            say(language, f"{word}_loses", loss=written(loss, decimals))
            if loss >= 0
            else say(language, f"{word}_never")
            for word, loss in losses.items()
        )
        way, least = say(language, f"way_{settled.way}"), written(settled.least, decimals)
        said.append(say(language, "minimum", wanted=wanted, least=least, figures=figures, way=way))
    return said


def sentences(order: ReorderDecided, line: OrderLine, names: Names) -> tuple[str, ...]:
    """Why so many: what to order, what will sell, what is there, how it was rounded, what if not."""
    found, zone = decision_of(order, line), _zone(order)
    said = [_what(found, zone, names), _sells(found, zone, names), _have(found, zone, names), _rounded(found, names)]
    said += _spoken(found, names.language)
    said += moved(found, zone, names.language)
    said += [text for note in found.notes if (text := _note(note, zone, found, names))]
    said.append(_skipped(found, zone, names))
    return tuple(said)


def short(order: ReorderDecided, line: OrderLine, names: Names) -> str:
    """One line for the till, at most 78 columns; a long name is cut."""
    found, zone = decision_of(order, line), _zone(order)
    need, language = found.need, names.language
    fields = {
        "qty": quantity(found.qty),
        "by": clock(found.moment.cutoff_at, found.moment.now, zone, language, month=False),
        "left": quantity(found.snapshot.on_hand),
        "mean": pointed_in(language, about(need.mean)),
        "until": near(need.until, found.moment.now, zone, language, month=False),
    }
    rest = len(say(language, "short", item="", **fields))
    return say(language, "short", item=_fitted(names.item, SHORT_COLUMNS - rest), **fields)


def near(at: int, now: int, zone: str, language: str = "en", *, month: bool = True) -> str:
    """A day as people say it: `Tue` within the next six days, else `Tue 10 Mar`, or `Tue 10` without the month."""
    when, today, days = local(at, zone), local(now, zone).date(), words(language, "days")
    if today <= when.date() <= today + timedelta(days=6):
        return days[when.weekday()]
    return dated(at, zone, language) if month else f"{days[when.weekday()]} {when.day}"


def dated(at: int, zone: str, language: str = "en") -> str:
    """`Tue 10 Mar`."""
    when = local(at, zone)
    day, month = words(language, "days")[when.weekday()], words(language, "months")[when.month - 1]
    return say(language, "date", day=day, number=when.day, month=month)


def clock(at: int, now: int, zone: str, language: str = "en", *, month: bool = True) -> str:
    """`Tue 15:00` within the next six days, else `Tue 10 Mar 15:00`."""
    return f"{near(at, now, zone, language, month=month)} {local(at, zone):%H:%M}"


def about(milli: int) -> str:
    """A mean as people say it: whole pieces, below ten with one decimal."""
    if milli >= 9_950:
        return str((milli + 500) // 1_000)
    tenths = (milli + 50) // 100
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def percent(basis_points: int, language: str = "en") -> str:
    """`85 %`, rounded down; what is above nothing is never said to be 0."""
    some = basis_points >= 100 or basis_points == 0
    return f"{basis_points // 100} %" if some else phrase(language, "less_than_one")


def _zone(order: ReorderDecided) -> str:
    return order.basis.zone if order.basis else "UTC"


def _what(found: Decision, zone: str, names: Names) -> str:
    pack, packs = found.snapshot.terms.pack, found.packs
    fields = {
        "qty": quantity(found.qty),
        "supplier": names.supplier,
        "by": clock(found.moment.cutoff_at, found.moment.now, zone, names.language),
        "cost": written(found.cost, names.decimals),
    }
    if pack == 1_000:
        return say(names.language, "what", **fields)
    sized = say(names.language, "pack" if packs == 1 else "packs", packs=packs, pack=quantity(pack))
    return say(names.language, "what_packs", sized=sized, **fields)


def _sells(found: Decision, zone: str, names: Names) -> str:
    need = found.need
    once = round(10_000 / (10_000 - need.alpha))
    until = f"{dated(need.until, zone, names.language)} {local(need.until, zone):%H:%M}"
    often, mean, level = odds(names.language, once), pointed_in(names.language, about(need.mean)), quantity(need.level)
    return say(names.language, "sells", until=until, mean=mean, odds=often, level=level)


def _have(found: Decision, zone: str, names: Names) -> str:
    snapshot, need = found.snapshot, found.need
    parts = [say(names.language, "have", qty=quantity(snapshot.on_hand))]
    parts += [_comes(one, found, zone, names.language) for one in snapshot.incoming if _is_counted(one, found)]
    if snapshot.reserved:
        parts.append(say(names.language, "kept", qty=quantity(snapshot.reserved)))
    if need.expiring:
        parts.append(say(names.language, "expire", qty=quantity(need.expiring)))
    total = f": {quantity(need.position)}" if len(parts) > 1 else ""
    return ", ".join(parts) + total + "."


def _is_counted(one: Incoming, found: Decision) -> bool:
    kinds = {note[0] for note in found.notes if note[1:] == (one.order, one.eta_at, one.qty)}
    return not kinds & {"lost", "after", "overdue"}


def _comes(one: Incoming, found: Decision, zone: str, language: str) -> str:
    now, late = found.moment.now, found.snapshot.late_ms
    if one.eta_at > now:
        return say(language, "come", qty=quantity(one.qty), day=near(one.eta_at, now, zone, language))
    due = {"qty": quantity(one.qty), "day": dated(one.eta_at, zone, language)}
    return (
        say(language, "late_for", now=near(now + late, now, zone, language), **due)
        if late
        else say(language, "late", **due)
    )


def _rounded(found: Decision, names: Names) -> str:
    need = found.need
    sum_ = {"level": quantity(need.level), "position": _bracketed(need.position), "raw": quantity(need.raw)}
    if found.packs != found.wanted:
        return say(names.language, "given", wanted=quantity(found.wanted * found.snapshot.terms.pack), **sum_)
    return say(names.language, "exact" if found.qty == need.raw else "rounded", qty=quantity(found.qty), **sum_)


def _spoken(found: Decision, language: str) -> list[str]:
    """Who spoke where its own sales did not alone: the owner's guess, or similar goods."""
    one = found.snapshot.spoken
    if one is None or found.forecast.forecaster == "new":
        return []
    fields = {"days": str(one.days), "sold": quantity(one.sold), "own": f"{one.own} %"}
    if one.guess is None:
        return [say(language, "spoken_kin" if one.days > 1 else "spoken_kin_once", **fields)]
    said = {"low": one.guess.low, "likely": one.guess.likely, "high": one.guess.high}
    fields |= {word: quantity(number) for word, number in said.items()}
    key = "spoken_guess" if one.days == 0 else "spoken_both" if one.days > 1 else "spoken_both_once"
    return [say(language, key, **fields)]


def _bracketed(milli: int) -> str:
    return f"({quantity(milli)})" if milli < 0 else quantity(milli)


def _skipped(found: Decision, zone: str, names: Names) -> str:
    day = words(names.language, "days")[local(found.need.until, zone).weekday()]
    return say(names.language, "skipped", chance=percent(found.what_if[0].out, names.language), day=day)


def _note(note: Note, zone: str, found: Decision, names: Names) -> str:
    """What was out of the ordinary as a sentence; empty for a kind that another sentence tells."""
    kind, *rest = note
    pack, language = found.snapshot.terms.pack, names.language
    fields: dict[str, str] = {}
    if kind in ("lost", "overdue", "after"):
        order, eta, qty = rest
        fields = {"order": str(order), "qty": quantity(int(qty)), "day": dated(int(eta), zone, language)}
    elif kind == "rush":
        other, packs, arrives, net = rest
        when = near(int(arrives), found.moment.now, zone, language)
        fields = {"qty": quantity(int(packs) * pack), "other": str(other), "day": when}
        fields["net"] = written(int(net), names.decimals)
    elif kind in ("least", "most", "spoils", "waste"):
        fields = {"packs": str(rest[0]), "qty": quantity(int(rest[0]) * pack)}
        fields["cap"] = percent(int(rest[1]), language) if len(rest) > 1 else ""
    return say(language, f"note_{kind}", **fields)


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
