"""The owner at a phone, over plain HTTP: signs in and approves the order whose cut-off comes first."""

import http.cookiejar
import json
import urllib.request
from typing import Any

from scripts.house_ import OWNER


class Owner:
    """A signed-in owner; signs in at first use, so that the cloud may be down before."""

    def __init__(self, url: str, password: str) -> None:
        self._url, self._password = url, password
        self._csrf = ""
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def _call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Origin": self._url, "Content-Type": "application/json", "X-CSRF-Token": self._csrf}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        with self._opener.open(request, timeout=10) as answer:
            return json.loads(answer.read())

    def orders(self) -> list[dict[str, Any]]:
        """The orders that wait for a word."""
        if not self._csrf:
            self._csrf = self._call("POST", "/v1/owner/sign-in", {"email": OWNER, "password": self._password})["csrf"]
        found: list[dict[str, Any]] = self._call("GET", "/v1/owner/orders?state=proposed")["orders"]
        return found

    def approve_first(self) -> str:
        """Approve the proposed order with the soonest cut-off; its key."""
        first = min(self.orders(), key=lambda order: int(order["cutoff_at"]))
        key = str(first["order"])
        self._call("POST", f"/v1/owner/orders/{key}/approve", {"version": first["version"]})
        return key
