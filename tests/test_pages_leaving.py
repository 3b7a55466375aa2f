"""What the owner reads of an order on its way out, and says where it did not leave or nobody knows."""

from collections.abc import Iterator

import httpx
import pytest

from scripts.smtp_ import TAKEN_SILENTLY, Reply, mailbox
from tests.cloud import EMAIL, Cloud
from tests.owner_shop import OWN, own_password
from tests.page_text import hidden, words
from tests.post import Office, mail_to, office


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Office]:
    made = office(cloud)
    own_password(cloud, f"{cloud.shop.shop}{EMAIL}")
    yield made
    made.clear()


@pytest.fixture
def owner(shop: Office) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.cloud.url, timeout=20, trust_env=False, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"email": f"{shop.cloud.shop.shop}{EMAIL}", "password": OWN})
        yield browser


def says(owner: httpx.Client, key: str, word: str) -> httpx.Response:
    form = {"csrf": hidden(owner.get(f"/orders/{key}"), "csrf"), "channel": "email", "word": word}
    return owner.post(f"/orders/{key}/sending", data=form, headers={"Origin": str(owner.base_url).rstrip("/")})


def page(owner: httpx.Client, path: str) -> str:
    return words(owner.get(path))


def test_an_approved_order_that_has_no_way_out_says_why(shop: Office, owner: httpx.Client) -> None:
    key = shop.approved()
    assert "This cloud has no mail server" in page(owner, f"/orders/{key}")


def test_a_sent_order_says_when_to_whom_and_is_not_sent_again(shop: Office, owner: httpx.Client) -> None:
    key = shop.approved()
    with mailbox() as box:
        shop.postman(mail_to(box)).go_round()
    assert "Sent by e-mail to orders@northside.example, 14:00 today." in page(owner, f"/orders/{key}")
    assert "the cloud sends it" not in page(owner, f"/orders/{key}") + page(owner, "/orders")
    assert says(owner, key, "again").status_code == 422


def test_an_order_that_did_not_leave_is_on_the_first_page_and_is_sent_again_on_a_tap(
    shop: Office, owner: httpx.Client
) -> None:
    key = shop.approved()
    refusal: dict[str, Reply | str] = {"RCPT": (550, "no <b>such</b> box")}
    with mailbox(faults=lambda number: refusal if number == 0 else {}) as box:
        shop.postman(mail_to(box)).go_round()
        assert "1 order did not leave, or perhaps not" in page(owner, "/")
        assert "could not be sent" in page(owner, "/orders")
        told = page(owner, f"/orders/{key}")
        assert "Not sent: nothing has left." in told
        assert "no <b>such</b> box" in told
        assert "Being sent by e-mail." in words(says(owner, key, "again"))
        shop.postman(mail_to(box)).go_round()
        assert box.orders() == [key]
    assert "did not leave" not in page(owner, "/")


def test_of_an_order_that_may_have_left_the_owner_says_what_the_supplier_says(
    shop: Office, owner: httpx.Client
) -> None:
    key = shop.approved()
    with mailbox(faults=lambda _: {"end": TAKEN_SILENTLY}) as box:
        shop.postman(mail_to(box)).go_round()
    assert "perhaps sent" in page(owner, "/orders")
    told = page(owner, f"/orders/{key}")
    assert "Nobody knows whether it was sent." in told
    assert "Ask the supplier for order 0001-0001" in told
    assert says(owner, key, "again").status_code == 422
    assert "Sent by e-mail, as Ann says" in words(says(owner, key, "arrived"))
    assert says(owner, key, "missing").status_code == 422
