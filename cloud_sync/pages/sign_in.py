"""Coming in and going out: the sign-in form, the first own password, signing out."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from cloud_sync.accounts.attempts import TooMany
from cloud_sync.accounts.door import check_csrf, clear_cookie, current_owner, same_origin, set_cookie
from cloud_sync.accounts.owners import set_password
from cloud_sync.accounts.passwords import LONGEST, SHORTEST
from cloud_sync.accounts.sign_in import SignedIn, sign_in, sign_out
from cloud_sync.pages.guard import Away, local_path, see_other
from cloud_sync.pages.look import page
from cloud_sync.service import address_of, service_of
from edge_agent.errors import BadInput, NotAllowed

router = APIRouter()

Email = Annotated[str, Form(max_length=254)]
Password = Annotated[str, Form(max_length=LONGEST)]
To = Annotated[str, Query(max_length=300)]


@router.get("/sign-in")
def sign_in_page(request: Request, to: To = "/") -> Response:
    """The form; who is signed in goes on."""
    if current_owner(request) is not None:
        return see_other(local_path(to))
    return _form(request, to=to)


@router.post("/sign-in")
def owner_signs_in(request: Request, email: Email = "", password: Password = "", to: To = "/") -> Response:
    """Opens a session; the same words whether the account is unknown or the password wrong."""
    same_origin(request)
    service = service_of(request)
    now, address = service.clock.now(), address_of(request)
    try:
        owner = sign_in(service.database, email=email, password=password, address=address, now=now)
    except TooMany as error:
        answer = _form(request, to=to, email=email, wrong=error.message, status=429)
        answer.headers["Retry-After"] = str(error.wait_s)
        return answer
    except NotAllowed as error:
        return _form(request, to=to, email=email, wrong=error.message, status=401)
    answer = see_other("/password" if owner.one_time else local_path(to))
    set_cookie(answer, service.settings, owner.token)
    return answer


@router.get("/password")
def password_page(request: Request) -> Response:
    """The form for an own password."""
    return _password_form(request, _somebody(request))


@router.post("/password")
def owner_sets_password(
    request: Request, password: Password = "", again: Password = "", csrf: Annotated[str, Form()] = ""
) -> Response:
    """Sets it; every session ends, and a new one begins here."""
    same_origin(request)
    owner = _somebody(request)
    check_csrf(owner, csrf)
    service = service_of(request)
    try:
        if password != again:
            raise BadInput("The two passwords differ. Type the same one twice.")
        with service.database.writing() as session:
            set_password(session, tenant=owner.tenant, owner=owner.owner, password=password)
    except BadInput as error:
        return _password_form(request, owner, wrong=error.message, status=422)
    now, address = service.clock.now(), address_of(request)
    fresh = sign_in(service.database, email=owner.email, password=password, address=address, now=now)
    answer = see_other("/")
    set_cookie(answer, service.settings, fresh.token)
    return answer


@router.post("/sign-out")
def owner_signs_out(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
    """Ends the session."""
    same_origin(request)
    owner = _somebody(request)
    check_csrf(owner, csrf)
    service = service_of(request)
    sign_out(service.database, owner.token)
    answer = see_other("/sign-in")
    clear_cookie(answer, service.settings)
    return answer


def _somebody(request: Request) -> SignedIn:
    owner = current_owner(request)
    if owner is None:
        raise Away("/sign-in")
    return owner


def _form(request: Request, *, to: str, email: str = "", wrong: str = "", status: int = 200) -> Response:
    return page(request, "sign_in.html", to=local_path(to), email=email, wrong=wrong, status=status)


def _password_form(request: Request, owner: SignedIn, *, wrong: str = "", status: int = 200) -> Response:
    return page(request, "password.html", owner=owner, wrong=wrong, least=SHORTEST, status=status)
