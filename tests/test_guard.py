"""Each guardrail turns "goes by itself" into "needs you": a hold of its own, with a sentence of its own."""

from dataclasses import replace

import pytest

from edge_agent.rules.guard import Caps
from edge_agent.rules.order import Heading, proposal
from edge_agent.rules.phrases import ENGLISH, GERMAN
from edge_agent.rules.reasons import whole
from edge_agent.rules.record import decision_of, replayed
from edge_agent.rules.reorder import Known, Snapshot, decide
from edge_agent.wire.events.reorder import ReorderDecided
from tests.shelf import FORECAST, POLICY, at, oat

NOON = at("2026-03-03T12:00")
KNOWN = Known(counted_days=3, stocked_days=28, usual=30_000, spread=6_000, cost_was=150_000)
OURS = replace(FORECAST, forecaster="onnx", model="0" * 64)


def ordered(snapshot: Snapshot, caps: Caps | None = Caps(), *, forecaster: str = "onnx") -> ReorderDecided:  # noqa: B008
    found = decide(snapshot, POLICY, replace(OURS, forecaster=forecaster), NOON)
    return proposal([found], POLICY, NOON, Heading("s1", "northside", 1, {}, trusted=True, caps=caps))


def test_an_order_that_nothing_speaks_against_goes_by_itself_and_says_so() -> None:
    order = ordered(oat(known=KNOWN))
    assert (order.state, order.holds, order.auto) == ("proposed", (), True)
    assert whole(order, {}) == ("It goes by itself shortly before Tue 3 Mar 15:00, unless you decide otherwise.",)
    assert replayed(order, order.lines[0]) == decision_of(order, order.lines[0])


def test_where_the_owner_decides_no_guardrail_holds_anything() -> None:
    order = ordered(oat(counted=False, on_hand=-9_000), None, forecaster="base")
    assert (order.state, order.holds, order.auto, order.guards) == ("proposed", (), False, ())


@pytest.mark.parametrize(
    ("word", "order", "said"),
    [
        ("most_order", ordered(oat(known=KNOWN), Caps(order=8_099)), "worth 81.00, more than the 80.99"),
        ("most_day", ordered(oat(known=KNOWN), Caps(day=8_500, spent_day=401)), "worth 85.01, more than 85.00 a day"),
        ("most_week", ordered(oat(known=KNOWN), Caps(week=9_000, spent_week=901)), "worth 90.01, more than 90.00 a w"),
        ("unusual", ordered(oat(known=replace(KNOWN, usual=12_000, spread=0))), "54 of Oat milk is far above the u"),
        ("cost", ordered(oat(known=replace(KNOWN, cost_was=136_000))), "costs 1.50000; it was 1.36000"),
        ("uncounted", ordered(oat(known=KNOWN, counted=False)), "the stock of Oat milk was never counted"),
        ("negative", ordered(oat(known=KNOWN, on_hand=-1_000, reserved=0)), "the stock of Oat milk is below zero"),
        ("count_old", ordered(oat(known=replace(KNOWN, counted_days=91))), "was last counted 91 days ago"),
        (
            "stand_in",
            ordered(oat(known=KNOWN), forecaster="base"),
            "the forecast of Oat milk was made without the model",
        ),
        (
            "young",
            ordered(oat(known=replace(KNOWN, stocked_days=13))),
            "on 13 days since the first sale, fewer than 14",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_each_guardrail_is_a_hold_with_its_own_sentence(word: str, order: ReorderDecided, said: str) -> None:
    if word == "unusual":
        assert set(order.holds) >= {"unusual"}
    else:
        assert word in order.holds
    assert (order.state, order.auto) == ("held", False)
    sentence = next(one for one in whole(order, {"OAT": "Oat milk"}) if said in one)
    assert sentence.startswith("Needs you: ")
    assert all(one.startswith("Braucht Sie: ") for one in whole(order, {}, language="de"))


def test_what_is_just_within_the_guardrails_passes() -> None:
    just = replace(KNOWN, counted_days=90, stocked_days=14, usual=18_000, spread=0, cost_was=137_000)
    order = ordered(oat(known=just), Caps(order=8_100, day=8_100, week=9_000, spent_week=900))
    assert (order.holds, order.auto) == ((), True)


def test_many_goods_are_named_by_the_first_and_counted() -> None:
    found = [decide(oat(sku=f"S{n}", counted=False), POLICY, OURS, NOON) for n in range(5)]
    order = proposal(found, POLICY, NOON, Heading("s1", "northside", 1, {}, trusted=True, caps=Caps()))
    assert whole(order, {"S0": "Milk", "S1": "Bread"})[0] == (
        "Needs you: the stock of Milk, Bread and 3 more was never counted."
    )


def test_a_clock_that_cannot_be_trusted_is_named_beside_the_guardrails() -> None:
    found = decide(oat(known=KNOWN), POLICY, OURS, NOON)
    order = proposal([found], POLICY, NOON, Heading("s1", "northside", 1, {}, trusted=False, caps=Caps()))
    assert (order.holds, order.auto) == (("clock",), False)


def test_both_languages_say_the_same_things_with_the_same_fields() -> None:
    def fields(text: str) -> set[str]:
        return {part.partition("}")[0] for part in text.split("{")[1:]}

    assert {key: fields(text) for key, text in ENGLISH.items()} == {key: fields(text) for key, text in GERMAN.items()}
    assert [len(GERMAN[key].split()) for key in ("days", "months", "odds")] == [7, 12, 7]
