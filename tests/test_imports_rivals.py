"""Exports of Square, Shopify and Loyverse, taken as they are: items, stock and sales; an error names their column."""

from pathlib import Path

import pytest

from edge_agent.errors import BadInput, BadRow
from edge_agent.rules.imports import read_items, read_sales, read_stock

FILES = Path(__file__).parent / "rivals"
SQUARE = (FILES / "square.csv").read_bytes()
SHOPIFY = (FILES / "shopify.csv").read_bytes()
LOYVERSE = (FILES / "loyverse.csv").read_bytes()


def test_squares_items_come_with_variants_categories_weights_and_their_own_vat() -> None:
    rows = {row.sku: row for row in read_items("square.csv", SQUARE, 2)}
    assert list(rows) == ["OAT1", "AAA2", "SOAP", "CHS"]
    oat = rows["OAT1"]
    assert (oat.name, oat.category, oat.price_minor, oat.cost_per_pack_minor) == ("Oat milk 1 l", "Dairy", 185, 120)
    assert (oat.codes, oat.rate_bp) == (("04006381333931",), 0)
    assert (rows["AAA2"].name, rows["AAA2"].rate_bp, rows["AAA2"].cost_per_pack_minor) == ("Oat milk Case", 2000, 0)
    assert (rows["SOAP"].asks, rows["SOAP"].name) == (True, "Soap")
    assert (rows["CHS"].unit, rows["CHS"].price_minor) == ("kg", 1400)
    assert [(row.sku, row.qty_milli) for row in read_stock("square.csv", SQUARE)] == [
        ("OAT1", 12_000), ("SOAP", 3_000), ("CHS", 2_500),
    ]  # fmt: skip


def test_shopifys_variants_share_their_item_and_pictures_are_no_items() -> None:
    rows = {row.sku: row for row in read_items("shopify.csv", SHOPIFY, 2, vat="20")}
    assert list(rows) == ["TEE-S", "tee-M-Red", "TEA"]
    small = rows["TEE-S"]
    assert (small.name, small.item, small.rate_bp, small.codes) == ("Logo tee S Red", "tee", 2000, ("04006381333931",))
    assert (rows["tee-M-Red"].name, rows["tee-M-Red"].category) == ("Logo tee M Red", "Clothes")
    assert (rows["TEA"].name, rows["TEA"].item, rows["TEA"].rate_bp) == ("Breakfast tea", "", 0)
    assert [row.qty_milli for row in read_stock("shopify.csv", SHOPIFY)] == [4_000, 6_000, 11_000]
    with pytest.raises(BadInput, match="does not say how much VAT is in its prices: say it"):
        read_items("shopify.csv", SHOPIFY, 2)


def test_loyverses_items_come_with_weight_variants_and_tax() -> None:
    rows = {row.sku: row for row in read_items("loyverse.csv", LOYVERSE, 2)}
    assert [row.name for row in rows.values()] == ["Sourdough", "Olives", "Cup Small", "Cup Large", "Gift"]
    assert [row.rate_bp for row in rows.values()] == [0, 2000, 2000, 2000, 2000]
    assert (rows["10002"].unit, rows["10004"].item, rows["10004"].category) == ("kg", "cup", "House")
    assert rows["10005"].asks
    assert [row.qty_milli for row in read_stock("loyverse.csv", LOYVERSE)] == [7_000, 2_345, 3_000]


def test_sales_of_all_three_are_added_up_by_hour_without_what_came_back() -> None:
    square = b"""Date,Time,Category,Item,Qty,Price Point Name,SKU,Gross Sales,Event Type
2026-03-02,14:05:22,Dairy,Oat milk,2.0,1 l,OAT1,3.70,Payment
2026-03-02,14:45:00,Dairy,Oat milk,1.0,1 l,OAT1,1.85,Payment
2026-03-02,15:00:00,Dairy,Oat milk,-1.0,1 l,OAT1,-1.85,Refund
"""
    shopify = b"""Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku
#1001,a@b.example,paid,2026-03-02 14:05:22 +0000,2,Oat milk,1.85,OAT1
#1001,,,,1,Tea,3.25,TEA
"""
    loyverse = b"""Date,Receipt number,Receipt type,Category,SKU,Item,Variant,Quantity,Gross sales
2026-03-02 14:05:00,1-1001,Sale,Bakery,10001,Sourdough,,2.000,6.80
2026-03-02 14:09:00,1-1002,Refund,Bakery,10001,Sourdough,,1.000,3.40
"""
    hour = 492_350
    assert _sold(square) == [(hour, "OAT1", 3_000)]
    assert _sold(shopify) == [(hour, "OAT1", 2_000), (hour, "TEA", 1_000)]
    assert _sold(loyverse) == [(hour, "10001", 2_000)]


def _sold(content: bytes) -> list[tuple[int, str, int]]:
    return [(row.hour_utc, row.sku, row.qty_milli) for row in read_sales("sales.csv", content, "Europe/London", None)]


def test_an_error_names_their_line_and_their_column() -> None:
    with pytest.raises(BadRow, match=r"square.csv, line 2, column price: '1,850' could mean two numbers"):
        read_items("square.csv", SQUARE.replace(b"1.85", b'"1,850"'), 2)
    with pytest.raises(BadRow, match=r"shopify.csv, line 5, column variant price: 'three' is not a plain number"):
        read_items("shopify.csv", SHOPIFY.replace(b"11,3.25", b"11,three"), 2, vat="20")
    with pytest.raises(BadRow, match=r"line 2, column gtin: 4006381333932 has a wrong check digit"):
        read_items("square.csv", SQUARE.replace(b"4006381333931", b"4006381333932"), 2)


def test_an_export_of_something_else_is_named_and_an_own_file_stays_an_own_file() -> None:
    with pytest.raises(BadInput, match=r"square.csv is Square's, but no export of sales: it has no column 'date'"):
        read_sales("square.csv", SQUARE, "Europe/London", None)
    (row,) = read_items("own.csv", b"sku,name,price,cost,vat\nm,Milk,1.00,0.70,0\n", 2)
    assert row.name == "Milk"
