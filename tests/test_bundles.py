"""Bundles: one code and one price; stock, demand and VAT are those of what is in it, to the last penny."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.clock import FileClock
from edge_agent.counter.holding import Holding
from edge_agent.counter.paper import receipt_of
from edge_agent.counter.paying import Paying
from edge_agent.counter.refunding import original
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput, BadRow
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.rules.bundle import Component, shares
from edge_agent.rules.imports import ITEMS, item_row
from edge_agent.rules.imports_made import item_of
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.receipt import as_text
from edge_agent.rules.refund import Back, lines_back
from edge_agent.rules.sale import Article, Sale, Tendered, add, change_qty, discount, discount_all, settle
from edge_agent.rules.tax import tax_in
from edge_agent.till.returns import Returns, Unproven
from edge_agent.wire.events.catalogue import BundlePart, ItemSet
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.shop import CAST, SHOP, TUESDAY_14, item, record

MUG, TEA = item("mug", "Mug", 1200, 2000), item("tea", "Tea 50 g", 500, 0)
SET = item("set", "Mug and tea", 1500, 2000).model_copy(
    update={"codes": ("5000000000011",), "bundle": (BundlePart(sku="mug", qty=2000), BundlePart(sku="tea", qty=1000))}
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A till with mugs, tea, and a bundle of two mugs and a tea for 15.00."""
    clock = FileClock(tmp_path / "clock")
    clock.set(TUESDAY_14)
    journal = Journal.open(tmp_path / "data", clock, random_id)
    record(journal, *CAST, MUG, TEA, SET)
    counted = tuple(CountedLine(sku=sku, counted=10_000, expected=0) for sku in ("mug", "tea"))
    record(journal, StockCounted(lines=counted, saw={}))
    reading = journal.reading()
    yield SimpleNamespace(journal=journal, reading=reading, selling=Selling(reading, clock))
    reading.close()
    journal.close()


def pay(shop: SimpleNamespace, sale: Sale) -> SaleCompleted:
    Paying(shop.journal, lambda *_: None).pay(sale, [Tendered("cash", sale.total)]).result()
    return SaleCompleted.model_validate(shop.reading.event(shop.reading.head().seq).body)


def test_one_line_at_the_till_and_its_components_in_stock_demand_and_vat(shop: SimpleNamespace) -> None:
    shop.selling.scan("5000000000011", 2000)
    (line,) = shop.selling.sale.lines
    assert (line.name, line.qty, line.gross) == ("Mug and tea", 2000, 3000)
    body = pay(shop, shop.selling.sale)
    assert [(one.sku, one.qty, one.gross, one.rate) for one in body.lines] == [
        ("mug", 4000, 2483, 2000),
        ("tea", 2000, 517, 0),
    ]
    assert [(one.rate, one.gross, one.tax) for one in body.taxes] == [(2000, 2483, 414), (0, 517, 0)]
    assert [shop.reading.stock(sku).on_hand for sku in ("mug", "tea", "set")] == [6000, 8000, 0]
    verify(shop.reading.db)


def test_the_receipt_has_one_line_with_what_is_in_it_below(shop: SimpleNamespace) -> None:
    shop.selling.scan("set")
    shop.selling.scan("tea")
    shop.selling.discount(0, 1000)
    pay(shop, shop.selling.sale)
    event = shop.reading.event(shop.reading.head().seq)
    text = as_text(receipt_of(event, SaleCompleted.model_validate(event.body), "", SHOP, "Till 1"), 42)
    rows = [" ".join(row.split()) for row in text.splitlines()]
    at = rows.index("Mug and tea 15.00")
    assert rows[at + 1 : at + 5] == ["2 x Mug", "1 x Tea 50 g", "10 % off -1.50", "Tea 50 g 5.00"]


def test_a_component_comes_back_and_the_rest_of_the_bundle_too_to_the_last_penny(shop: SimpleNamespace) -> None:
    shop.selling.scan("set")
    body = pay(shop, shop.selling.sale)
    known = original(shop.reading, body.receipt)
    (one,) = lines_back(known.lines, [Back(0, 1000)])
    assert (one.sku, one.gross) == ("mug", -621)
    every = [Back(place, line.qty) for place, line in enumerate(known.lines)]
    assert sum(line.gross for line in lines_back(known.lines, every)) == -1500
    assert sum(line.tax for line in lines_back(known.lines, every)) == -sum(tax.tax for tax in body.taxes)


def test_a_bundles_code_gives_back_all_that_is_in_it_or_nothing(shop: SimpleNamespace) -> None:
    shop.selling.scan("set", 2000)
    known = original(shop.reading, pay(shop, shop.selling.sale).receipt)
    whole = shop.reading.article("set", TUESDAY_14)
    returns = Returns(known)
    returns.scan(whole)
    assert [(back.line, back.qty) for back in returns.backs()] == [(0, 2000), (1, 1000)]
    returns.scan(shop.reading.article("tea", TUESDAY_14))
    with pytest.raises(BadInput, match="Tea 50 g: no more of it can come back"):
        returns.scan(whole)
    assert [(back.line, back.qty) for back in returns.backs()] == [(0, 2000), (1, 2000)]
    with pytest.raises(BadInput, match="with its receipt"):
        Unproven().scan(whole)


def test_a_bundle_waits_with_what_is_in_it(shop: SimpleNamespace) -> None:
    shop.selling.scan("set")
    before, holding = shop.selling.sale, Holding(shop.journal)
    ticket = holding.hold(before).result()
    assert holding.recall(ticket).result().sold == before.sold


def test_of_a_limited_component_no_more_is_sold_in_bundles_than_by_itself(shop: SimpleNamespace) -> None:
    record(shop.journal, MUG.model_copy(update={"limited": True}))
    shop.selling.scan("set", 5000)
    with pytest.raises(BadInput, match="Mug: only 10 left to sell here"):
        shop.selling.scan("mug")


def test_a_bundle_whose_component_is_not_known_here_is_sold_as_an_item(shop: SimpleNamespace) -> None:
    record(shop.journal, SET.model_copy(update={"bundle": (BundlePart(sku="spoon", qty=1000),)}))
    shop.selling.scan("set")
    assert [line.sku for line in pay(shop, shop.selling.sale).lines] == ["set"]


def row(bundle: str) -> ItemSet:
    plain = dict.fromkeys(ITEMS.known, "")
    said = {"sku": "set", "name": "Set", "price": "15.00", "cost": "0", "vat": "20", "bundle": bundle}
    return item_of(item_row(Cells("items.csv", 2, {**plain, **said}), 2), None, 0)


def test_a_file_and_the_form_say_what_is_in_it() -> None:
    assert row("mug 2, tea").bundle == SET.bundle
    assert row("").bundle == ()
    for wrong in ("set 1", "mug 1, mug 2", ", ".join(f"x{number}" for number in range(13))):
        with pytest.raises(BadRow, match="bundle"):
            row(wrong)


PARTS = st.lists(
    st.builds(
        Component,
        sku=st.sampled_from("abcdef"),
        name=st.just("x"),
        price=st.integers(0, 100_000),
        rate=st.sampled_from((0, 500, 2000)),
        qty=st.integers(1, 9).map(lambda pieces: 1000 * pieces),
    ),
    min_size=1,
    max_size=6,
).map(tuple)


@given(st.integers(0, 1_000_000), PARTS, st.lists(st.integers(0, 10_000), max_size=3))
def test_the_parts_of_a_price_sum_to_it_and_none_goes_below_nothing(
    goods: int, parts: tuple[Component, ...], off: list[int]
) -> None:
    cuts, left = [], goods
    for one in off:
        cuts.append(min(one, left))
        left -= cuts[-1]
    found = shares(goods, cuts, parts)
    assert sum(one.goods for one in found) == goods
    assert [sum(one.cuts[place] for one in found) for place in range(len(cuts))] == cuts
    assert all(one.left >= 0 for one in found)


@given(st.integers(1, 100_000), PARTS, st.integers(1, 9), st.integers(0, 10_000), st.integers(0, 10_000))
def test_vat_is_exact_for_each_rate_whatever_comes_off_a_bundle(
    price: int, parts: tuple[Component, ...], times: int, own: int, all_: int
) -> None:
    sale = add(Sale(), Article("set", "Set", price, 2000, parts=parts), 1000)
    sale = change_qty(add(sale, Article("y", "Y", 333, 500), 1000), 0, 1000 * (times - 1)) if times > 1 else sale
    sale = discount_all(discount(sale, 0, own), all_)
    settled = settle(sale, [Tendered("cash", sale.total)])
    assert sum(line.gross for line in sale.sold) == sale.total == sum(line.gross for line in sale.lines)
    by_rate: dict[int, int] = {}
    for line in sale.sold:
        by_rate[line.rate] = by_rate.get(line.rate, 0) + line.gross
    assert {rate: gross for rate, (gross, _) in settled.taxes.items()} == by_rate
    assert all(tax == tax_in(gross, rate) for rate, (gross, tax) in settled.taxes.items())
    assert len(settled.shares) == len(sale.sold)
    assert sum(settled.shares) == sum(tax for _, tax in settled.taxes.values())
