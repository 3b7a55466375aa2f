"""Orders that leave by webhook: signed, once, to no address inside, and how the owner chooses so."""

import hashlib
import hmac
import ipaddress
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from cloud_sync.orders import order_of
from cloud_sync.post.channels import Choice, GoesBy, choose
from cloud_sync.post.network import connected, may_be_gone_to, networks_of, place_of
from cloud_sync.post.outbox import held_message, messages_of
from cloud_sync.post.talk import Refused
from cloud_sync.post.ways import Ways, send_anew
from cloud_sync.post.webhook import web_of
from cloud_sync.settings import Settings
from cloud_sync.tables.post import SupplierChannel
from edge_agent.errors import BadInput
from scripts.hook_ import LOST_SILENTLY, TAKEN_SILENTLY, Fault, Hook, hook
from scripts.smtp_ import mailbox
from tests.certificates import own_authority
from tests.cloud import EMAIL, Cloud
from tests.owner_shop import OWN, own_password
from tests.page_text import hidden, words
from tests.post import Office, mail_to, office
from tests.shop import TUESDAY_14


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Office]:
    made = office(cloud)
    yield made
    made.clear()


@pytest.fixture
def box() -> Iterator[Hook]:
    with hook() as box:
        yield box


def goes_to(shop: Office, url: str, by: GoesBy = "webhook") -> SupplierChannel:
    at = {"tenant": shop.cloud.shop.tenant, "shop": shop.cloud.shop.shop, "supplier": "north"}
    with shop.cloud.database.writing() as session:
        return choose(session, Choice(**at, goes_by=by, url=url, by="Ann", at=TUESDAY_14, renew=False))


@pytest.mark.both
def test_an_order_reaches_the_webhook_once_and_its_signature_holds(shop: Office, box: Hook) -> None:
    chosen = goes_to(shop, box.url)
    key = shop.approved()
    for _ in range(3):
        shop.postman(None).go_round()
    (said,) = box.taken
    assert (said["order"], said["number"], said["shop"]["name"]) == (key, "0001-0001", "Corner Shop")
    assert said["lines"][0]["packs"] == 3
    assert said["order_before"] == "2026-03-03T15:00:00+00:00"
    secret = shop.web.secret(tenant=chosen.tenant, shop=chosen.shop, supplier="north", turn=1)
    headers, body = box.headers[0], box.bodies[0]
    time, mac = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["Dropshelf-Signature"]).groups()  # type: ignore[union-attr]
    assert int(time) == TUESDAY_14 // 1000
    assert hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest() == mac
    assert headers["Idempotency-Key"] == key
    assert (shop.message(key).state, shop.message(key).sent_to) == ("left", box.url)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (503, "queued"), (429, "queued"), (500, "queued"),
        (400, "failed"), (401, "failed"), (302, "failed"),
        (502, "unsure"), (504, "unsure"), (TAKEN_SILENTLY, "unsure"), (LOST_SILENTLY, "unsure"),
    ],
)  # fmt: skip
def test_what_a_fault_means_is_known(shop: Office, box: Hook, fault: Fault, state: str) -> None:
    goes_to(shop, box.url)
    key = shop.approved()
    box.faults = lambda number: fault if number == 0 else None
    shop.postman(None).go_round()
    assert (shop.message(key).state, box.asked) == (state, 1)
    shop.later(60_000)
    shop.postman(None).go_round()
    assert box.asked == (2 if state == "queued" else 1)
    assert box.orders() == ([key] if state == "queued" or fault == TAKEN_SILENTLY else [])


def test_a_webhook_with_a_good_certificate_is_spoken_to_and_another_is_not(
    shop: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ca, own = own_authority(tmp_path)
    with hook(tls=own) as box:
        chosen = goes_to(shop, box.url)
        key = shop.approved()
        with caplog.at_level(logging.DEBUG):
            shop.postman(None).go_round()
            assert (shop.message(key).state, box.taken) == ("queued", [])
            assert "certificate" in shop.message(key).problem
            shop.later(60_000)
            shop.postman(None, web=replace(shop.web, ca_file=ca)).go_round()
        assert box.orders() == [key]
    assert shop.web.secret(tenant=chosen.tenant, shop=chosen.shop, supplier="north", turn=1) not in caplog.text


INSIDE = (
    "10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::a00:1", "2002:a00:1::", "198.18.0.1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_order_goes_to_an_address_inside_unless_it_was_allowed(address: str) -> None:
    inside = ipaddress.ip_address(address)
    assert not may_be_gone_to(inside)
    assert may_be_gone_to(ipaddress.ip_address("9.9.9.9"))
    assert may_be_gone_to(ipaddress.ip_address("2620:fe::9"))
    assert may_be_gone_to(ipaddress.ip_address("10.2.3.4"), networks_of("10.0.0.0/8, 127.0.0.0/8"))


def test_a_name_that_leads_inside_is_refused_before_a_connection_is_made(box: Hook) -> None:
    with pytest.raises(Refused, match="private network"):
        connected(place_of(box.url), ())
    with pytest.raises(Refused, match="private network"):
        connected(place_of(f"https://localhost:{box.port}/"), networks_of("10.0.0.0/8"))
    assert box.asked == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://supplier.example/orders", "ftp://supplier.example", "https://", "https://u:p@supplier.example/",
        "https://supplier.example/#x", "https://supplier.example/ a", "https://supplier.example:99999/",
        "https://supplier.example/\r\nX: 1", "javascript:alert(1)", "https://sup\u043flier.example/", "https://[::1/",
    ],
)  # fmt: skip
def test_an_address_that_no_order_is_sent_to_is_refused_at_the_form(url: str) -> None:
    with pytest.raises(BadInput):
        place_of(url)


def test_networks_that_are_none_are_refused_at_the_start() -> None:
    with pytest.raises(BadInput, match="webhook_networks"):
        web_of(Settings(data=Path(), webhook_networks="10.0.0.1/8"))


@pytest.fixture
def owner(shop: Office) -> Iterator[httpx.Client]:
    email = f"{shop.cloud.shop.shop}{EMAIL}"
    own_password(shop.cloud, email)
    with httpx.Client(base_url=shop.cloud.url, timeout=20, trust_env=False, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"email": email, "password": OWN})
        yield browser


def saves(owner: httpx.Client, **form: str) -> httpx.Response:
    whole = {"csrf": hidden(owner.get("/suppliers"), "csrf"), "supplier": "north", **form}
    return owner.post("/suppliers", data=whole, headers={"Origin": str(owner.base_url).rstrip("/")})


def test_the_owner_chooses_a_webhook_whose_secret_is_shown_once(shop: Office, owner: httpx.Client, box: Hook) -> None:
    first = saves(owner, goes_by="webhook", url=box.url)
    shown = re.search(r"<code>([0-9a-f]{64})</code>", first.text)
    assert shown
    assert shown[1] not in owner.get("/suppliers").text
    assert shown[1] not in saves(owner, goes_by="webhook", url=box.url).text
    renewed = saves(owner, goes_by="webhook", url=box.url, renew="yes").text
    assert re.search(r"<code>[0-9a-f]{64}</code>", renewed)
    assert shown[1] not in renewed
    assert f"Ann, 14:00 today: to {box.url}" in words(owner.get("/suppliers"))
    assert saves(owner, goes_by="webhook", url="http://supplier.example/").status_code == 422
    assert saves(owner, goes_by="webhook", url=box.url, supplier="nobody").status_code == 404
    assert (shop.cloud.service.settings.data / "keys" / "webhook.key").stat().st_mode & 0o777 == 0o600


def test_what_a_webhook_refused_is_sent_again_by_the_way_that_holds_then(shop: Office, box: Hook) -> None:
    goes_to(shop, box.url)
    key = shop.approved()
    box.faults = lambda _number: 410
    with mailbox() as mail:
        shop.postman(mail_to(mail)).go_round()
        failed = shop.message(key)
        assert (failed.state, failed.problem) == ("failed", "The webhook answered 410.")
        goes_to(shop, box.url, by="email")
        with shop.cloud.database.writing() as session:
            order = order_of(session, tenant=failed.tenant, order=key)
            message = held_message(session, tenant=failed.tenant, order=key, channel="webhook")
            send_anew(session, order, message, Ways(mail_to(mail), shop.web), TUESDAY_14)
        shop.postman(mail_to(mail)).go_round()
        assert mail.orders() == [key]
    with shop.cloud.reading() as session:
        states = {one.channel: one.state for one in messages_of(session, tenant=failed.tenant, order=key)}
    assert states == {"webhook": "given up", "email": "left"}
