"""Who may see and do what on the pages: sign in, an own password, the right, a fresh proof; no form from elsewhere."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from cloud_sync.accounts.door import (
    check_csrf,
    check_right,
    current_owner,
    note_about,
    same_origin,
    set_cookie,
    takes_pin,
)
from cloud_sync.accounts.sessions import second_key
from cloud_sync.accounts.sign_in import SignedIn, prove
from cloud_sync.pages.look import page
from cloud_sync.service import service_of
from edge_agent.errors import NotAllowed

KEPT_FILE = "kept."
"""A file of a form that waits for a proof goes on as text, in a field of its name behind this."""
MOST_KEPT = 64 * 1024
"""A longer one is chosen once more behind the proof."""
ANSWER = "proof"


class Away(Exception):
    """This page is for another moment: go there first."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


class ProofNeeded(Exception):
    """A form came whose sender must prove first who is there; it goes on with all that it held."""

    def __init__(self, owner: SignedIn, fields: Sequence[tuple[str, str]], wrong: str) -> None:
        super().__init__(wrong)
        self.owner, self.fields, self.wrong = owner, fields, wrong


async def sent_away(_request: Request, away: Exception) -> Response:
    """The answer to `Away`."""
    assert isinstance(away, Away)
    return see_other(away.to)


async def asked_for_proof(request: Request, needed: Exception) -> Response:
    """The answer to `ProofNeeded`: the same form, and a question before it."""
    assert isinstance(needed, ProofNeeded)
    pin = takes_pin(request, needed.owner)
    told = {"to": _here(request), "fields": needed.fields, "wrong": needed.wrong, "ready": "", "pin": pin}
    return page(request, "prove.html", owner=needed.owner, status=403, **told)


def see_other(to: str) -> RedirectResponse:
    """303: after a form, or before a sign-in, the browser gets `to`."""
    return RedirectResponse(to, status_code=303)


def local_path(to: str) -> str:
    """`to` if it is a path of this service, else the first page."""
    plain = to.isascii() and to.isprintable() and "\\" not in to
    return to if plain and to.startswith("/") and not to.startswith("//") else "/"


def present(request: Request) -> SignedIn:
    """Who is there; others are sent to sign in, or to choose an own password."""
    owner = current_owner(request)
    if owner is None:
        here = _here(request)
        raise Away("/sign-in" if here == "/" or request.method != "GET" else f"/sign-in?to={quote(here, safe='')}")
    if owner.one_time and request.url.path != "/password":
        raise Away("/password")
    return owner


def reading(request: Request) -> SignedIn:
    """Who looks at a page, with the right to; for what must be proved, the proof comes first."""
    owner = present(request)
    if check_right(request, owner):
        raise Away(f"/prove?to={quote(_here(request), safe='')}")
    return owner


async def fields(request: Request) -> FormData:
    """The form's fields (the service has bounded the body before)."""
    return await request.form(max_files=0, max_fields=1000)


Fields = Annotated[FormData, Depends(fields)]


def acting(request: Request, given: Fields, csrf: Annotated[str, Form()] = "") -> SignedIn:
    """Who sends a form: from this site, signed in, with the token of this session, the right, and a fresh proof.

    A form without the proof is answered by the question for it, and comes again with the answer: nothing is lost.
    """
    same_origin(request)
    owner = present(request)
    check_csrf(owner, csrf)
    needs_proof = check_right(request, owner)
    note_about(request, given)
    if not needs_proof:
        return owner
    answer = given.get(ANSWER, "")
    if not isinstance(answer, str) or not answer:
        raise ProofNeeded(owner, _kept(given), "")
    try:
        fresh = proved(request, owner, answer, by_pin=takes_pin(request, owner))
    except NotAllowed as error:
        if current_owner(request) is None:
            raise Away("/sign-in") from error
        raise ProofNeeded(owner, _kept(given), error.message) from error
    return fresh


def proved(request: Request, owner: SignedIn, answer: str, *, by_pin: bool) -> SignedIn:
    """The same person, proved; the answer to the request carries the session's new token. NotAllowed when not."""
    service = service_of(request)
    key_file, now = second_key(service.settings), service.clock.now()
    fresh = prove(service.database, owner, answer=answer[:256], key_file=key_file, now=now, by_pin=by_pin)
    carrier = Response()
    set_cookie(carrier, service.settings, fresh)
    request.state.cookie = carrier.headers["set-cookie"]
    return fresh


def file_of(given: FormData, name: str) -> bytes:
    """The content of a file of the form, also of one that waited for a proof; empty without one."""
    sent = given.get(name)
    if isinstance(sent, UploadFile):
        return sent.file.read()
    kept = given.get(KEPT_FILE + name, "")
    return kept.encode() if isinstance(kept, str) else b""


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _kept(given: FormData) -> list[tuple[str, str]]:
    """All that a form held but the answer, files as text."""
    plain = [(name, value) for name, value in given.multi_items() if isinstance(value, str) and name != ANSWER]
    files = [(name, value) for name, value in given.multi_items() if isinstance(value, UploadFile) and value.filename]
    short = [(name, value) for name, value in files if (value.size or 0) <= MOST_KEPT]
    return plain + [(KEPT_FILE + name, value.file.read().decode("utf-8-sig", "replace")) for name, value in short]


Looker = Annotated[SignedIn, Depends(reading)]
"""What is asked most calls `reading` itself: a dependency goes a way through the threads of its own."""
Doer = Annotated[SignedIn, Depends(acting)]
