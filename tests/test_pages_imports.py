"""The owner's import: a file is shown before it is taken, and what is taken is what was shown."""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from cloud_sync import desk
from cloud_sync.accounts.rights import PROOF_MS
from cloud_sync.catalogue import items, suppliers
from cloud_sync.imports.kept import KEPT_MS, MOST_PLAIN
from cloud_sync.ingest.body import FILE_BYTES
from cloud_sync.ingest.verify import verify
from cloud_sync.tables.figures import DemandDay, Stock, Takings
from cloud_sync.tables.imports import ImportFile
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.messages import FeedEntry
from tests.owner_shop import OWN, Scene, at_work, own_password
from tests.page_text import form_of, words
from tests.shop import TUESDAY_14, open_journal

RIVALS = Path(__file__).with_name("rivals")
OWN_ITEMS = b"sku,name,price,cost,vat\noat,Oat milk 1 l,1.99,1.20,0\nnuts,Nuts 200 g,3.50,2,20\n"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("imports"), away=False) as scene:
        yield scene


def shows(browser: httpx.Client, content: bytes, name: str = "shop.csv", **asked: str) -> httpx.Response:
    """Choose a file, and say what is asked for beside it."""
    csrf = form_of(browser.get("/imports"))["csrf"]
    answer = browser.post("/imports", data={"csrf": csrf}, files={"file": (name, content)})
    if answer.status_code != 303:
        return answer
    return browser.get(answer.headers["location"].partition("?")[0], params=asked)


def takes(browser: httpx.Client, seen: httpx.Response) -> httpx.Response:
    """Say yes to what stands on the page."""
    return browser.post(seen.url.path, data=_yes(seen), follow_redirects=True)


def _yes(seen: httpx.Response) -> dict[str, str]:
    part = seen.text[seen.text.index('<form method="post" action="/imports/') :]
    return form_of(httpx.Response(200, text="<main>" + part[: part.index("</form>")]))


def catalogue(scene: Scene) -> dict[str, ItemSet]:
    with scene.cloud.reading() as session:
        return items(session, tenant=scene.cloud.shop.tenant, shop=scene.cloud.shop.shop)


def stock(scene: Scene, sku: str) -> tuple[int, int]:
    with scene.cloud.reading() as session:
        row = session.get(Stock, (scene.cloud.shop.tenant, scene.cloud.shop.shop, sku))
        return (row.on_hand, row.counts) if row else (0, 0)


def fed(scene: Scene, after: int = 0) -> list[FeedEntry]:
    return [FeedEntry.model_validate(one) for one in scene.till.feed(after)]


def test_a_file_is_shown_first_and_what_is_taken_is_what_was_shown(fresh: Scene) -> None:
    before, head = catalogue(fresh), fed(fresh)[-1].cursor
    with fresh.owner() as browser:
        seen = shows(browser, OWN_ITEMS)
        assert "1 new, 1 changed" in words(seen)
        assert "price 1.85 → 1.99" in words(seen)
        assert catalogue(fresh) == before, "showing changes nothing"
        answer = takes(browser, seen)
    assert "2 rows taken" in words(answer)
    assert "0 new, 0 changed" in words(answer)
    after = catalogue(fresh)
    assert (after["oat"].price, after["oat"].from_at, after["nuts"].price) == (199, TUESDAY_14, 350)
    assert [entry.body["sku"] for entry in fed(fresh, head)] == ["oat", "nuts"]


def test_what_the_file_does_not_speak_of_stays_as_it_was(fresh: Scene) -> None:
    known = catalogue(fresh)["oat"]
    export = (
        b"Handle,SKU,Name,Category,Sold by weight,Default price,Cost,Barcode,In stock [Corner]\n"
        b"oat,oat,Oat milk,,N,2.05,,,3\n"
    )
    with fresh.owner() as browser:
        takes(browser, shows(browser, export, vat="0"))
    after = catalogue(fresh)["oat"]
    assert (after.price, after.name) == (205, "Oat milk")
    assert (after.pack, after.pack_cost, after.supplier, after.category) == (
        known.pack, known.pack_cost, known.supplier, known.category,
    )  # fmt: skip


def test_a_row_that_is_off_is_named_by_line_and_field_and_leaves_with_its_reason(fresh: Scene) -> None:
    content = OWN_ITEMS + b"=bad(),Bad,cheap,1,20\nshort\nnuts,Nuts again,1,1,0\n"
    with fresh.owner() as browser:
        seen = shows(browser, content)
        said = words(seen)
        assert "Line 4, price" in said
        assert "Line 5, name" in said
        assert "nuts stands already in line 3" in said
        assert "Take 2 rows without the refused" in said
        file = browser.get(f"{seen.url.path}/refused.csv", params={"kind": "items"})
        takes(browser, seen)
    rows = list(csv.reader(io.StringIO(file.text)))
    assert rows[0][:4] == ["line", "column", "why", "sku"]
    assert [row[0] for row in rows[1:]] == ["4", "5", "6"]
    assert rows[1][3] == "'=bad()", "no cell runs as a formula"
    assert "nuts" in catalogue(fresh)


def test_a_code_of_another_item_is_refused(fresh: Scene) -> None:
    with fresh.owner() as browser:
        takes(browser, shows(browser, b"sku,name,price,cost,vat,codes\nnuts,Nuts,1,1,0,4006381333931\n"))
        seen = shows(browser, b"sku,name,price,cost,vat,codes\nseeds,Seeds,1,1,0,4006381333931\n")
    assert "4006381333931 belongs to Nuts already" in words(seen)
    assert "Nothing to change" in words(seen)


def test_what_somebody_changed_meanwhile_is_shown_anew_and_nothing_is_taken(fresh: Scene) -> None:
    with fresh.owner() as browser, fresh.owner() as other:
        seen = shows(browser, OWN_ITEMS)
        takes(other, shows(other, b"sku,name,price,cost,vat\noat,Oat milk 1 l,1.95,1.20,0\n"))
        answer = takes(browser, seen)
    assert answer.status_code == 409
    assert "The shop changed meanwhile. Nothing was taken" in words(answer)
    assert "price 1.95 → 1.99" in words(answer)
    assert "nuts" not in catalogue(fresh)


@pytest.mark.parametrize(
    ("name", "vat", "new"), [("square.csv", "", "OAT1"), ("shopify.csv", "20", "TEE-S"), ("loyverse.csv", "", "10001")]
)
def test_exports_of_other_tills_are_known_by_their_first_line(fresh: Scene, name: str, vat: str, new: str) -> None:
    with fresh.owner() as browser:
        seen = shows(browser, (RIVALS / name).read_bytes(), name, **({"vat": vat} if vat else {}))
        assert f"A file of {name.removesuffix('.csv').capitalize()}." in words(seen)
        takes(browser, seen)
        counted = shows(browser, (RIVALS / name).read_bytes(), name, kind="stock")
        takes(browser, counted)
    assert new in catalogue(fresh)
    assert stock(fresh, new)[1] == 1


def test_what_an_export_does_not_say_is_asked_for(fresh: Scene) -> None:
    with fresh.owner() as browser:
        seen = shows(browser, (RIVALS / "shopify.csv").read_bytes(), "shopify.csv")
    assert "does not say how much VAT is in its prices" in words(seen)
    assert 'name="vat"' in seen.text


def test_suppliers_of_an_export_come_with_the_calendar_that_was_said_and_then_the_items_know_them(fresh: Scene) -> None:
    export = (
        b"Token,Item Name,Variation Name,SKU,Price,Default Unit Cost,Default Vendor Name,Tax - VAT (20%)\n"
        b"T1,Nuts,,nuts,3.50,2.00,Mill & Co,Y\nT2,Oat milk,,oat,1.85,1.20,Mill & Co,N\n"
    )
    calendar = {"order_days": "tue thu", "cutoff": "11:00", "lead_days": "2"}
    with fresh.owner() as browser:
        takes(browser, shows(browser, export, kind="items"))
        assert catalogue(fresh)["nuts"].supplier == ""
        assert catalogue(fresh)["oat"].supplier == "north"
        takes(browser, shows(browser, export, kind="suppliers", **calendar))
        takes(browser, shows(browser, export, kind="items"))
    with fresh.cloud.reading() as session:
        mill = suppliers(session, tenant=fresh.cloud.shop.tenant, shop=fresh.cloud.shop.shop)["Mill & Co"]
    assert (mill.order_days, mill.cutoff, mill.lead_days) == ((1, 3), 660, 2)
    assert catalogue(fresh)["nuts"].supplier == "Mill & Co"


def test_stock_that_is_taken_is_the_till_s_and_what_it_sold_meanwhile_comes_off(fresh: Scene, tmp_path: Path) -> None:
    assert stock(fresh, "tea")[0] == 60_000
    with fresh.owner() as browser:
        seen = shows(browser, b"sku,qty\ntea,41\nbun,11\nghost,3\n", kind="stock")
        assert "stock 60 → 41" in words(seen)
        assert "ghost is not in the catalogue" in words(seen)
        takes(browser, seen)
    assert stock(fresh, "tea") == (41_000, 2)
    with closing(open_journal(tmp_path / "till")) as journal:
        journal.take_feed("g", fed(fresh)).result()
        known = journal.reading().stock("tea")
    assert (known.on_hand, known.counted) == (41_000, True)
    assert verify(fresh.cloud.database).rows["stock"]


def test_the_only_till_of_a_shop_hears_of_a_count_too(tmp_path: Path) -> None:
    with at_work(tmp_path / "one", away=False) as scene:
        where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
        with scene.cloud.database.writing() as session:
            assert desk.count_stock(session, **where, counted={"tea": 7_000, "oat": 0}, at=TUESDAY_14) == 2
        told = [entry for entry in fed(scene) if entry.kind == "stock_stands"]
        assert {sku: qty for sku, qty, _ in told[-1].body["stock"]} == {"oat": 0, "tea": 7_000}


def test_past_sales_teach_the_forecast_once_and_are_no_takings(fresh: Scene, tmp_path: Path) -> None:
    content = b"ts,sku,qty\n2025-03-01T14:05:00,oat,2\n2025-03-01T14:20:00,oat,1\n2025-03-02,tea,4\n"
    with fresh.cloud.reading() as session:
        taken = session.exec(select(Takings)).all()
    with fresh.owner() as browser:
        seen = shows(browser, content, kind="sales")
        assert "sold 3" in words(seen)
        takes(browser, seen)
        assert "This very file was taken before" in words(shows(browser, content, kind="sales"))
        more = b"ts,sku,qty\n2025-03-01T09:00:00,oat,5\n"
        assert "are known already" in words(shows(browser, more, kind="sales"))
        takes(browser, shows(browser, more, kind="sales", on_top="yes"))
    with fresh.cloud.reading() as session:
        imported = {(row.sku, row.imported) for row in session.exec(select(DemandDay)) if row.imported}
        assert session.exec(select(Takings)).all() == taken
    assert imported == {("oat", 8_000), ("tea", 4_000)}
    verify(fresh.cloud.database)
    with closing(open_journal(tmp_path / "till")) as journal:
        journal.take_feed("g", fed(fresh)).result()
        days = journal.reading().demand_days("oat")
    assert days[0][1] == 8_000


def test_a_packed_file_is_unpacked_and_one_that_is_too_long_or_unknown_is_not_kept(fresh: Scene) -> None:
    with fresh.owner() as browser:
        assert "1 new, 1 changed" in words(shows(browser, gzip.compress(OWN_ITEMS), "shop.csv.gz"))
        bomb = shows(browser, gzip.compress(b"0" * (MOST_PLAIN + 1)), "bomb.csv.gz")
        assert "more than 8 MB" in words(bomb)
        assert "not known by its first line" in words(shows(browser, b"a,b\n1,2\n"))
        assert "not UTF-8" in words(shows(browser, b"sku,qty\n\xff\xfe,1\n"))
        csrf = form_of(browser.get("/imports"))["csrf"]
        long = browser.post("/imports", data={"csrf": csrf}, files={"file": ("a.csv", b"0" * FILE_BYTES)})
        assert long.status_code == 413
        assert "Choose a file first" in words(browser.post("/imports", data={"csrf": csrf}))
    with fresh.cloud.reading() as session:
        assert len(session.exec(select(ImportFile)).all()) == 1


def test_a_file_is_kept_for_an_hour_and_is_its_own_shop_s_alone(fresh: Scene) -> None:
    with fresh.owner() as browser:
        seen = shows(browser, OWN_ITEMS)
        fresh.cloud.set_clock(TUESDAY_14 + KEPT_MS)
    with fresh.owner() as browser:
        assert "Choose it again" in words(browser.get(seen.url.path))
        shows(browser, b"sku,qty\ntea,1\n")
        with fresh.cloud.reading() as session:
            assert [row.name for row in session.exec(select(ImportFile))] == ["shop.csv"]


def test_who_may_not_edit_sees_no_import_and_who_may_shows_who_is_there_first(fresh: Scene) -> None:
    own_password(fresh.cloud, "eve@shop.example", role="reader")
    with fresh.owner("eve@shop.example") as reader:
        assert reader.get("/imports").status_code == 403
    with fresh.owner(remember="yes") as browser:
        seen = shows(browser, OWN_ITEMS)
        form = _yes(seen)
        fresh.cloud.set_clock(TUESDAY_14 + PROOF_MS + 1)
        assert browser.get("/imports").headers["location"].startswith("/prove")
        asked = browser.post(seen.url.path, data=form)
        assert asked.status_code == 403
        again = {**form_of(asked), "proof": OWN}
        answer = browser.post(seen.url.path, data=again, follow_redirects=True)
    assert "2 rows taken" in words(answer)
