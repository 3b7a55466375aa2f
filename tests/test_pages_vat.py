"""The owner's VAT page: boxes from receipts and invoices, the accountant's file, and what invoices do to the cash."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud_sync import cash
from cloud_sync.catalogue import set_supplier, suppliers
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order
from edge_agent.rules.imports_cash import Entry
from edge_agent.wire.events.drops import ClosedPart, DropClosed
from edge_agent.wire.events.invoices import InvoiceIssued
from edge_agent.wire.events.sales import SaleCompleted
from tests.owner_shop import GOODS, TODAY, Scene, at_work, copied, own_password, sale, says
from tests.page_text import form_of, hidden, words
from tests.shop import TUESDAY_14
from tests.test_pages_drops import FORM, HOUR

INVOICE = {"supplier": "north", "number": "N-77", "date": "2026-03-01", "net": "4120.00", "vat": "824.00"}
BALANCE = {"kind": "balance", "date": "2026-03-02", "amount": "50000.00"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("made"), away=False) as scene:
        yield scene


@pytest.fixture
def owner(made: Scene, tmp_path: Path) -> Iterator[tuple[httpx.Client, Scene]]:
    with copied(made, tmp_path) as scene, scene.owner() as browser:
        yield browser, scene


def sends(browser: httpx.Client, to: str, form: dict[str, str]) -> httpx.Response:
    token = hidden(browser.get("/vat"), "csrf")
    return browser.post(to, data={"csrf": token, **form}, follow_redirects=True)


def account(scene: Scene) -> cash.Account:
    with scene.cloud.reading() as session:
        where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
        found = cash.account(session, **where, now=scene.cloud.service.clock.now())
    assert found is not None
    return found


def files(answer: httpx.Response) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def test_the_boxes_follow_receipts_and_invoices(owner: tuple[httpx.Client, Scene]) -> None:
    browser, _ = owner
    before = words(browser.get("/vat"))
    assert "VAT, 2026 quarter 1" in before
    assert "None in this quarter" in before
    assert "Box 4 VAT to reclaim on purchases 0.00" in before
    said = words(sends(browser, "/vat/invoice", INVOICE))
    assert "1 entered." in said
    assert "Northside, N-77" in said
    assert "Box 4 VAT to reclaim on purchases 824.00" in said
    assert "Box 7 purchases without VAT 4120" in said
    again = words(sends(browser, "/vat/invoice", INVOICE))
    assert "nothing changed" in again
    assert sends(browser, "/vat/invoice", {**INVOICE, "vat": "9999.00"}).status_code == 422
    gone = words(sends(browser, "/vat/invoice", {**INVOICE, "gone": "yes"}))
    assert "None in this quarter" in gone
    assert browser.get("/vat?quarter=2026Q9").status_code == 422


def test_the_accountants_file_holds_the_quarter_and_its_postings_balance(owner: tuple[httpx.Client, Scene]) -> None:
    browser, _ = owner
    token = hidden(browser.get("/vat"), "csrf")
    file = b"supplier,number,date,net,vat\nnorth,1,2026-03-01,10.00,2.00\n=cmd,2,2026-03-02,5.00,0\n"
    taken = browser.post("/vat/file", data={"csrf": token}, files={"file": ("p.csv", file)}, follow_redirects=True)
    assert "2 entered." in words(taken)
    found = files(browser.get("/vat.zip?quarter=2026Q1"))
    assert sorted(found) == [
        "account.csv",
        "boxes.csv",
        "journal.csv",
        "purchases.csv",
        "summary.csv",
        "vat_by_day.csv",
        "z_reports.csv",
    ]
    assert "4,VAT to reclaim on purchases,2.00" in found["boxes.csv"]
    assert "\n=cmd" not in found["purchases.csv"]
    rows = [line.split(",") for line in found["journal.csv"].splitlines()[1:]]
    debit, credit = (sum(round(100 * float(row[place] or 0)) for row in rows) for place in (2, 3))
    assert debit == credit > 0


def test_an_unpaid_invoice_takes_the_place_of_its_order_and_a_paid_one_is_gone(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    sends(browser, "/cash/entry", BALANCE)
    order = scene.order("north").order
    form = form_of(browser.get(f"/orders/{order}"))
    assert browser.post(f"/orders/{order}/approve", data=form).status_code == 303
    plain = account(scene)
    (ordered,) = [flow for flow in plain.flows if flow.key == f"order {order}"]
    with scene.cloud.reading() as session:
        number = session.get_one(Order, (scene.cloud.shop.tenant, order)).number
    sends(browser, "/vat/invoice", {**INVOICE, "net": "60.00", "vat": "9.00", "order": number, "due": "2026-03-20"})
    billed = account(scene)
    (invoiced,) = [flow for flow in billed.flows if flow.key == f"order {order}" and flow.amount == -6_900]
    assert invoiced.day != ordered.day
    closes = {day.day: day.close for day in billed.days}
    assert len([flow for day in billed.days for flow in day.flows if flow.key == f"order {order}"]) == 1
    assert closes[billed.days[-1].day] != plain.days[-1].close
    sends(browser, "/vat/invoice", {**INVOICE, "net": "60.00", "vat": "9.00", "order": number, "paid": "2026-03-01"})
    assert not [flow for flow in account(scene).flows if flow.key == f"order {order}"]


def test_the_tax_on_an_invoice_is_taken_off_the_quarters_vat(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    due = scene.cloud.service.clock.now() + 45 * 24 * HOUR
    where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}

    def vat() -> int:
        with scene.cloud.reading() as session:
            found = cash.account(session, **where, now=due)
        assert found is not None
        return next(flow.amount for flow in found.flows if flow.kind == "vat")

    with scene.cloud.database.writing() as session:
        cash.enter(session, **where, rows=[Entry("balance", TODAY + 44, "balance", 10**7)], by="Ann", at=due)
    plain = vat()
    assert plain < -5_000
    sends(browser, "/vat/invoice", {**INVOICE, "date": "2026-02-01", "net": "80.00", "vat": "16.00"})
    assert vat() == plain + 1_600


def test_terms_of_a_supplier_and_payouts_move_what_the_account_expects(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    sends(browser, "/cash/entry", BALANCE)
    said = words(browser.get("/cash"))
    assert "“Sales are low” means " in said
    before = [flow for flow in account(scene).flows if flow.kind == "payout"]
    shown = words(sends(browser, "/cash/payout", {"channel": "Marketplace", "fee": "15", "days": "7"}))
    assert "marketplace 7 days after less 15 %" in shown
    sends(
        browser, "/cash/entry", {"kind": "fulfilled", "date": "2026-03-04", "amount": "100.00", "name": "Marketplace"}
    )
    after = [flow for flow in account(scene).flows if flow.kind == "payout"]
    (more,) = [flow for flow in after if flow not in before]
    assert (more.day, more.amount) == (TODAY + 8, 8_500)


def test_a_drop_that_is_over_has_its_vat_its_invoices_and_its_postings(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    near = {**FORM, "start": "2026-03-03T16:00", "end": "2026-03-03T20:00"}
    path = str(sends(browser, "/drops/plan", near).url.path)
    till = scene.till
    in_window = sale(TODAY, 950, GOODS[2], GOODS[6], qty=2)
    body = in_window.model_dump(mode="json")
    early = till.says("sale_completed", sale(TODAY, 949, GOODS[2]).model_dump(mode="json"))
    assert early
    line = till.lines[till.says("sale_completed", body) - 1]
    at = f'"at":{TUESDAY_14 + len(till.lines)}'.encode()
    assert at in line
    till.lines.pop()
    till.hashes.pop()
    till.says_raw(line.replace(at, f'"at":{TUESDAY_14 + 3 * HOUR}'.encode()))
    issued = InvoiceIssued(number=1, receipt=950, day=TODAY, buyer="0" * 16, credits=0)
    line = till.lines[till.says("invoice_issued", issued.model_dump(mode="json")) - 1]
    at = f'"at":{TUESDAY_14 + len(till.lines)}'.encode()
    till.lines.pop()
    till.hashes.pop()
    till.says_raw(line.replace(at, f'"at":{TUESDAY_14 + 3 * HOUR}'.encode()))
    parts = (
        ClosedPart(sku="tea", sold=2_000, back=0, left=0, last_at=TUESDAY_14 + 3 * HOUR),
        ClosedPart(sku="choc", sold=2_000, back=0, left=0, last_at=TUESDAY_14 + 3 * HOUR),
    )
    scene.cloud.set_clock(TUESDAY_14 + 7 * HOUR)
    says(till, DropClosed(drop=path.rsplit("/", maxsplit=1)[-1], journal="a" * 32, parts=parts, hours=(1, 1, 1, 1)))
    till.sends()
    with scene.owner() as later:
        said, found = words(later.get(path)), files(later.get(f"{path}/books.zip"))
    assert "VAT 20 % gross £2.58, net £2.15 £0.43" in said
    assert "VAT 0 % gross £6.50" in said
    assert "1 invoice made out at the tills" in said
    assert "20,2.58,2.15,0.43" in found["vat.csv"]
    assert "1,2026-03-03,950,,9.08,0.43" in found["invoices.csv"]
    assert "Takings of the drop,9.08" in found["journal.csv"]
    assert isinstance(in_window, SaleCompleted)


def test_a_shop_that_takes_other_money_sees_a_summary_by_rate_in_the_place_of_the_boxes(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    with scene.cloud.database.writing() as session:
        session.get_one(Shop, (scene.cloud.shop.tenant, scene.cloud.shop.shop)).currency = "EUR"
    sends(browser, "/vat/invoice", {**INVOICE, "net": "100.00", "vat": "20.00", "where": "eu"})
    said = words(browser.get("/vat"))
    assert "Box 1" not in said
    assert "Goods from the EU, net £100.00 VAT on goods from the EU £20.00 VAT to reclaim −£20.00 VAT owed" in said
    found = files(browser.get("/vat.zip"))
    assert found["boxes.csv"].splitlines() == ["box,what,amount"]
    rows = dict(line.rsplit(",", 1) for line in found["summary.csv"].splitlines())
    assert rows["VAT owed"] == rows["VAT at 20 %"]


def test_what_a_supplier_with_terms_delivers_is_paid_so_much_later(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner
    sends(browser, "/cash/entry", BALANCE)
    order = scene.order("north").order
    assert browser.post(f"/orders/{order}/approve", data=form_of(browser.get(f"/orders/{order}"))).status_code == 303
    (before,) = [flow for flow in account(scene).flows if flow.key == f"order {order}"]
    where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
    with scene.cloud.database.writing() as session:
        north = suppliers(session, **where)["north"].model_copy(update={"terms_days": 14})
        set_supplier(session, **where, supplier=north, at=TUESDAY_14)
    plain = account(scene)
    (after,) = [flow for flow in plain.flows if flow.key == f"order {order}"]
    assert (after.day, after.amount) == (before.day + 14, before.amount)
    north_again = [flow.day for flow in plain.flows if flow.key.startswith("reorders north")]
    assert min(north_again) >= TODAY + 6 + 14
    typed = browser.get("/suppliers/terms?supplier=north").text
    assert 'name="terms_days" type="text" maxlength="3" value="14"' in typed


def test_with_everything_known_the_flows_are_the_change_of_the_balance_and_none_counts_twice(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, scene = owner
    sends(browser, "/cash/entry", BALANCE)
    order = scene.order("north").order
    browser.post(f"/orders/{order}/approve", data=form_of(browser.get(f"/orders/{order}")))
    with scene.cloud.reading() as session:
        number = session.get_one(Order, (scene.cloud.shop.tenant, order)).number
    sends(browser, "/vat/invoice", {**INVOICE, "net": "60.00", "vat": "9.00", "order": number, "due": "2026-03-20"})
    sends(browser, "/vat/invoice", {**INVOICE, "number": "N-78", "due": "2026-03-25"})
    sends(
        browser, "/cash/entry", {"kind": "fulfilled", "date": "2026-03-04", "amount": "100.00", "name": "Marketplace"}
    )
    sends(browser, "/cash/entry", {"kind": "rent", "date": "2026-03-31", "amount": "600.00", "name": "Harbour estate"})
    sends(browser, "/cash/payout", {"channel": "card", "fee": "2", "days": "2", "reserve": "5", "reserve_days": "20"})
    assert sends(browser, "/drops/plan", {**FORM, "handling": "1.50"}).status_code == 200
    found = account(scene)
    shown = [flow for day in found.days for flow in day.flows]
    assert found.today == found.balance_day + 1
    assert found.balance + sum(flow.amount for flow in shown) == found.days[-1].close
    assert len({flow.key for flow in shown}) == len(shown)
    kinds = {flow.kind for flow in shown}
    assert kinds >= {"takings", "supplier", "reorder", "rent", "drop", "payout", "refund"}


def test_an_accountant_takes_the_books_and_changes_nothing(owner: tuple[httpx.Client, Scene]) -> None:
    _, scene = owner
    own_password(scene.cloud, "acc@shop.example", role="accountant")
    with scene.owner("acc@shop.example") as books:
        assert books.get("/vat.zip", follow_redirects=True).status_code == 200
        assert "Enter the invoice" not in words(books.get("/vat"))
