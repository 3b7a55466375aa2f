"""Pages that a crowd asks for: made once in a few seconds for all of a language, told as unchanged to who has them."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request, Response

from cloud_sync.speech import liked

FRESH_MS = 3_000
MOST = 500
Kept = tuple[str, bool, str]
"""The key, whether it is packed, and the language that the browser asked for."""


@dataclass(frozen=True)
class Made:
    """An answer as it was made at a moment, and the word that changes with it."""

    at: int
    tag: str
    response: Response


class Fresh:
    """Answers of one process by key, each good for a moment; who changes what it says has it `forgotten`."""

    def __init__(self) -> None:
        self._made: dict[Kept, Made] = {}
        self._lock = threading.Lock()
        self.makings = 0

    def answer(self, request: Request, key: str, *, gzip: bool, now: int, make: Callable[[], Response]) -> Response:
        """The answer of that key, made if there is none from the last seconds; 304 for who has the same."""
        kept = (key, gzip, liked())
        with self._lock:
            known = self._made.get(kept)
        if known is None or not 0 <= now - known.at < FRESH_MS:
            known = self._make(kept, now, make)
        headers = {"ETag": known.tag, "Cache-Control": "public, max-age=3", "Vary": "Accept-Encoding, Accept-Language"}
        if request.headers.get("if-none-match") == known.tag:
            return Response(status_code=304, headers=headers)
        found = Response(known.response.body, known.response.status_code, dict(known.response.headers))
        found.headers.update(headers)
        return found

    def _make(self, key: Kept, now: int, make: Callable[[], Response]) -> Made:
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
            for kept in [one for one in self._made if one[0] == key]:
                del self._made[kept]
