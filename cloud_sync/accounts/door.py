"""The owners' door: the session cookie, and the guards that every owner's request passes."""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response

from cloud_sync.accounts.sign_in import SignedIn, who
from cloud_sync.service import let_in, service_of
from cloud_sync.settings import Settings


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to https and this host; plain http exists only on loopback."""
    return "__Host-dropshelf" if settings.secure else "dropshelf"


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Give the browser its session (it ends with the browser, at the latest by the server's clock)."""
    name = cookie_name(settings)
    response.set_cookie(name, token, secure=settings.secure, httponly=True, samesite="strict", path="/")


def clear_cookie(response: Response, settings: Settings) -> None:
    """Take the session away from the browser."""
    name = cookie_name(settings)
    response.delete_cookie(name, secure=settings.secure, httponly=True, samesite="strict", path="/")


def same_origin(request: Request) -> None:
    """403 for an unsafe request that another site started (Origin, else Sec-Fetch-Site)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    own = {f"{request.url.scheme}://{request.headers.get('host', '')}", _origin(service_of(request).settings)}
    if origin not in own if origin is not None else site not in (None, "same-origin", "none"):
        raise HTTPException(403, "This request was started by another site.")


def current_owner(request: Request) -> SignedIn | None:
    """Who is signed in, or None; pages that show a sign-in form use this."""
    service = service_of(request)
    token = request.cookies.get(cookie_name(service.settings))
    owner = who(service.database, token, service.clock.now()) if token else None
    if owner is not None:
        let_in(request, owner.tenant)
    return owner


def signed_in(request: Request) -> SignedIn:
    """Who is signed in; 401 when nobody is."""
    owner = current_owner(request)
    if owner is None:
        raise HTTPException(401, "Sign in first.")
    return owner


def check_csrf(owner: SignedIn, given: str) -> None:
    """403 when the session's token did not come with the form or command."""
    if not hmac.compare_digest(owner.csrf.encode(), given.encode()):
        raise HTTPException(403, "This form is out of date. Load the page again.")


def commanding(request: Request) -> SignedIn:
    """Who gives a JSON command: same origin, signed in, with the header `X-CSRF-Token`."""
    same_origin(request)
    owner = signed_in(request)
    check_csrf(owner, request.headers.get("x-csrf-token", ""))
    return owner


def _origin(settings: Settings) -> str:
    parts = urlsplit(settings.public_address)
    return f"{parts.scheme}://{parts.netloc}"


Anyone = Annotated[SignedIn | None, Depends(current_owner)]
Reader = Annotated[SignedIn, Depends(signed_in)]
Commander = Annotated[SignedIn, Depends(commanding)]
