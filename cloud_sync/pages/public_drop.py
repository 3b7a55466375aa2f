"""The public page of a drop: what remains, a piece reserved, a place on the waiting list. No account and no name."""

import secrets
from typing import Annotated, Any

import segno
from fastapi import APIRouter, HTTPException, Path, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from cloud_sync import drop_pages, live, waiting
from cloud_sync.accounts.attempts import TooMany, claim
from cloud_sync.accounts.door import same_origin
from cloud_sync.catalogue import items
from cloud_sync.drops import drop as drop_of
from cloud_sync.following import page_found
from cloud_sync.live import Asked
from cloud_sync.pages.guard import Fields, see_other
from cloud_sync.pages.kept import typed
from cloud_sync.pages.kept_fresh import Fresh
from cloud_sync.pages.look import page, takes_gzip
from cloud_sync.pages.shown import shown
from cloud_sync.post.mail import address
from cloud_sync.reservations import NoneLeft, reservation
from cloud_sync.sealing import seal_of
from cloud_sync.service import Service, address_of, let_in, service_of
from cloud_sync.tables.reservations import DropPage
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.drop_window import countdown
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.live import code_of
from edge_agent.rules.reservation import SECRET_DIGITS, mark_of, number_of, spaced

router = APIRouter()
PIECE = 1_000
ACTS, WRONG_CODES = 6, 20
"""So many times in a quarter of an hour somebody may reserve, and be wrong about a code."""
NOWHERE = {"X-Robots-Tag": "noindex, nofollow"}
Slug = Annotated[str, Path(pattern=r"^[a-z0-9-]{3,40}$")]
Code = Annotated[str, Path(pattern=r"^[0-9]{16}$")]


@router.get("/d/{slug}")
def drop_public(request: Request, slug: Slug) -> Response:
    """What is left, how long, and the form."""
    service, found = _let_in(request, slug)
    now = service.clock.now()
    fresh = request.app.state.fresh
    assert isinstance(fresh, Fresh)
    return fresh.answer(
        request, slug, gzip=takes_gzip(request), now=now, make=lambda: _drop(request, service, found, now)
    )


@router.post("/d/{slug}")
def ask(request: Request, fields: Fields, slug: Slug) -> Response:
    """Reserve, or wait. A piece that is gone meanwhile offers the list."""
    same_origin(request)
    service, found = _let_in(request, slug)
    given, now = cells_of("the form", typed(fields)), service.clock.now()
    number = number_of(secrets.randbelow(10**SECRET_DIGITS))
    try:
        sku, pieces = given.text("sku"), _pieces(given.text("pieces"))
        email = address(given.text("email")) if given.text("email") else ""
        _claim(service, f"drop {found.tenant} {found.drop} {address_of(request)}", ACTS, now)
        with service.database.writing() as session:
            if given.text("do") == "live":
                _live(session, service, found, Asked(sku, pieces * PIECE, number), given.text("live"), now)
            elif given.text("do") == "wait":
                sealed = _sealed(service, found, email, number) if email else b""
                drop_pages.wait(session, found, sku=sku, pieces=pieces, number=number, sealed=sealed, at=now)
            else:
                drop_pages.take(session, found, sku=sku, pieces=pieces, number=number, at=now)
    except TooMany as error:
        return _again(request, service, found, now, 429, error.message, {"Retry-After": str(error.wait_s)})
    except NoneLeft as error:
        more = "" if given.text("do") == "live" else " You can join the waiting list."
        return _again(request, service, found, now, 409, f"{error.message}{more}")
    except BadInput as error:
        return _again(request, service, found, now, 422, error.message)
    request.app.state.fresh.forget(slug)
    return see_other(f"/d/{slug}/{number}")


def _live(session: Session, service: Service, found: DropPage, asked: Asked, typed_in: str, now: int) -> None:
    """Keep a piece for who gives the code of the window that is open. BadInput for another one."""
    where = {"tenant": found.tenant, "shop": found.shop}
    here = live.running(session, **where, drop=found.drop, at=now)
    seen = drop_pages.look(session, found, now)
    if here is None or not seen.open:
        raise BadInput("Nothing of it is sold live now.")
    if code_of(typed_in) != here.code:
        raise BadInput("That is not the code of the live window.")
    if not 0 < asked.qty <= seen.most * PIECE:
        raise BadInput(f"One to {seen.most} pieces can be reserved.")
    live.take(session, **where, live=here, asked=asked, at=now)


@router.get("/d/{slug}/{code}")
def ticket_page(request: Request, slug: Slug, code: Code) -> Response:
    """A visitor's own page: the code to be shown at the till, or the place on the list."""
    service, found = _let_in(request, slug)
    now = service.clock.now()
    with service.database.reading() as session:
        here = shown(session, tenant=found.tenant, shop=found.shop, now=now)
        told = _ticket(session, found, mark_of(code))
    if told is None:
        _claim_or_refuse(service, f"code {address_of(request)}", now)
        raise HTTPException(404)
    told |= {"code": spaced(code), "plain": code, "qr": qr(code), "slug": slug}
    answer = page(request, "ticket.html", shop=here, standing=None, **told)
    answer.headers.update(NOWHERE)
    return answer


@router.post("/d/{slug}/{code}/free")
def let_go(request: Request, slug: Slug, code: Code) -> Response:
    """Needed no longer."""
    same_origin(request)
    service, found = _let_in(request, slug)
    try:
        with service.database.writing() as session:
            drop_pages.let_go(session, found, number=code, at=service.clock.now())
    except NotKnown as error:
        _claim_or_refuse(service, f"code {address_of(request)}", service.clock.now())
        raise HTTPException(404) from error
    request.app.state.fresh.forget(slug)
    return see_other(f"/d/{slug}/{code}")


def qr(words: str) -> Markup:
    """A picture of words that a scanner reads."""
    code = segno.make(words, error="m", micro=False)
    picture = code.svg_inline(scale=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(picture)  # noqa: S704 - made of black and white squares


def _pieces(typed_in: str) -> int:
    """How many are asked for; 0 for what is no number."""
    return int(typed_in) if typed_in.isascii() and typed_in.isdigit() and len(typed_in) < 4 else 0


def _let_in(request: Request, slug: str) -> tuple[Service, DropPage]:
    found = page_found(service_of(request).database, slug)
    if found is None:
        raise HTTPException(404)
    let_in(request, found.tenant)
    return service_of(request), found


def _claim(service: Service, key: str, limit: int, now: int) -> None:
    """Counted whatever comes of it."""
    with service.database.writing() as session:
        claim(session, key, limit=limit, now=now)


def _claim_or_refuse(service: Service, key: str, now: int) -> None:
    try:
        _claim(service, key, WRONG_CODES, now)
    except TooMany as error:
        raise HTTPException(429, error.message, {"Retry-After": str(error.wait_s)}) from error


def _sealed(service: Service, found: DropPage, email: str, number: str) -> bytes:
    return seal_of(service.settings, found.tenant, mark_of(number)).close(f"{email} {number}")


def _drop(
    request: Request, service: Service, found: DropPage, now: int, *, status: int = 200, wrong: str = ""
) -> Response:
    with service.database.reading() as session:
        here = shown(session, tenant=found.tenant, shop=found.shop, now=now)
        seen = drop_pages.look(session, found, now)
        here_live = live.running(session, tenant=found.tenant, shop=found.shop, drop=found.drop, at=now)
        stands = (
            live.standing(session, tenant=found.tenant, shop=found.shop, live=here_live, at=now) if here_live else None
        )
    told: dict[str, Any] = {
        "look": seen,
        "stands": stands,
        "names": {one.sku: one.name for one in seen.offers},
        "countdown": countdown,
        "wrong": wrong,
        "listed": found.listed,
    }
    answer = page(request, "public.html", status=status, shop=here, standing=None, **told)
    if not found.listed:
        answer.headers.update(NOWHERE)
    return answer


def _again(
    request: Request,
    service: Service,
    found: DropPage,
    now: int,
    status: int,
    wrong: str,
    headers: dict[str, str] | None = None,
) -> Response:
    answer = _drop(request, service, found, now, status=status, wrong=wrong)
    answer.headers.update(headers or {})
    return answer


def _ticket(session: Session, found: DropPage, mark: str) -> dict[str, Any] | None:
    """What stands on a visitor's page; None when the code is nobody's of this drop."""
    where = {"tenant": found.tenant, "shop": found.shop}
    waits = waiting.ticket(session, **where, mark=mark) if mark else None
    try:
        kept = reservation(session, **where, mark=mark) if mark else None
    except NotKnown:
        kept = None
    one = kept.row.drop if kept else waits[0].drop if waits else ""
    if one != found.drop:
        return None
    names = {sku: item.name for sku, item in items(session, **where).items()}
    return {
        "kept": kept,
        "waits": waits,
        "names": names,
        "drop": drop_of(session, **where, drop=found.drop),
        "countdown": countdown,
    }


__all__ = ["qr", "router"]
