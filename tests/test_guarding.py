"""What guards every route of the pages and of the owners' JSON: origin, headers, cookies, fields nobody may set."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import Response
from sqlmodel import select

from cloud_sync.accounts.door import clear_cookie, set_cookie, set_known
from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.people import Deed
from tests.cloud import EMAIL
from tests.owner_shop import OWN, Scene, at_work
from tests.page_text import hidden
from tests.walls import TABLE, Aim, Row, Visitor

DEVICES = ("/v1/pair", "/v1/session", "/v1/push", "/v1/feed", "/v1/journal", "/v1/model", "/metrics")
MARKETS = "/v1/market/"
"""A marketplace's program shows its key with each request, as a till does: there is no session either."""
LETTERS = "/answer/"
"""Whoever has the letter may answer it: there is no session that another site could use."""
UNSAFE = [row for row in TABLE if row.method == "POST" and not row.path.startswith((*DEVICES, MARKETS, LETTERS))]
READ = [row for row in TABLE if row.method == "GET" and not row.path.startswith(DEVICES)]
POLICY = ("default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("guard"), away=False) as scene:
        yield scene


@pytest.fixture(scope="module")
def ann(scene: Scene) -> Iterator[Visitor]:
    with scene.owner() as browser:
        yield Visitor("owner", "owner", browser, hidden(browser.get("/"), "csrf"))


@pytest.fixture
def aim(scene: Scene) -> Aim:
    return Aim(order=scene.order("north").order, shop=scene.cloud.shop.shop, version="0.1.aaaaaaaa")


def named(row: Row) -> str:
    return f"{row.method} {row.path}"


@pytest.mark.parametrize("row", UNSAFE, ids=named)
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_nothing_that_another_site_starts_is_done(
    ann: Visitor, aim: Aim, row: Row, headers: dict[str, str], scene: Scene
) -> None:
    with httpx.Client(base_url=scene.cloud.url, trust_env=False, cookies=ann.http.cookies, headers=headers) as tricked:
        assert row.ask(replace(ann, http=tricked), aim).status_code == 403
    with scene.cloud.reading() as session:
        assert {deed.route for deed in session.exec(select(Deed))} <= {"sign-in"}


@pytest.mark.parametrize("row", [row for row in UNSAFE if "nobody" not in row.may], ids=named)
def test_nothing_is_done_without_the_token_of_the_session(ann: Visitor, aim: Aim, row: Row) -> None:
    assert row.ask(replace(ann, csrf="0" * 64), aim).status_code == 403


@pytest.mark.parametrize("row", READ, ids=named)
def test_every_answer_says_what_a_browser_may_do_with_it(ann: Visitor, aim: Aim, row: Row) -> None:
    headers = row.ask(ann, aim).headers
    assert all(words in headers["content-security-policy"] for words in POLICY)
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    if not row.path.startswith("/assets"):
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("row", [row for row in UNSAFE if row.path.startswith("/v1/")], ids=named)
@pytest.mark.parametrize("field", ["tenant", "owner", "role", "device"])
def test_a_program_can_not_say_whose_or_who_it_is(ann: Visitor, aim: Aim, row: Row, field: str) -> None:
    if row.path == "/v1/owner/sign-out":
        return  # It takes no body.
    path = row.path.replace("{order}", aim.order)
    asked = {"version": "x", "answer": "x", "email": EMAIL, "password": OWN, field: "other"}
    answer = ann.http.post(path, json=asked, headers={"X-CSRF-Token": ann.csrf})
    assert answer.status_code == 422
    assert field in answer.text


def test_a_form_can_not_give_itself_a_role_or_another_tenant(scene: Scene, ann: Visitor) -> None:
    invited = ann.http.post("/people/invite", data={"csrf": ann.csrf, "name": "Max", "role": "reader"})
    link = invited.text.partition("/invitation/")[2][:32]
    form = {"email": "max@shop.example", "password": OWN, "again": OWN, "role": "owner", "tenant": "x", "owner": "x"}
    with scene.browser() as browser:
        assert browser.post(f"/invitation/{link}", data=form).status_code == 303
    with scene.cloud.reading() as session:
        row = session.exec(select(Owner).where(Owner.email == "max@shop.example")).one()
    assert (row.role, row.tenant) == ("reader", scene.cloud.shop.tenant)


def test_cookies_are_bound_to_https_and_the_host_and_hidden_from_scripts_and_other_sites(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, public_address="https://shop.example")
    answer, signed = Response(), SignedIn("t", "o", EMAIL, "Ann", one_time=False, token="secret")
    set_cookie(answer, settings, signed)
    set_cookie(answer, settings, replace(signed, remembered=True))
    set_known(answer, settings, "known")
    clear_cookie(answer, settings)
    given = [value.decode() for name, value in answer.raw_headers if name == b"set-cookie"]
    assert [one.partition("=")[0] for one in given] == ["__Host-dropshelf"] * 2 + [
        "__Host-dropshelf-known",
        "__Host-dropshelf",
    ]
    for one in given:
        assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(one.split("; "))
        assert "Domain" not in one
    ages = [next((part for part in one.split("; ") if part.startswith("Max-Age")), "") for one in given]
    assert ages == ["", f"Max-Age={30 * 24 * 3600}", f"Max-Age={400 * 24 * 3600}", "Max-Age=0"]
