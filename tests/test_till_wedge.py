"""What a keyboard's keys mean by their times: a scan, typing, a suffix, a held Enter."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.wedge import Code, Heard, Stroke, Text, Wedge
from edge_agent.till.enter_run import EnterRun

EAN = "5012345678900"


def heard(keys: str, gap: float = 0.003, wedge: Wedge | None = None, at: float = 0.0) -> list[Heard]:
    """Keys with even gaps and silence at the end; CR, LF and Tab are endings."""
    wedge = wedge or Wedge()
    found: list[Heard] = []
    for key in keys:
        if wedge.due is not None and at >= wedge.due:
            found += wedge.quiet(at)
        name = {"\r": "enter", "\n": "line feed", "\t": "tab"}.get(key)
        found += wedge.ending(name, at) if name else wedge.character(key, at)
        at += gap
    return found + wedge.quiet(at + 1)


@pytest.mark.parametrize("suffix", ["\r", "\n", "\r\n", "\r\r", "\t", "\t\r", "\n\r", "\r\n\r\n"])
@pytest.mark.parametrize("gap", [0.0, 0.003, 0.02, 0.039])
def test_a_burst_with_any_suffix_is_one_code_and_no_key(suffix: str, gap: float) -> None:
    assert heard(EAN + suffix, gap) == [Code(EAN)]


def test_a_burst_without_a_suffix_is_a_code_after_silence() -> None:
    assert heard(EAN) == [Code(EAN)]


def test_typing_is_text_and_its_enter_is_a_key() -> None:
    assert heard("4011\r", 0.12) == [Text("4"), Text("0"), Text("1"), Text("1"), Stroke("enter")]


def test_a_digit_rolled_into_enter_is_typing() -> None:
    assert heard("5\r", 0.03) == [Text("5"), Stroke("enter")]


def test_a_lone_line_feed_or_tab_is_no_key_of_the_till() -> None:
    assert heard("\n") == heard("\t") == []


def test_an_empty_read_with_a_doubled_suffix_is_one_enter_that_never_rests_single() -> None:
    assert heard("\r") == [Stroke("enter")]
    run = EnterRun()
    assert [run.press(0.0), run.press(0.003)] == [True, False]
    assert run.rest(0.5) is False


def test_a_quantity_rolled_into_a_scan_is_told_apart() -> None:
    assert heard("12*04000000000013\r") == [Text("12*"), Code("04000000000013")]


def test_an_endless_burst_keeps_its_limit() -> None:
    (code,) = heard("A1" * 5000 + "\r")
    assert isinstance(code, Code)
    assert len(code.text) <= 4 * 128 + 1


def test_typed_digits_before_a_scan_keep_their_place() -> None:
    wedge = Wedge()
    typed = heard("6*", 0.2, wedge)
    assert typed + heard(EAN + "\r", wedge=wedge, at=3.0) == [Text("6"), Text("*"), Code(EAN)]


def test_a_held_digit_is_typing_however_fast_it_repeats() -> None:
    wedge = Wedge()
    first = heard("5", wedge=wedge)
    assert first + heard("5" * 12 + "\r", 0.03, wedge, at=0.5) == [Text("5"), Text("5" * 12), Stroke("enter")]


def test_an_arrow_sends_what_was_typed_before_it() -> None:
    wedge = Wedge()
    assert wedge.character("7", 0.0) == []
    assert wedge.key("up") == [Text("7"), Stroke("up")]


def test_a_prefix_keeps_a_slow_scan_together() -> None:
    assert heard("~" + EAN + "\r", 0.2, Wedge(prefix="~")) == [Code(EAN)]
    assert heard("7", 0.2, Wedge(prefix="~")) == [Text("7")]


def test_a_thread_that_wakes_late_tears_no_code_apart() -> None:
    wedge, found = Wedge(), []
    for place, char in enumerate(EAN):
        found += wedge.character(char, place * 0.003 + (0.3 if place > 6 else 0.0))
    assert found + wedge.ending("enter", 0.4) == [Code(EAN)]


def test_a_paste_is_one_burst_and_presses_nothing() -> None:
    assert Wedge().pasted(f"{EAN}\r\n{EAN}\n") == [Code(EAN), Code(EAN)]
    assert Wedge().pasted("\r\n") == []


@given(st.lists(st.text(string.ascii_letters + string.digits + "-+*/.$%", min_size=3, max_size=40), max_size=8))
def test_no_code_is_lost_changed_or_typed_and_their_order_holds(codes: list[str]) -> None:
    assert heard("".join(f"{code}\r" for code in codes)) == [Code(code) for code in codes]


@given(st.text(string.digits + "*+-/.", max_size=20))
def test_typing_at_a_persons_pace_comes_out_as_typed(text: str) -> None:
    assert "".join(one.text for one in heard(text, 0.1) if isinstance(one, Text)) == text


@pytest.mark.parametrize("delay", [0.25, 0.5, 0.66])
@pytest.mark.parametrize("rate", [10, 15, 33])
def test_a_held_enter_is_never_a_single_press_after_its_first(delay: float, rate: int) -> None:
    times = [0.0, *(delay + i / rate for i in range(int(3 * rate)))]
    assert rests(times) == [True, False]


def test_two_presses_of_a_person_are_two_single_presses() -> None:
    assert rests([0.0, 0.2]) == [True, True]


def test_after_a_held_enter_it_takes_silence_before_a_press_counts_again() -> None:
    assert rests([0.0, 0.03, 0.06, 0.4, 1.0]) == [False, True]


def rests(times: list[float]) -> list[bool]:
    """How each run of Enter ends when the keys arrive at these seconds."""
    run, found = EnterRun(), []
    for at in times:
        if run.due is not None and at > run.due:
            found.append(run.rest(at))
        run.press(at)
    found.append(run.rest(times[-1] + 1))
    return [single for single in found if single is not None]
