"""The owner at a phone, over plain HTTP: signs in, approves orders, sends forms and reads pages."""

import html
import http.cookiejar
import json
import re
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from scripts.house_ import OWNER


class Owner:
    """A signed-in owner; signs in at first use, so that the cloud may be down before."""

    def __init__(self, url: str, password: str) -> None:
        self._url, self._password = url, password
        self._csrf = ""
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def _call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Origin": self._url, "Content-Type": "application/json", "X-CSRF-Token": self._csrf}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        with self._opener.open(request, timeout=10) as answer:
            return json.loads(answer.read())

    def orders(self) -> list[dict[str, Any]]:
        """The orders that wait for a word."""
        self._signed_in()
        found: list[dict[str, Any]] = self._call("GET", "/v1/owner/orders?state=proposed")["orders"]
        return found

    def _signed_in(self) -> None:
        if not self._csrf:
            self._csrf = self._call("POST", "/v1/owner/sign-in", {"email": OWNER, "password": self._password})["csrf"]

    def choose_password(self) -> None:
        """The pages ask for an own password in place of the one that the service gave."""
        own = f"{self._password} of mine"
        self.form("/password", {"password": own, "again": own})
        self._password = own
        self.away()

    def away(self) -> None:
        """Hours later: what comes next signs in again."""
        self._csrf = ""
        self._jar.clear()

    def page(self, path: str) -> tuple[int, str]:
        """A page's status, and what it says as one line."""
        self._signed_in()
        return self._read(urllib.request.Request(self._url + path))

    def form(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Send a form; status and words of the page that it leads to."""
        self._signed_in()
        data = urlencode({"csrf": self._csrf, **fields}).encode()
        return self._read(urllib.request.Request(self._url + path, data, {"Origin": self._url}))

    def file(self, path: str) -> bytes:
        """A file that a page offers, as it is."""
        self._signed_in()
        with self._opener.open(self._url + path, timeout=20) as answer:
            content: bytes = answer.read()
        return content

    def _read(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return answer.status, _words(answer.read())
        except HTTPError as error:
            with error:
                return error.code, _words(error.read())

    def approve_first(self) -> str:
        """Approve the proposed order with the soonest cut-off; its key."""
        first = min(self.orders(), key=lambda order: int(order["cutoff_at"]))
        key = str(first["order"])
        self._call("POST", f"/v1/owner/orders/{key}/approve", {"version": first["version"]})
        return key


def _words(page: bytes) -> str:
    """What a page says, as one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.decode())).split())
