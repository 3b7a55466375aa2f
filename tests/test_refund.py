"""Refunds: amounts turned round exactly, never more than was sold, stock only for what goes back to the shelf."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.counter.buyers import Buyer, Buyers
from edge_agent.counter.invoicing import Invoicing
from edge_agent.counter.people import People
from edge_agent.counter.refunding import Original, Policy, Refunding, Unproved, in_exchange, original, original_by_code
from edge_agent.counter.signing import signer
from edge_agent.errors import BadInput, DropshelfError, NotAllowed, NotKnown
from edge_agent.journal.rebuild import verify
from edge_agent.rules.refund import Back, Rounding, SoldBefore, is_whole, lines_back, paid_back, taxes_back
from edge_agent.rules.sale import Tendered
from edge_agent.rules.suffix import Cutter
from edge_agent.rules.tax import by_rate
from edge_agent.wire.events.device import TillKnown
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.messages import FeedEntry
from tests.shop import TUESDAY_14, seeded_ids
from tests.test_shift import Books


class Desk(Books):
    """The books with refunds."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        super().__init__(folder, seed)
        self.refunding = Refunding(self.journal, self.paper.after, self.shifts.needed, Policy(500, 800))

    def bought(self, *skus: str, kind: str = "cash") -> Original:
        """A sale of these items, one line each."""
        for sku in skus[:-1]:
            self.selling.scan(sku)
        return original(self.reading, self.sell(skus[-1], kind).receipt)

    def refunds(self) -> list[RefundMade]:
        return [RefundMade.model_validate(event.body) for event in self.reading.events("refund_made")]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    with opened.journal.reading() as memory:
        verify(memory.db)
    opened.close()


def test_a_sale_and_its_full_refund_leave_zeros_in_every_total(desk: Desk) -> None:
    desk.shifts.open(5_000).result()
    known = desk.bought("milk", "choc", "choc", "bread")
    done = desk.refunding.give_back(known, [Back(0, 1000), Back(1, 2000), Back(2, 1000)], "cash").result()
    assert (done.receipt, done.total, done.amount) == (2, 185 + 258 + 340, 783)
    sums = desk.reading.totals_after(0, 0)
    assert (sums.sold, sums.refunded, sums.sales, sums.refunds) == (783, -783, 1, 1)
    assert {(one.gross, one.tax) for one in sums.rates} == {(0, 0)}
    assert {one.amount for one in sums.tenders} == {0}
    assert {desk.reading.stock(sku).on_hand for sku in ("milk", "choc", "bread")} == {0}


def test_only_what_goes_back_to_the_shelf_is_stock_again(desk: Desk) -> None:
    known = desk.bought("milk", "choc", "bread")
    backs = [Back(0, 1000, "shelf"), Back(1, 1000, "damaged"), Back(2, 1000, "supplier")]
    desk.refunding.give_back(known, backs, "cash").result()
    assert [desk.reading.stock(sku).on_hand for sku in ("milk", "choc", "bread")] == [0, -1000, -1000]
    assert dict(desk.reading.demand_days("milk"))


def test_nothing_comes_back_twice_nor_more_than_was_sold(desk: Desk) -> None:
    known = desk.bought("milk", "bread")
    with pytest.raises(BadInput, match="only 1 of it"):
        desk.refunding.give_back(known, [Back(0, 2000)], "cash")
    first = desk.refunding.give_back(known, [Back(0, 1000)], "cash")
    # The receipt was read before the first refund was stored: the second is refused inside its transaction.
    second = desk.refunding.give_back(known, [Back(0, 1000)], "cash")
    first.result()
    with pytest.raises(BadInput, match="has come back already"):
        second.result()
    assert len(desk.refunds()) == 1
    assert [line.left for line in original(desk.reading, 1).lines] == [0, 1000]


def test_a_refund_is_no_receipt_to_come_back_with_and_an_unknown_number_says_so(desk: Desk) -> None:
    desk.refunding.give_back(desk.bought("milk"), [Back(0, 1000)], "cash").result()
    with pytest.raises(BadInput, match="is a refund itself"):
        original(desk.reading, 2)
    with pytest.raises(NotKnown, match="no receipt 77"):
        original(desk.reading, 77)


def printed(desk: Desk) -> str:
    """The code on the newest receipt."""
    found = re.search(rb"dropshelf:[!-~]+", desk.jobs[-1][1])
    assert found
    return found[0].decode()


def test_the_code_on_the_receipt_finds_it_and_a_forged_one_does_not(desk: Desk) -> None:
    desk.bought("milk")
    code = printed(desk)
    assert original_by_code(desk.reading, code).of.receipt == 1
    desk.journal.begin_again("restored").result()
    assert original_by_code(desk.reading, code).of.receipt == 1
    with pytest.raises(NotAllowed, match="not printed by a till of this shop"):
        original_by_code(desk.reading, code.replace(":1:", ":2:", 1))
    for odd in ("dropshelf:", "dropshelf:x:1:2", "5012345678900", "", "dropshelf:1:2:3:m:!!:??"):
        with pytest.raises(DropshelfError):
            original_by_code(desk.reading, odd)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Desk]:
    """Another till of the shop; it has no network, and was told of the first one's key before."""
    opened = Desk(tmp_path / "other", seed=2)
    yield opened
    with opened.journal.reading() as memory:
        verify(memory.db)
    opened.close()


def knows(other: Desk, desk: Desk, cursor: int = 1, *, trusted: bool = True) -> None:
    """The other till takes from the feed what key this one signs with."""
    public_key, _ = signer(desk.journal.file.parent)(b"")
    body = TillKnown(device="d1", public_key=public_key, trusted=trusted)
    entry = FeedEntry(cursor=cursor, kind="till_known", v=1, at=TUESDAY_14, body=body.model_dump())
    other.journal.take_feed("g", [entry]).result()


def test_another_till_of_the_shop_gives_back_by_the_signed_code_alone_and_once(desk: Desk, other: Desk) -> None:
    desk.bought("milk", "choc", "bread")
    code = printed(desk)
    with pytest.raises(NotAllowed, match="not printed by a till of this shop"):
        original_by_code(other.reading, code)
    knows(other, desk)
    heard = Cutter().feed(f"{code}\r".encode()).codes
    known = original_by_code(other.reading, *heard)
    assert (known.lines[0].name, known.lines[0].gross) == ("Oat milk 1 l", 185)
    other.refunding.give_back(known, [Back(0, 1000), Back(1, 1000)], "cash").result()
    (made,) = other.refunds()
    assert (made.of and made.of.journal, made.total, [tax.tax for tax in made.taxes]) == ("other", -314, [-22, 0])
    with pytest.raises(BadInput, match="has come back already"):
        other.refunding.give_back(known, [Back(0, 1000)], "cash").result()
    assert [line.left for line in original_by_code(other.reading, code).lines] == [0, 0, 1000]
    knows(other, desk, 2, trusted=False)
    with pytest.raises(NotAllowed):
        original_by_code(other.reading, code)


def test_what_is_changed_in_a_code_no_longer_holds(desk: Desk, other: Desk) -> None:
    knows(other, desk)
    desk.bought("milk")
    code = printed(desk)
    for place in range(len("dropshelf:"), len(code)):
        touched = code[:place] + ("A" if code[place] != "A" else "B") + code[place + 1 :]
        if touched[:-1] != code[:-1]:
            with pytest.raises((NotAllowed, NotKnown)):
                original_by_code(other.reading, touched)


def test_a_receipt_too_long_for_its_code_comes_back_at_its_own_till(desk: Desk, other: Desk) -> None:
    knows(other, desk)
    for number in range(40):
        desk.selling.scan(("milk", "bread", "choc")[number % 3], 1000 + number)
    desk.sell("milk")
    code = printed(desk)
    assert len(code) < 160
    with pytest.raises(NotAllowed, match="too long for its code"):
        original_by_code(other.reading, code)
    assert original_by_code(desk.reading, code).of.receipt == 1


def test_money_goes_back_the_way_it_came_unless_the_cashier_says_otherwise(desk: Desk) -> None:
    assert desk.bought("milk").way == "cash"
    known = desk.bought("bread", kind="card")
    assert known.way == "card"
    desk.refunding.give_back(known, [Back(0, 1000)], "card").result()
    assert [(one.kind, one.amount) for one in desk.refunds()[0].tenders] == [("card", -340)]
    assert [job for job, _ in desk.jobs].count("drawer") == 1


def test_without_a_receipt_there_is_a_reason_and_a_limit_at_once_and_a_day(desk: Desk) -> None:
    milk, bread = desk.selling.look_up("milk"), desk.selling.look_up("bread")
    assert milk
    assert bread
    with pytest.raises(BadInput, match="a reason"):
        desk.refunding.give_back_unproved([Unproved(milk, 1000, "shelf")], " ")
    with pytest.raises(NotAllowed, match=r"5\.00 at once"):
        desk.refunding.give_back_unproved([Unproved(milk, 3000, "shelf")], "lost").result()
    desk.refunding.give_back_unproved([Unproved(bread, 1000, "damaged"), Unproved(milk, 500, "shelf")], "lost").result()
    with pytest.raises(NotAllowed, match=r"8\.00 a day"):
        desk.refunding.give_back_unproved([Unproved(milk, 2500, "shelf")], "lost").result()
    (made,) = desk.refunds()
    assert (made.of, made.reason, made.total) == (None, "lost", -433)


@pytest.mark.parametrize(("taken", "used", "cash"), [("choc", 129, 56), ("bread", 185, 0), ("milk", 185, 0)])
def test_an_exchange_is_one_act_whose_two_halves_cancel_out(desk: Desk, taken: str, used: int, cash: int) -> None:
    credit = in_exchange(desk.bought("milk"), [Back(0, 1000)])
    desk.selling.scan(taken)
    sale = desk.selling.sale
    rest = [Tendered("cash", sale.total - used)] if sale.total > used else []
    tenders = [Tendered("exchange", used), *rest]
    paid = desk.paying.pay(sale, tenders, exchanged=desk.refunding.exchanged(credit, used)).result()
    desk.selling.clear()
    assert (paid.receipt, paid.change) == (3, cash)
    sums = desk.reading.totals_after(0, 0)
    assert {one.tender: one.amount for one in sums.tenders}["exchange"] == 0
    assert sums.sold + sums.refunded == sale.total
    assert [job for job, _ in desk.jobs if job != "drawer"][-2:] == ["00000002-receipt", "00000003-receipt"]
    with pytest.raises(BadInput, match="come back already"):
        desk.paying.pay(sale, tenders, exchanged=desk.refunding.exchanged(credit, used)).result()
    assert desk.reading.next_receipt() == 4


def test_an_invoice_has_its_own_number_and_names_its_buyer_on_paper_alone(desk: Desk, tmp_path: Path) -> None:
    people = People(tmp_path / "data", seeded_ids(4))
    buyers = Buyers(people, seeded_ids(5))
    invoicing = Invoicing(desk.journal, buyers, desk.paper)
    known = desk.bought("milk", "choc")
    desk.bought("bread")
    buyer = Buyer("Hill Farm Ltd", "GB 999 9999 73", "2 Hill Road")
    with pytest.raises(BadInput, match="needs a name"):
        invoicing.issue(1, Buyer(" "))
    issued = invoicing.issue(1, buyer).result()
    assert (issued.number, issued.receipt, invoicing.issue(2, buyer).result().number) == (1, 1, 2)
    assert b"INVOICE 000001" in desk.jobs[-2][1]
    assert b"Hill Farm Ltd" in desk.jobs[-2][1]
    with pytest.raises(BadInput, match="has invoice 1"):
        invoicing.issue(1, buyer).result()
    desk.refunding.give_back(known, [Back(0, 1000)], "cash").result()
    note = desk.reading.invoice_of(3)
    assert note is not None
    assert (note.number, note.credits, note.buyer) == (3, 1, issued.buyer)
    invoicing.print_again(note)
    assert b"CREDIT NOTE 000003" in desk.jobs[-1][1]
    assert not [event for event in desk.reading.events() if "Hill" in str(event.body)]
    assert buyers.forget_due(TUESDAY_14 + 11 * 366 * 86_400_000) == 2
    with pytest.raises(NotKnown, match="forgotten"):
        invoicing.print_again(note)


def test_a_refund_is_printed_as_one_and_a_copy_of_it_too(desk: Desk) -> None:
    desk.refunding.give_back(desk.bought("milk"), [Back(0, 1000)], "cash").result()
    assert desk.paper.reprint(2)
    for _, paper in desk.jobs[-2:]:
        assert b"REFUND" in paper
        assert b"of receipt 000001" in paper
        assert b"-1.85" in paper


def test_refunds_live_on_in_a_new_journal(desk: Desk) -> None:
    known = desk.bought("milk", "bread")
    desk.refunding.give_back(known, [Back(0, 1000)], "cash").result()
    desk.journal.begin_again("restored").result()
    assert [line.left for line in original(desk.reading, 1).lines] == [0, 1000]
    assert desk.refunding.give_back(original(desk.reading, 1), [Back(1, 1000)], "cash").result().receipt == 3


LINES = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from([0, 700, 1000, 2000, 2200]), st.integers(1, 50_000)),
    min_size=1,
    max_size=5,
)


@given(LINES, st.data())
def test_however_a_receipt_comes_back_its_parts_sum_up_to_it_exactly(
    lines: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    totals, shares = by_rate([(gross, rate) for gross, rate, _ in lines])
    sold = [
        SoldBefore("A", "Thing", qty, 1, gross, rate, tax)
        for (gross, rate, qty), tax in zip(lines, shares, strict=True)
    ]
    gross, taxes = 0, dict.fromkeys(totals, 0)
    while any(line.left for line in sold):
        place = data.draw(st.sampled_from([place for place, line in enumerate(sold) if line.left]))
        qty = data.draw(st.integers(1, sold[place].left))
        back = lines_back(sold, [Back(place, qty)])
        assert all(tax.gross <= tax.tax <= 0 for tax in taxes_back(back))
        for line in back:
            before = sold[line.line]
            amounts = (before.back_qty + line.qty, before.back_gross + line.gross, before.back_tax + line.tax)
            sold[line.line] = SoldBefore("A", "Thing", before.qty, 1, before.gross, before.rate, before.tax, *amounts)
            gross += line.gross
            taxes[line.rate] += line.tax
    assert gross == -sum(line[0] for line in lines)
    assert taxes == {rate: -tax for rate, (_, tax) in totals.items()}


@given(st.integers(1, 10**6), st.sampled_from([1, 5, 10]), st.lists(st.integers(1, 10**5), max_size=5))
def test_cash_that_was_rounded_ends_at_zero_when_all_has_come_back(total: int, step: int, parts: list[int]) -> None:
    cash = -(-total // step) * step
    rounding, in_drawer, left, by = total - cash, cash, total, 0
    for wanted in [*parts, total]:
        part = min(wanted, left)
        if part == 0:
            break
        left -= part
        mirror = Rounding(rounding, by) if left == 0 else None
        tenders = paid_back(-part, "cash", step, mirror=mirror)
        assert sum(tender.amount for tender in tenders) == -part
        assert tenders[0].amount % step == 0
        in_drawer += tenders[0].amount
        by += sum(tender.amount for tender in tenders[1:])
    assert (in_drawer, rounding + by) == (0, 0)


def test_all_has_come_back_only_when_nothing_is_left_of_any_line() -> None:
    sold = [SoldBefore("A", "A", 1000, 1, 1, 0, 0), SoldBefore("B", "B", 2000, 1, 2, 0, 0)]
    assert not is_whole(sold, lines_back(sold, [Back(0, 1000), Back(1, 1000)]))
    assert is_whole(sold, lines_back(sold, [Back(0, 1000), Back(1, 1000), Back(1, 1000)]))
