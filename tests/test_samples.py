"""Samples: no revenue, a code that is used once, texts only for who agreed, and numbers that nobody else can read."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.clock import FileClock
from edge_agent.commands import main
from edge_agent.counter import sealed_box
from edge_agent.counter.samples import Handed, mark_of, normal
from edge_agent.errors import BadInput, Broken, NotAllowed
from edge_agent.journal.rebuild import verify
from edge_agent.opening import OpenTill
from edge_agent.rules.cohort import Cohort, Given, Sampled, cohorts
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.rules.drop import Demand, converted_quantile
from edge_agent.rules.follow_up import Book, is_quiet, is_stop
from edge_agent.rules.sale import Tendered
from edge_agent.rules.sample import code_of, number_of, printed, signed_text
from edge_agent.settings import parse
from scripts.tortures import samples as rig
from scripts.tortures.samples import SampleTill
from tests.screen import SETTINGS, stocked
from tests.shop import TUESDAY_14

PHONE, PASS = "07700 900123", "correct horse battery"
WORDS = SETTINGS + '\n[samples]\npercent = 10\ntext_3 = "{item}: {percent} off with {code} at {shop} until {until}."\n'
LONDON = "Europe/London"


@pytest.fixture
def clock(tmp_path: Path) -> FileClock:
    found = FileClock(tmp_path / "clock")
    found.set(TUESDAY_14)
    return found


@pytest.fixture
def till(tmp_path: Path, clock: FileClock) -> Iterator[OpenTill]:
    stocked(tmp_path, settings=WORDS)
    made = OpenTill(tmp_path / "data", clock, parse(WORDS))
    yield made
    made.close()


def give(till: OpenTill, sku: str = "milk") -> Handed:
    return till.samples.give(sku, 1000).result()


def use(till: OpenTill, text: str) -> int:
    """A sale of milk with a code; what was paid."""
    till.selling.scan("04000000000013")
    code = code_of(text)
    assert code is not None
    till.selling.use_sample(code.sample, till.samples.worth(till.reading, code))
    paid = till.paying.pay(till.selling.sale, [Tendered("cash", till.selling.sale.to_pay)]).result()
    till.selling.clear()
    return paid.total


def test_a_sample_leaves_the_stock_and_is_no_sale_and_its_code_is_taken_once(till: OpenTill) -> None:
    before = till.reading.stock("milk").on_hand
    handed = give(till)
    assert till.reading.stock("milk").on_hand == before - 1000
    assert till.reading.last_receipt() is None
    assert till.reading.demand_days("milk", 0) == []
    assert use(till, handed.number) == 166  # 1.85 less 10 %, rounded
    assert till.reading.stock("milk").on_hand == before - 2000
    with pytest.raises(BadInput, match="used already"):
        use(till, handed.number)
    till.selling.clear()
    assert handed.number.encode() not in b"".join(till.reading.lines(1, till.reading.last_seq()))
    verify(till.reading.db)


def test_a_code_that_was_not_heard_of_holds_by_a_tills_signature_and_by_nothing_else(
    till: OpenTill, clock: FileClock
) -> None:
    number = number_of(4711)
    with pytest.raises(BadInput, match="scan the QR code of the slip"):
        use(till, number)
    till.selling.clear()
    signature = till.sign(signed_text(number, 739_690, 2000).encode())[1]
    with pytest.raises(BadInput, match="has not heard"):
        use(till, printed(number, 739_690, 9000, signature))
    till.selling.clear()
    assert use(till, printed(number, 739_690, 2000, signature)) == 148
    with pytest.raises(BadInput, match="used already"):
        use(till, printed(number, 739_690, 2000, signature))
    till.selling.clear()
    handed = give(till)
    clock.set(TUESDAY_14 + 40 * DAY_MS)
    with pytest.raises(BadInput, match="too old"):
        use(till, handed.number)


def test_without_a_key_nobody_is_asked_and_with_one_the_number_is_read_by_the_passphrase_alone(
    till: OpenTill, clock: FileClock, tmp_path: Path
) -> None:
    handed = give(till)
    assert till.samples.asks == ""
    with pytest.raises(BadInput, match="texts are off"):
        till.samples.agree(handed, PHONE)
    with pytest.raises(BadInput, match="at least 12"):
        till.samples.make_key("short")
    till.samples.make_key(PASS)
    till.samples.agree(handed, PHONE).result()
    clock.set(TUESDAY_14 + HOUR_MS)
    with pytest.raises(NotAllowed, match="not the passphrase"):
        till.samples.send("wrong passphrase")
    (text,) = till.samples.send(PASS)
    assert text.phone == "+447700900123"
    assert till.samples.send(PASS) == [], "it leaves once"
    clock.set(TUESDAY_14 + 3 * DAY_MS)
    (third,) = till.samples.send(PASS)
    assert third.words == f"Oat milk 1 l: 10 % off with {handed.number} at Corner Shop until 17.03.2026."
    clock.set(TUESDAY_14 + 7 * DAY_MS + 7 * HOUR_MS)
    assert till.samples.send(PASS) == [], "not at nine in the evening"
    till.samples.stop("+44 7700 900123").result()
    clock.set(TUESDAY_14 + 7 * DAY_MS)
    assert till.samples.send(PASS) == []
    on_disk = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert b"7700900123" not in on_disk
    assert b"7700 900123" not in on_disk


def test_the_owners_file_of_texts_and_the_answers_that_stop_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clock: FileClock
) -> None:
    stocked(tmp_path, settings=WORDS)
    data, file, answers = tmp_path / "data", tmp_path / "texts.csv", tmp_path / "answers.csv"
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    monkeypatch.setenv("DROPSHELF_PASSPHRASE", PASS)
    assert main(["samples", "key", "--data", str(data)]) == 0
    opened = OpenTill(data, clock, parse(WORDS))
    for phone in (PHONE, "07700 900999"):
        opened.samples.agree(give(opened), phone).result()
    opened.close()
    answers.write_text("phone,text\n07700900999,Stop please\n07700900123,thanks!\n")
    assert main(["samples", "replies", str(answers), "--data", str(data)]) == 0
    assert main(["samples", "send", str(file), "--data", str(data)]) == 0
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["phone"] for row in rows] == ["+447700900123"]
    assert (file.stat().st_mode & 0o777) == 0o600
    assert main(["samples", "send", str(file), "--data", str(data)]) == 1
    assert main(["samples", "stop", PHONE, "--data", str(data)]) == 0
    assert "2 answers, 1 of them a stop." in capsys.readouterr().out


def test_no_text_leaves_without_a_yes_after_a_stop_in_quiet_hours_or_twice_in_random_histories(tmp_path: Path) -> None:
    assert rig.run(tmp_path, seed=1, histories=60).ok


def test_texts_that_are_chosen_without_looking_again_are_found_by_the_rig(tmp_path: Path) -> None:
    def forgets_stops(till: SampleTill, now: int) -> list[object]:
        book = till.texts()
        for sample, contact in till.db.execute("SELECT sample, contact FROM texts WHERE what = 'agreed'"):
            book.agreed(str(contact), str(sample), "f" * 64, 0)
        return book.due(now, LONDON)  # type: ignore[return-value]

    def by_night(till: SampleTill, now: int) -> list[object]:
        return till.texts().due(now, "Pacific/Auckland")  # type: ignore[return-value]

    for planted in (forgets_stops, by_night):
        assert not rig.run(tmp_path, seed=1, histories=60, choose=planted).ok  # type: ignore[arg-type]


def test_day_0_3_and_7_are_written_and_a_stop_on_day_2_ends_it() -> None:
    def sent(stop_day: float) -> list[int]:
        book, found = Book(), list[int]()
        book.given("a" * 16, TUESDAY_14)
        book.agreed("c", "a" * 16, "m", TUESDAY_14)
        for hour in range(9 * 24):
            now = TUESDAY_14 + hour * HOUR_MS
            if hour == stop_day * 24:
                book.stopped("m")
            for one in book.due(now, LONDON):
                book.sent(one.sample, one.step)
                found.append(one.step)
        return found

    assert sent(99) == [0, 3, 7]
    assert sent(2) == [0]


def test_an_answer_stops_by_its_first_word_and_the_night_is_by_the_shops_clock() -> None:
    assert [is_stop(text) for text in ("STOP", " stop. Thanks", "Abmelden!", "don't stop", "", "stopped by")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert [is_quiet(TUESDAY_14 + hours * HOUR_MS, LONDON) for hours in (0, 5, 6, 18, 19)] == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_a_number_is_one_however_it_is_written_and_its_mark_is_the_shops() -> None:
    assert {normal(text, "+44") for text in ("07700 900123", "+44 7700 900123", "0044-7700-900123")} == {
        "+447700900123"
    }
    for odd in ("", "12", "call me", "07700 900123 x9"):
        with pytest.raises(BadInput, match="no phone number"):
            normal(odd, "+44")
    assert mark_of("+447700900123", "a") != mark_of("+447700900123", "b")


def test_a_box_is_opened_by_its_key_and_about_its_own_sample_alone() -> None:
    private, public = sealed_box.pair()
    box = sealed_box.seal(public, b"+44", b"one")
    assert sealed_box.open_box(private, box, b"one") == b"+44"
    with pytest.raises(Broken):
        sealed_box.open_box(private, box, b"two")
    with pytest.raises(Broken):
        sealed_box.open_box(sealed_box.pair()[0], box, b"one")


def test_cohorts_by_window_18_of_120_10_of_80_and_7_of_100_lead_the_next_size_to_109() -> None:
    windows = (("one", 100), ("two", 110), ("three", 120))
    samples = [
        Given("tea", last, last + 7 if number < bought else last + 8 if number < bought + 3 else 0)
        for (_, last), whole, bought in zip(windows, (120, 80, 100), (18, 10, 7), strict=True)
        for number in range(whole)
    ]
    random.Random(1).shuffle(samples)
    found = Sampled(cohorts(windows, samples, 200), reachable=300)
    assert found.cohorts == (Cohort("one", 120, 18), Cohort("two", 80, 10), Cohort("three", 100, 7))
    assert found.belief == (37.0, 283.0)
    assert found.demand is not None
    assert (round(found.demand.mean, 2), round(found.demand.variance**0.5, 2)) == (34.69, 7.70)
    assert [converted_quantile(*found.belief, 300, level) for level in (0.1, 0.5, 0.9)] == [25, 34, 45]
    assert (Demand(60, 324) + found.demand).size(0.7727) == 109


def test_what_had_no_week_yet_says_nothing_and_nobody_reachable_adds_nothing() -> None:
    assert cohorts((), [Given("tea", 195)], 200) == ()
    assert cohorts((), [Given("tea", 195, 196)], 200) == (), "the quick alone would look too good"
    assert cohorts((), [Given("tea", 192, 196)], 200) == (Cohort("", 1, 1),)
    assert Sampled((Cohort("", 10, 1),), reachable=0).demand is None


@given(secret=st.integers(0, 2**128))
def test_a_code_comes_back_from_its_number_and_a_slip_of_the_finger_is_none(secret: int) -> None:
    number = number_of(secret)
    found = code_of(number)
    assert found is not None
    assert found.number == number
    wrong = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
    assert code_of(wrong) is None
    assert code_of(f"SMP:{wrong}:1:1:ff") is None
