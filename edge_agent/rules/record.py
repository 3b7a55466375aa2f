"""A decision as compact data inside an order's line, and back: enough to decide again to the same numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from edge_agent.errors import Broken
from edge_agent.rules.factor import with_factors
from edge_agent.rules.forecast import Factor, Forecast
from edge_agent.rules.guess import Guess, Spoken
from edge_agent.rules.packs import WhatIf, rows
from edge_agent.rules.plan import OpeningHours
from edge_agent.rules.reorder import Decision, Incoming, Known, Lot, Moment, Need, Policy, Snapshot, Terms, decide
from edge_agent.rules.rush import Second
from edge_agent.wire.events.reorder import Basis, Moved, OrderLine, ReorderDecided


def basis_of(policy: Policy, decisions: Sequence[Decision]) -> Basis:
    """What all decisions of one order share, written once."""
    shares = dict.fromkeys(one.forecast.hour_shares for one in decisions)
    makers = dict.fromkeys((one.forecast.forecaster, one.forecast.model) for one in decisions)
    factors = dict.fromkeys(factor for one in decisions for factor in one.forecast.factors)
    return Basis(
        zone=policy.hours.zone,
        hours=policy.hours.weekly,
        other_hours=policy.hours.other,
        floor=policy.floor,
        ceiling=policy.ceiling,
        carry=policy.carry,
        obsolete=policy.obsolete,
        salvage=policy.salvage,
        waste=policy.waste,
        shares=tuple(shares),
        makers=tuple(makers),
        factors=tuple(Moved(**asdict(one)) for one in factors),
        mixes=tuple(dict.fromkeys(one.forecast.mix for one in decisions if one.forecast.mix)),
    )


def policy_of(basis: Basis) -> Policy:
    """The policy an order was decided by."""
    return Policy(
        hours=OpeningHours(basis.zone, basis.hours, basis.other_hours),
        floor=basis.floor,
        ceiling=basis.ceiling,
        carry=basis.carry,
        obsolete=basis.obsolete,
        salvage=basis.salvage,
        waste=basis.waste,
    )


def line_of(decision: Decision, basis: Basis) -> OrderLine:
    """The order's line of a decision; keys that would be empty or 0 are left out, arrays hold their class's fields.

    `at` now; `stock` [on hand, reserved, counted]; `coming` [[order, due, qty]]; `lots` [[expires, qty]]; `terms` as
    Terms, without the zeros at its end; `made`, `day`, `means`, `phi`, `share`, `maker`, `mix`, `moved` the forecast;
    `need` as Need (its first as ms before the next arrival); `first` with `out` and `waste` the what-if table; `notes`;
    `wanted` [packs] where the order left it others; `late`, `second`, `known`, `refused`, `spoken` as the snapshot's.
    """
    snapshot, forecast, need = decision.snapshot, decision.forecast, decision.need
    whole = replace(need, until=decision.moment.next_arrives_at - need.until)
    written: dict[str, Any] = {
        "at": decision.moment.now,
        "stock": [snapshot.on_hand, snapshot.reserved, int(snapshot.counted)],
        "coming": [_flat(one) for one in snapshot.incoming],
        "lots": [_flat(one) for one in snapshot.lots],
        "terms": _without_last_zeros(_flat(snapshot.terms)),
        "made": forecast.made_at,
        "day": forecast.start_day,
        "means": list(forecast.plain or forecast.day_means),
        "moved": [basis.factors.index(Moved(**asdict(one))) for one in forecast.factors],
        "phi": forecast.phi_milli,
        "share": basis.shares.index(forecast.hour_shares),
        "maker": basis.makers.index((forecast.forecaster, forecast.model)),
        "mix": basis.mixes.index(forecast.mix) + 1 if forecast.mix else 0,
        "need": _flat(whole),
        "first": decision.what_if[1].packs,
        "out": [row.out for row in decision.what_if],
        "waste": [row.waste for row in decision.what_if] if any(row.waste for row in decision.what_if) else [],
        "notes": [list(note) for note in decision.notes],
        "wanted": [decision.wanted] if decision.wanted != decision.packs else [],
        "late": snapshot.late_ms,
        "refused": snapshot.refused,
        "second": _flat(snapshot.second) if snapshot.second else [],
        "known": _flat(snapshot.known) if snapshot.known else [],
        "spoken": _spoken(snapshot.spoken) if snapshot.spoken else [],
    }
    kept = {key: value for key, value in written.items() if value not in ([], 0)}
    return OrderLine(sku=snapshot.sku, packs=decision.packs, qty=decision.qty, cost=decision.cost, decision=kept)


def _spoken(one: Spoken) -> list[int]:
    """[days, sold, own], and the owner's [low, likely, high]."""
    return [one.days, one.sold, one.own, *(_flat(one.guess) if one.guess else ())]


def _spoken_from(written: Sequence[int]) -> Spoken:
    days, sold, own, *guess = written
    return Spoken(days, sold, own, Guess(*guess) if guess else None)


def _flat(one: Incoming | Lot | Need | Terms | Second | Known | Guess) -> list[Any]:
    """Its fields in order; what holds no other record needs no deep copy."""
    return list(vars(one).values())


def _without_last_zeros(values: Sequence[int]) -> list[int]:
    kept = list(values)
    while kept and kept[-1] == 0:
        kept.pop()
    return kept


def what_if(line: OrderLine) -> tuple[WhatIf, ...]:
    """The line's table: for each number of packs its cost, the chance to run out, and what would spoil."""
    written = line.decision
    wasted = written.get("waste") or [0] * len(written["out"])
    numbers = rows(written["first"], len(written["out"]))
    pack_cost = _terms(written).pack_cost
    return tuple(
        WhatIf(packs, packs * pack_cost, out, waste)
        for packs, out, waste in zip(numbers, written["out"], wasted, strict=True)
    )


def decision_of(order: ReorderDecided, line: OrderLine) -> Decision:
    """The decision as recorded; Broken when its data is not what `line_of` writes."""
    if order.basis is None:
        raise Broken(f"order {order.number} carries no arithmetic")
    try:
        return _decision(order, order.basis, line)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _unreadable(order, line, error) from error


def forecast_of(order: ReorderDecided, line: OrderLine) -> tuple[int, Forecast]:
    """When a line was decided and by which forecast, without the rest of its decision. Broken as `decision_of`."""
    if order.basis is None:
        raise Broken(f"order {order.number} carries no arithmetic")
    try:
        return line.decision.get("at", 0), _forecast(line.sku, order.basis, line.decision)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _unreadable(order, line, error) from error


def _unreadable(order: ReorderDecided, line: OrderLine, error: Exception) -> Broken:
    return Broken(f"order {order.number}, line {line.sku}: the recorded decision can't be read ({error})")


def replayed(order: ReorderDecided, line: OrderLine) -> Decision:
    """Decide again from the recorded inputs alone."""
    was = decision_of(order, line)
    assert order.basis is not None
    allotted = was.packs if was.packs != was.wanted else None
    policy = policy_of(order.basis)
    return decide(was.snapshot, policy, was.forecast, was.moment, table=len(was.what_if), allotted=allotted)


def _decision(order: ReorderDecided, basis: Basis, line: OrderLine) -> Decision:
    written = line.decision
    until, *arithmetic = written["need"]
    return Decision(
        snapshot=_snapshot(line.sku, written),
        forecast=_forecast(line.sku, basis, written),
        moment=moment_of(order, written.get("at", 0)),
        need=Need(order.next_arrives_at - until, *arithmetic),
        packs=line.packs,
        qty=line.qty,
        cost=line.cost,
        what_if=what_if(line),
        notes=tuple(tuple(note) for note in written.get("notes", ())),
        wanted=written.get("wanted", [line.packs])[0],
    )


def moment_of(order: ReorderDecided, now: int) -> Moment:
    """The cycle of an order as seen at `now`."""
    return Moment(now, order.cycle, order.cutoff_at, order.arrives_at, order.next_arrives_at)


def _terms(written: Mapping[str, Any]) -> Terms:
    given = written["terms"]
    return Terms(*given, *[0] * (7 - len(given)))


def _snapshot(sku: str, written: Mapping[str, Any]) -> Snapshot:
    on_hand, reserved, counted = written["stock"]
    return Snapshot(
        sku=sku,
        on_hand=on_hand,
        counted=bool(counted),
        terms=_terms(written),
        reserved=reserved,
        incoming=tuple(Incoming(*one) for one in written.get("coming", ())),
        lots=tuple(Lot(*one) for one in written.get("lots", ())),
        late_ms=written.get("late", 0),
        refused=written.get("refused", 0),
        second=Second(*written["second"]) if "second" in written else None,
        known=Known(*written["known"]) if "known" in written else None,
        spoken=_spoken_from(written["spoken"]) if "spoken" in written else None,
    )


def _forecast(sku: str, basis: Basis, written: Mapping[str, Any]) -> Forecast:
    forecaster, model = basis.makers[written.get("maker", 0)]
    plain = Forecast(
        sku=sku,
        made_at=written.get("made", 0),
        start_day=written["day"],
        day_means=tuple(written["means"]),
        hour_shares=basis.shares[written.get("share", 0)],
        phi_milli=written["phi"],
        forecaster=forecaster,
        model=model,
        mix=basis.mixes[written["mix"] - 1] if written.get("mix") else (),
    )
    moved = [Factor(**basis.factors[place].model_dump()) for place in written.get("moved", ())]
    return with_factors(plain, moved) if moved else plain
