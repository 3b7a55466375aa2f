"""Roles, the authenticator and fresh proofs on the pages, without script: what is asked for, kept and refused."""

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlmodel import select

from cloud_sync.accounts.rights import PROOF_MS, Role
from cloud_sync.accounts.second import secret_for
from cloud_sync.accounts.sessions import REMEMBERED_MS, second_key
from cloud_sync.accounts.totp import STEP_S, code_at
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.orders import Order
from tests.cloud import EMAIL
from tests.owner_shop import OWN, Scene, at_work, own_password
from tests.page_text import form_of, hidden, words
from tests.shop import TUESDAY_14

LATE = TUESDAY_14 + PROOF_MS


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("proof")) as scene:
        for role in ("manager", "accountant", "reader"):
            own_password(scene.cloud, email_of(role), role=role)
        yield scene


@pytest.fixture
def phone(fresh: Scene) -> Iterator[httpx.Client]:
    """A remembered phone whose owner proved himself half an hour ago."""
    with fresh.browser() as browser:
        browser.post("/sign-in", data={"email": EMAIL, "password": OWN, "remember": "yes"})
        fresh.cloud.set_clock(LATE)
        yield browser


def email_of(role: Role) -> str:
    return f"{role}@shop.example"


def code(scene: Scene, at: int) -> str:
    with scene.cloud.reading() as session:
        row = session.exec(select(Owner).where(Owner.email == EMAIL)).one()
    return code_at(secret_for(second_key(scene.cloud.service.settings), row), at // 1000 // STEP_S)


def enrols(scene: Scene, browser: httpx.Client, at: int) -> httpx.Response:
    csrf = {"csrf": hidden(browser.get("/account"), "csrf")}
    browser.post("/account/second/begin", data=csrf)
    return browser.post("/account/second/confirm", data={**csrf, "code": code(scene, at)})


def state_of(scene: Scene, supplier: str = "north") -> str:
    with scene.cloud.reading() as session:
        return session.get_one(Order, (scene.cloud.shop.tenant, scene.order(supplier).order)).state


def test_a_remembered_phone_reads_for_thirty_days_and_no_longer(fresh: Scene, phone: httpx.Client) -> None:
    kept = next(cookie for cookie in phone.cookies.jar if cookie.name == "dropshelf")
    assert kept.expires
    fresh.cloud.set_clock(TUESDAY_14 + REMEMBERED_MS - 1)
    assert phone.get("/").status_code == 200
    fresh.cloud.set_clock(TUESDAY_14 + REMEMBERED_MS)
    assert phone.get("/").status_code == 303


def test_an_approval_waits_for_the_proof_and_nothing_of_its_form_is_lost(fresh: Scene, phone: httpx.Client) -> None:
    at = f"/orders/{fresh.order('north').order}"
    form = form_of(phone.get(at))
    packs = next(name for name in form if name.startswith("packs."))
    form[packs] = str(int(form[packs]) + 1)
    asked = phone.post(f"{at}/approve", data=form)
    assert (asked.status_code, "Is it you, Ann?" in words(asked), state_of(fresh)) == (403, True, "proposed")
    again = form_of(asked)
    assert again == form
    assert f'action="{at}/approve"' in asked.text
    wrong = phone.post(f"{at}/approve", data={**again, "proof": "not it"})
    assert (wrong.status_code, "not your password" in words(wrong), state_of(fresh)) == (403, True, "proposed")
    before = phone.cookies["dropshelf"]
    done = phone.post(f"{at}/approve", data={**form_of(wrong), "proof": OWN})
    assert done.headers["location"] == f"{at}?done=1"
    assert state_of(fresh) == "approved"
    assert phone.cookies["dropshelf"] != before
    assert "Approved, edited." in words(phone.get(done.headers["location"]))
    assert httpx.get(fresh.cloud.url + "/", cookies={"dropshelf": before}, trust_env=False).status_code == 303


def test_a_file_that_waits_for_the_proof_is_kept_too(phone: httpx.Client) -> None:
    rows = 'name,date,kind,source\r\n"Harbour <market>",2026-03-14,market,"Town, hall"\r\n'
    form = {"csrf": hidden(phone.get("/signals"), "csrf"), "shop": ""}
    asked = phone.post("/signals/file", data=form, files={"file": ("events.csv", rows, "text/csv")})
    assert asked.status_code == 403
    done = phone.post("/signals/file", data={**form_of(asked), "proof": OWN})
    assert "entered=1" in done.headers["location"]
    assert "Harbour <market>" in words(phone.get("/signals"))


def test_a_file_to_take_out_waits_for_the_proof_and_is_then_one_tap_away(phone: httpx.Client) -> None:
    asked = phone.get("/takings.csv?shop=")
    assert asked.headers["location"] == "/prove?to=%2Ftakings.csv%3Fshop%3D"
    form = form_of(phone.get(asked.headers["location"]))
    done = phone.post("/prove", data={**form, "proof": OWN})
    assert 'href="/takings.csv?shop="' in done.text
    assert phone.get("/takings.csv?shop=").headers["content-type"].startswith("text/csv")


def test_nobody_is_sent_elsewhere_by_the_question(phone: httpx.Client) -> None:
    form = form_of(phone.get("/prove", params={"to": "//evil.example/x.csv"}))
    assert form["to"] == "/"
    done = phone.post("/prove", data={**form, "to": "https://evil.example", "proof": OWN})
    assert done.headers["location"] == "/"


@pytest.mark.parametrize("path", ["/signals/value", "/suppliers", "/resume", "/account/second/begin", "/password"])
def test_every_change_asks_a_phone_that_was_not_proved_lately(phone: httpx.Client, path: str) -> None:
    answer = phone.post(path, data={"csrf": hidden(phone.get("/"), "csrf"), "password": "x", "again": "x"})
    assert (answer.status_code, "Is it you" in words(answer)) == (403, True)


def test_a_program_is_told_to_prove_itself_and_goes_on_with_its_token(fresh: Scene, phone: httpx.Client) -> None:
    csrf = {"X-CSRF-Token": hidden(phone.get("/"), "csrf")}
    at = f"/v1/owner/orders/{fresh.order('north').order}/reject"
    form = {"version": phone.get("/v1/owner/orders").json()["orders"][0]["version"]}
    refused = phone.post(at, json=form, headers=csrf)
    assert (refused.status_code, "Prove first" in refused.text) == (403, True)
    assert phone.post("/v1/owner/prove", json={"answer": "no"}, headers=csrf).status_code == 401
    assert phone.post("/v1/owner/prove", json={"answer": OWN}, headers=csrf).json()["role"] == "owner"
    assert phone.post(at, json=form, headers=csrf).status_code == 200


def test_five_wrong_answers_sign_the_phone_out(phone: httpx.Client) -> None:
    form = {"csrf": hidden(phone.get("/"), "csrf"), "to": "/"}
    said = [phone.post("/prove", data={**form, "proof": str(guess)}).status_code for guess in range(5)]
    assert said == [401] * 4 + [303]
    assert phone.get("/").headers["location"] == "/sign-in"


def test_the_authenticator_is_set_up_with_a_picture_and_asked_for_from_then_on(fresh: Scene) -> None:
    with fresh.owner() as browser:
        csrf = {"csrf": hidden(browser.get("/account"), "csrf")}
        begun = browser.post("/account/second/begin", data=csrf)
        assert re.search(r'<svg[^>]* class="qr"', begun.text)
        assert re.search(r"<code>([A-Z2-7]{4} ){7}[A-Z2-7]{4}</code>", begun.text)
        wrong = browser.post("/account/second/confirm", data={**csrf, "code": "000000"})
        assert (wrong.status_code, "not the code of now" in words(wrong)) == (422, True)
        done = browser.post("/account/second/confirm", data={**csrf, "code": code(fresh, TUESDAY_14)})
        recovery = re.findall(r"<li><code>([0-9A-Z-]{19})</code>", done.text)
        assert len(recovery) == 10
        assert "10 recovery codes left" in words(browser.get("/account"))
        assert recovery[0] not in browser.get("/account").text
    with fresh.browser() as browser:
        asked = browser.post("/sign-in?to=/stock", data={"email": EMAIL, "password": OWN})
        assert asked.headers["location"] == "/sign-in/code?to=%2Fstock"
        assert browser.get("/").headers["location"] == "/sign-in"
        assert browser.post(asked.headers["location"], data={"code": "000000"}).status_code == 401
        came = browser.post(asked.headers["location"], data={"code": recovery[0]})
        assert came.headers["location"] == "/stock"
        assert "9 recovery codes left" in words(browser.get("/account"))


def test_with_an_authenticator_the_proof_is_its_code_and_no_password(fresh: Scene) -> None:
    with fresh.owner() as browser:
        enrols(fresh, browser, TUESDAY_14)
    fresh.cloud.set_clock(TUESDAY_14 + STEP_S * 1000)
    with fresh.browser() as browser:
        browser.post("/sign-in", data={"email": EMAIL, "password": OWN, "remember": "yes"})
        assert browser.post("/sign-in/code", data={"code": code(fresh, TUESDAY_14 + STEP_S * 1000)}).status_code == 303
        fresh.cloud.set_clock(LATE + STEP_S * 1000)
        form = form_of(browser.get("/prove"))
        assert "Code of your authenticator" in words(browser.get("/prove"))
        assert browser.post("/prove", data={**form, "proof": OWN}).status_code == 401
        at = LATE + STEP_S * 1000
        assert browser.post("/prove", data={**form, "proof": code(fresh, at)}).status_code == 303


def test_a_program_signs_in_with_password_and_code(fresh: Scene) -> None:
    with fresh.owner() as browser:
        enrols(fresh, browser, TUESDAY_14)
    fresh.cloud.set_clock(TUESDAY_14 + STEP_S * 1000)
    asked = {"email": EMAIL, "password": OWN}
    with fresh.browser() as browser:
        half = browser.post("/v1/owner/sign-in", json=asked)
        assert (half.status_code, half.json()["code"], "set-cookie" in half.headers) == (401, True, False)
        given = {**asked, "code": code(fresh, TUESDAY_14 + STEP_S * 1000)}
        assert browser.post("/v1/owner/sign-in", json=given).status_code == 200
        assert browser.get("/v1/owner/orders").status_code == 200


def test_one_sees_where_one_is_signed_in_and_ends_it_there_or_everywhere(fresh: Scene, phone: httpx.Client) -> None:
    with fresh.owner() as desk:
        page = desk.get("/account")
        assert "remembered until" in words(page)
        rows = page.text.split('<li class="row">')[1:]
        assert len(rows) == 2
        named = [re.findall(r'name="named" value="([0-9a-f]{32})"', row)[0] for row in rows if "(this one)" not in row]
        ended = desk.post("/account/sessions", data={"csrf": hidden(page, "csrf"), "named": named[0]})
        assert ended.headers["location"] == "/account"
        assert (desk.get("/").status_code, phone.get("/").status_code) == (200, 303)
    with fresh.owner() as desk:
        csrf = {"csrf": hidden(desk.get("/account"), "csrf")}
        assert desk.post("/account/sessions", data=csrf).headers["location"] == "/sign-in"
        assert desk.get("/").status_code == 303


@pytest.mark.parametrize(("role", "may"), [("manager", "decide export"), ("accountant", "export"), ("reader", "")])
def test_each_role_is_shown_what_it_may_do_and_no_more(scene: Scene, role: Role, may: str) -> None:
    decides, exports = "decide" in may, "export" in may
    with scene.owner(email_of(role)) as browser:
        order = browser.get(f"/orders/{scene.order('north').order}").text
        assert "Approve before" in order
        assert ("Approve <span" in order, "/reject" in order) == (decides, decides)
        assert ("as a file" in browser.get("/takings").text) is exports
        assert ('action="/signals/' in browser.get("/signals").text) is decides
        assert ('action="/suppliers' in browser.get("/suppliers").text) is decides
        refused = browser.post("/resume", data={"csrf": hidden(browser.get("/"), "csrf")})
        assert refused.status_code == (303 if decides else 403)
        if not decides:
            assert "Your role does not let you do this." in words(refused)
