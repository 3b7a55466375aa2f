"""Who may see and do what on the pages: sign in first, own password next, and no form from elsewhere."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from cloud_sync.accounts.door import check_csrf, current_owner, same_origin
from cloud_sync.accounts.sign_in import SignedIn


class Away(Exception):
    """This page is for another moment: go there first."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


async def sent_away(_request: Request, away: Exception) -> Response:
    """The answer to `Away`."""
    assert isinstance(away, Away)
    return see_other(away.to)


def see_other(to: str) -> RedirectResponse:
    """303: after a form, or before a sign-in, the browser gets `to`."""
    return RedirectResponse(to, status_code=303)


def local_path(to: str) -> str:
    """`to` if it is a path of this service, else the first page."""
    plain = to.isascii() and to.isprintable() and "\\" not in to
    return to if plain and to.startswith("/") and not to.startswith("//") else "/"


def reading(request: Request) -> SignedIn:
    """The owner who looks at a page; others are sent to sign in, or to choose an own password."""
    owner = current_owner(request)
    if owner is None:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise Away("/sign-in" if here == "/" or request.method != "GET" else f"/sign-in?to={quote(here, safe='')}")
    if owner.one_time:
        raise Away("/password")
    return owner


def acting(request: Request, csrf: Annotated[str, Form()] = "") -> SignedIn:
    """The owner who sends a form: from this site, signed in, with the token of this session."""
    same_origin(request)
    owner = reading(request)
    check_csrf(owner, csrf)
    return owner


async def fields(request: Request) -> FormData:
    """The form's fields (the service has bounded the body before)."""
    return await request.form(max_files=0, max_fields=1000)


Looker = Annotated[SignedIn, Depends(reading)]
Doer = Annotated[SignedIn, Depends(acting)]
Fields = Annotated[FormData, Depends(fields)]
