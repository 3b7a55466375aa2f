"""What comes back: rates with a prior, the funnel, deposits, and the size of a drop and the cash that count with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.counter.refunding import Unproved
from edge_agent.errors import BadInput
from edge_agent.rules.cash_expected import REFUND_DAYS, Lot
from edge_agent.rules.drop import Demand
from edge_agent.rules.drop_report import Coming, proposal, stakes_of
from edge_agent.rules.refund import Back
from edge_agent.rules.returns import WHERE, WORDS, Belief, Deposits, Returns, Row, Seen, funnel
from tests.shop import CHOCOLATE, record
from tests.test_drops import MUGS, a_drop
from tests.test_refund import Desk

SHOP = Returns({"mug-s": Seen(100, 10, 8), "mug-m": Seen(900, 40, 30)})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.close()


def test_an_item_is_believed_to_return_as_the_shop_does_until_it_shows_its_own_rate() -> None:
    shop = (50 + 0.05 * 20) / 1020
    assert SHOP.rate(["new"]).mean == pytest.approx(shop)
    assert SHOP.rate(["mug-s"]).mean == pytest.approx((10 + 20 * shop) / 120)
    assert Returns({}).rate(["new"]).mean == pytest.approx(0.05)
    assert Returns({}).again(["new"]).mean == pytest.approx(0.8)
    assert SHOP.again(["mug-s"]).mean == pytest.approx((8 + 20 * (38 + 16) / 70) / 30)


def test_of_the_next_pieces_so_many_come_back_with_the_spread_of_what_is_not_known() -> None:
    known, guessed = Belief(100, 900), Belief(1, 9)
    assert (known.among(100, 0.1), known.among(100, 0.9)) == (6, 14)
    assert guessed.among(100, 0.9) > known.among(100, 0.9)
    assert Belief(37, 283).among(300, 0.5) == 34


def test_returns_lower_what_a_drop_is_sized_for_as_worked_by_hand() -> None:
    part, item = a_drop().parts[0], next(one for one in MUGS if one.sku == "mug-s")
    worked = item.model_copy(update={"price": 2000, "rate": 0, "pack": 1000, "pack_cost": 800})
    plain = stakes_of(worked, part.model_copy(update={"price": 0}), a_drop())
    seen = stakes_of(worked, part.model_copy(update={"price": 0}), a_drop(), Coming(0.1, 0.8, 200))
    assert seen.value == pytest.approx(1820)
    assert seen.ratio == pytest.approx(0.7727, abs=5e-5)
    assert plain.ratio == pytest.approx(0.80)
    assert (Demand(60, 324).size(plain.ratio), Demand(60, 324).size(seen.ratio)) == (74, 73)


def test_a_drop_that_was_planned_with_what_comes_back_is_sized_by_it_at_the_till_too() -> None:
    items = {one.sku: one for one in MUGS}
    plain, worse = a_drop(), a_drop(returned=4000, again=2000, handling=150)
    assert proposal(worse, [], items).coming == Coming(0.4, 0.2, 150)
    assert proposal(worse, [], items).best.pieces < proposal(plain, [], items).best.pieces
    assert proposal(worse, [], items, Coming(0.0, 1.0, 0)).coming.back == 0


def test_what_comes_back_of_a_drop_leaves_the_account_later_than_its_money_came() -> None:
    lot = Lot("d", "Mugs", 80, 800, 160, 2_400, 10, 16, Demand(64.8, 226.8), back=0.1, handling=200)
    goods, brings, back = lot.flows()
    assert (back.kind, back.day, back.amount) == ("refund", 16 + REFUND_DAYS, -round(lot.sold * 0.1 * 2_600))
    assert len({goods.key, brings.key, back.key}) == 3


ROWS = st.lists(
    st.builds(
        Row,
        st.sampled_from("ab"),
        st.sampled_from(sorted(WHERE)),
        st.sampled_from(sorted(WORDS)),
        st.integers(1, 9_000),
        st.integers(-9_000, 0),
    )
)


@given(ROWS)
def test_every_piece_that_came_back_has_one_reason_and_one_whereabouts(rows: list[Row]) -> None:
    found = funnel(100_000, rows)
    assert found.back == sum(qty for _, qty in found.whys) == sum(qty for _, qty in found.whereabouts)
    assert found.gross == sum(row.gross for row in rows)


def test_a_deposit_that_came_back_is_owed_no_more() -> None:
    assert Deposits("keg", 1000, 1000, 100, 100).owed == 0
    assert Deposits("keg", 10_000, 8_000, 1000, 800).rounds == 5.0


def test_goods_come_back_with_a_reason_and_their_share_of_the_deposit(desk: Desk) -> None:
    cola = CHOCOLATE.model_copy(
        update={"sku": "cola", "deposit": 25, "codes": ("04006381333931",), "name": "Cola 0.5 l"}
    )
    record(desk.journal, cola)
    known = desk.bought("cola", "cola")
    assert (known.lines[0].qty, known.lines[0].deposit) == (2000, 50)
    done = desk.refunding.give_back(known, [Back(0, 1000, "repair", "faulty")], "cash").result()
    line = desk.refunds()[-1].lines[0]
    assert (line.goes, line.why, line.deposit, line.gross) == ("repair", "faulty", -25, -done.total)
    empty = Unproved(desk.selling.look_up("4006381333931"), 3000, "empty")  # type: ignore[arg-type]
    back = desk.refunding.give_back_unproved([empty], "empties").result()
    made = desk.refunds()[-1]
    assert (back.total, made.lines[0].deposit, made.lines[0].price) == (75, -75, 25)
    assert desk.reading.stock("cola").on_hand == -2000, "neither what is to be mended nor packaging is stock"
    milk = Unproved(desk.selling.look_up(CHOCOLATE.codes[0]), 1000, "empty")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no deposit"):
        desk.refunding.give_back_unproved([milk], "empties").result()
