"""Imported files: usual spellings are read exactly, everything doubtful is refused by file, line and column."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput, BadRow
from edge_agent.rules.day import HOUR_MS, local
from edge_agent.rules.imports import ItemRow, SaleRow, StockRow, read_items, read_sales, read_stock, read_suppliers

ITEMS = "sku,item,name,category,price,cost,vat,codes,pack,supplier,shelf_life_days\n"
MILK = "1001,milk,Oat milk 1 l,Milk,1.85,1.295,0,0400010297436,6,valley,7\n"
SUPPLIERS = "supplier,name,order_days,cutoff,lead_days,delivery_days,arrives,min_order,email,ordered_from\n"
LONDON = "Europe/London"


def items(text: str, decimals: int = 2) -> list[ItemRow]:
    return read_items("items.csv", text.encode(), decimals)


def sales(text: str, zone: str = LONDON) -> list[SaleRow]:
    return read_sales("sales.csv", text.encode(), zone, None)


def hour(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000 // HOUR_MS  # type: ignore[misc, arg-type]


def test_an_item_is_read_whole_and_exactly() -> None:
    assert items(ITEMS + MILK) == [
        ItemRow(
            line=2,
            sku="1001",
            item="milk",
            name="Oat milk 1 l",
            category="Milk",
            price_minor=185,
            cost_per_pack_minor=777,
            rate_bp=0,
            codes=("00400010297436",),
            pack_milli=6000,
            supplier="valley",
            shelf_life_days=7,
        )
    ]


def test_columns_stand_in_any_order_and_case_and_those_not_needed_may_be_absent() -> None:
    (row,) = items("VAT , Name,price,SKU,cost\n20,Lamp,12.5,lamp-1,7\n")
    assert (row.sku, row.name, row.price_minor, row.rate_bp, row.cost_per_pack_minor) == (
        "lamp-1",
        "Lamp",
        1250,
        2000,
        700,
    )
    assert (row.codes, row.pack_milli, row.supplier, row.shelf_life_days) == ((), 1000, "", None)


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("1.85", "1,85").replace(",", ";").replace("1;85", "1,85"),
        lambda text: text.replace("\n", "\n\n  \n"),
        lambda text: text.replace("Oat milk 1 l", '"Oat milk 1 l"'),
    ],
    ids=["mark", "crlf", "cr", "semicolon", "tab", "decimal comma", "blank lines", "quotes"],
)
def test_every_usual_spelling_of_a_table_gives_the_same_rows(changed) -> None:  # type: ignore[no-untyped-def]
    (row,) = items(changed(ITEMS + MILK))
    assert row == ItemRow(**{**items(ITEMS + MILK)[0].__dict__, "line": row.line})


def test_a_barcode_that_lost_its_leading_zero_in_a_spreadsheet_is_still_the_same_code() -> None:
    assert items(ITEMS + MILK.replace("0400010297436", "400010297436"))[0].codes == ("00400010297436",)


@pytest.mark.parametrize(("cost", "pack", "expected"), [("0.693", "24", 1663), ("0.0050", "1", 1), ("0.0049", "1", 0)])
def test_cost_a_piece_becomes_cost_a_pack_rounded_half_up(cost: str, pack: str, expected: int) -> None:
    row = MILK.replace("1.295", cost).replace(",6,valley", f",{pack},valley")
    assert items(ITEMS + row)[0].cost_per_pack_minor == expected


@given(price=st.integers(0, 99_999_999_999), decimals=st.sampled_from([0, 2, 3]))
def test_a_price_survives_being_written_and_read_in_any_currency(price: int, decimals: int) -> None:
    text = f"{Decimal(price).scaleb(-decimals):f}"
    if len(text.partition(".")[0]) <= 9:
        assert items(f"sku,name,price,cost,vat\nx,X,{text},1,0\n", decimals)[0].price_minor == price


@pytest.mark.parametrize(
    ("column", "old", "new", "words"),
    [
        ("price", "1.85", "1.855", "more than 2 decimals"),
        ("price", "1.85", "-1.85", "negative"),
        ("price", "1.85", "£1.85", "not a plain number"),
        ("price", "1.85", '"1,850"', "could mean two numbers"),
        ("price", "1.85", "", "is empty"),
        ("price", "1.85", "1e3", "not a plain number"),
        ("price", "1.85", "NaN", "not a plain number"),
        ("price", "1.85", "Infinity", "not a plain number"),
        ("price", "1.85", "٣", "not a plain number"),
        ("price", "1.85", "12345678901", "not a plain number"),
        ("cost", "1.295", "999999999", "dearer"),
        ("vat", ",0,", ",101,", "more than 100 percent"),
        ("codes", "0400010297436", "0400010297437", "wrong check digit"),
        ("codes", "0400010297436", "4.00011E+11", "shortened by a spreadsheet"),
        ("codes", "0400010297436", " ".join(map(str, range(101))), "101 codes"),
        ("codes", "0400010297436", "x" * 129, "not a code"),
        ("pack", ",6,valley", ",0,valley", "a pack holds something"),
        ("pack", ",6,valley", ",1.2345,valley", "more than 3 decimals"),
        ("shelf_life_days", ",7\n", ",2.5\n", "more than 0 decimals"),
        ("shelf_life_days", ",7\n", ",4000\n", "more than 3650"),
        ("name", "Oat milk 1 l", "\u202e\u200b", "is empty"),
        ("sku", "1001", "", "is empty"),
        ("sku", "1001", "a" * 65, "65 characters"),
        ("sku", "1001", "a\u202eb", "cannot be printed"),
    ],
)
def test_a_wrong_cell_is_named_by_file_line_and_column(column: str, old: str, new: str, words: str) -> None:
    good = MILK.replace("1001", "1000").replace("0400010297436", "")
    with pytest.raises(BadRow, match=words) as caught:
        items(ITEMS + good + MILK.replace(old, new, 1))
    assert (caught.value.file, caught.value.line, caught.value.column) == ("items.csv", 3, column)
    assert not caught.value.again


@pytest.mark.parametrize(
    ("header", "column", "words"),
    [
        ("sku,name,price,cost,vat,suplier", "'suplier'", "did you mean supplier"),
        ("sku,name,price,cost,vat,colour", "'colour'", "known are sku"),
        ("sku,name,cost,vat", "price", "is missing"),
        ("sku,name,price,cost,vat,sku", "sku", "twice"),
        ("sku,name,price,cost,vat,,pack", "(without a name)", "not a column"),
    ],
)
def test_a_wrong_header_is_named(header: str, column: str, words: str) -> None:
    with pytest.raises(BadRow, match=words) as caught:
        items(header + "\nx,X,1,1,0,1,1\n")
    assert (caught.value.line, caught.value.column) == (1, column)


def test_what_stands_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(BadRow, match="line 3, column sku: 1001 stands already in line 2"):
        items(ITEMS + MILK + MILK)
    with pytest.raises(BadRow, match="line 3, column codes: 00400010297436 stands already in line 2"):
        items(ITEMS + MILK + MILK.replace("1001", "1002"))
    with pytest.raises(BadRow, match="line 3, column codes: 1001 is the SKU in line 2"):
        items(ITEMS + MILK + "1002,,Oats,,1,1,0,1001,1,,\n")
    with pytest.raises(BadRow, match="line 4, column sku: a stands already in line 2"):
        read_stock("stock.csv", b"sku,qty\na,1\nb,1\na,2\n")


def test_a_line_is_counted_from_where_its_row_starts_even_after_a_break_inside_quotes() -> None:
    with pytest.raises(BadRow, match="line 4, column price"):
        items('sku,name,price,cost,vat\nx,"two\nlines",1,1,0\ny,Y,bad,1,0\n')


def test_short_and_long_rows_are_refused() -> None:
    with pytest.raises(BadRow, match="line 2, column cost: the row ends before this column"):
        items("sku,name,price,cost,vat\nx,X,1\n")
    with pytest.raises(BadRow, match="line 2, column 6: a cell beyond the header"):
        items("sku,name,price,cost,vat\nx,X,1,1,0,what\n")
    assert len(items("sku,name,price,cost,vat\nx,X,1,1,0,,\n")) == 1


def test_stock_is_read_in_milli_units() -> None:
    assert read_stock("stock.csv", b"qty,sku\n12,a\n0.742,b\n0,c\n") == [
        StockRow(2, "a", 12_000),
        StockRow(3, "b", 742),
        StockRow(4, "c", 0),
    ]


def test_a_supplier_is_read_with_its_calendar_and_its_defaults() -> None:
    text = SUPPLIERS + "north,Northside,tue Fri,15:00,2,,08:30,80.00,orders@north.example,shop\n"
    (row,) = read_suppliers("suppliers.csv", text.encode(), 2)
    assert (row.order_days, row.cutoff, row.lead_days, row.arrives, row.min_order_minor) == ((1, 4), 900, 2, 510, 8000)
    assert (row.working_days, row.delivery_days, row.ordered_from) == ((0, 1, 2, 3, 4), (), "shop")
    (bare,) = read_suppliers("s.csv", b"supplier,name,order_days,cutoff,lead_days\nn,N,Mon,9:05,0\n", 2)
    assert (bare.cutoff, bare.arrives, bare.min_order_minor, bare.email, bare.ordered_from) == (
        545,
        480,
        0,
        "",
        "cloud",
    )


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("order_days", "Tue Fri", ""),
        ("order_days", "Tue Fri", "Tue Freitag"),
        ("cutoff", "15:00", "24:00"),
        ("cutoff", "15:00", "3pm"),
        ("lead_days", ",2,", ",61,"),
        ("delivery_days", ",,08:00", ",8,08:00"),
        ("arrives", "08:00", "8"),
        ("email", "o@n.example", "a@b@c"),
        ("email", "o@n.example", "o@n.example>,x"),
        ("ordered_from", "cloud", "fax"),
    ],
)
def test_a_wrong_supplier_is_named(column: str, old: str, new: str) -> None:
    row = 'north,Northside,Tue Fri,15:00,2,,08:00,0,"o@n.example",cloud\n'.replace(old, new, 1)
    with pytest.raises(BadRow) as caught:
        read_suppliers("suppliers.csv", (SUPPLIERS + row).encode(), 2)
    assert (caught.value.line, caught.value.column) == (2, column)


def test_sales_are_added_up_by_hour_and_sku_in_order_of_time() -> None:
    text = (
        "ts,sku,qty,price,receipt\n2026-07-01T10:59:59,b,1,,\n2026-07-01 10:00,a,2,1.85,9\n2026-07-01T10:30,b,0.5,,\n"
    )
    summer = hour(2026, 7, 1, 9)
    assert sales(text) == [SaleRow(summer, False, "a", 2000), SaleRow(summer, False, "b", 1500)]


def test_a_time_may_say_its_own_offset() -> None:
    text = "ts,sku,qty\n2026-07-01T10:00:00Z,a,1\n2026-07-01T12:00:00+02:00,a,1\n"
    assert sales(text) == [SaleRow(hour(2026, 7, 1, 10), False, "a", 2000)]


def test_the_hour_that_a_clock_change_skips_or_repeats_is_kept_on_its_day() -> None:
    (skipped,) = sales("ts,sku,qty\n2026-03-29T01:30:00,a,1\n")
    (twice,) = sales("ts,sku,qty\n2026-10-25T01:30:00,a,1\n")
    assert local(skipped.hour_utc * HOUR_MS, LONDON).isoformat() == "2026-03-29T02:00:00+01:00"
    assert twice.hour_utc == hour(2026, 10, 25, 0)


@given(
    day=st.dates(date(1990, 1, 2), date(2100, 12, 30)),
    zone=st.sampled_from(
        [LONDON, "Asia/Kolkata", "Asia/Kathmandu", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia"]
    ),
)
def test_a_date_alone_stays_that_date_in_every_zone(day: date, zone: str) -> None:
    if (zone, day) == ("Pacific/Apia", date(2011, 12, 30)):  # the day that Samoa left out
        return
    (row,) = sales(f"ts,sku,qty\n{day.isoformat()},a,3\n", zone)
    assert (row.day_only, row.qty_milli) == (True, 3000)
    assert local(row.hour_utc * HOUR_MS, zone).date() == day


@given(minutes=st.integers(0, 366 * 24 * 60))
def test_every_local_minute_of_a_year_lands_on_its_own_day(minutes: int) -> None:
    wall = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(minutes=minutes)
    (row,) = sales(f"ts,sku,qty\n{wall.isoformat(timespec='minutes')},a,1\n")
    assert local(row.hour_utc * HOUR_MS, LONDON).date() == wall.date()


@pytest.mark.parametrize(
    "ts",
    ["", "2026-02-30", "01/03/2026", "2026-3-1", "2026-03-01T25:00", "0001-01-01", "2026-03-01T10", "20260301", "now"],
)
def test_a_wrong_date_is_refused(ts: str) -> None:
    with pytest.raises(BadRow, match="line 2, column ts"):
        sales(f"ts,sku,qty\n{ts},a,1\n")


def test_a_sale_that_is_still_to_come_is_refused_and_returns_are_no_demand() -> None:
    now = hour(2026, 3, 3, 14) * HOUR_MS
    with pytest.raises(BadRow, match="still to come"):
        read_sales("sales.csv", b"ts,sku,qty\n2026-03-03T15:00:00,a,1\n", LONDON, now)
    assert len(read_sales("sales.csv", b"ts,sku,qty\n2026-03-03T14:59:00,a,1\n", LONDON, now)) == 1
    with pytest.raises(BadRow, match="leave returns out"):
        sales("ts,sku,qty\n2026-03-01,a,-1\n")


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from("abc"), st.integers(0, 9_999)), max_size=30))
def test_no_quantity_is_lost_or_doubled_by_adding_up(found: list[tuple[int, str, int]]) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    lines = [f"{(start + timedelta(minutes=37 * at)).isoformat()},{sku},{qty}\n" for at, sku, qty in found]
    rows = sales("ts,sku,qty\n" + "".join(lines))
    assert sum(row.qty_milli for row in rows) == 1000 * sum(qty for _, _, qty in found)
    assert len({(row.hour_utc, row.sku) for row in rows}) == len(rows)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_agent.rules.imports.MOST_SALES", 3)
    with pytest.raises(BadInput, match="more than 3 rows"):
        sales("ts,sku,qty\n" + "2026-03-01,a,1\n" * 4)
    assert len(sales("ts,sku,qty\n" + "2026-03-01,a,1\n" * 3)) == 1
