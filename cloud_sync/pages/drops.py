"""Drops on the owner's page: what is planned, three sizes with the cash they need, and what each came to."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlmodel import Session

from cloud_sync import cash, creators, drops, speech
from cloud_sync.cash import Verdict
from cloud_sync.creators import owed_of
from cloud_sync.drop_books import drop_books
from cloud_sync.drop_pages import withdraw
from cloud_sync.pages.cash import bill_words
from cloud_sync.pages.drop_files import files_of
from cloud_sync.pages.drop_public import public_told
from cloud_sync.pages.files import zip_file
from cloud_sync.pages.guard import Doer, Fields, Looker, see_other
from cloud_sync.pages.live_window import live_told
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.speech import say
from edge_agent.errors import BadInput
from edge_agent.rules.cross_border import checklist, held_back
from edge_agent.rules.drop_report import Proposal
from edge_agent.rules.drop_sizes import Candidate
from edge_agent.rules.drop_window import state, warnings
from edge_agent.rules.imports_drops import of_form
from edge_agent.rules.text import clean_name
from edge_agent.wire.events.drops import DropSet

router = APIRouter()
PIECE = 1_000
VARIANTS = 3
ShopField = Annotated[str, Form(max_length=32)]
Drop = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True)
class Size:
    """A size to choose from; the verdict is None while the account is not known."""

    candidate: Candidate
    verdict: Verdict | None


@router.get("/drops")
def drops_page(request: Request, owner: Looker, shop: ShopName = "", planned: str = "") -> Response:
    """The calendar, the results, and the form to plan one."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        every = drops.drops(session, **where)
        told: dict[str, Any] = {
            "coming": [one for one in every if one.end > here.now and not one.called_off],
            "results": drops.reports(session, **where)[::-1],
            "missing": cash.missing(session, **where, now=here.now),
            "standing": standing(session, here),
            "planned": planned,
            "state": state,
            "variants": VARIANTS,
        }
    return page(request, "drops.html", owner=owner, shop=here, **told)


@router.get("/drops/{drop}")
def drop_page(request: Request, owner: Looker, drop: Drop, shop: ShopName = "") -> Response:
    """One drop: its sizes and the cash, or what it came to and the next size."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        one, past = drops.drop(session, **where, drop=drop), drops.reports(session, **where)
        report = next((each for each in past if each.drop.drop == drop), None)
        before = past if report else [each for each in past if each.drop.end <= one.start]
        proposal = drops.sized(session, **where, drop=one, past=before, now=here.now)
        others = [each for each in drops.drops(session, **where) if each.end > here.now]
        told: dict[str, Any] = {
            "drop": one,
            "report": report,
            "books": drop_books(session, **where, drop=one, day=here.day_of(one.end)) if report else None,
            "percent": speech.percent,
            "proposal": proposal,
            "sizes": _sizes(session, here, one, proposal),
            "now_planned": _verdict(session, here, one, proposal, _pieces(one)),
            "warnings": warnings(one, others, here.now, here.zone) if one.start > here.now else [],
            "missing": cash.missing(session, **where, now=here.now),
            "standing": standing(session, here),
            "state": state(one, here.now),
            "checklist": checklist(one.home, one.countries),
            "waits": held_back(one),
            "bill_words": bill_words,
            "creators": owed_of(session, **where, drop=one, zone=here.zone),
            "due": creators.due_on(one, here.zone),
            **live_told(session, here, one),
            **public_told(session, service, here, one, str(request.base_url).rstrip("/")),
        }
    return page(request, "drop.html", owner=owner, shop=here, **told)


@router.get("/drops/{drop}/books.zip")
def books_zip(request: Request, owner: Looker, drop: Drop, shop: ShopName = "") -> Response:
    """A drop that is over, for the books: VAT by rate, the invoices made out for its goods, the postings."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        one = drops.drop(session, **where, drop=drop)
        if one.end > here.now:
            raise BadInput("That drop is not over yet.")
        books = drop_books(session, **where, drop=one, day=here.day_of(one.end))
        files = files_of(here, one, books, owed_of(session, **where, drop=one, zone=here.zone))
    return zip_file(f"drop-{here.day_of(one.end)}.zip", files)


@router.post("/drops/plan")
def plan(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """Plan a drop; refused, with the day and the bill, when the account does not bear it."""
    service = service_of(request)
    given = {name: value for name, value in fields.items() if isinstance(value, str)}
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        one = of_form(secrets.token_hex(8), given, here.zone, here.decimals, VARIANTS)
        where = {"tenant": here.tenant, "shop": here.shop}
        full = drops.prepared(session, **where, drop=one, at=here.now).drop
        proposal = drops.sized(session, **where, drop=full, past=drops.reports(session, **where), now=here.now)
        verdict = _verdict(session, here, full, proposal, _pieces(full))
        if verdict is not None and not verdict.fits:
            raise BadInput(_refused(here, full, verdict))
        drops.plan(session, **where, drop=full, at=here.now)
    return see_other(f"/drops/{one.drop}?shop={here.shop}")


@router.post("/drops/{drop}/checklist")
def checklist_form(request: Request, owner: Doer, fields: Fields, drop: Drop, shop: ShopField = "") -> Response:
    """Points of the checklist are confirmed, or the drop opens all the same, with the reason."""
    service = service_of(request)
    checked = [value for name, value in fields.multi_items() if name == "checked" and isinstance(value, str)]
    why = fields.get("name", "")
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        words = clean_name(why) if isinstance(why, str) else ""
        drops.confirm(session, **where, named=drop, checked=checked, why=words, at=here.now)
    return see_other(f"/drops/{drop}?shop={here.shop}")


@router.post("/drops/{drop}/off")
def call_off(request: Request, owner: Doer, drop: Drop, shop: ShopField = "") -> Response:
    """Call a drop off."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        drops.call_off(session, tenant=here.tenant, shop=here.shop, drop_=drop, at=here.now)
        withdraw(session, tenant=here.tenant, shop=here.shop, drop=drop, at=here.now)
    return see_other(f"/drops?shop={here.shop}")


def _pieces(drop: DropSet) -> int:
    return sum(part.qty for part in drop.parts) // PIECE


def _sizes(session: Session, here: Shown, drop: DropSet, proposal: Proposal) -> list[Size]:
    return [Size(one, _verdict(session, here, drop, proposal, one.pieces)) for one in proposal.candidates]


def _verdict(session: Session, here: Shown, drop: DropSet, proposal: Proposal, pieces: int) -> Verdict | None:
    """None for a drop that has begun, and while the account is not known."""
    where = {"tenant": here.tenant, "shop": here.shop}
    plain = cash.account(session, **where, now=here.now, without=drop.drop) if drop.start > here.now else None
    if plain is None:
        return None
    lot = cash.lot_of(session, **where, drop=drop, proposal=proposal, pieces=pieces)
    return cash.gate(plain, lot)


def _refused(here: Shown, drop: DropSet, verdict: Verdict) -> str:
    bound, pieces = verdict.bound, _pieces(drop)
    most = say("Up to {most} pieces fit.", most=verdict.most) if verdict.most else say("No size fits.")
    return say(
        "Not planned: with {pieces} pieces the account would be {under} under the float of {floor} on {day}. "
        "What binds is {bill}. {most}",
        pieces=pieces,
        under=here.money(-bound.headroom),
        floor=here.money(verdict.floor),
        day=here.date(bound.day),
        bill=bill_words(here, bound.bill),
        most=most,
    )
