"""What everybody did: noted at the one place that lets them do it, in words when it is read."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.database import Database
from cloud_sync.tables.people import Deed

WORDS: Mapping[str, str] = {
    "sign-in": "signed in",
    "invitation": "came in by an invitation",
    "GET /takings.csv": "took out the takings",
    "GET /stock.csv": "took out the stock",
    "GET /catalogue.csv": "took out the catalogue",
    "GET /returns.csv": "took out what came back",
    "GET /audit.csv": "took out this list",
    "GET /before-after.csv": "took out figures before and after a day",
    "GET /tables/{table}.csv": "took out a table",
    "POST /orders/{key}/approve": "approved an order",
    "POST /orders/within-caps": "approved all orders within caps",
    "POST /orders/{key}/reject": "rejected an order",
    "POST /orders/{key}/sending": "said how an order went",
    "POST /orders/{key}/costs": "took over a supplier's costs",
    "POST /v1/owner/orders/{order}/approve": "approved an order by a program",
    "POST /v1/owner/orders/{order}/reject": "rejected an order by a program",
    "POST /signals/value": "entered a signal",
    "POST /signals/event": "changed the calendar",
    "POST /signals/file": "entered a file of signals or events",
    "POST /v1/owner/signals": "entered signals by a program",
    "POST /catalogue/item": "changed an item",
    "POST /imports": "looked at a file to import",
    "POST /imports/{source}": "imported a file",
    "GET /imports/{source}/refused.csv": "took out the refused rows of a file",
    "POST /promotions/one": "changed a promotion",
    "POST /suppliers": "chose how a supplier's orders go",
    "POST /suppliers/terms": "changed a supplier's terms",
    "POST /shop": "changed the shop's card",
    "POST /resume": "let orders be sent again after a restore",
    "POST /alerts/{alert}/seen": "saw an alert",
    "POST /alerts/hook": "changed where alerts go",
    "POST /alerts/rules": "chose when a printer is told",
    "POST /alerts/choice": "chose the own alerts",
    "POST /experiment": "began an experiment",
    "POST /experiment/end": "ended an experiment",
    "POST /drops/plan": "planned a drop",
    "POST /drops/{drop}/checklist": "settled a drop's checklist",
    "POST /drops/{drop}/live": "planned a live window",
    "POST /drops/{drop}/live/off": "called a live window off",
    "POST /drops/{drop}/off": "called a drop off",
    "POST /drops/{drop}/public": "changed a drop's public page",
    "POST /drops/{drop}/release": "let a reservation go",
    "POST /cash/entry": "entered a balance or an amount",
    "POST /cash/file": "entered a file of amounts",
    "POST /popups/plan": "planned a pop-up",
    "POST /popups/{popup}/off": "called a pop-up off",
    "POST /popups/{popup}/link": "made a short link",
    "POST /tasks/seen": "took note of a task",
    "POST /cash/payout": "entered a channel's payout",
    "POST /vat/invoice": "entered a supplier's invoice",
    "POST /vat/file": "entered a file of suppliers' invoices",
    "GET /vat.zip": "took out the VAT of a quarter",
    "GET /drops/{drop}/books.zip": "took out a drop's books",
    "POST /reservations/spot": "laid a reservation elsewhere",
    "POST /markets": "described a marketplace",
    "POST /markets/file": "took in a file of orders",
    "POST /hubs/place": "said where the shop is",
    "POST /hubs/card": "described a hub",
    "POST /hubs/{hub}/ask": "asked a hub",
    "POST /hubs/{hub}/send": "had a hub send",
    "POST /hubs/{hub}/order": "tried or released an order at a hub",
    "POST /hubs/{hub}/file": "entered a hub's file",
    "GET /hubs/{hub}/orders.csv": "took out a hub's orders",
    "POST /devices/state": "changed a till's trust",
    "POST /devices/release": "released what a till had sent",
    "POST /devices/code": "made a pairing code",
    "POST /people/invite": "invited somebody",
    "POST /people/withdraw": "withdrew an invitation",
    "POST /people/role": "changed somebody's role",
    "POST /people/remove": "removed somebody",
    "POST /people/pin": "made a code for a PIN at a till",
    "POST /password": "changed the own password",
    "POST /account/second/begin": "began to set up an authenticator",
    "POST /account/second/confirm": "set up an authenticator",
    "POST /account/second/codes": "made new recovery codes",
    "POST /account/pin": "changed the PIN of a phone",
    "POST /account/second/end": "turned the authenticator off",
    "POST /account/sessions": "signed out a browser or all",
    "POST /account/language": "chose a language",
    "POST /sign-out": "signed out",
    "POST /v1/owner/sign-out": "signed out",
    "POST /prove": "proved once more to be there",
    "POST /v1/owner/prove": "proved once more to be there",
}
"""Every route that is noted, and what it says of who asked."""

ABOUT = ("supplier", "sku", "promotion", "device", "state", "person", "role", "email", "name")
"""Fields of a form that say what it is about; no other is kept."""


@dataclass(frozen=True)
class Noted:
    """Who is about to do what; it counts when the answer is no refusal."""

    tenant: str
    owner: str
    name: str
    route: str
    about: str = ""
    browser: str = ""


def note(database: Database, noted: Noted, now: int) -> None:
    """Write it down."""
    row = Deed(
        tenant=noted.tenant,
        at=now,
        deed=secrets.token_hex(8),
        owner=noted.owner,
        name=noted.name[:80],
        route=noted.route[:80],
        about=noted.about[:200],
        browser=noted.browser[:80],
    )
    with database.of(noted.tenant).writing() as session:
        session.add(row)


@dataclass(frozen=True)
class Wanted:
    """Which deeds are asked for: of one person, of one kind, in a stretch of time; empty is all."""

    owner: str = ""
    route: str = ""
    since: int = 0
    before: int = 2**62


def deeds(session: Session, tenant: str, wanted: Wanted, most: int) -> list[Deed]:
    """The newest first."""
    rows = select(Deed).where(Deed.tenant == tenant, Deed.at >= wanted.since, Deed.at < wanted.before)
    if wanted.owner:
        rows = rows.where(Deed.owner == wanted.owner)
    if wanted.route:
        rows = rows.where(Deed.route == wanted.route)
    return list(session.exec(rows.order_by(col(Deed.at).desc(), col(Deed.deed)).limit(most)))
