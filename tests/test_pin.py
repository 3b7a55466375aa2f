"""The PIN of a remembered phone: what it is enough for, what it is not, and how often it may be guessed."""

from collections.abc import Iterator

import httpx
import pytest
from sqlmodel import select

from cloud_sync.accounts.pin import check_pin
from cloud_sync.accounts.rights import PROOF_MS
from cloud_sync.tables.accounts import OwnerSession
from edge_agent.errors import BadInput
from tests.cloud import EMAIL
from tests.owner_shop import OWN, Scene, at_work
from tests.page_text import form_of, hidden, words
from tests.shop import TUESDAY_14
from tests.test_pages_proof import state_of

PIN = "4071"
LATE = TUESDAY_14 + PROOF_MS


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("pin"), away=False) as scene:
        yield scene


@pytest.fixture
def phone(fresh: Scene) -> Iterator[httpx.Client]:
    """A remembered phone with a PIN, half an hour later."""
    with fresh.browser() as browser:
        browser.post("/sign-in", data={"email": EMAIL, "password": OWN, "remember": "yes"})
        assert chooses(browser, PIN).headers["location"] == "/account"
        fresh.cloud.set_clock(LATE)
        yield browser


def chooses(browser: httpx.Client, pin: str, again: str | None = None) -> httpx.Response:
    csrf = hidden(browser.get("/account"), "csrf")
    return browser.post("/account/pin", data={"csrf": csrf, "pin": pin, "again": pin if again is None else again})


def asked(phone: httpx.Client, scene: Scene) -> tuple[str, httpx.Response]:
    """Where an order is approved, and the question that comes first."""
    at = f"/orders/{scene.order('north').order}"
    return f"{at}/approve", phone.post(f"{at}/approve", data=form_of(phone.get(at)))


def test_a_pin_is_enough_to_approve_to_edit_and_to_take_a_file_out(fresh: Scene, phone: httpx.Client) -> None:
    assert phone.get("/").status_code == 200
    to, question = asked(phone, fresh)
    assert (question.status_code, "PIN of this phone" in words(question)) == (403, True)
    done = phone.post(to, data={**form_of(question), "proof": PIN})
    assert (done.status_code, state_of(fresh)) == (303, "approved")
    assert phone.get("/takings.csv?shop=").headers["content-type"].startswith("text/csv")
    event = {"csrf": hidden(phone.get("/signals"), "csrf"), "shop": "", "name": "Market", "date": "2026-03-14"}
    assert phone.post("/signals/event", data={**event, "kind": "market"}).status_code != 403
    fresh.cloud.set_clock(LATE + PROOF_MS)
    assert phone.get("/takings.csv?shop=").headers["location"].startswith("/prove")


@pytest.mark.parametrize("path", ["/password", "/suppliers", "/account/pin", "/account/second/begin", "/devices/code"])
def test_a_pin_is_not_enough_for_what_would_let_somebody_stay(fresh: Scene, phone: httpx.Client, path: str) -> None:
    to, question = asked(phone, fresh)
    assert phone.post(to, data={**form_of(question), "proof": PIN}).status_code == 303
    refused = phone.post(path, data={"csrf": hidden(phone.get("/"), "csrf"), "proof": PIN})
    assert (refused.status_code, "PIN of this phone" in words(refused)) == (403, False)


def test_the_password_goes_on_to_answer_too(fresh: Scene, phone: httpx.Client) -> None:
    to, question = asked(phone, fresh)
    assert phone.post(to, data={**form_of(question), "proof": OWN}).status_code == 303


def test_the_fifth_wrong_answer_signs_the_phone_out_and_the_order_waits(fresh: Scene, phone: httpx.Client) -> None:
    to, question = asked(phone, fresh)
    form = form_of(question)
    said = [phone.post(to, data={**form, "proof": f"{guess:04d}"}) for guess in range(5)]
    assert [one.status_code for one in said] == [403] * 4 + [303]
    assert phone.get("/").headers["location"] == "/sign-in"
    assert state_of(fresh) == "proposed"
    answer = phone.post(to, data={**form, "proof": PIN})
    assert (answer.status_code, state_of(fresh)) == (303, "proposed")


def test_a_pin_belongs_to_one_remembered_phone_and_lies_hashed(fresh: Scene, phone: httpx.Client) -> None:
    with fresh.owner() as desk:
        assert "PIN of this phone" not in words(desk.get("/account"))
        assert "remembered" in words(chooses(desk, PIN))
        fresh.cloud.set_clock(LATE + PROOF_MS - 1)
        csrf = hidden(desk.get("/"), "csrf")
        fresh.cloud.set_clock(LATE + PROOF_MS)
        assert desk.post("/prove", data={"csrf": csrf, "to": "/takings.csv", "proof": PIN}).status_code in (303, 401)
        assert desk.get("/takings.csv").status_code == 303
    with fresh.cloud.reading() as session:
        kept = {row.pin_hash for row in session.exec(select(OwnerSession)) if row.remembered}
    assert len(kept) == 1
    assert kept.pop().startswith("$argon2id$")


def test_a_pin_is_changed_and_taken_away_with_the_password(fresh: Scene, phone: httpx.Client) -> None:
    question = chooses(phone, "")
    assert question.status_code == 403
    assert phone.post("/account/pin", data={**form_of(question), "proof": OWN}).status_code == 303
    fresh.cloud.set_clock(LATE + PROOF_MS)
    _, after = asked(phone, fresh)
    assert "PIN of this phone" not in words(after)


@pytest.mark.parametrize("pin", ["", "407", "407123456", "40a1", "٤٠٧١", "1111", "1212", "1234", "8765", "7890"])
def test_what_is_no_pin_or_is_guessed_first_is_refused(pin: str) -> None:
    with pytest.raises(BadInput):
        check_pin(pin)


def test_two_pins_that_differ_change_nothing(fresh: Scene) -> None:
    with fresh.browser() as browser:
        browser.post("/sign-in", data={"email": EMAIL, "password": OWN, "remember": "yes"})
        refused = chooses(browser, PIN, "4072")
        assert (refused.status_code, "differ" in words(refused)) == (422, True)
        assert "Set." not in words(browser.get("/account"))
