"""The drawer and the books at the counter: shifts, cash in and out, X and Z, closings of periods, by sequence alone."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent.clock import FileClock
from edge_agent.counter.cards import Cards
from edge_agent.counter.paper import Paper
from edge_agent.counter.paying import Paid, Paying
from edge_agent.counter.reprints import Reprints
from edge_agent.counter.selling import Selling
from edge_agent.counter.shift import Counted, Shifts, standing
from edge_agent.counter.signing import signer
from edge_agent.errors import BadInput, NotKnown
from edge_agent.journal.rebuild import verify
from edge_agent.rules.closing import signed_text
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.retender import moved
from edge_agent.rules.sale import Tendered
from edge_agent.wire.events.sales import TenderKind
from edge_agent.wire.events.shift import PeriodClosed, ShiftClosed
from tests.shop import TUESDAY_14, open_journal, record, seeded_ids, sold

DAY_MS = 86_400_000


class Books:
    """A counter with a drawer: a spool that keeps job names, and every part real."""

    profile = PrinterProfile("test", 48, 576, (("cp858", 19),))

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.journal = open_journal(folder, seed=seed)
        self.clock = FileClock(folder / "clock")
        self.jobs: list[tuple[str, bytes]] = []
        self.reading = self.journal.reading()
        sign = signer(folder / "data")
        self.paper = Paper(self, "Till 1", self.journal.reading, folder / "handed", sign)
        self.shifts = Shifts(self.journal, sign, self.paper.after_act)
        self.selling = Selling(self.reading, self.clock)
        self.paying = Paying(self.journal, self.paper.after, self.shifts.needed)

    def print_job(self, job_id: str, data: bytes) -> None:
        self.jobs.append((job_id, data))

    def kick_drawer(self) -> None:
        self.jobs.append(("drawer", b""))

    def sell(self, sku: str, kind: str = "cash", qty: int = 1000) -> Paid:
        """A sale of one item, paid exactly."""
        self.selling.scan(sku, qty)
        tender = Tendered("card" if kind == "card" else "cash", self.selling.sale.total)
        paid = self.paying.pay(self.selling.sale, [tender]).result()
        self.selling.clear()
        return paid

    def zs(self) -> list[ShiftClosed]:
        return [ShiftClosed.model_validate(event.body) for event in self.reading.events("shift_closed")]

    def periods(self, period: str) -> list[PeriodClosed]:
        bodies = [PeriodClosed.model_validate(event.body) for event in self.reading.events("period_closed")]
        return [body for body in bodies if body.period == period]

    def close(self) -> None:
        self.reading.close()
        self.journal.close()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    opened = Books(tmp_path)
    yield opened
    verify(opened.journal.reading().db)
    opened.close()


def test_a_z_says_what_was_taken_what_should_be_there_and_what_is_missing(books: Books) -> None:
    books.shifts.open(10_000).result()
    books.sell("milk", qty=2000)
    books.sell("choc", "card")
    books.shifts.move("in", 2_000, "change money").result()
    books.shifts.move("out", 500, "expenses").result()
    books.shifts.move("no_sale", 0, "change given").result()
    books.shifts.close(Counted({1000: 11, 100: 8, 10: 5}, 10_000)).result()
    (z,) = books.zs()
    assert (z.expected, z.counted, z.difference) == (10_000 + 370 + 2_000 - 500, 11_850, -20)
    assert (z.kept, z.dropped) == (10_000, 1_850)
    assert (z.totals.sales, z.totals.sold, z.totals.paid_in, z.totals.paid_out, z.totals.no_sales) == (
        2, 499, 2_000, 500, 1,
    )  # fmt: skip
    assert [(one.rate, one.gross, one.tax) for one in z.totals.rates] == [(2000, 129, 22), (0, 370, 0)]
    assert [job for job, _ in books.jobs if job in ("drawer", "z-00000001")] == ["drawer"] * 4 + ["z-00000001"]
    assert b"Difference" in books.jobs[-1][1]


def test_a_sale_opens_a_shift_by_itself_with_what_the_last_one_left(books: Books) -> None:
    books.shifts.open(10_000).result()
    books.shifts.close(Counted({1000: 10, 100: 5}, 9_000)).result()
    paid = books.sell("milk")
    assert paid.shift is not None
    assert (paid.shift.number, paid.shift.opening, paid.shift.by_itself) == (2, 9_000, True)
    assert books.sell("milk").shift is None


def test_a_shift_left_open_is_closed_uncounted_by_the_next_days_first_sale_and_the_day_with_it(books: Books) -> None:
    books.shifts.open(5_000).result()
    books.sell("milk")
    books.clock.set(TUESDAY_14 + DAY_MS)
    paid = books.sell("bread")
    (z,) = books.zs()
    assert (z.counted, z.difference, z.kept, z.dropped) == (None, 0, 5_185, 0)
    assert paid.shift is not None
    assert paid.shift.opening == 5_185
    (day,) = books.periods("day")
    assert (day.label, day.totals.sold, day.perpetual.sold) == (739_678, 185, 185)


def test_a_closing_is_signed_names_its_lines_and_needs_no_network(books: Books) -> None:
    books.sell("milk")
    books.shifts.close(Counted({}, 0)).result()
    books.sell("bread")
    books.shifts.close(Counted({}, 0)).result()
    first, second = books.zs()
    assert second.covers[0].first == first.covers[-1].last + 1
    for z in (first, second):
        assert books.reading.hash_at(z.covers[-1].last) == bytes.fromhex(z.hash)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(z.public_key))
        key.verify(bytes.fromhex(z.signature), signed_text(z))
    assert (second.totals.first_receipt, second.totals.last_receipt) == (2, 2)


def test_days_months_and_years_close_by_sequence_and_days_sum_to_both(books: Books) -> None:
    chance = random.Random(5)
    for day in range(0, 700, 9):
        books.clock.set(TUESDAY_14 + day * DAY_MS)
        for _ in range(chance.randrange(1, 4)):
            books.sell(chance.choice(("milk", "bread", "choc")), chance.choice(("cash", "card")))
    days, months, years = (books.periods(period) for period in ("day", "month", "year"))
    assert [one.label for one in years] == [2026, 2027]
    assert sum(one.totals.sold for one in days) == days[-1].perpetual.sold
    for longer in (months, years):
        last = longer[-1].totals.last_receipt
        within = [one for one in days if one.totals.last_receipt <= last]
        assert sum(one.totals.sold for one in longer) == sum(one.totals.sold for one in within)
        assert sum(r.tax for one in longer for r in one.totals.rates) == sum(
            r.tax for one in within for r in one.totals.rates
        )
        assert longer[-1].perpetual.sold == sum(one.totals.sold for one in longer)


def test_wrong_clocks_neither_double_nor_drop_a_receipt(books: Books) -> None:
    chance = random.Random(7)
    for number in range(200):
        wrong = chance.random() < 0.1
        off = chance.choice((-400, -30, -1, 1, 30, 3650)) * DAY_MS if wrong else 0
        books.clock.set(TUESDAY_14 + number * DAY_MS // 20 + off)
        books.sell(chance.choice(("milk", "bread", "choc")))
        if chance.random() < 0.1 and books.reading.open_shift():
            books.shifts.close(Counted({}, 0)).result()
    if books.reading.open_shift():
        books.shifts.close(Counted({}, 0)).result()
    zs = books.zs()
    numbers = [n for z in zs for n in range(z.totals.first_receipt, z.totals.last_receipt + 1) if z.totals.sales]
    assert numbers == list(range(1, 201))
    assert sum(z.totals.sold for z in zs) == zs[-1].perpetual.sold == books.reading.ever().sold
    days = books.periods("day")
    assert sum(day.totals.sold for day in days) == days[-1].perpetual.sold


def test_a_shift_lives_on_in_a_new_journal_and_its_z_names_both(books: Books) -> None:
    books.shifts.open(1_000).result()
    books.sell("milk")
    books.journal.begin_again("restored").result()
    books.sell("milk")
    now = standing(books.reading)
    assert now is not None
    assert (now.totals.sold, now.expected) == (370, 1_370)
    books.shifts.close(Counted({10: 137}, 1_370)).result()
    (z,) = books.zs()
    assert (z.difference, z.totals.sales) == (0, 2)
    assert len(z.covers) == 2


def test_receipts_from_before_there_were_shifts_are_in_no_drawer_but_in_the_perpetual_totals(books: Books) -> None:
    record(books.journal, sold(1, "milk"), sold(2, "milk"))
    books.shifts.open(100).result()
    books.sell("milk")
    now = standing(books.reading)
    assert now is not None
    assert (now.expected, now.totals.first_receipt) == (285, 3)
    assert books.reading.ever().sold == 385


def test_a_wrong_tender_is_put_right_by_a_pair_of_events_within_its_shift(books: Books) -> None:
    books.sell("milk")
    books.sell("bread", "card")
    books.shifts.retender(1, "card").result()
    halves = [event.body for event in books.reading.events("tender_moved")]
    assert [(one["tender"], one["amount"]) for one in halves] == [("cash", -185), ("card", 185)]
    now = standing(books.reading)
    assert now is not None
    assert {one.tender: one.amount for one in now.totals.tenders} == {"cash": 0, "card": 525}
    assert (now.totals.corrections, now.totals.sold, now.expected) == (1, 525, 0)
    with pytest.raises(BadInput, match="nothing of it was paid in cash"):
        books.shifts.retender(1, "card").result()
    books.shifts.retender(1, "cash").result()
    assert books.reading.kept(1) == {"cash": 185}
    books.shifts.close(Counted({100: 1, 50: 1, 20: 1, 10: 1, 5: 1}, 0)).result()
    with pytest.raises(BadInput, match="no sale of the open shift"):
        books.shifts.retender(1, "card").result()


@pytest.mark.parametrize(("kept", "to"), [({"cash": 1300, "rounding": -2}, "card"), ({"card": 1298}, "cash")])
def test_a_corrected_tender_takes_its_rounding_along(kept: dict[TenderKind, int], to: TenderKind) -> None:
    after = dict(kept)
    for kind, by in moved(kept, to, 5):
        after[kind] = after.get(kind, 0) + by
    paid = {kind: amount for kind, amount in after.items() if amount}
    assert paid == ({"card": 1298} if to == "card" else {"cash": 1300, "rounding": -2})


def test_a_copy_is_counted_before_it_is_printed_and_says_which_it_is(books: Books) -> None:
    books.sell("milk")
    reprints = Reprints(books.journal, books.paper)
    assert [reprints.reprint().result().copy_number, reprints.reprint(1).result().copy_number] == [1, 2]
    assert [b"COPY 1" in books.jobs[-2][1], b"COPY 2" in books.jobs[-1][1]] == [True, True]
    with pytest.raises(NotKnown, match="no receipt 9"):
        reprints.reprint(9).result()
    assert books.reading.totals_after(0, 0).reprints == 2


def test_an_unknown_card_blocks_the_next_until_somebody_has_looked(books: Books) -> None:
    cards = Cards(books.journal, seeded_ids(9))
    attempt = cards.ask(1_295).result()
    with pytest.raises(BadInput, match="is undecided"):
        cards.ask(1_295).result()
    cards.answer(attempt.attempt, "unknown").result()
    with pytest.raises(BadInput, match="is undecided"):
        cards.ask(500).result()
    cards.answer(attempt.attempt, "declined").result()
    with pytest.raises(BadInput, match="decided already"):
        cards.answer(attempt.attempt, "approved").result()
    assert cards.ask(500).result().amount == 500


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda shifts: shifts.open(-1), "no amount"),
        (lambda shifts: shifts.move("in", 0, "x"), "how much"),
        (lambda shifts: shifts.move("no_sale", 5, "x"), "how much"),
        (lambda shifts: shifts.move("out", 100, " "), "a reason"),
        (lambda shifts: shifts.move("out", 100, "bank").result(), "more than the drawer holds"),
        (lambda shifts: shifts.close(Counted({100: 1}, 200)), "more can stay"),
        (lambda shifts: shifts.close(Counted({100: -1}, 0)), "no count"),
        (lambda shifts: shifts.close(Counted({}, 0)).result(), "no shift is open"),
    ],
)
def test_odd_acts_at_the_drawer_are_refused_and_change_nothing(books: Books, act: object, words: str) -> None:
    head = books.reading.head()
    with pytest.raises(BadInput, match=words):
        act(books.shifts)  # type: ignore[operator]
    assert books.reading.head() == head


def test_a_database_of_an_older_program_is_folded_anew_at_its_start(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.sell("milk")
    books.close()
    journal = open_journal(tmp_path, ())
    journal._writer.act(
        lambda db: db.execute("DROP TABLE act; UPDATE mark SET value = '-' WHERE name = 'views'") and None
    )
    journal.close()
    again = open_journal(tmp_path, ())
    with again.reading() as memory:
        verify(memory.db)
        assert memory.ever().sold == 185
    again.close()
