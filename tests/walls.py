"""The table of who may ask what of the cloud: one row a route, one column a role; and everybody who tries.

A new route needs a row here, a new role a word in `Role` and its place in the rows, else the tests fail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

Role = Literal[
    "nobody", "owner", "manager", "accountant", "read-only", "till", "retired till", "suspected till", "banned till"
]
ROLES: frozenset[Role] = frozenset(get_args(Role))
OWNERS: frozenset[Role] = frozenset({"owner"})
MANAGERS: frozenset[Role] = OWNERS | {"manager"}
BOOKS: frozenset[Role] = MANAGERS | {"accountant"}
PEOPLE: frozenset[Role] = BOOKS | {"read-only"}
TILLS: frozenset[Role] = frozenset({"till"})
UPLOADS: frozenset[Role] = frozenset({"till", "retired till", "suspected till"})
NONE: frozenset[Role] = frozenset()
UNKNOWN_ORDER, UNKNOWN_SHOP, UNKNOWN_JOURNAL = "0" * 64, "nowhere", "f" * 32


@dataclass(frozen=True)
class Aim:
    """The things that a request names: those of a shop, or such as nobody has."""

    order: str = UNKNOWN_ORDER
    version: str = "9.9.ffffffff"
    shop: str = UNKNOWN_SHOP
    journal: str = UNKNOWN_JOURNAL


@dataclass
class Visitor:
    """Somebody who tries: a role, what it holds, and how it packs a batch that names a journal (tills alone)."""

    name: str
    role: Role
    http: httpx.Client
    csrf: str = "0" * 64
    generation: str = ""
    batch: Callable[[str, int], bytes] = lambda _journal, _session: b""


Ask = Callable[[Visitor, Aim], httpx.Response]


@dataclass(frozen=True)
class Row:
    """A route, how it is asked for, the roles that may, and the statuses that those get when all is well."""

    method: str
    path: str
    ask: Ask
    may: frozenset[Role]
    good: tuple[int, ...] = (200,)
    names: bool = True
    """Whether the request names a thing that could be another's."""


def reads(path: str, may: frozenset[Role], *, names: bool = True, good: int = 200) -> Row:
    """A page of a shop."""

    def ask(who: Visitor, aim: Aim) -> httpx.Response:
        return who.http.get(_at(path, aim), params={"shop": aim.shop})

    return Row("GET", path, ask, may, (good,), names=names)


def sends(path: str, may: frozenset[Role], *good: int, names: bool = True) -> Row:
    """A form of the pages, with all that any form holds."""

    def ask(who: Visitor, aim: Aim) -> httpx.Response:
        form = {
            "csrf": who.csrf,
            "shop": aim.shop,
            "version": aim.version,
            "reason": "Too much",
            "password": "short",
            "again": "other",
        }
        return who.http.post(_at(path, aim), data=form)

    return Row("POST", path, ask, may, good, names=names)


def commands(path: str, may: frozenset[Role], *good: int, names: bool = True, **body: str) -> Row:
    """A command of the owners' door for programs."""

    def ask(who: Visitor, aim: Aim) -> httpx.Response:
        said = {key: aim.version if key == "version" else value for key, value in body.items()}
        return who.http.post(_at(path, aim), json=said, headers={"X-CSRF-Token": who.csrf})

    return Row("POST", path, ask, may, good, names=names)


def _at(path: str, aim: Aim) -> str:
    return (
        path.replace("{key}", aim.order)
        .replace("{order}", aim.order)
        .replace("{table}", "orders")
        .replace("{source}", "0" * 64)
        .replace("{slug}/{code}", f"a-drop/{'0' * 16}")
        .replace("{slug}", "a-drop")
    )


def _asset(who: Visitor, _: Aim) -> httpx.Response:
    return who.http.get("/assets/0/owner.css")


def _pair(who: Visitor, _: Aim) -> httpx.Response:
    return who.http.post("/v1/pair", json={"code": "00000000", "public_key": "0" * 64, "till": "Till"})


def _session(who: Visitor, aim: Aim) -> httpx.Response:
    head = {"head_seq": 1, "head_hash": "0" * 64}
    asked = {"journal": aim.journal, "boot": "b", "version": "1", "accept": 1, **head}
    return who.http.post("/v1/session", json=asked)


def _push(who: Visitor, aim: Aim) -> httpx.Response:
    opened = _session(who, aim).json().get("session", 0)
    return who.http.post("/v1/push", content=who.batch(aim.journal, opened), headers={"Content-Encoding": "gzip"})


def _feed(who: Visitor, _: Aim) -> httpx.Response:
    return who.http.get("/v1/feed", params={"after": 0, "generation": who.generation})


def _journal(who: Visitor, aim: Aim) -> httpx.Response:
    return who.http.get("/v1/journal", params={"journal": aim.journal, "after": 0})


def _market(who: Visitor, _: Aim) -> httpx.Response:
    return who.http.post("/v1/market/orders", json={"reference": "r", "lines": [{"sku": "milk", "pieces": 1}]})


def _signals(who: Visitor, aim: Aim) -> httpx.Response:
    return who.http.post("/v1/owner/signals", json={"shop": aim.shop}, headers={"X-CSRF-Token": who.csrf})


def _model(who: Visitor, _: Aim) -> httpx.Response:
    return who.http.get("/v1/model", params={"sha256": "0" * 64, "after": 0})


def _answer(who: Visitor, aim: Aim) -> httpx.Response:
    return who.http.get(f"/answer/tenant/{aim.order}/{'0' * 32}")


def _answers(who: Visitor, aim: Aim) -> httpx.Response:
    return who.http.post(f"/answer/tenant/{aim.order}/{'0' * 32}", data={"said": "confirmed"})


def _live(who: Visitor, aim: Aim) -> httpx.Response:
    """The line goes on for minutes: that it was opened is enough."""
    with who.http.stream("GET", "/live", params={"shop": aim.shop}) as answer:
        if answer.status_code != 200:
            answer.read()
            return answer
        return httpx.Response(200, headers=answer.headers, request=answer.request)


def _seen(who: Visitor, aim: Aim) -> httpx.Response:
    return who.http.post(f"/alerts/{'0' * 32}/seen", data={"csrf": who.csrf, "shop": aim.shop})


TABLE = (
    # The seal in the address is the right to it: without, there is no such page for anybody.
    Row("GET", "/answer/{tenant}/{key}/{seal}", _answer, ROLES, (404,), names=False),
    Row("POST", "/answer/{tenant}/{key}/{seal}", _answers, ROLES, (404,), names=False),
    reads("/health/live", ROLES, names=False),
    reads("/health/ready", ROLES, names=False),
    reads("/metrics", NONE, names=False),
    Row("GET", "/assets/{mark}/{name}", _asset, ROLES, (200, 404), names=False),
    Row("GET", "/sign-in", lambda who, _: who.http.get("/sign-in"), ROLES, (200, 303), names=False),
    sends("/sign-in", ROLES, 401, 429, names=False),
    commands("/v1/owner/sign-in", ROLES, 401, 429, names=False, email="eve@other.example", password="wrong"),
    Row("POST", "/v1/pair", _pair, ROLES, (403, 429), names=False),
    Row("GET", "/sign-in/code", lambda who, _: who.http.get("/sign-in/code"), ROLES, (303,), names=False),
    sends("/sign-in/code", ROLES, 303, names=False),
    *(reads(path, PEOPLE, names=False) for path in ("/password", "/prove", "/account")),
    sends("/password", PEOPLE, 422, names=False),
    sends("/prove", PEOPLE, 401, names=False),
    commands("/v1/owner/prove", PEOPLE, 401, names=False, answer="wrong"),
    *(sends(f"/account/second/{word}", PEOPLE, 200, 422, names=False) for word in ("begin", "confirm", "codes")),
    sends("/account/second/end", PEOPLE, 303, names=False),
    sends("/account/pin", PEOPLE, 303, 422, names=False),
    *(reads(path, PEOPLE) for path in ("/", "/orders", "/orders/{key}", "/takings", "/stock", "/tasks", "/signals")),
    *(reads(path, BOOKS) for path in ("/takings.csv", "/stock.csv")),
    reads("/v1/owner/signals", PEOPLE),
    reads("/imports", MANAGERS),
    sends("/imports", MANAGERS, 422),
    reads("/imports/{source}", MANAGERS, good=422),
    sends("/imports/{source}", MANAGERS, 422),
    reads("/imports/{source}/refused.csv", BOOKS, good=422),
    *(sends(f"/signals/{word}", MANAGERS, 422) for word in ("value", "event", "file")),
    Row("POST", "/v1/owner/signals", _signals, MANAGERS),
    *(sends(f"/orders/{{key}}/{word}", MANAGERS, 409) for word in ("approve", "reject")),
    sends("/orders/within-caps", MANAGERS, 200),
    sends("/orders/{key}/packs", PEOPLE, 409),
    sends("/orders/{key}/sending", MANAGERS, 404),
    sends("/orders/{key}/costs", MANAGERS, 404),
    *(reads(path, PEOPLE) for path in ("/catalogue", "/catalogue/item", "/promotions", "/promotions/one", "/shop")),
    *(reads(path, BOOKS) for path in ("/catalogue.csv", "/returns.csv", "/tables/{table}.csv")),
    *(sends(path, MANAGERS, 422) for path in ("/catalogue/item", "/promotions/one", "/suppliers/terms")),
    sends("/shop", MANAGERS, 409),
    *(reads(path, PEOPLE) for path in ("/suppliers", "/suppliers/terms", "/alerts")),
    Row("GET", "/live", _live, PEOPLE),
    Row("POST", "/alerts/{alert}/seen", _seen, MANAGERS, (404,)),
    sends("/alerts/choice", PEOPLE, 303, names=False),
    *(sends(f"/alerts/{word}", MANAGERS, 303) for word in ("hook", "rules")),
    sends("/suppliers", MANAGERS, 404),
    sends("/resume", MANAGERS, 303),
    reads("/v1/owner/orders", PEOPLE, names=False),
    commands("/v1/owner/orders/{order}/approve", MANAGERS, 409, version=""),
    commands("/v1/owner/orders/{order}/reject", MANAGERS, 409, version="", reason="Too much"),
    *(reads(path, PEOPLE) for path in ("/drops", "/cash", "/returns", "/vat")),
    *(reads(path, PEOPLE) for path in ("/hubs", "/before-after", "/experiment", "/running-out")),
    sends("/experiment", MANAGERS, 422),
    sends("/experiment/end", MANAGERS, 404),
    reads("/before-after.csv", BOOKS),
    *(reads(path, PEOPLE) for path in ("/reservations", "/markets")),
    *(sends(path, MANAGERS, 422) for path in ("/reservations/spot", "/markets", "/markets/file")),
    # A marketplace comes in by its key alone: nobody who is known here has one.
    Row("POST", "/v1/market/orders", _market, NONE, names=False),
    Row(
        "DELETE",
        "/v1/market/orders/{reference}",
        lambda who, _: who.http.delete("/v1/market/orders/r"),
        NONE,
        names=False,
    ),
    reads("/v1/market/stock", NONE, names=False),
    reads("/hubs/{hub}", PEOPLE, good=404),
    reads("/hubs/{hub}/orders.csv", BOOKS, good=404),
    *(sends(path, MANAGERS, 422) for path in ("/hubs/place", "/hubs/card", "/hubs/{hub}/send", "/hubs/{hub}/order")),
    sends("/hubs/{hub}/ask", MANAGERS, 404),
    sends("/hubs/{hub}/file", MANAGERS, 422),
    reads("/vat.zip", BOOKS),
    reads("/drops/{drop}/books.zip", BOOKS, good=404),
    *(sends(path, MANAGERS, 422) for path in ("/vat/invoice", "/vat/file", "/cash/payout")),
    reads("/drops/{drop}", PEOPLE, good=404),
    *(sends(path, MANAGERS, 422) for path in ("/drops/plan", "/cash/entry", "/cash/file")),
    sends("/drops/{drop}/off", MANAGERS, 404),
    sends("/drops/{drop}/checklist", MANAGERS, 404),
    *(sends(f"/drops/{{drop}}/{word}", MANAGERS, 404) for word in ("live", "live/off")),
    sends("/drops/{drop}/public", MANAGERS, 422),
    sends("/drops/{drop}/release", MANAGERS, 422),
    # Whoever was given the address of a drop's public page may look and reserve; nobody's page is nobody's.
    *(reads(path, ROLES, names=False, good=404) for path in ("/d/{slug}", "/d/{slug}/{code}")),
    *(sends(path, ROLES, 404, names=False) for path in ("/d/{slug}", "/d/{slug}/{code}/free")),
    *(reads(path, PEOPLE) for path in ("/popups", "/samples")),
    reads("/popups/{popup}", PEOPLE, good=404),
    sends("/popups/plan", MANAGERS, 422),
    sends("/popups/{popup}/off", MANAGERS, 404),
    sends("/popups/{popup}/link", MANAGERS, 404),
    # Whoever scans a poster follows its link; the code in it is all that there is to know.
    reads("/q/{code}", ROLES, names=False, good=404),
    sends("/tasks/seen", MANAGERS, 422),
    reads("/devices", PEOPLE),
    *(sends(f"/devices/{word}", MANAGERS, 404) for word in ("state", "release")),
    sends("/devices/code", MANAGERS, 200),
    *(reads(path, BOOKS) for path in ("/audit", "/audit.csv")),
    reads("/people", OWNERS, names=False),
    sends("/people/invite", OWNERS, 422, names=False),
    *(sends(f"/people/{word}", OWNERS, 404, names=False) for word in ("withdraw", "role", "remove")),
    sends("/people/pin", OWNERS, 404),
    reads("/invitation/{code}", ROLES, names=False, good=404),
    sends("/invitation/{code}", ROLES, 422, 404, names=False),
    Row("POST", "/v1/session", _session, UPLOADS),
    Row("POST", "/v1/push", _push, UPLOADS),
    Row("GET", "/v1/feed", _feed, TILLS, names=False),
    Row("GET", "/v1/journal", _journal, TILLS),
    Row("GET", "/v1/model", _model, TILLS, names=False),
    # Last: they end the session of whoever may.
    sends("/account/sessions", PEOPLE, 303, names=False),
    sends("/account/language", PEOPLE, 303, names=False),
    sends("/sign-out", PEOPLE, 303, names=False),
    commands("/v1/owner/sign-out", PEOPLE, 200, names=False),
)


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path) of everything that the service answers."""
    found: list[tuple[str, str]] = []

    def walk(routes: list[BaseRoute]) -> None:
        for route in routes:
            inner = getattr(route, "original_router", None)
            if isinstance(route, APIRoute):
                found.extend((method, route.path) for method in route.methods or ())
            elif inner is not None:
                walk(inner.routes)
            else:
                found.append(("ANY", str(getattr(route, "path", route))))

    walk(app.routes)
    return found
