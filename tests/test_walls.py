"""Every route of the cloud against everybody who has no business there; a new route without a row fails."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy import delete
from sqlmodel import select
from starlette.staticfiles import StaticFiles

from cloud_sync.accounts.devices import set_state
from cloud_sync.accounts.rights import RIGHTS, ROUTES
from cloud_sync.accounts.rights import Role as Right
from cloud_sync.app import create_app
from cloud_sync.clock import FileClock
from cloud_sync.orders import version_of
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import Attempt
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order
from tests.cloud import EMAIL, Cloud, FakeTill, sells
from tests.owner_shop import Scene, at_work, own_password
from tests.page_text import hidden
from tests.walls import TABLE, UNKNOWN_JOURNAL, Aim, Role, Row, Visitor, routes_of

EVE = "eve@other.example"
LESSER: dict[Role, Right] = {"manager": "manager", "accountant": "accountant", "read-only": "reader"}
EMAILS: dict[str, str] = {"owner": EMAIL, "other tenant's owner": EVE}
EMAILS.update((role, f"{name}@shop.example") for role, name in LESSER.items())
STATES: dict[Role, str] = {"retired till": "retired", "suspected till": "suspected", "banned till": "banned"}
SECRETS = ("Corner Shop", "Oat milk", "Sourdough", "Till 1", "a" * 32)
"""What stands on the shop's pages and in its feed, and may reach no stranger."""


class House:
    """The scene, a second tenant beside it, and everybody who knocks at the cloud."""

    def __init__(self, scene: Scene, closing: ExitStack) -> None:
        self.scene, self.cloud, self._closing = scene, scene.cloud, closing
        self.other = self.cloud.another()
        own_password(self.other, EVE)
        with self.cloud.database.writing() as session:
            session.get_one(Shop, (self.other.shop.tenant, self.other.shop.shop)).name = "Eve's"
        with self.cloud.reading() as session:
            self.order = session.get_one(Order, (self.cloud.shop.tenant, scene.order("north").order))
        self.aim = Aim(self.order.order, version_of(self.order), self.cloud.shop.shop, scene.till.journal)
        self.visitors = {one.name: one for one in self._everybody()}

    def _everybody(self) -> Iterator[Visitor]:
        yield Visitor("nobody", "nobody", self._client())
        yield self.person("owner", "owner")
        for role, name in LESSER.items():
            own_password(self.cloud, EMAILS[role], role=name)
            yield self.person(role, role)
        yield self.person("other tenant's owner", "owner")
        yield self._till("till", "till", self.cloud, "1" * 32)
        yield self._till("other tenant's till", "till", self.other, "2" * 32)
        for number, role in enumerate(STATES, 3):
            yield self._till(role, role, self.cloud, str(number) * 32)

    def _client(self, **headers: str) -> httpx.Client:
        # As through a proxy: what the machine itself may see is no stranger's business.
        headers = {"X-Forwarded-For": "203.0.113.9", **headers}
        client = httpx.Client(base_url=self.cloud.url, timeout=20, trust_env=False, headers=headers)
        return self._closing.enter_context(client)

    def person(self, name: str, role: Role) -> Visitor:
        """A fresh session of somebody who signs in, whose secret is tried as a till's credential, too."""
        with self.cloud.database.writing() as session:
            session.execute(delete(Attempt))
        browser = self._closing.enter_context(self.scene.owner(EMAILS[name]))
        secret = browser.cookies["dropshelf"]
        browser.headers.update({"X-Forwarded-For": "203.0.113.9", "Authorization": f"Bearer {secret}"})
        return Visitor(name, role, browser, hidden(browser.get("/"), "csrf"))

    def _till(self, name: str, role: Role, cloud: Cloud, journal: str) -> Visitor:
        """A till with one sale in its own journal, whose credential is tried as an owner's cookie, too."""
        till = FakeTill(cloud, journal, name)
        self._closing.callback(till.close)
        sells(till, 1)
        generation = str(till.open()["generation"])
        if role in STATES:
            with cloud.database.writing() as session:
                set_state(session, tenant=cloud.shop.tenant, device=till.paired.device, state=STATES[role])
        client = self._client(Authorization=str(till.http.headers["Authorization"]))
        client.cookies.set("dropshelf", till.paired.credential)

        def batch(named: str, session: int) -> bytes:
            till.journal, till.session = named, session
            return till.batch(1, 1)

        return Visitor(name, role, client, generation=generation, batch=batch)

    def own_aim(self, who: Visitor) -> Aim:
        """What the visitor may name; an order that is its own comes with a version that is too old to change it."""
        journal = {
            "till": "1" * 32,
            "other tenant's till": "2" * 32,
            "retired till": "3" * 32,
            "suspected till": "4" * 32,
        }
        stale = replace(self.aim, version=Aim.version, journal=journal.get(who.name, UNKNOWN_JOURNAL))
        return stale if who.name == "owner" or who.role != "owner" else Aim(shop=self.other.shop.shop)

    def stands(self) -> tuple[object, ...]:
        """What no stranger may change: the shop's orders and the lines of its first till."""
        mine = self.cloud.shop.tenant
        with self.cloud.reading() as session:
            orders = session.exec(select(Order).where(Order.tenant == mine)).all()
            lines = select(RawEvent.seq).where(RawEvent.tenant == mine, RawEvent.journal == self.aim.journal)
            return ([one.model_dump() for one in orders], len(session.exec(lines).all()))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[House]:
    with at_work(tmp_path_factory.mktemp("house"), database=new_database()) as scene, ExitStack() as closing:
        yield House(scene, closing)


VISITORS = ("nobody", "owner", *LESSER, "other tenant's owner", "till", "other tenant's till", *STATES)
EVERY = [pytest.param(row, name, id=f"{row.method} {row.path} by {name}") for row in TABLE for name in VISITORS]


def test_every_route_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path), FileClock(tmp_path))
    rows = sorted((row.method, row.path) for row in TABLE)
    assert rows == sorted(routes_of(app))
    app.include_router(APIRouter(routes=[APIRoute("/new", lambda: None)]))
    app.mount("/mounted", StaticFiles(directory=tmp_path))
    assert set(routes_of(app)) - set(rows) == {("GET", "/new"), ("ANY", "/mounted")}


def test_every_route_behind_the_sign_in_is_an_act_and_its_roles_are_those_of_the_table() -> None:
    behind = {f"{row.method} {row.path}": row.may for row in TABLE if "owner" in row.may and "nobody" not in row.may}
    assert set(ROUTES) == set(behind)
    shown = {"owner": "owner", **{name: role for role, name in LESSER.items()}}
    for route, may in behind.items():
        assert {shown[role] for role in RIGHTS[ROUTES[route]].roles} == may, route


def test_everybody_of_the_table_knocks(house: House) -> None:
    assert set(house.visitors) == set(VISITORS)
    assert {one.role for one in house.visitors.values()} == {role for row in TABLE for role in row.may}


@pytest.mark.parametrize(("row", "name"), EVERY)
def test_who_has_no_business_there_is_turned_away_and_who_has_is_served(house: House, row: Row, name: str) -> None:
    who, before = house.visitors[name], house.stands()
    if who.role in row.may:
        served(house, row, who)
    else:
        answer = row.ask(who, house.aim)
        assert refused(answer), (answer.status_code, answer.text)
        told_nothing(answer.text)
    assert house.stands() == before


@pytest.mark.parametrize("row", [row for row in TABLE if row.names], ids=lambda row: f"{row.method} {row.path}")
def test_what_is_anothers_is_answered_as_what_nobody_has(house: House, row: Row) -> None:
    before = house.stands()
    for who in house.visitors.values():
        if who.role in row.may and who.name.startswith("other tenant's"):
            theirs, nobodys = row.ask(who, house.aim), row.ask(who, replace(Aim(), version=house.aim.version))
            told = alike(theirs, house.aim.journal)
            assert told == alike(nobodys, UNKNOWN_JOURNAL), who.name
            told_nothing(told[1])
    assert house.stands() == before


def test_a_till_that_is_not_trusted_any_more_can_not_take_over_anothers_journal(house: House) -> None:
    session = next(row for row in TABLE if row.path == "/v1/session")
    statuses = {name: session.ask(house.visitors[name], house.aim).status_code for name in STATES}
    assert statuses == {"retired till": 409, "suspected till": 409, "banned till": 401}
    assert house.scene.till.push(1, 1).status_code == 200, "its own till goes on in its session"


ENDS = ("/sign-out", "/v1/owner/sign-out", "/account/sessions", "/prove", "/v1/owner/prove")
"""Routes that end a session or, asked wrongly five times, might."""


def served(house: House, row: Row, who: Visitor) -> None:
    """Who may is served with what is its own, so that the other answers prove a wall and not a broken door."""
    # Signing out ends a session: not the one that the other tests go on with.
    guest = house.person(who.name, who.role) if row.path in ENDS and who.name in EMAILS else who
    answer = row.ask(guest, house.own_aim(who))
    expected = row.good if who.name == "owner" or who.role != "owner" else (*row.good, 404)
    assert answer.status_code in expected, answer.text
    if who.name not in ("owner", "till", *LESSER):
        told_nothing(answer.text)


def refused(answer: httpx.Response) -> bool:
    """No, in the words of a program or by the way to the sign-in."""
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return to_sign_in or answer.status_code in (401, 403, 404)


def told_nothing(text: str) -> None:
    """Nothing of the shop stands in an answer."""
    assert [secret for secret in SECRETS if secret in text] == []


def alike(answer: httpx.Response, journal: str) -> tuple[int, str]:
    """Status and content without the name that was asked for."""
    return answer.status_code, answer.text.replace(journal, "JOURNAL")
