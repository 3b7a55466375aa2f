"""Coming in and going out: the password, the code, the first own password, proving once more, signing out."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response

from cloud_sync.accounts.attempts import TooMany
from cloud_sync.accounts.door import (
    clear_cookie,
    current_owner,
    half_owner,
    note_now,
    same_origin,
    set_cookie,
    set_known,
    takes_pin,
    visit_of,
)
from cloud_sync.accounts.owners import set_password
from cloud_sync.accounts.passwords import LONGEST, SHORTEST
from cloud_sync.accounts.sessions import second_key
from cloud_sync.accounts.sign_in import SignedIn, finish, known, sign_in, sign_out
from cloud_sync.pages.guard import Away, Doer, Looker, local_path, proved, see_other
from cloud_sync.pages.look import page
from cloud_sync.service import service_of
from edge_agent.errors import BadInput, NotAllowed

router = APIRouter()

Email = Annotated[str, Form(max_length=254)]
Password = Annotated[str, Form(max_length=LONGEST)]
Code = Annotated[str, Form(max_length=40)]
To = Annotated[str, Query(max_length=300)]
ToField = Annotated[str, Form(max_length=300)]
Tick = Annotated[str, Form(max_length=8)]


@router.get("/sign-in")
def sign_in_page(request: Request, to: To = "/") -> Response:
    """The form; who is signed in goes on."""
    if current_owner(request) is not None:
        return see_other(local_path(to))
    return _form(request, to=to)


@router.post("/sign-in")
def owner_signs_in(
    request: Request, email: Email = "", password: Password = "", remember: Tick = "", to: To = "/"
) -> Response:
    """Opens a session; the same words whether the account is unknown or the password wrong."""
    same_origin(request)
    service = service_of(request)
    visit, now = visit_of(request, remember=bool(remember)), service.clock.now()
    try:
        owner = sign_in(service.database, email=email, password=password, visit=visit, now=now)
    except TooMany as error:
        return _later(_form(request, to=to, email=email, wrong=error.message, status=429), error)
    except NotAllowed as error:
        return _form(request, to=to, email=email, wrong=error.message, status=401)
    if owner.awaits_code:
        answer = see_other("/sign-in/code" + _to_query(to))
        set_cookie(answer, service.settings, owner)
        return answer
    note_now(request, owner, "sign-in")
    return came_in(request, owner, to)


@router.get("/sign-in/code")
def code_page(request: Request, to: To = "/") -> Response:
    """The form for the code, for whose password was right."""
    if half_owner(request) is None:
        return see_other("/sign-in")
    return page(request, "code.html", to=local_path(to), wrong="")


@router.post("/sign-in/code")
def owner_gives_code(request: Request, code: Code = "", to: To = "/") -> Response:
    """A code of the authenticator, or a recovery code: the session is whole."""
    same_origin(request)
    service, half = service_of(request), half_owner(request)
    if half is None:
        return see_other("/sign-in")
    key_file, now = second_key(service.settings), service.clock.now()
    try:
        owner = finish(
            service.database, token=half.token, code=code, visit=visit_of(request), key_file=key_file, now=now
        )
    except TooMany as error:
        return _later(page(request, "code.html", to=local_path(to), wrong=error.message, status=429), error)
    except NotAllowed as error:
        return page(request, "code.html", to=local_path(to), wrong=error.message, status=401)
    note_now(request, owner, "sign-in")
    return came_in(request, owner, to)


@router.get("/prove")
def prove_page(request: Request, owner: Looker, to: To = "/") -> Response:
    """The question who is there, before something that needs a fresh answer."""
    pin, kept = takes_pin(request, owner, local_path(to)), _fields(owner, to)
    return page(request, "prove.html", owner=owner, to="/prove", fields=kept, wrong="", ready="", pin=pin)


@router.post("/prove")
def owner_proves(request: Request, owner: Doer, proof: Password = "", to: ToField = "/") -> Response:
    """The answer; the browser goes on to where it wanted, for a file by one more tap."""
    pin = takes_pin(request, owner, local_path(to))
    try:
        fresh = proved(request, owner, proof, by_pin=pin)
    except NotAllowed as error:
        if current_owner(request) is None:
            raise Away("/sign-in") from error
        told = {"to": "/prove", "fields": _fields(owner, to), "wrong": error.message, "ready": "", "pin": pin}
        return page(request, "prove.html", owner=owner, status=401, **told)
    where = local_path(to)
    if not where.partition("?")[0].endswith(".csv"):
        return see_other(where)
    return page(request, "prove.html", owner=fresh, to="", fields=(), wrong="", ready=where, pin=pin)


@router.get("/password")
def password_page(request: Request, owner: Looker) -> Response:
    """The form for an own password."""
    return _password_form(request, owner)


@router.post("/password")
def owner_sets_password(request: Request, owner: Doer, password: Password = "", again: Password = "") -> Response:
    """Sets it; every session ends, and one has to sign in with it."""
    service = service_of(request)
    try:
        if password != again:
            raise BadInput("The two passwords differ. Type the same one twice.")
        with service.database.writing() as session:
            set_password(session, tenant=owner.tenant, owner=owner.owner, password=password)
    except BadInput as error:
        return _password_form(request, owner, wrong=error.message, status=422)
    visit, now = visit_of(request, remember=owner.remembered), service.clock.now()
    fresh = sign_in(service.database, email=owner.email, password=password, visit=visit, now=now)
    if fresh.awaits_code:
        answer = see_other("/sign-in/code")
        set_cookie(answer, service.settings, fresh)
        return answer
    return came_in(request, fresh, "/")


@router.post("/sign-out")
def owner_signs_out(request: Request, owner: Doer) -> Response:
    """Ends the session."""
    service = service_of(request)
    sign_out(service.database, owner.token)
    answer = see_other("/sign-in")
    clear_cookie(answer, service.settings)
    return answer


def came_in(request: Request, owner: SignedIn, to: str) -> Response:
    """The way on for who has just come in, with the session's cookie and the one that makes this browser known."""
    service = service_of(request)
    answer = see_other("/password" if owner.one_time else local_path(to))
    set_cookie(answer, service.settings, owner)
    known_by = visit_of(request).known
    set_known(answer, service.settings, known(service.database, owner, known_by, service.clock.now()))
    return answer


def _later(answer: Response, error: TooMany) -> Response:
    answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def _to_query(to: str) -> str:
    where = local_path(to)
    return "" if where == "/" else f"?to={quote(where, safe='')}"


def _fields(owner: SignedIn, to: str) -> list[tuple[str, str]]:
    return [("csrf", owner.csrf), ("to", local_path(to))]


def _form(request: Request, *, to: str, email: str = "", wrong: str = "", status: int = 200) -> Response:
    return page(request, "sign_in.html", to=local_path(to), email=email, wrong=wrong, status=status)


def _password_form(request: Request, owner: SignedIn, *, wrong: str = "", status: int = 200) -> Response:
    return page(request, "password.html", owner=owner, wrong=wrong, least=SHORTEST, status=status)
