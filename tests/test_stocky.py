"""Stocky's files: costs and suppliers by their orders, counts, terms; what has no place here is told by name."""

from collections.abc import Iterator

import pytest

from cloud_sync.catalogue import suppliers
from edge_agent.errors import BadInput, BadRow
from edge_agent.rules.imports import read_items, read_sales, read_stock
from edge_agent.rules.imports_rivals import as_it_came, kinds_of
from edge_agent.rules.imports_stocky import still_open
from edge_agent.wire.events.catalogue import SupplierSet
from tests.owner_shop import Scene, at_work
from tests.page_text import words
from tests.test_pages_imports import RIVALS, catalogue, shows, takes

ORDERS = (RIVALS / "stocky_orders.csv").read_bytes()
TERMS = (RIVALS / "stocky_suppliers.csv").read_bytes()
STOCKTAKE = (RIVALS / "stocky_stocktake.csv").read_bytes()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("stocky"), away=False) as scene:
        yield scene


def known(scene: Scene) -> dict[str, SupplierSet]:
    with scene.cloud.reading() as session:
        return suppliers(session, tenant=scene.cloud.shop.tenant, shop=scene.cloud.shop.shop)


@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        ("po number,supplier,status,sku,quantity,cost", ("items", "suppliers")),
        ("po #,sku,ordered", ()),
        ("stocktake number,sku,counted", ("stock",)),
        ("sku,product,on hand,cost,supplier", ("items", "stock", "suppliers")),
        ("supplier name,lead time,currency", ("suppliers",)),
    ],
)
def test_each_of_its_files_is_known_by_its_first_line(header: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of(header.split(",")) == ("stocky", kinds)


@pytest.mark.parametrize(
    "header",
    ["sku,qty", "sku,name,price,cost,vat,supplier", "supplier,name,order_days,cutoff,lead_days,email", "ts,sku,qty"],
)
def test_a_shop_s_own_file_is_not_taken_for_one_of_stocky(header: str) -> None:
    assert kinds_of(header.split(",")) == ("", ())


def test_an_order_on_its_way_is_one_that_has_not_ended_and_has_lines_to_come() -> None:
    assert still_open(as_it_came("orders.csv", ORDERS)) == {"PO-7": 1, "PO-8": 2}


def test_a_file_without_prices_is_no_list_of_items_at_the_till() -> None:
    with pytest.raises(BadInput, match="has costs of items, but no prices"):
        read_items("orders.csv", ORDERS, 2)
    with pytest.raises(BadInput, match="no export of sales"):
        read_sales("orders.csv", ORDERS, "Europe/London", None)


def test_a_count_is_taken_and_a_second_place_of_the_same_item_is_named() -> None:
    refused: list[BadRow] = []
    rows = read_stock("stocktake.csv", STOCKTAKE, refuse=refused.append)
    assert [(row.sku, row.qty_milli) for row in rows] == [("oat", 9_000)]
    assert [(bad.line, bad.why) for bad in refused] == [(3, "oat stands already in line 2")]


def test_suppliers_come_first_and_known_items_get_cost_and_supplier_by_their_newest_order(scene: Scene) -> None:
    before = catalogue(scene)
    with scene.owner() as browser:
        takes(browser, shows(browser, ORDERS, "stocky_orders.csv", kind="suppliers"))
        seen = shows(browser, ORDERS, "stocky_orders.csv", kind="items")
        said = words(seen)
        takes(browser, seen)
    after = catalogue(scene)
    assert {"Northside", "Harbour Foods"} <= set(known(scene))
    assert (after["oat"].supplier, after["tea"].supplier) == ("Northside", "Harbour Foods")
    assert after["oat"].pack_cost == 115 * before["oat"].pack // 1000
    assert (after["oat"].name, after["oat"].price) == (before["oat"].name, before["oat"].price)
    assert "A file of Stocky." in said
    assert "Line 5, sku is empty" in said
    assert "Line 6, sku oat-x is not in the catalogue" in said
    assert "Orders on their way are not taken over (each with its lines): PO-7 (1), PO-8 (2)." in said
    assert "supplier sku" in said


def test_terms_are_taken_days_become_working_days_and_other_money_is_refused_by_its_line(scene: Scene) -> None:
    with scene.owner() as browser:
        seen = shows(browser, TERMS, "stocky_suppliers.csv", kind="suppliers")
        takes(browser, seen)
    assert "Line 3, currency USD is not this shop's money (GBP)" in words(seen)
    assert "payment terms" in words(seen)
    north = known(scene)["Northside"]
    assert (north.lead_days, north.min_order, north.email) == (10, 8_000, "orders@northside.example")
    assert "Far Goods" not in known(scene)


def test_what_the_file_says_of_a_supplier_lies_over_what_is_known_and_the_rest_stays(scene: Scene) -> None:
    old = known(scene)["north"]
    file = b"Supplier Name,Lead Time,Email\nnorth,,new@north.example\n"
    with scene.owner() as browser:
        takes(browser, shows(browser, file, "suppliers.csv", kind="suppliers", lead_days="9", cutoff="09:00"))
    new = known(scene)["north"]
    assert new.email == "new@north.example"
    assert (new.lead_days, new.cutoff, new.order_days) == (old.lead_days, old.cutoff, old.order_days)
