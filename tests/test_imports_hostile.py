"""Hostile files: junk, bombs and tricks in names end in one clear refusal, or are cleaned; never in a crash."""

import gzip
import random
import tracemalloc
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput, BadRow
from edge_agent.rules.imports import read_items, read_sales, read_stock, read_suppliers
from edge_agent.rules.imports_table import unpacked

HEADER = "sku,name,price,cost,vat\n"


def read_all(content: bytes) -> None:
    """Every reader on the same bytes; BadInput is the only error that may come out."""
    refused: list[str] = []
    for read in (
        lambda: read_items("f.csv", unpacked("f.csv", content), 2),
        lambda: read_stock("f.csv", unpacked("f.csv", content)),
        lambda: read_suppliers("f.csv", unpacked("f.csv", content), 2),
        lambda: read_sales("f.csv", unpacked("f.csv", content), "Europe/London", None),
    ):
        try:
            read()
        except BadInput as error:
            refused.append(error.message)
    assert all(message.startswith("f.csv") for message in refused)


@given(st.binary(max_size=400))
def test_binary_junk_is_refused_with_the_name_of_the_file(content: bytes) -> None:
    read_all(content)


@given(st.binary(max_size=200))
def test_what_begins_like_gzip_is_refused_or_read(content: bytes) -> None:
    read_all(b"\x1f\x8b\x08" + content)


@given(st.lists(st.text(max_size=30), min_size=5, max_size=5))
def test_any_text_in_any_cell_is_read_or_refused(cells: list[str]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    for header in (HEADER, "supplier,name,order_days,cutoff,lead_days\n", "ts,sku,qty,price,receipt\n"):
        read_all((header + quoted + "\n").encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tea [/] [bold]x[/]", "Tea [/] [bold]x[/]"),
        ("\x1b[31mTea\x07\x1b@\x1dV\x01", "[31mTea@ V"),
        ("Tea\u202egnp.exe\u2066", "Teagnp.exe"),
        ("Te\u200ba\tx", "Tea x"),
        ("e\u0301" * 3, "\u00e9" * 3),
    ],
)
def test_a_hostile_name_is_cleaned_at_the_door(name: str, expected: str) -> None:
    (row,) = read_items("items.csv", f'{HEADER}x,"{name}",1,1,0\n'.encode(), 2)
    assert row.name == expected


def test_a_name_of_4000_characters_is_cut_to_what_a_line_holds() -> None:
    (row,) = read_items("items.csv", f"{HEADER}x,{'W' * 4000},1,1,0\n".encode(), 2)
    assert row.name == "W" * 80


@given(st.text(min_size=1, max_size=200))
def test_no_name_keeps_a_character_that_commands_anything(name: str) -> None:
    quoted = name.replace('"', '""')
    try:
        (row,) = read_items("items.csv", f'{HEADER}x,"{quoted}",1,1,0\n'.encode("utf-8", "surrogatepass"), 2)
    except BadInput:
        return
    assert 0 < len(row.name) <= 80
    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"} for sign in row.name)


def test_a_formula_is_only_text_and_comes_back_from_our_own_export_as_it_was() -> None:
    (row,) = read_items("items.csv", (HEADER + 'x,"\'=HYPERLINK(1)",1,1,0\n').encode(), 2)
    assert row.name == "=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b"sku,qty\na,1\0\n", "line 2: a NUL byte"),
        (b"sku,qty\na,1\n\xff,2\n", "line 3: this is not UTF-8"),
        ("sku,qty\na,1\n".encode("utf-16"), "line 1: this is not UTF-8"),
        (b'sku,qty\n"a,1\n', "line 2: unexpected end of data"),
        (b'sku,qty\n"a"b,1\n', "line 2"),
        (b"sku,qty\n" + b"a" * 200_000 + b",1\n", "line 2: field larger"),
        (b"sku,qty\n" + b"a" * 30_000 + b",1\n", "has 30,000 characters"),
        (b"PK\x03\x04 a spreadsheet", "f.csv"),
        (b"<html><body>Not found</body></html>", "not a column"),
    ],
)
def test_what_is_no_table_says_so(content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_stock("f.csv", content)


def test_a_packed_file_gives_the_same_bytes_in_one_member_or_several() -> None:
    plain = b"sku,qty\na,1\n"
    assert unpacked("f.csv", plain) == plain
    assert unpacked("f.csv.gz", gzip.compress(plain)) == plain
    assert unpacked("f.csv.gz", gzip.compress(plain[:5]) + gzip.compress(plain[5:])) == plain


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 4_000_000)
    assert len(bomb) < 8_000
    tracemalloc.start()
    with pytest.raises(BadInput, match="split it"):
        unpacked("bomb.gz", bomb, 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_500_000
    with pytest.raises(BadInput, match="split it"):
        unpacked("many.gz", gzip.compress(b"\0" * 300_000) * 20, 1_000_000)


@pytest.mark.parametrize("cut", [3, 12, 40])
def test_a_packed_file_cut_short_is_refused(cut: int) -> None:
    source = random.Random(7)
    packed = gzip.compress(bytes(source.randrange(256) for _ in range(60)))
    with pytest.raises(BadInput, match=r"gzip"):
        unpacked("f.csv.gz", packed[:cut])


def test_a_fault_in_the_last_of_many_rows_takes_none_of_them() -> None:
    rows = "".join(f"s{place},1\n" for place in range(2_000))
    with pytest.raises(BadRow, match="line 2002, column qty"):
        read_stock("stock.csv", f"sku,qty\n{rows}last,one\n".encode())
