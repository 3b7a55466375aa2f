"""The API as OpenAPI: its written copy is true, its examples fit, and nothing made from it breaks service or schema."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cloud_sync import markets
from cloud_sync.app import create_app
from cloud_sync.clock import FileClock
from cloud_sync.openapi import TABLE, document
from cloud_sync.settings import Settings
from scripts.schemathesis_ import tried
from tests.house import ROOT
from tests.owner_shop import Scene, at_work, own_password
from tests.page_text import hidden
from tests.shop import TUESDAY_14
from tests.walls import routes_of

WRITTEN = ROOT / "docs" / "openapi.json"
ENDS = ("/v1/owner/sign-out", "/v1/owner/prove", "/v1/owner/sign-in")
"""What ends the session that the rest goes on with, or opens another."""
CHECKS = ("--checks", "all", "--seed", "1")
WITHOUT_ENDS = tuple(word for path in ENDS for word in ("--exclude-path", path))
TILLS = ("--include-path-regex", "^/v1/(session|push|feed|journal|model)$")
OWNERS = ("--include-path-regex", "^/v1/owner/", *WITHOUT_ENDS)
MARKETS = ("--include-path-regex", "^/v1/market/")


@dataclass(frozen=True)
class Doors:
    """A service, and what everybody who asks comes in by."""

    url: str
    keys: Mapping[str, Mapping[str, str]]
    known: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Doors]:
    with at_work(tmp_path_factory.mktemp("doors"), away=False, database=new_database()) as scene:
        own_password(scene.cloud, "rita@shop.example", role="reader")
        till = str(scene.till.http.headers["Authorization"]).removeprefix("Bearer ")
        people = {"owner": _signed_in(scene), "reader": _signed_in(scene, "rita@shop.example")}
        known = {"till": {"generation": str(scene.till.open()["generation"]), "journal": scene.till.journal}}
        sellers = {"market": {"market": _market(scene)}}
        yield Doors(scene.cloud.url, {"nobody": {}, "till": {"till": till}, **people, **sellers}, known)


def _market(scene: Scene) -> str:
    """The key of a marketplace that may sell two of the shop's goods."""
    where, key = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}, "k" * 32
    with scene.cloud.database.writing() as session:
        markets.put_market(session, **where, name="bazaar", skus=["choc", "tea"], days=7, key=key, at=TUESDAY_14)
    return key


def _signed_in(scene: Scene, *email: str) -> Mapping[str, str]:
    with scene.owner(*email) as browser:
        return {"owner": browser.cookies["dropshelf"], "csrf": hidden(browser.get("/"), "csrf")}


def test_the_written_schema_is_what_the_service_does(tmp_path: Path) -> None:
    text = json.dumps(document(create_app(Settings(data=tmp_path), FileClock(tmp_path))), indent=1) + "\n"
    if os.environ.get("UPDATE_SCREENS"):
        WRITTEN.write_text(text, encoding="utf-8")
    assert WRITTEN.read_text(encoding="utf-8") == text


def test_every_route_for_programs_is_in_the_schema_and_nothing_else(tmp_path: Path) -> None:
    routes = routes_of(create_app(Settings(data=tmp_path), FileClock(tmp_path)))
    assert set(TABLE) == {(method.lower(), path) for method, path in routes if path.startswith("/v1/")}


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_the_example_of_an_answer_fits_what_is_said_of_it(route: tuple[str, str]) -> None:
    (model,) = TABLE[route].answers[200]
    model.model_validate_json(json.dumps(TABLE[route].shown))
    if takes := TABLE[route].takes:
        takes.model_validate_json(json.dumps(TABLE[route].example))


def test_what_a_route_takes_is_listed_whole_where_another_way_is_tried(doors: Doors) -> None:
    with httpx.Client(base_url=doors.url, trust_env=False) as nobody:
        assert nobody.delete("/v1/owner/signals").headers["allow"] == "GET, POST"
        assert nobody.put("/catalogue/item").headers["allow"] == "GET, POST"


SHORT = ("--phases", "examples,coverage")


@pytest.mark.parametrize(("who", "which"), [("owner", OWNERS), ("till", TILLS), ("market", MARKETS)])
def test_no_request_made_from_the_schema_breaks_the_service_or_the_schema(
    doors: Doors, who: str, which: tuple[str, ...]
) -> None:
    holds, said = tried(WRITTEN, doors.url, doors.keys[who], *CHECKS, *SHORT, *which, **doors.known.get(who, {}))
    assert holds, said


LONG = ("--phases", "examples,coverage,fuzzing,stateful", "-n", "60")
"""Besides what the examples and the borders give, so many requests a route and so many walks from one to the next."""


@pytest.mark.long
@pytest.mark.parametrize("who", ["owner", "reader", "till", "market", "nobody"])
def test_nor_does_any_of_thousands_by_whoever_asks(doors: Doors, who: str) -> None:
    holds, said = tried(WRITTEN, doors.url, doors.keys[who], *CHECKS, *LONG, *(() if who == "nobody" else WITHOUT_ENDS))
    assert holds, said
