"""A hub that is spoken to over HTTP: JSON, signed as webhooks are; an answer that does not come is asked for again."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from cloud_sync.post.network import Place, connected, place_of
from cloud_sync.post.talk import NotHeard, Refused, ended_in_time
from cloud_sync.post.webhook import Web, encrypted
from edge_agent.rules.hub import Held
from edge_agent.rules.imports_hubs import MOST_PIECES, STATES, Charge, Tracked
from edge_agent.rules.signature import signature

TRIES = 3
LONGEST = 1024 * 1024
NO = (400, 401, 403, 404, 409, 410, 422)
"""Answers that will be the same next time."""
MOST_MINOR = 10**11


@dataclass(frozen=True)
class RestHub:
    """The hub at `url`; `now_s` is the time that signatures carry."""

    web: Web
    url: str
    secret: str
    now_s: Callable[[], int]
    wait: Callable[[float], None] = time.sleep

    def stock(self) -> list[Held]:
        """GET /stock"""
        return [_held(one) for one in _list(self._ask("GET", "/stock"), "stock")]

    def reserve(self, reference: str, lines: Mapping[str, int]) -> None:
        """PUT /orders/REFERENCE"""
        said = {"lines": [{"sku": sku, "qty": qty} for sku, qty in lines.items()]}
        self._ask("PUT", _order(reference), said)

    def release(self, reference: str) -> None:
        """DELETE /orders/REFERENCE"""
        self._ask("DELETE", _order(reference))

    def ship(self, reference: str) -> None:
        """POST /orders/REFERENCE/ship"""
        self._ask("POST", f"{_order(reference)}/ship", {})

    def track(self, reference: str) -> Tracked:
        """GET /orders/REFERENCE"""
        said = self._ask("GET", _order(reference))
        state = said.get("state")
        if state not in STATES:
            raise NotHeard("The hub's answer names no state that is known.")
        return Tracked(reference, str(state), _day(said.get("day", "")))

    def charges(self, first: int, last: int) -> list[Charge]:
        """GET /charges?from=DATE&to=DATE"""
        days = "&to=".join(date.fromordinal(day).isoformat() for day in (first, last))
        return [_charge(one) for one in _list(self._ask("GET", f"/charges?from={days}"), "charges")]

    def _ask(self, method: str, path: str, said: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The answer; tried again while nobody knows, because whatever is said twice counts once."""
        for left in reversed(range(TRIES)):
            try:
                return self._once(method, path, b"" if said is None else json.dumps(said).encode())
            except NotHeard:
                if not left:
                    raise
                self.wait(0.2 * (TRIES - left))
        raise AssertionError("the last try ends the loop")

    def _once(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        place = place_of(self.url.rstrip("/") + path)
        try:
            raw = connected(place, self.web.allowed)
        except Refused as error:
            raise (NotHeard(error.message) if error.again else error) from error
        try:
            with ended_in_time(raw):
                return self._exchange(method, place, raw, body)
        finally:
            raw.close()

    def _exchange(self, method: str, place: Place, raw: Any, body: bytes) -> dict[str, Any]:
        connection = http.client.HTTPConnection(place.host, place.port)
        covered = f"{method} {place.path}\n".encode() + body
        headers = {
            "Content-Type": "application/json",
            "Dropshelf-Signature": signature(self.secret, self.now_s(), covered),
            "Connection": "close",
        }
        try:
            connection.sock = encrypted(self.web, place, raw)
            connection.request(method, place.path, body or None, headers)
            answer = connection.getresponse()
            return _judged(answer.status, answer.read(LONGEST + 1))
        except (OSError, http.client.HTTPException) as error:
            raise NotHeard(f"The hub did not answer: {type(error).__name__}.") from error
        finally:
            with suppress(OSError):
                connection.close()


def _judged(status: int, content: bytes) -> dict[str, Any]:
    words = _words(content)
    if status in NO:
        raise Refused(str(words.get("words", ""))[:200] or f"The hub answered {status}.", again=False)
    if not 200 <= status < 300 or len(content) > LONGEST:
        raise NotHeard(f"The hub answered {status}.")
    return words


def _words(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        raise NotHeard("The hub's answer is no JSON.") from error
    if not isinstance(said, dict):
        raise NotHeard("The hub's answer is no JSON object.")
    return said


def _order(reference: str) -> str:
    return f"/orders/{quote(reference, safe='')}"


def _list(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise NotHeard(f"The hub's answer has no list of {name}.")
    return found


def _held(one: dict[str, Any]) -> Held:
    return Held(
        _text(one, "sku"), *(_number(one, name, MOST_PIECES) for name in ("on_hand", "committed", "exceptions"))
    )


def _charge(one: dict[str, Any]) -> Charge:
    return Charge(
        _day(one.get("day")), _text(one, "kind")[:32], _number(one, "amount", MOST_MINOR), _text(one, "invoice")[:32]
    )


def _text(one: dict[str, Any], name: str) -> str:
    found = one.get(name)
    if not isinstance(found, str) or not found or len(found) > 64 or not found.isprintable():
        raise NotHeard(f"The hub's {name} is none.")
    return found


def _number(one: dict[str, Any], name: str, most: int) -> int:
    found = one.get(name, 0)
    if type(found) is not int or not 0 <= found <= most:
        raise NotHeard(f"The hub's {name} is no number of pieces or money.")
    return found


def _day(found: object) -> int:
    if not found:
        return 0
    try:
        return date.fromisoformat(str(found)).toordinal()
    except ValueError as error:
        raise NotHeard("The hub's answer holds a day that is none.") from error
