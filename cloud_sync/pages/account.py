"""One's own account: the authenticator with its QR code and recovery codes, and the browsers that are signed in."""

from typing import Annotated, Any, Literal

import segno
from fastapi import APIRouter, Form, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from cloud_sync.accounts import second
from cloud_sync.accounts.door import clear_cookie
from cloud_sync.accounts.pin import set_pin
from cloud_sync.accounts.sessions import end_sessions, open_sessions, second_key
from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.accounts.totp import address, typed_by_hand
from cloud_sync.pages.guard import Doer, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import shown
from cloud_sync.pages.standing import standing
from cloud_sync.service import service_of
from cloud_sync.speech import LANGUAGES
from cloud_sync.tables.accounts import Owner
from edge_agent.errors import BadInput

router = APIRouter()
ISSUER = "Dropshelf"


@router.get("/account")
def account_page(request: Request, owner: Looker) -> Response:
    """Who one is here, and where one is signed in."""
    return _page(request, owner)


@router.post("/account/second/begin")
def begin_second(request: Request, owner: Doer) -> Response:
    """A new secret for the authenticator, as QR code and as text; it counts when its first code was typed."""
    with service_of(request).database.writing() as session:
        second.begin(session, _held(session, owner))
    return _page(request, owner, enrols=True)


@router.post("/account/second/confirm")
def confirm_second(request: Request, owner: Doer, code: Annotated[str, Form(max_length=40)] = "") -> Response:
    """The first code: from now on it is asked for. The recovery codes stand on the answer, and nowhere after."""
    service = service_of(request)
    key_file, now = second_key(service.settings), service.clock.now()
    try:
        with service.database.writing() as session:
            codes = second.confirm(session, key_file, _held(session, owner), code, now)
    except BadInput as error:
        return _page(request, owner, enrols=True, wrong=error.message, status=422)
    return _page(request, owner, codes=codes)


@router.post("/account/second/codes")
def renew_codes(request: Request, owner: Doer) -> Response:
    """Ten new recovery codes; the old ones are void."""
    if not owner.second:
        raise BadInput("Recovery codes belong to an authenticator. Set one up first.")
    with service_of(request).database.writing() as session:
        codes = second.new_recovery_codes(session, _held(session, owner))
    return _page(request, owner, codes=codes)


@router.post("/account/second/end")
def end_second(request: Request, owner: Doer) -> Response:
    """The password alone is asked for again."""
    with service_of(request).database.writing() as session:
        second.end(session, _held(session, owner))
    return see_other("/account")


@router.post("/account/pin")
def choose_pin(
    request: Request,
    owner: Doer,
    pin: Annotated[str, Form(max_length=16)] = "",
    again: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """The PIN of this phone, typed twice; nothing takes it away."""
    try:
        if pin != again:
            raise BadInput("The two PINs differ. Type the same one twice.")
        with service_of(request).database.writing() as session:
            set_pin(session, owner.token, pin)
    except BadInput as error:
        return _page(request, owner, wrong_pin=error.message, status=422)
    return see_other("/account")


@router.post("/account/language")
def choose_language(
    request: Request, owner: Doer, language: Annotated[Literal["", "en", "de"], Form()] = ""
) -> Response:
    """What the pages and e-mails speak to this person; empty is the shop's language."""
    with service_of(request).database.writing() as session:
        row = _held(session, owner)
        row.language = language
        session.add(row)
    return see_other("/account")


@router.post("/account/sessions")
def end_session(request: Request, owner: Doer, named: Annotated[str, Form(max_length=32)] = "") -> Response:
    """Sign out one browser by its name, or with no name everywhere, here too."""
    service = service_of(request)
    with service.database.writing() as session:
        end_sessions(session, tenant=owner.tenant, owner=owner.owner, named=named)
    if named and named != owner.session:
        return see_other("/account")
    answer = see_other("/sign-in")
    clear_cookie(answer, service.settings)
    return answer


def _held(session: Session, owner: SignedIn) -> Owner:
    return second.held(session, tenant=owner.tenant, owner=owner.owner)


def _page(
    request: Request,
    owner: SignedIn,
    *,
    enrols: bool = False,
    codes: list[str] | None = None,
    wrong: str = "",
    wrong_pin: str = "",
    status: int = 200,
) -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop="", now=service.clock.now())
        row = session.get_one(Owner, (owner.tenant, owner.owner))
        mine = {"tenant": owner.tenant, "owner": owner.owner}
        told: dict[str, Any] = {
            "standing": standing(session, here),
            "languages": LANGUAGES,
            "since": row.second_since,
            "left": second.codes_left(session, **mine),
            "sessions": open_sessions(session, **mine, now=here.now),
        }
    secret = second.secret_for(second_key(service.settings), row) if enrols else b""
    told |= {"qr": _qr(secret, owner.email) if secret else "", "secret": typed_by_hand(secret)}
    told |= {"codes": codes, "wrong": wrong, "wrong_pin": wrong_pin}
    return page(request, "account.html", owner=owner, shop=here, status=status, **told)


def _qr(secret: bytes, email: str) -> Markup:
    code = segno.make(address(secret, issuer=ISSUER, account=email), error="m", micro=False)
    picture = code.svg_inline(scale=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(picture)  # noqa: S704 - made of black and white squares
