"""Cash: the account as expected, week by week with its lowest day, the float that drops need, and what must be said."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response, UploadFile

from cloud_sync import purchases, speech
from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.cash import account, enter, entries, missing
from cloud_sync.pages.guard import Doer, Fields, Looker, file_of, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.speech import say, told
from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.cash_ledger import Flow
from edge_agent.rules.imports_cash import Entry, entry_of, read_file
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.payout import Rule
from edge_agent.rules.text import clean_name

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
BACK_DAYS, MOST_DAYS = 7, 30


@router.get("/cash")
def cash_page(request: Request, owner: Looker, shop: ShopName = "", entered: int = -1) -> Response:
    """Six weeks ahead, or what is missing; `entered` rows have just been taken."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        told: dict[str, Any] = {
            "missing": missing(session, **where, now=here.now),
            "account": account(session, **where, now=here.now),
            "entries": [one for one in entries(session, **where) if one.day >= here.day - BACK_DAYS],
            "standing": standing(session, here),
            "entered": entered,
            "bill_words": bill_words,
            "rules": purchases.payout_rules(session, **where),
            "percent": speech.percent,
        }
    return page(request, "cash.html", owner=owner, shop=here, **told)


def bill_words(shop: Shown, bill: Flow | None) -> str:
    """The payment that binds: `VAT, £1,216.60 on Thu 7 May 2026`."""
    if bill is None:
        return say("no single payment")
    day = shop.date(bill.day)
    return say("{name}, {amount} on {day}", name=told(bill.name), amount=shop.money(-bill.amount), day=day)


@router.post("/cash/entry")
def enter_one(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """A balance, or an amount that goes; `gone` takes it away."""
    here = _shop(request, owner, shop)
    cells = cells_of("the form", {name: value for name, value in fields.items() if isinstance(value, str)})
    return _enter(request, owner, here, [entry_of(cells, here.decimals)])


@router.post("/cash/file")
def enter_file(
    request: Request, owner: Doer, fields: Fields, file: UploadFile | None = None, shop: ShopField = ""
) -> Response:
    """A CSV file: all of it or nothing."""
    here = _shop(request, owner, shop)
    content = file_of(fields, "file")
    if not content:
        raise BadInput("Choose a file first.")
    return _enter(request, owner, here, read_file("the file", content, here.decimals))


@router.post("/cash/payout")
def set_payout(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """How a channel pays out."""
    here = _shop(request, owner, shop)
    cells = cells_of("the form", {name: value for name, value in fields.items() if isinstance(value, str)})
    channel = clean_name(cells.text("channel")).lower()
    if not channel:
        raise cells.bad("channel", "is empty")
    rule = Rule(
        fee=cell.basis_points(cells, "fee") if cells.text("fee") else 0,
        days=cell.whole(cells, "days", MOST_DAYS),
        working=cells.text("working") == "yes",
        reserve=cell.basis_points(cells, "reserve") if cells.text("reserve") else 0,
        reserve_days=cell.whole(cells, "reserve_days", MOST_DAYS) if cells.text("reserve_days") else 0,
    )
    with service_of(request).database.writing() as session:
        where = {"tenant": here.tenant, "shop": here.shop}
        purchases.set_rule(session, **where, channel=channel, rule=rule, by=owner.name, at=here.now)
    return see_other(f"/cash?shop={here.shop}&entered=1")


def _shop(request: Request, owner: SignedIn, shop: str) -> Shown:
    service = service_of(request)
    with service.database.reading() as session:
        return shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())


def _enter(request: Request, owner: SignedIn, here: Shown, rows: list[Entry]) -> Response:
    if any(row.kind == "balance" and row.day > here.day for row in rows):
        raise BadInput("A balance is of today or of a day before.")
    with service_of(request).database.writing() as session:
        done = enter(session, tenant=here.tenant, shop=here.shop, rows=rows, by=owner.name, at=here.now)
    return see_other(f"/cash?shop={here.shop}&entered={done}")
