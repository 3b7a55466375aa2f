"""What holds for every decision and order: monotone in stock, whole packs, the same on a rerun and through JSON."""

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.forecast import Forecast
from edge_agent.rules.order import PROPOSAL_BYTES, Heading, order_number, proposal, same, size
from edge_agent.rules.packs import Odds, wasted
from edge_agent.rules.record import decision_of, replayed, what_if
from edge_agent.rules.reorder import Incoming, Known, Lot, Policy, Snapshot, Terms, decide
from edge_agent.rules.rush import Second
from edge_agent.rules.settle import Limits
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.reorder import ReorderDecided
from tests.shelf import FORECAST, HOURS, MONDAY, POLICY, at, coming, ms, oat

NOON = at("2026-03-03T12:00")
HEADING = Heading(shop="s1", supplier="northside", revision=1, saw={"0" * 32: 7}, trusted=True)
whole = st.integers(-20_000, 200_000)

terms_ = st.builds(
    Terms,
    pack=st.integers(1, 48).map(lambda n: n * 500),
    pack_cost=st.integers(0, 5_000),
    price=st.integers(0, 2_000),
    rate=st.sampled_from([0, 500, 2_000]),
    least=st.integers(0, 4),
    most=st.sampled_from([0, 0, 3, 20]),
    life_days=st.sampled_from([0, 0, 1, 3, 9, 60]),
)
policies = st.builds(
    Policy,
    hours=st.just(HOURS),
    floor=st.integers(0, 9_900),
    carry=st.integers(0, 10_000),
    obsolete=st.integers(0, 5_000),
    salvage=st.integers(0, 10_000),
    waste=st.integers(0, 10_000),
)
soon = st.integers(ms("2026-02-25T00:00"), ms("2026-03-20T00:00"))
snapshots = st.builds(
    Snapshot,
    sku=st.just("OAT"),
    on_hand=whole,
    counted=st.booleans(),
    terms=terms_,
    reserved=st.integers(0, 9_000),
    incoming=st.lists(st.builds(Incoming, st.just("a1b2c3d4"), soon, st.integers(0, 90_000)), max_size=3).map(tuple),
    lots=st.lists(st.builds(Lot, soon, st.integers(0, 90_000)), max_size=3).map(tuple),
    late_ms=st.sampled_from([0, 0, 86_400_000, 3 * 86_400_000]),
    second=st.one_of(st.none(), st.builds(Second, st.just("hub"), soon, st.integers(0, 6_000), st.integers(0, 900))),
    known=st.one_of(st.none(), st.builds(Known, st.integers(-1, 99), st.integers(0, 28))),
    refused=st.sampled_from([0, 0, 6_000, 60_000]),
)
forecasts = st.builds(
    replace,
    st.just(FORECAST),
    start_day=st.integers(MONDAY - 9, MONDAY + 9),
    day_means=st.lists(st.integers(0, 40_000), min_size=1, max_size=20).map(tuple),
    phi_milli=st.integers(1_000, 9_000),
)


@given(snapshots, policies, forecasts, st.integers(1, 60_000))
def test_more_stock_never_orders_more(snapshot: Snapshot, policy: Policy, forecast: Forecast, more: int) -> None:
    richer = replace(snapshot, on_hand=snapshot.on_hand + more)
    assert decide(richer, policy, forecast, NOON).packs <= decide(snapshot, policy, forecast, NOON).packs


@given(snapshots, policies, forecasts)
def test_every_decision_keeps_its_rules(snapshot: Snapshot, policy: Policy, forecast: Forecast) -> None:
    found = decide(snapshot, policy, forecast, NOON)
    terms = snapshot.terms
    assert found == decide(snapshot, policy, forecast, NOON)
    assert (found.qty, found.cost) == (found.packs * terms.pack, found.packs * terms.pack_cost)
    assert found.need.raw == max(0, found.need.level - found.need.position)
    assert found.packs == 0 or found.need.raw > 0
    assert found.packs <= max(-(-found.need.raw // terms.pack), terms.least)
    assert found.packs <= (terms.most or found.packs)
    assert found.need.alpha <= policy.ceiling
    numbers = [row.packs for row in found.what_if]
    assert found.packs in numbers
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert len(numbers) <= 12
    chances = [row.out for row in found.what_if]
    assert chances == sorted(chances, reverse=True)


@given(snapshots, policies, forecasts)
def test_an_order_replays_to_the_same_numbers_through_json(
    snapshot: Snapshot, policy: Policy, forecast: Forecast
) -> None:
    found = decide(snapshot, policy, forecast, NOON)
    order = proposal([found], policy, NOON, HEADING)
    again = ReorderDecided.model_validate_json(order.model_dump_json())
    assert again == order
    for line in again.lines:
        assert decision_of(again, line) == found
        assert replayed(again, line) == found
        assert what_if(line) == found.what_if


@given(st.integers(1_000, 60_000), st.integers(0, 50_000), st.integers(500, 24_000))
def test_waste_never_falls_with_the_order_and_never_exceeds_it(mean: int, position: int, step: int) -> None:
    found = [wasted(Odds(mean, 1400), position, n * step) for n in range(6)]
    assert found == sorted(found)
    assert all(waste <= n * step + 1 for n, waste in enumerate(found))


def shop_order(lines: int) -> ReorderDecided:
    """Lines as long as they get in a shop of cheap goods: each with goods on their way."""
    snapshots = [oat(coming("2026-03-05T08:00"), sku=f"{4_000_000_000_000 + n}") for n in range(lines)]
    forecast = replace(FORECAST, made_at=NOON.now)
    decisions = [decide(one, POLICY, forecast, NOON) for one in snapshots]
    return proposal(decisions, POLICY, NOON, HEADING)


def test_an_order_of_150_lines_fits_its_event_with_all_its_arithmetic() -> None:
    order = shop_order(150)
    assert len(order.lines) == 150
    assert (order.state, order.holds) == ("proposed", ())
    assert size(order) <= PROPOSAL_BYTES
    assert all(replayed(order, line) == decision_of(order, line) for line in order.lines[::50])


def test_a_short_order_has_full_tables() -> None:
    assert len(what_if(shop_order(40).lines[0])) == 8


def test_more_lines_than_an_event_carries_are_held_and_the_rest_left_for_later() -> None:
    order = shop_order(400)
    assert size(order) <= PROPOSAL_BYTES
    assert (order.state, order.holds) == ("held", ("length",))
    assert 100 < len(order.lines) < 400


def test_an_untrusted_clock_holds_the_order_and_says_so() -> None:
    order = proposal([decide(oat(), POLICY, FORECAST, NOON)], POLICY, NOON, replace(HEADING, trusted=False))
    assert (order.state, order.holds) == ("held", ("clock",))


def test_an_order_below_the_suppliers_minimum_is_held_and_says_so() -> None:
    found = decide(oat(), POLICY, FORECAST, NOON)
    below = proposal([found], POLICY, NOON, replace(HEADING, limits=Limits(least=found.cost * 9)))
    enough = proposal([found], POLICY, NOON, replace(HEADING, limits=Limits(least=found.cost)))
    assert (below.state, below.holds) == ("held", ("minimum",))
    assert (enough.state, enough.holds) == ("proposed", ())


def test_an_order_with_nothing_left_to_order_is_withdrawn() -> None:
    order = proposal([decide(oat(on_hand=400_000), POLICY, FORECAST, NOON)], POLICY, NOON, HEADING)
    assert (order.state, order.lines, order.value) == ("withdrawn", (), 0)


def test_a_rerun_in_another_order_of_skus_gives_the_same_bytes() -> None:
    decisions = [decide(oat(sku=sku), POLICY, FORECAST, NOON) for sku in ("B", "A", "C")]
    one, other = (proposal(some, POLICY, NOON, HEADING) for some in (decisions, decisions[::-1]))
    assert one.model_dump_json() == other.model_dump_json()
    assert [line.sku for line in one.lines] == ["A", "B", "C"]
    assert one.value == sum(line.cost for line in one.lines)


def test_a_later_run_with_equal_packs_has_nothing_new_to_say() -> None:
    first = proposal([decide(oat(), POLICY, FORECAST, NOON)], POLICY, NOON, HEADING)
    later = replace(NOON, now=NOON.now + 60_000)
    again = proposal(
        [decide(oat(), POLICY, FORECAST, later)], POLICY, later, replace(HEADING, revision=2, saw={"0" * 32: 9})
    )
    fewer = proposal([decide(oat(on_hand=60_000), POLICY, FORECAST, later)], POLICY, later, HEADING)
    assert same(first, again)
    assert not same(first, fewer)


def test_people_read_the_first_eight_digits_of_the_key() -> None:
    assert order_number("4f2a91c0" + "0" * 56) == "4F2A-91C0"


def test_the_record_is_plain_data_of_whole_numbers_and_words() -> None:
    text = proposal([decide(oat(), POLICY, FORECAST, NOON)], POLICY, NOON, HEADING).model_dump_json()
    json.loads(text, parse_float=_no_floats)


def _no_floats(text: str) -> float:
    raise AssertionError(f"{text} is a float")


def test_the_golden_order_of_the_wire_still_replays_to_its_numbers() -> None:
    event = event_of((Path(__file__).parent / "wire" / "v1" / "reorder_decided.json").read_bytes())
    order = ReorderDecided.model_validate(event.body)
    assert [replayed(order, line).packs for line in order.lines] == [5]
    assert all(replayed(order, line) == decision_of(order, line) for line in order.lines)
