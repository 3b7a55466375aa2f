"""The owners' door: the cookies, and the guards that every request of a signed-in person passes."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response

from cloud_sync.accounts.deeds import ABOUT, Noted, note
from cloud_sync.accounts.rights import PROOF_MS, RIGHTS, Right, act_of, is_noted
from cloud_sync.accounts.sessions import REMEMBERED_MS, browser_of
from cloud_sync.accounts.sign_in import SignedIn, Visit, half_in, who
from cloud_sync.service import address_of, let_in, service_of
from cloud_sync.settings import Settings
from cloud_sync.speech import chose

KNOWN_S = 400 * 24 * 60 * 60
"""As long as browsers keep a cookie at most."""


def cookie_name(settings: Settings, what: str = "dropshelf") -> str:
    """`__Host-` binds the cookie to https and this host; plain http exists only on loopback."""
    return f"__Host-{what}" if settings.secure else what


def set_cookie(response: Response, settings: Settings, signed: SignedIn) -> None:
    """Give the browser its session: it ends with the browser, a remembered one after 30 days; the server's clock rules.

    A session that goes on keeps the end that it has.
    """
    age = REMEMBERED_MS // 1000 if signed.remembered else None
    _set(response, settings, "dropshelf", signed.token, age)


def set_known(response: Response, settings: Settings, token: str) -> None:
    """Give the browser the token by which it is known at its next sign-in."""
    _set(response, settings, "dropshelf-known", token, KNOWN_S)


def _set(response: Response, settings: Settings, what: str, value: str, age: int | None) -> None:
    name = cookie_name(settings, what)
    response.set_cookie(name, value, max_age=age, secure=settings.secure, httponly=True, samesite="strict", path="/")


def clear_cookie(response: Response, settings: Settings) -> None:
    """Take the session away from the browser."""
    name = cookie_name(settings)
    response.delete_cookie(name, secure=settings.secure, httponly=True, samesite="strict", path="/")


def visit_of(request: Request, *, remember: bool = False) -> Visit:
    """From where a sign-in comes."""
    settings = service_of(request).settings
    known = request.cookies.get(cookie_name(settings, "dropshelf-known"), "")
    browser = browser_of(request.headers.get("user-agent", ""))
    return Visit(address_of(request), browser, known, remember)


def same_origin(request: Request) -> None:
    """403 for an unsafe request that another site started (Origin, else Sec-Fetch-Site)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    own = {f"{request.url.scheme}://{request.headers.get('host', '')}", _origin(service_of(request).settings)}
    if origin not in own if origin is not None else site not in (None, "same-origin", "none"):
        raise HTTPException(403, "This request was started by another site.")


LIVE, BY_ITSELF = "/live", "X-By-Itself"
"""What an open page asks without anybody at it: its line, and itself again."""


def current_owner(request: Request) -> SignedIn | None:
    """Who is signed in, or None; pages that show a sign-in form use this."""
    service = service_of(request)
    token = request.cookies.get(cookie_name(service.settings))
    by_itself = request.url.path == LIVE or BY_ITSELF in request.headers
    owner = who(service.database, token, service.clock.now(), by_itself=by_itself) if token else None
    if owner is not None:
        let_in(request, owner.tenant)
        chose(owner.language)
    return owner


def half_owner(request: Request) -> SignedIn | None:
    """Whose password was right and whose code is awaited, or None."""
    service = service_of(request)
    token = request.cookies.get(cookie_name(service.settings))
    half = half_in(service.database, token, service.clock.now()) if token else None
    if half is not None:
        chose(half.language)
    return half


def check_right(request: Request, owner: SignedIn) -> bool:
    """403 when the role may not do what the route is; True when it must be proved first who is there."""
    act = act_of(request.method, getattr(request.scope.get("route"), "path", ""))
    if act is None or not owner.may(act):
        raise HTTPException(403, "Your role does not let you do this. Ask an owner of the shop.")
    if is_noted(request.method, act):
        request.state.noted = _noted(request, owner, f"{request.method} {request.scope['route'].path}")
    return must_prove(owner, RIGHTS[act], service_of(request).clock.now())


def must_prove(owner: SignedIn, right: Right, now: int) -> bool:
    """True when the last proof that is good enough for this is too old."""
    last = max(owner.proved_at, owner.pin_at) if right.pin else owner.proved_at
    return right.proved and now >= last + PROOF_MS


def takes_pin(request: Request, owner: SignedIn, to: str = "") -> bool:
    """True when this phone has a PIN, and it is proof enough for what the route is, or the page `to` that is wanted."""
    here = getattr(request.scope.get("route"), "path", "")
    act = act_of("GET", to.partition("?")[0]) if to else act_of(request.method, here)
    return owner.pin and act is not None and RIGHTS[act].pin


def note_about(request: Request, given: Mapping[str, object]) -> None:
    """Add to what is noted of this request what its form is about."""
    noted = getattr(request.state, "noted", None)
    said = [str(given[field]) for field in ABOUT if isinstance(given.get(field), str) and given[field]]
    if isinstance(noted, Noted) and said:
        request.state.noted = replace(noted, about=", ".join(filter(None, (noted.about, *said))))


def note_now(request: Request, owner: SignedIn, what: str) -> None:
    """Note what somebody did in front of the rights: coming in."""
    service = service_of(request)
    note(service.database, _noted(request, owner, what), service.clock.now())


def _noted(request: Request, owner: SignedIn, route: str) -> Noted:
    about = next((request.path_params[name] for name in ("key", "order", "table") if name in request.path_params), "")
    return Noted(owner.tenant, owner.owner, owner.name, route, about, visit_of(request).browser)


def signed_in(request: Request) -> SignedIn:
    """Who asks for JSON; 401 when nobody is signed in, 403 without the right or the proof."""
    owner = current_owner(request)
    if owner is None:
        raise HTTPException(401, "Sign in first.")
    if check_right(request, owner):
        raise HTTPException(403, "Prove first that it is you: POST /v1/owner/prove.")
    return owner


def check_csrf(owner: SignedIn, given: str) -> None:
    """403 when the session's token did not come with the form or command."""
    if not hmac.compare_digest(owner.csrf.encode(), given.encode()):
        raise HTTPException(403, "This form is out of date. Load the page again.")


def commanding(request: Request) -> SignedIn:
    """Who gives a JSON command: same origin, signed in, with the header `X-CSRF-Token`, with the right and proof."""
    same_origin(request)
    owner = signed_in(request)
    check_csrf(owner, request.headers.get("x-csrf-token", ""))
    return owner


def _origin(settings: Settings) -> str:
    parts = urlsplit(settings.public_address)
    return f"{parts.scheme}://{parts.netloc}"


Reader = Annotated[SignedIn, Depends(signed_in)]
Commander = Annotated[SignedIn, Depends(commanding)]
