"""VAT: a quarter by rate, the nine boxes, suppliers' invoices by form and file, and all of it for the accountant."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from sqlmodel import Session

from cloud_sync import cash, purchases, speech
from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.catalogue import names
from cloud_sync.pages.closings import closings
from cloud_sync.pages.files import csv_text, zip_file
from cloud_sync.pages.guard import Doer, Fields, Looker, file_of, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.vat import Quarter, quarter
from edge_agent.errors import BadInput
from edge_agent.rules.books import Posting
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.money import percent
from edge_agent.rules.purchases import Invoice, invoice_of, read_file
from edge_agent.rules.vat_return import Sold, days_of, quarter_of

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
MOST_CLOSINGS = 2_000
WORDS = (
    "VAT due on sales",
    "VAT due on goods bought from the EU",
    "VAT due in all",
    "VAT to reclaim on purchases",
    "to pay or reclaim",
    "sales without VAT",
    "purchases without VAT",
    "goods sold to the EU without VAT",
    "goods bought from the EU without VAT",
)
PENCE_BOXES = 5
UK = "GBP"
HEADS = {
    "boxes.csv": ["box", "what", "amount"],
    "summary.csv": ["what", "amount"],
    "vat_by_day.csv": ["date", "vat_rate", "gross", "vat"],
    "purchases.csv": ["date", "supplier", "number", "net", "vat", "due", "paid", "where", "order"],
    "journal.csv": ["date", "account", "debit", "credit", "text"],
    "z_reports.csv": ["till", "number", "sales", "sold", "refunds", "refunded", "expected", "counted", "difference"],
    "account.csv": ["date", "kind", "name", "amount"],
}
Rows = list[list[str | int]]


@router.get("/vat")
def vat_page(
    request: Request,
    owner: Looker,
    shop: ShopName = "",
    quarter_: Annotated[str, Query(alias="quarter", max_length=8)] = "",
    entered: int = -1,
) -> Response:
    """One quarter; without a name the one that is running."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        name = quarter_ or quarter_of(here.day)
        found = quarter(session, **where, name=name, decimals=here.decimals)
        told: dict[str, Any] = {
            "quarter": found,
            "boxes": _boxes(here, found),
            "summary": summary(found),
            "before": quarter_of(found.first - 1),
            "after": quarter_of(found.last + 1) if found.last < here.day else "",
            "suppliers": names(session, **where, kind="supplier_set"),
            "standing": standing(session, here),
            "entered": entered,
            "percent": speech.percent,
        }
    return page(request, "vat.html", owner=owner, shop=here, **told)


def _boxes(here: Shown, found: Quarter) -> Rows:
    """(number, words, amount) of the UK's form; none for a shop that takes other money."""
    if here.currency != UK:
        return []
    return [[number, words, _box(here, found, number)] for number, words in enumerate(WORDS, start=1)]


def summary(found: Quarter) -> list[tuple[str, int]]:
    """The same for any country: net and tax by rate, goods from the EU, tax to reclaim, what is owed."""
    sales = [(f"{what} {percent(one.rate)}", amount) for one in found.rates for what, amount in _of_rate(one)]
    bought, from_eu = found.invoices, [one for one in found.invoices if one.eu]
    more = [
        ("Goods from the EU, net", sum(one.net for one in from_eu)),
        ("VAT on goods from the EU", sum(one.tax for one in from_eu)),
        ("VAT to reclaim", -sum(one.tax for one in bought)),
        ("VAT owed", found.boxes.owed),
    ]
    return [*sales, *more]


def _of_rate(one: Sold) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("Sales, net, at", one.gross - one.tax), ("VAT at", one.tax)


def _box(here: Shown, found: Quarter, number: int) -> str:
    amount = found.boxes.all[number - 1]
    return here.bare(amount) if number <= PENCE_BOXES else str(amount)


@router.post("/vat/invoice")
def enter_invoice(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """An invoice of a supplier; `gone` takes it away."""
    here = _shop(request, owner, shop)
    cells = cells_of("the form", {name: value for name, value in fields.items() if isinstance(value, str)})
    return _enter(request, owner, here, [invoice_of(cells, here.decimals)])


@router.post("/vat/file")
def enter_file(
    request: Request, owner: Doer, fields: Fields, file: UploadFile | None = None, shop: ShopField = ""
) -> Response:
    """A CSV file: all of it or nothing."""
    here, content = _shop(request, owner, shop), file_of(fields, "file")
    if not content:
        raise BadInput("Choose a file first.")
    return _enter(request, owner, here, read_file("the file", content, here.decimals))


def _shop(request: Request, owner: SignedIn, shop: str) -> Shown:
    service = service_of(request)
    with service.database.reading() as session:
        return shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())


def _enter(request: Request, owner: SignedIn, here: Shown, rows: list[Invoice]) -> Response:
    with service_of(request).database.writing() as session:
        done = purchases.enter(session, tenant=here.tenant, shop=here.shop, rows=rows, by=owner.name, at=here.now)
    name = quarter_of(rows[0].day) if rows else ""
    return see_other(f"/vat?shop={here.shop}&quarter={name}&entered={done}")


@router.get("/vat.zip")
def vat_zip(
    request: Request,
    owner: Looker,
    shop: ShopName = "",
    quarter_: Annotated[str, Query(alias="quarter", max_length=8)] = "",
) -> Response:
    """A quarter for the accountant: boxes, VAT by day and rate, purchases, journal, Z reports, what was said of the
    account."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        name = quarter_ or quarter_of(here.day)
        found = quarter(session, tenant=here.tenant, shop=here.shop, name=name, decimals=here.decimals)
        files = _files(session, here, found)
    packed = {name: csv_text(HEADS[name], rows) for name, rows in files.items()}
    return zip_file(f"books-{here.shop}-{found.name}.zip", packed)


def _files(session: Session, here: Shown, found: Quarter) -> dict[str, Rows]:
    first, last = days_of(found.name)
    said = cash.entries(session, tenant=here.tenant, shop=here.shop)
    return {
        "boxes.csv": _boxes(here, found),
        "summary.csv": [[words, here.bare(amount)] for words, amount in summary(found)],
        "vat_by_day.csv": [
            [here.date_iso(day), percent(one.rate).removesuffix(" %"), here.bare(one.gross), here.bare(one.tax)]
            for day, sold in found.days.items()
            for one in sold
        ],
        "purchases.csv": [_purchase(here, one) for one in found.invoices],
        "journal.csv": journal_rows(here, found.postings),
        "z_reports.csv": _zs(session, here, first, last),
        "account.csv": [
            [here.date_iso(one.day), one.kind, one.name, here.bare(one.amount)]
            for one in said
            if first <= one.day <= last
        ],
    }


def _purchase(here: Shown, one: Invoice) -> list[str | int]:
    due, paid = (here.date_iso(day) if day else "" for day in (one.due, one.paid))
    amounts = [here.bare(one.net), here.bare(one.tax)]
    return [
        here.date_iso(one.day),
        one.supplier,
        one.number,
        *amounts,
        due,
        paid,
        "eu" if one.eu else "home",
        one.order,
    ]


def journal_rows(here: Shown, postings: list[Posting]) -> Rows:
    """Postings as rows: debit and credit apart."""
    return [
        [
            here.date_iso(one.day),
            one.account,
            here.bare(one.amount) if one.amount > 0 else "",
            here.bare(-one.amount) if one.amount < 0 else "",
            one.words,
        ]
        for one in postings
    ]


def _zs(session: Session, here: Shown, first: int, last: int) -> Rows:
    found = closings(session, here, limit=MOST_CLOSINGS)
    return [
        [
            till,
            one.number,
            one.sales,
            here.bare(one.sold),
            one.refunds,
            here.bare(one.refunded),
            here.bare(one.expected),
            "" if one.counted is None else here.bare(one.counted),
            here.bare(one.difference),
        ]
        for one, till in reversed(found)
        if first <= here.day_of(one.at) <= last
    ]
