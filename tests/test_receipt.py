"""Receipts: what stands on them, which letters come out, and that no name can give the printer an order."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput
from edge_agent.rules import escpos
from edge_agent.rules.money import Currency
from edge_agent.rules.paper import Drawer, PrinterProfile, encoded, in_plain_letters, spelt
from edge_agent.rules.receipt import Receipt, ReceiptLine, ReceiptTax, as_text, render
from edge_agent.rules.text import cells
from tests.hostile import hostile_names
from tests.receipts import PLAIN, QR, RECEIPT, T20, commands, skeleton, sold

GOLDEN = Path(__file__).parent / "screens" / "receipt.txt"
NAMES = st.text(max_size=60)


def test_the_receipt_looks_as_it_was_looked_at() -> None:
    """DROPSHELF_LOOKED=1 writes the picture anew, for the one who looks at it."""
    shown = "\n".join(as_text(RECEIPT, columns) for columns in (48, 42, 32))
    if os.environ.get("DROPSHELF_LOOKED"):
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("columns", [48, 42, 32])
@given(
    name=NAMES,
    qty=st.sampled_from([1000, 2000, 742, -1000, 9_999_000]),
    price=st.integers(-(10**9), 10**9),
    decimals=st.sampled_from([0, 2, 3]),
)
def test_no_row_is_wider_than_the_paper_and_no_amount_is_cut(
    columns: int, name: str, qty: int, price: int, decimals: int
) -> None:
    line = ReceiptLine(qty, name, price, price)
    tax = ReceiptTax(2000, price, price, price)
    receipt = replace(RECEIPT, lines=(line,), taxes=(tax,), total_minor=price, currency=Currency("GBP", "£", decimals))
    rows = as_text(receipt, columns).split("\n")
    assert all(cells(row) <= columns for row in rows)
    amount = next(row for row in rows if row.startswith("TOTAL")).split("£")[1].replace(",", "")
    assert sum(row.replace(",", "").endswith(amount) for row in rows) >= 3


@pytest.mark.parametrize("profile", [T20, PLAIN])
def test_two_hundred_hostile_names_give_the_commands_of_a_plain_one(profile: PrinterProfile) -> None:
    plain = skeleton(render(sold("A"), profile))
    odd = [name for name in hostile_names() if skeleton(render(sold(name), profile)) != plain]
    assert odd == []


@given(NAMES)
def test_no_name_at_all_can_give_the_printer_an_order(name: str) -> None:
    paper = render(sold(name), T20)
    found, lines = commands(paper)
    assert skeleton(paper) == skeleton(render(sold("A"), T20))
    assert {command[2] for command in found if command.startswith(b"\x1bt")} <= {0, 17, 18, 19}
    assert all(len(line) <= 48 for line in lines)


def test_a_receipt_ends_with_the_cut_and_the_drawer_is_no_part_of_it() -> None:
    found, _ = commands(render(RECEIPT, T20))
    assert found[0] == b"\x1b@"
    assert found[-1] == b"\x1dVB\x00"
    assert not any(command.startswith(b"\x1bp") for command in found)
    assert not any(command.startswith(b"\x1dV") for command in commands(render(RECEIPT, PLAIN))[0])


def test_each_line_is_printed_on_a_page_that_has_its_letters() -> None:
    paper = render(RECEIPT, T20)
    assert b"\x1bt\x00" in paper
    assert "naïve café".encode("cp858") in paper
    assert "Żurek EUR2 Łódź".encode("cp852") in paper
    assert "£15.82".encode("cp437") in paper


@pytest.mark.parametrize(
    ("text", "page", "printed"),
    [
        ("Oat milk", "cp437", "Oat milk"),
        ("£5 café", "cp437", "£5 café"),
        ("5 €", "cp858", "5 €"),
        ("Pão", "cp858", "Pão"),
        ("Łódź", "cp852", "Łódź"),
        ("Борщ", "cp866", "Борщ"),
        ("Cafe\u0301", "cp437", "Café"),
        ("Łódź €", "cp852", "Łódź EUR"),
        ("\u201eTee\u201c \u2013 5\u00a0°", "cp437", '"Tee" - 5 °'),
        ("日本", "cp437", "??"),
    ],
)
def test_letters_that_the_printer_lacks_are_spelt_in_plain_ones(text: str, page: str, printed: str) -> None:
    spelling = spelt((text,), T20)
    assert (spelling.codec, spelling.texts[0].replace("\u00a0", " ")) == (page, printed)


def test_plain_letters_are_readable() -> None:
    assert in_plain_letters("Pão Łódź straße €2 ½ Ærø") == "Pao Lodz strasse EUR2 1/2 AEro"


@given(st.text(max_size=80), st.sampled_from(["cp437", "cp858", "cp852", "cp1252", "ascii"]))
def test_text_bytes_are_never_control_bytes(text: str, codec: str) -> None:
    assert not set(encoded(text, codec)) & {*range(32), 127}


def test_a_reprint_says_so() -> None:
    assert "COPY" not in as_text(RECEIPT, 48)
    assert "COPY" in as_text(replace(RECEIPT, copy=True), 48)
    assert b"COPY\n" in render(replace(RECEIPT, copy=True), T20)


def test_without_a_qr_command_the_text_itself_is_printed() -> None:
    narrow = replace(RECEIPT, qr="R:0123")
    assert b"R:0123\n" in render(narrow, PLAIN)
    assert b"\x1d(k" not in render(narrow, PLAIN)
    assert QR.encode() in render(RECEIPT, T20)


def test_a_receipt_without_taxes_lines_or_foot_is_a_receipt() -> None:
    bare = Receipt((), "1", "", "", "", (), 0, (), (), 0, "")
    assert "TOTAL" in as_text(bare, 32)
    assert render(bare, T20).endswith(b"\x1dVB\x00")


@pytest.mark.parametrize("text", ["", "a" * 441, "a\x1b@", "é", "\n"])
def test_a_code_holds_only_printable_ascii(text: str) -> None:
    with pytest.raises(BadInput, match="printable"):
        escpos.qr(text)
    with pytest.raises(BadInput, match="printable"):
        escpos.barcode(text)


def test_barcodes_name_their_kind() -> None:
    assert escpos.barcode("4006381333931").endswith(b"\x1dk\x43\x0d4006381333931")
    assert escpos.barcode("96385074").endswith(b"\x1dk\x44\x0896385074")
    assert escpos.barcode("A{1").endswith(b"\x1dk\x49\x06{BA{{1")


def test_the_drawer_pulse_names_its_pin_and_times() -> None:
    assert escpos.drawer_kick(Drawer(2, 50, 250)) == b"\x1bp\x00\x19\x7d"
    assert escpos.drawer_kick(Drawer(5, 510, 510)) == b"\x1bp\x01\xff\xff"
    assert escpos.drawer_kick_now(Drawer(5, 200, 250)) == b"\x10\x14\x01\x01\x02"
