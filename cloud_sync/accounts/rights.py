"""Who may do what on the owners' side: one table of acts, and for each route the act that it is.

A route without a row is nobody's: it is refused to everyone, and a test fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["owner", "manager", "accountant", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)
NAMES: Mapping[str, str] = {"owner": "owner", "manager": "manager", "accountant": "accountant", "reader": "read-only"}

Act = Literal["look", "self", "own", "export", "decide", "edit", "settings", "devices", "people", "audit"]
EVERYONE = frozenset(ROLES)
PROOF_MS = 30 * 60 * 1000


@dataclass(frozen=True)
class Right:
    """The roles that may, whether they must have proved within `PROOF_MS` that it is they, and whether the phone's PIN
    is proof enough."""

    roles: frozenset[Role]
    proved: bool
    pin: bool = False


RIGHTS: Mapping[Act, Right] = {
    "look": Right(EVERYONE, proved=False),
    "self": Right(EVERYONE, proved=False),
    "own": Right(EVERYONE, proved=True),
    "export": Right(frozenset({"owner", "manager", "accountant"}), proved=True, pin=True),
    "decide": Right(frozenset({"owner", "manager"}), proved=True, pin=True),
    "edit": Right(frozenset({"owner", "manager"}), proved=True, pin=True),
    "settings": Right(frozenset({"owner", "manager"}), proved=True),
    "devices": Right(frozenset({"owner", "manager"}), proved=True),
    "people": Right(frozenset({"owner"}), proved=True),
    "audit": Right(frozenset({"owner", "manager", "accountant"}), proved=False),
}

ROUTES: Mapping[str, Act] = {
    **dict.fromkeys(("GET /", "GET /orders", "GET /orders/{key}", "GET /takings", "GET /stock", "GET /tasks"), "look"),
    **dict.fromkeys(("GET /signals", "GET /suppliers", "GET /v1/owner/orders", "GET /v1/owner/signals"), "look"),
    **dict.fromkeys(("GET /catalogue", "GET /catalogue/item", "GET /promotions", "GET /promotions/one"), "look"),
    **dict.fromkeys(("GET /alerts", "GET /live", "GET /devices", "GET /shop", "GET /suppliers/terms"), "look"),
    "POST /orders/{key}/packs": "look",
    **dict.fromkeys(("GET /imports", "POST /imports", "GET /imports/{source}", "POST /imports/{source}"), "edit"),
    "GET /imports/{source}/refused.csv": "export",
    **dict.fromkeys(("GET /takings.csv", "GET /stock.csv", "GET /catalogue.csv", "GET /returns.csv"), "export"),
    "GET /tables/{table}.csv": "export",
    **dict.fromkeys(("GET /vat.zip", "GET /drops/{drop}/books.zip"), "export"),
    **dict.fromkeys(("POST /vat/invoice", "POST /vat/file", "POST /cash/payout"), "edit"),
    **dict.fromkeys((f"POST /orders/{{key}}/{word}" for word in ("approve", "reject", "sending")), "decide"),
    "POST /orders/within-caps": "decide",
    **dict.fromkeys((f"POST /v1/owner/orders/{{order}}/{word}" for word in ("approve", "reject")), "decide"),
    **dict.fromkeys((f"POST /signals/{word}" for word in ("value", "event", "file")), "edit"),
    "POST /v1/owner/signals": "edit",
    **dict.fromkeys(("GET /drops", "GET /drops/{drop}", "GET /cash", "GET /returns", "GET /vat"), "look"),
    **dict.fromkeys(
        (
            "POST /drops/plan",
            "POST /drops/{drop}/off",
            "POST /drops/{drop}/checklist",
            "POST /drops/{drop}/live",
            "POST /drops/{drop}/live/off",
            "POST /drops/{drop}/public",
            "POST /drops/{drop}/release",
            "POST /cash/entry",
            "POST /cash/file",
        ),
        "edit",
    ),
    **dict.fromkeys(("GET /popups", "GET /popups/{popup}", "GET /samples"), "look"),
    **dict.fromkeys(
        ("POST /popups/plan", "POST /popups/{popup}/off", "POST /popups/{popup}/link", "POST /tasks/seen"), "edit"
    ),
    **dict.fromkeys(("GET /reservations", "GET /markets"), "look"),
    **dict.fromkeys(("POST /reservations/spot", "POST /markets/file"), "edit"),
    "POST /markets": "settings",
    **dict.fromkeys(("GET /hubs", "GET /hubs/{hub}", "GET /before-after", "GET /experiment"), "look"),
    "GET /running-out": "look",
    **dict.fromkeys(("POST /experiment", "POST /experiment/end"), "edit"),
    **dict.fromkeys(("GET /hubs/{hub}/orders.csv", "GET /before-after.csv"), "export"),
    **dict.fromkeys(("POST /hubs/place", "POST /hubs/card"), "edit"),
    **dict.fromkeys((f"POST /hubs/{{hub}}/{word}" for word in ("ask", "send", "order", "file")), "edit"),
    **dict.fromkeys(("POST /catalogue/item", "POST /promotions/one", "POST /orders/{key}/costs"), "edit"),
    **dict.fromkeys(
        ("POST /suppliers", "POST /suppliers/terms", "POST /shop", "POST /resume", "POST /alerts/hook"), "settings"
    ),
    **dict.fromkeys((f"POST /devices/{word}" for word in ("state", "release", "code")), "devices"),
    "GET /people": "people",
    **dict.fromkeys((f"POST /people/{word}" for word in ("invite", "withdraw", "role", "remove", "pin")), "people"),
    "GET /audit": "audit",
    "GET /audit.csv": "export",
    "POST /alerts/rules": "settings",
    "POST /alerts/{alert}/seen": "edit",
    **dict.fromkeys(
        ("POST /alerts/choice", "GET /account", "GET /prove", "POST /prove", "POST /v1/owner/prove"), "self"
    ),
    **dict.fromkeys(("POST /account/sessions", "POST /account/language", "POST /v1/owner/sign-out"), "self"),
    **dict.fromkeys((f"POST /account/second/{word}" for word in ("begin", "confirm", "codes", "end")), "own"),
    **dict.fromkeys(("GET /password", "POST /password", "POST /account/pin"), "own"),
    "POST /sign-out": "self",
}
"""`METHOD path` of every route behind a sign-in; those in front of it ask for nobody."""


def act_of(method: str, path: str) -> Act | None:
    """The act that a route is; None for one that has no row."""
    return ROUTES.get(f"{method} {path}")


def is_noted(method: str, act: Act) -> bool:
    """True for what stands in the list of who did what: whatever changes something or takes a file out."""
    return act == "export" or (method != "GET" and act != "look")


def may(role: str, act: Act) -> bool:
    """True when the role may; an unknown role may nothing."""
    return role in RIGHTS[act].roles
