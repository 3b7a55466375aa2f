"""Pages that a crowd asks for: made once in a few seconds for everybody, and told as unchanged to who has them."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request, Response

FRESH_MS = 3_000
MOST = 500


@dataclass(frozen=True)
class Made:
    """An answer as it was made at a moment, and the word that changes with it."""

    at: int
    tag: str
    response: Response


class Fresh:
    """Answers of one process by key, each good for a moment; who changes what it says has it `forgotten`."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, bool], Made] = {}
        self._lock = threading.Lock()
        self.makings = 0

    def answer(self, request: Request, key: str, *, gzip: bool, now: int, make: Callable[[], Response]) -> Response:
        """The answer of that key, made if there is none from the last seconds; 304 for who has the same."""
        with self._lock:
            known = self._made.get((key, gzip))
        if known is None or not 0 <= now - known.at < FRESH_MS:
            known = self._make((key, gzip), now, make)
        headers = {"ETag": known.tag, "Cache-Control": "public, max-age=3"}
        if request.headers.get("if-none-match") == known.tag:
            return Response(status_code=304, headers={**headers, "Vary": "Accept-Encoding"})
        found = Response(known.response.body, known.response.status_code, dict(known.response.headers))
        found.headers.update(headers)
        return found

    def _make(self, key: tuple[str, bool], now: int, make: Callable[[], Response]) -> Made:
        response = make()
        made = Made(now, f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:16]}"', response)
        with self._lock:
            self.makings += 1
            if len(self._made) >= MOST:
                self._made.clear()
            self._made[key] = made
        return made

    def forget(self, key: str) -> None:
        """What it says has changed."""
        with self._lock:
            for gzip in (True, False):
                self._made.pop((key, gzip), None)
