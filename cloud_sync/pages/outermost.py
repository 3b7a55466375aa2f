"""The outermost layer of the service: security headers on each answer, and an id for what went wrong."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud_sync.accounts.deeds import Noted, note
from cloud_sync.logs import acting
from cloud_sync.pages.look import page
from cloud_sync.service import service_of
from cloud_sync.speech import Reader, asked_for, reads

log = logging.getLogger("cloud_sync.pages")

POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
YEAR_S = 31_536_000
DEVICES = ("/v1/", "/health/", "/metrics")


def for_programs(path: str) -> bool:
    """True where programs ask rather than people: there errors are JSON."""
    return path.startswith(DEVICES)


@dataclass(frozen=True)
class Outermost:
    """Adds the headers that an answer does not set itself; turns a fault into a page (or JSON) with its id."""

    app: ASGIApp
    secure: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        act, started = secrets.token_hex(4), False
        liked = Headers(scope=scope).get("accept-language", "")
        reader = None if for_programs(scope["path"]) else Reader(asked_for(liked))
        state = scope.setdefault("state", {})

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                await _note(scope, state, message["status"])
                message = {**message, "headers": self._completed(message["headers"], state)}
            await send(message)

        with acting(act), reads(reader):
            try:
                await self.app(scope, receive, sending)
            except Exception:
                log.exception("a request failed", extra={"method": scope["method"]})
                if started:
                    raise
                await _wrong(Request(scope), act)(scope, receive, sending)

    def _completed(self, given: list[tuple[bytes, bytes]], state: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
        there = {name.lower() for name, _value in given}
        wanted = dict(HEADERS)
        if self.secure:
            wanted["strict-transport-security"] = f"max-age={YEAR_S}"
        added = [(name.encode(), value.encode()) for name, value in wanted.items() if name.encode() not in there]
        # A session that proved itself on the way goes on under the token that stands here (see `guard.proved`).
        if cookie := state.get("cookie"):
            added.append((b"set-cookie", cookie.encode("latin-1")))
        return [*given, *added]


async def _note(scope: Scope, state: Mapping[str, Any], status: int) -> None:
    """Who did what is written down before the answer goes out; what was refused is not."""
    noted = state.get("noted")
    if isinstance(noted, Noted) and status < 400:
        service = service_of(Request(scope))
        await run_in_threadpool(note, service.database, noted, service.clock.now())


def _wrong(request: Request, act: str) -> Response:
    if for_programs(request.url.path):
        return JSONResponse({"error": f"The service failed; its log says why under {act}."}, 500)
    words = "Look how things stand before you try again. If it stays, tell whoever runs the service this id."
    return page(request, "wrong.html", status=500, title="That did not work", words=words, act=act)
