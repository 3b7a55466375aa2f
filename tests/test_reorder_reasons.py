"""The reasons of an order in words: the sentence of the worked case, the till's line, and no number from elsewhere."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.rules.day import local
from edge_agent.rules.explain import arithmetic, heading, is_same
from edge_agent.rules.order import Heading, proposal
from edge_agent.rules.reasons import SHORT_COLUMNS, Names, about, percent, sentences, short
from edge_agent.rules.reorder import Incoming, Snapshot, decide
from edge_agent.wire.events.reorder import ReorderDecided
from tests.shelf import FORECAST, POLICY, at, coming, ms, oat, terms

NAMES = Names("Northside", "Oat milk 1 l")
HEADING = Heading(shop="s1", supplier="northside", revision=1, saw={"0" * 32: 7}, trusted=True)


def ordered(snapshot: Snapshot, when: str = "2026-03-03T14:00", *, trusted: bool = True) -> ReorderDecided:
    moment = at(when)
    found = decide(snapshot, POLICY, FORECAST, moment)
    return proposal([found], POLICY, moment, replace(HEADING, trusted=trusted))


def said(snapshot: Snapshot, when: str = "2026-03-03T14:00") -> str:
    order = ordered(snapshot, when)
    return " ".join(sentences(order, order.lines[0], NAMES))


def test_the_worked_case_reads_as_a_shopkeeper_would_say_it() -> None:
    assert said(oat(coming("2026-03-05T08:00"))) == (
        "Order 30 (5 packs of 6) from Northside before Tue 15:00, 45.00. "
        "By Tue 10 Mar 08:00 you'll sell about 71; one time in twenty more than 88. "
        "You have 40, 24 come Thu, 4 are kept: 60. "
        "88 - 60 = 28, rounded to 30. "
        "If you skip this delivery: 85 % chance to run out before Tue."
    )


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (oat(coming("2026-03-11T08:00")), "24 of order a1b2c3d4 come only Wed 11 Mar, too late to count."),
        (oat(coming("2026-03-02T08:00")), "24 are late (due Mon 2 Mar)"),
        (oat(coming("2026-02-27T08:00")), "were due Fri 27 Feb and are no longer counted on."),
        (oat(on_hand=-3_000, reserved=0), "88 - (-3) = 91"),
        (oat(on_hand=-3_000), "The stock is below zero: count it."),
        (oat(counted=False), "It was never counted."),
        (oat(terms=terms(price=100)), "It sells below its cost."),
        (oat(terms=terms(least=12)), "The supplier takes no less than 12 packs."),
        (oat(terms=terms(most=5)), "The most that may be ordered; 54 would have been right."),
        (oat(terms=terms(pack=1_000, pack_cost=150)), "Order 52 from Northside"),
        (oat(on_hand=80_000, reserved=0, terms=terms(pack=6_000)), "Order 6 (1 pack of 6)"),
        (oat(on_hand=4_000, terms=terms(life_days=2)), "more than 5 % would spoil."),
    ],
)
def test_what_is_out_of_the_ordinary_is_said(snapshot: Snapshot, words: str) -> None:
    assert words in said(snapshot)


def test_the_tills_line_fits_and_names_what_matters() -> None:
    order = ordered(oat(coming("2026-03-05T08:00")))
    line = short(order, order.lines[0], NAMES)
    assert line == "reorder: 30 Oat milk 1 l before Tue 15:00 (40 left, about 71 sell by Tue 10)"
    assert len(line) <= SHORT_COLUMNS


@given(st.text(max_size=80), st.integers(1_000, 9_999_000))
def test_the_tills_line_never_exceeds_its_columns(name: str, on_hand: int) -> None:
    moment = at("2026-03-03T14:00")
    forecast = replace(FORECAST, day_means=(on_hand // 5,) * 14)
    order = proposal([decide(oat(on_hand=on_hand), POLICY, forecast, moment)], POLICY, moment, HEADING)
    for line in order.lines:
        assert len(short(order, line, Names("N", name))) <= SHORT_COLUMNS


def test_a_held_order_says_why() -> None:
    order = ordered(oat(), trusted=False)
    assert "clock can't be trusted" in "\n".join(heading(order, "Northside", 2))


pieces = st.integers(0, 60).map(lambda n: n * 1_000)


@settings(max_examples=50)
@given(
    on_hand=pieces,
    reserved=pieces,
    etas=st.lists(st.integers(0, 14 * 24), max_size=3),
    pack=st.integers(1, 30),
    life=st.sampled_from([0, 2, 5]),
)
def test_every_number_in_the_words_comes_from_the_record(
    on_hand: int, reserved: int, etas: list[int], pack: int, life: int
) -> None:
    incoming = tuple(Incoming("abcdefab", ms("2026-02-26T08:00") + hours * 3_600_000, 7_000) for hours in etas)
    snapshot = oat(*incoming, on_hand=on_hand, reserved=reserved, terms=terms(pack=pack * 1_000, life_days=life))
    order = ordered(snapshot)
    for line in order.lines:
        words = " ".join(sentences(order, line, Names("Northside", "Oat milk")))
        assert set(re.findall(r"\d+(?:\.\d+)?", words)) <= recorded_numbers(order)


def recorded_numbers(order: ReorderDecided) -> set[str]:
    """Every number of the record in the spellings that words use: pieces, packs, money, times, chances."""
    line, basis = order.lines[0], order.basis
    assert basis is not None
    found = line.decision
    numbers = [line.qty, *found["stock"][:2], found["terms"][0], *found["need"][1:]]
    numbers += [one[2] for one in found.get("coming", [])]
    spelt = {f"{abs(n) // 1_000}" for n in numbers} | {about(n) for n in numbers}
    spelt |= {str(line.packs), f"{line.cost // 100}.{line.cost % 100:02d}", str(basis.waste // 100)}
    spelt |= {str(round(10_000 / (10_000 - found["need"][4])))}
    spelt |= {percent(found["out"][0]).removesuffix(" %").rpartition(" ")[2]}
    spelt |= {str(note[1] * found["terms"][0] // 1_000) for note in found.get("notes", []) if len(note) == 3}
    times = [order.cutoff_at, order.next_arrives_at, order.next_arrives_at - found["need"][0]]
    times += [one[1] for one in found.get("coming", [])]
    for text in (at_words(time) for time in times):
        spelt |= set(text.split())
    return spelt


def at_words(time: int) -> str:
    when = local(time, "Europe/London")
    return f"{when.day} {when:%H %M}"


def test_the_arithmetic_shows_every_step_and_marks_the_chosen_row() -> None:
    order = ordered(oat(coming("2026-03-05T08:00")))
    text = "\n".join(arithmetic(order, order.lines[0], NAMES))
    for words in ("71 from Tue 3 Mar 14:00 to Tue 10 Mar 08:00", "= 60", "88 - 60 -> 28", "5 x 6 = 30", "1.00000 lost"):
        assert words in text
    assert re.search(r"->\s+5\s+45\.00\s+2\.99 %", text)


def test_a_record_that_was_changed_no_longer_replays_to_itself() -> None:
    order = ordered(oat(coming("2026-03-05T08:00")))
    assert is_same(order, order.lines[0])
    line = order.lines[0]
    stock = {**line.decision, "stock": [10_000, 4_000, 1]}
    assert not is_same(order, line.model_copy(update={"decision": stock}))
    assert not is_same(order, line.model_copy(update={"packs": 6}))
