"""Barcodes: check digits, and one canonical spelling however a code was scanned or typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.barcode import check_digit, checks, expanded, is_gtin, is_restricted, normalise, readable

DIGITS = st.text("0123456789", min_size=0, max_size=20)


def with_check(body: str) -> str:
    return body + check_digit(body)


# Worked examples of GS1's check digit calculator and of the specification of UPC-E.
@pytest.mark.parametrize("code", ["96385074", "4006381333931", "036000291452", "10614141000415", "5012345678900"])
def test_known_codes_have_right_check_digits(code: str) -> None:
    assert checks(code)
    assert is_gtin(code)


@pytest.mark.parametrize("length", [7, 11, 12, 13])
@given(data=st.data())
def test_one_wrong_digit_is_always_noticed(length: int, data: st.DataObject) -> None:
    code = with_check(data.draw(st.text("0123456789", min_size=length, max_size=length)))
    place = data.draw(st.integers(0, length))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != code[place]]))
    assert not checks(code[:place] + other + code[place + 1 :])


# The first two are printed on cans; the others follow the specification's rules for a last digit of 0 to 2, 3 and 4.
@pytest.mark.parametrize(
    ("seven", "eleven"),
    [
        ("0425261", "04210000526"),
        ("0123456", "01234500006"),
        ("0123450", "01200000345"),
        ("0123453", "01230000045"),
        ("0123454", "01234000005"),
    ],
)
def test_upc_e_and_the_upc_a_that_it_stands_for_are_one_product(seven: str, eleven: str) -> None:
    upc_a = with_check(eleven)
    upc_e = seven + upc_a[-1]
    assert expanded(upc_e) == upc_a
    assert normalise(upc_e) == normalise(upc_a) == upc_a.zfill(14)


@pytest.mark.parametrize(
    ("scanned", "canonical"),
    [
        ("4006381333931", "04006381333931"),
        ("]E04006381333931", "04006381333931"),
        ("]E34006381333931" + "12", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("]E496385074", "00000096385074"),
        ("]I110614141000415", "10614141000415"),
        ("]C10104006381333931", "04006381333931"),
        ("]d20104006381333931" + "17270101" + "10LOT7\x1d21X9", "04006381333931"),
        ("\x1d0104006381333931", "04006381333931"),
        ("0104006381333931", "04006381333931"),
        ("]e00104006381333931", "04006381333931"),
    ],
)
def test_one_product_has_one_spelling(scanned: str, canonical: str) -> None:
    assert normalise(scanned) == canonical


@pytest.mark.parametrize(
    "code", ["4011", "0042", "ABC-123", "4006381333932", "12345678901", "00000000000000", "00000000"]
)
def test_a_plu_or_own_code_stays_as_it_is(code: str) -> None:
    assert normalise(code) == code


@pytest.mark.parametrize("code", ["96385074", "2000000000008"[:12] + check_digit("200000000000"), "10614141000415"])
def test_eight_to_fourteen_digits_are_never_read_as_elements(code: str) -> None:
    assert normalise(code) == code.zfill(14)


@pytest.mark.parametrize("aim", ["]C1", "]e0", "]d2", ""])
@pytest.mark.parametrize("measured", ["3103000742", "3922199", "3012", "15991399"])
def test_a_code_with_a_weight_or_something_unknown_in_it_is_never_sold_as_one_piece(aim: str, measured: str) -> None:
    code = aim + "0104006381333931" + measured
    assert normalise(code) == code.removeprefix(aim)


def test_a_case_of_variable_measure_is_never_sold_as_one_piece() -> None:
    code = "01" + with_check("9061414100041")
    assert normalise("]C1" + code) == code


@pytest.mark.parametrize("body", ["021234501234", "041234500000", "201234500742", "291234599999"])
def test_a_weighed_code_stands_for_itself_whole(body: str) -> None:
    code = with_check(body)
    assert normalise(code) == "0" + code
    assert is_restricted(code)
    assert is_restricted(normalise(code))


@pytest.mark.parametrize("code", ["4006381333931", "036000291452", "4011"])
def test_an_ordinary_code_is_not_restricted(code: str) -> None:
    assert not is_restricted(code)


@given(st.one_of(st.text(max_size=140), DIGITS, DIGITS.map(lambda body: "]C101" + body)))
def test_normalising_never_fails_and_is_settled_after_one_go_for_gtins(code: str) -> None:
    canonical = normalise(code)
    if len(canonical) == 14 and is_gtin(canonical):
        assert normalise(canonical) == canonical


@pytest.mark.parametrize("raw", ["", "   ", "a\x00b", "\x1b[A1234", "1" * 129, "12\u202e34", "\x07"])
def test_what_is_no_code_is_refused_at_the_door(raw: str) -> None:
    assert readable(raw) is None


def test_what_is_a_code_comes_in_with_its_separators() -> None:
    assert readable(" 4006381333931 ") == "4006381333931"
    assert readable("\x1d0104006381333931\x1d10A") == "\x1d0104006381333931\x1d10A"
    assert readable("1" * 128) == "1" * 128
