"""The two doors at which tills come back by the thousand: answered before the ways that lead to an owner's pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

Door = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Doors:
    """Leads a POST to one of `doors` straight there, and everything else on. Its body was bounded and read before."""

    app: ASGIApp
    doors: dict[str, Door]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self.doors.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if door is None:
            await self.app(scope, receive, send)
        else:
            answer = await door(Request(scope, receive))
            await answer(scope, receive, send)
