"""The arithmetic of an order, line by line, as `edge-agent why` prints it: recorded numbers only, then replayed."""

from collections.abc import Mapping, Sequence
from datetime import date

from edge_agent.rules.day import local
from edge_agent.rules.money import quantity, written
from edge_agent.rules.reasons import Names, dated, sentences, whole
from edge_agent.rules.record import decision_of, policy_of, replayed
from edge_agent.rules.reorder import Decision, Policy
from edge_agent.rules.settle import limits_of, settle, unsettled
from edge_agent.wire.events.reorder import OrderLine, ReorderDecided


def heading(
    order: ReorderDecided, supplier: str, decimals: int, items: Mapping[str, str] | None = None, language: str = "en"
) -> list[str]:
    """What the whole order is: number, cycle, times, value, holds; `items` are names by SKU."""
    zone = order.basis.zone if order.basis else "UTC"
    lines = "1 line" if len(order.lines) == 1 else f"{len(order.lines)} lines"
    said = [
        f"Order {order.number} to {supplier}: {order.state}, {written(order.value, decimals)}, {lines}, "
        f"cycle {order.cycle}, revision {order.revision}",
        f"key {order.order}",
        f"in by {_when(order.cutoff_at, zone)}, arrives {_when(order.arrives_at, zone)}, "
        f"the one after arrives {_when(order.next_arrives_at, zone)}",
        "saw " + (", ".join(f"{journal[:8]} up to {seq}" for journal, seq in sorted(order.saw.items())) or "nothing"),
    ]
    return said + list(whole(order, items or {}, decimals, language))


def arithmetic(order: ReorderDecided, line: OrderLine, names: Names) -> list[str]:
    """One line's sentences, sums and what-if table."""
    found = decision_of(order, line)
    assert order.basis is not None
    policy = policy_of(order.basis)
    said = [f"{line.sku}  {names.item}", "  " + " ".join(sentences(order, line, names))]
    said += [f"  {word:9} {text}" for word, text in _sums(found, policy, names.decimals).items()]
    said += _table(found, names.decimals)
    return said


def is_same(order: ReorderDecided, line: OrderLine) -> bool:
    """True when deciding again from the recorded inputs gives the recorded decision, number for number."""
    return replayed(order, line) == decision_of(order, line)


def settles_again(order: ReorderDecided) -> bool:
    """True when what the order as a whole decided over its lines comes out the same from what was recorded."""
    if order.settled is None or order.basis is None:
        return True
    policy, limits = policy_of(order.basis), limits_of(order.settled)
    was = [decision_of(order, line) for line in (*order.lines, *order.left)]
    again, settled = settle([unsettled(one, policy) for one in was], policy, limits)
    return settled == order.settled and _packs(again) == _packs(was)


def _packs(decisions: list[Decision]) -> dict[str, int]:
    return {one.snapshot.sku: one.packs for one in decisions}


def _sums(found: Decision, policy: Policy, decimals: int) -> Mapping[str, str]:
    need, snapshot, forecast, now = found.need, found.snapshot, found.forecast, found.moment.now
    zone = policy.hours.zone
    days = ", ".join(quantity(mean) for mean in forecast.day_means)
    before = ", ".join(quantity(mean) for mean in forecast.plain)
    maker = forecast.forecaster + (f" {forecast.model[:8]}" if forecast.model else "")
    earned = 10_000 * need.under / (need.under + need.over)
    binding = "the owner's floor" if need.alpha == policy.floor else f"{earned / 100:.2f} % pays best"
    moved = {"before": f"{before} a day before what moved it"} if before else {}
    mixed = {"mix": _mix(forecast.mix)} if forecast.mix else {}
    return (
        moved
        | mixed
        | {
            "forecast": f"{days} a day from {date.fromordinal(forecast.start_day)} ({maker}), "
            f"variance = mean x {forecast.phi_milli / 1000:.3f}",
            "demand": f"{quantity(need.mean)} from {_when(now, zone)} to {_when(need.until, zone)}; "
            f"{quantity(need.mean_first)} until this order arrives, {need.out_first / 100:.2f} % to run out before it",
            "stakes": f"{_fine(need.under, decimals)} lost a piece short, {_fine(need.over, decimals)} a piece over "
            f"-> {need.alpha / 100:.2f} % ({binding})",
            "level": f"{need.alpha / 100:.2f} % of the time {quantity(need.level)} is enough",
            "position": f"{quantity(snapshot.on_hand)} on hand + {quantity(need.incoming)} coming "
            f"- {quantity(snapshot.reserved)} kept - {quantity(need.expiring)} expiring = {quantity(need.position)}",
            "need": f"{quantity(need.level)} - {quantity(need.position)} -> {quantity(need.raw)}",
            "packs": f"{found.packs} x {quantity(snapshot.terms.pack)} = {quantity(found.qty)}",
        }
    )


def _mix(mix: Sequence[int]) -> str:
    """What corrections of the base had earned, by days ahead."""
    said = []
    for days, start in zip(("day 1", "days 2-3", "days 4 on"), range(0, len(mix), 4), strict=True):
        model, lean, level, spread = (f"{number / 1000:g}" for number in mix[start : start + 4])
        said.append(f"{days}: model {model}, lean {lean}, level x {level}, spread x {spread}")
    return "; ".join(said)


def _table(found: Decision, decimals: int) -> list[str]:
    said = ["  what if   packs       cost   run out     spoils"]
    for row in found.what_if:
        mark = "->" if row.packs == found.packs else "  "
        cost, out = written(row.cost, decimals), f"{row.out / 100:.2f} %"
        said.append(f"         {mark}{row.packs:6}{cost:>11}{out:>10}{quantity(row.waste):>11}")
    return said


def _fine(thousandths: int, decimals: int) -> str:
    return written(thousandths, decimals + 3)


def _when(at: int, zone: str) -> str:
    return f"{dated(at, zone)} {local(at, zone):%H:%M}"
