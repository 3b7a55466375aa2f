"""Creator editions: 19.99 by 85, 10 and 5 % is 16.99, 2.00 and 1.00; owed on page and in files, due in the cash."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync import cash
from edge_agent.errors import BadInput
from edge_agent.rules.cash_expected import Lot
from edge_agent.rules.creators import a_piece, check, creators_of, each_of, owed, words_of
from edge_agent.rules.drop import Demand
from edge_agent.rules.drop_report import stakes_of
from edge_agent.rules.imports_drops import read_file
from edge_agent.wire.events.drops import ClosedPart, Creator, DropClosed
from tests.owner_shop import TODAY, Good, Scene, at_work, sale, says
from tests.page_text import hidden, words
from tests.shop import TUESDAY_14
from tests.test_drops import MUGS, a_drop
from tests.test_pages_drops import FORM, HOUR
from tests.test_pages_returns import back, line

ANA, BEN = Creator(name="Ana", share=1_000), Creator(name="Ben", share=500)


def test_19_99_by_85_10_and_5_per_cent_is_16_99_2_00_and_1_00() -> None:
    assert each_of(1_999, [1_000, 500]) == [1_699, 200, 100]
    assert each_of(0, [1_000]) == [0, 0]
    assert each_of(1_999, [10_000]) == [0, 1_999]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 3_000), min_size=1, max_size=3))
def test_the_parts_are_the_amount_and_none_is_a_whole_unit_off(amount: int, shares: list[int]) -> None:
    parts = each_of(amount, shares)
    assert sum(parts) == amount
    weights = [10_000 - sum(shares), *shares]
    assert all(abs(part * 10_000 - amount * weight) < 10_000 for part, weight in zip(parts, weights, strict=True))


def test_a_share_of_one_variant_counts_for_that_one_alone_and_what_came_back_is_taken_off() -> None:
    drop = a_drop(creators=(ANA, Creator(name="Ben", share=500, sku="mug-l")))
    ana, ben = owed(drop, {"mug-s": 12_000, "mug-l": 1_999}, {"mug-s": 2_000})
    assert (ana.sold, ana.back, ana.amount) == (13_999, 2_000, 1_200)
    assert (ben.sold, ben.back, ben.amount) == (1_999, 0, 100)


def test_creators_are_written_as_words_and_read_again() -> None:
    found = creators_of("Ana Lund 10 %; Ben 2,5% of mug-l;")
    assert found == (Creator(name="Ana Lund", share=1_000), Creator(name="Ben", share=250, sku="mug-l"))
    assert creators_of(words_of(found)) == found
    assert creators_of("") == ()
    with pytest.raises(BadInput, match="'ten' is no creator"):
        creators_of("ten")
    file = b"drop,start,end,sku,units,likely,creators\nd,2026-03-06T10:00,2026-03-08T10:00,mug-s,6,6,Ana 10\n"
    assert read_file("f", file, "UTC", 2)[0].creators == (ANA,)


@pytest.mark.parametrize(
    ("creators", "words"),
    [
        ((Creator(name="Ana", share=9_000), Creator(name="Ben", share=2_000, sku="mug-l")), "more than all"),
        ((Creator(name="Ana", share=100, sku="cup"),), "cup is no variant"),
        ((Creator(name="Ana", share=0),), "more than nothing"),
        ((ANA, ANA), "stands there twice"),
    ],
)
def test_shares_that_cannot_be_are_refused(creators: tuple[Creator, ...], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check(a_drop(creators=creators))


def test_what_creators_get_lowers_the_stakes_and_leaves_the_account_when_it_is_due() -> None:
    item, part = MUGS[0], a_drop().parts[0]
    plain, shared = stakes_of(item, part, a_drop()), stakes_of(item, part, a_drop(creators=(ANA, BEN)))
    assert plain.price - shared.price == 180
    assert a_piece(a_drop(creators=(ANA, BEN)), {"mug-s": 1200, "mug-m": 1200, "mug-l": 1200}, [1, 1, 1]) == 180
    lot = Lot("d", "Mugs", 10, 800, 0, 1_200, 10, 16, Demand(40.0, 40.0), back=0.1, shared=180, shared_on=24)
    flows = {flow.key: flow for flow in lot.flows()}
    sold = lot.sold
    assert (flows["drop d shared"].day, flows["drop d shared"].amount) == (24, -round(sold * 0.9 * 180))


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[tuple[httpx.Client, Scene]]:
    with at_work(tmp_path, away=False) as scene, scene.owner() as browser:
        yield browser, scene


def sends(browser: httpx.Client, to: str, form: dict[str, str]) -> httpx.Response:
    token = hidden(browser.get("/cash"), "csrf")
    return browser.post(to, data={"csrf": token, **form}, follow_redirects=True)


MUG = Good("mug", "Mug", 1_999, 10, 1)
MUG_FORM = {**FORM, "sku1": "mug", "units1": "10", "likely": "10", "sku2": "", "units2": "", "price2": ""}
WINDOW = {"start": "2026-03-03T14:00", "end": "2026-03-03T20:00", "creators": "Ana 10; Ben 5 % of mug"}


def test_a_creators_share_stands_on_the_drops_page_in_its_files_and_in_the_cash(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    says(scene.till, MUG.item())
    scene.till.sends()
    sends(browser, "/cash/entry", {"kind": "balance", "date": "2026-03-02", "amount": "90000.00"})
    form = {**MUG_FORM, **WINDOW}
    assert "cup is no variant" in words(sends(browser, "/drops/plan", {**form, "creators": "Ana 10 % of cup"}))
    path = str(sends(browser, "/drops/plan", form).url.path)
    assert "Paid two weeks after the window, on Tue 17 Mar 2026" in words(browser.get(path))
    says(scene.till, sale(TODAY, 950, MUG, qty=2), back(951, line("mug", -1_999)))
    part = ClosedPart(sku="mug", sold=2_000, back=1_000, left=9_000, last_at=TUESDAY_14 + HOUR)
    name = path.rsplit("/", maxsplit=1)[-1]
    says(scene.till, DropClosed(drop=name, journal="a" * 32, parts=(part,), hours=(1, 1, 1, 1, 1, 1)))
    scene.till.sends()
    scene.cloud.set_clock(TUESDAY_14 + 7 * HOUR)
    with scene.owner() as later:
        said = words(later.get(path))
        file = later.get("/tables/creators.csv").text
        books = later.get(f"{path}/books.zip").content
    assert "Ana 10 % of each variant: £39.98 sold less £19.99 given back £2.00" in said
    assert "Ben 5 % of mug: £39.98 sold less £19.99 given back £1.00" in said
    assert "Due on Tue 17 Mar 2026" in said
    assert "Spring tea,Ana,,10,39.98,19.99,2.00,2026-03-17" in file
    with zipfile.ZipFile(io.BytesIO(books)) as packed:
        assert "Spring tea,Ben,mug,5,39.98,19.99,1.00,2026-03-17" in packed.read("creators.csv").decode()
        journal = packed.read("journal.csv").decode()
    assert "Creators' shares,3.00" in journal
    assert "Owed to creators,,3.00" in journal
    with scene.cloud.reading() as session:
        where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
        found = cash.account(session, **where, now=TUESDAY_14 + 7 * HOUR)
    assert found is not None
    mine = {flow.name: (flow.day, flow.amount) for flow in found.flows if flow.key.startswith("creator ")}
    assert mine == {"Ana, share of Spring tea": (TODAY + 14, -200), "Ben, share of Spring tea": (TODAY + 14, -100)}
