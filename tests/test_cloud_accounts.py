"""Owners: one-time passwords, signing in and out, rate limits, cookies; none of it in the clear."""

import httpx
import pytest
from sqlmodel import select

from cloud_sync.accounts.attempts import WINDOW_MS, TooMany
from cloud_sync.accounts.codes import new_code, shown, typed
from cloud_sync.accounts.door import cookie_name
from cloud_sync.accounts.owners import add_owner, set_password
from cloud_sync.accounts.passwords import SHORTEST, check_new, common
from cloud_sync.accounts.people import accept, invite
from cloud_sync.accounts.sessions import ABSOLUTE_MS, IDLE_MS
from cloud_sync.accounts.sign_in import SignedIn, Visit, sign_in, sign_out, who
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import Device, Owner, OwnerSession, PairCode
from cloud_sync.tables.house import Shop
from edge_agent.errors import BadInput, NotAllowed
from tests.cloud import TLS, Cloud, FakeTill
from tests.shop import TUESDAY_14

NOW = TUESDAY_14


def email(cloud: Cloud) -> str:
    return f"ann-{cloud.shop.tenant}@shop.example"


def enters(cloud: Cloud, password: str, *, at: int = NOW, address: str = "1.2.3.4") -> SignedIn:
    return sign_in(cloud.database, email=email(cloud), password=password, visit=Visit(address), now=at)


def test_the_one_time_password_signs_in_and_an_own_one_replaces_it(cloud: Cloud) -> None:
    first = cloud.owner(email(cloud))
    ann = enters(cloud, first)
    assert (ann.tenant, ann.name, ann.one_time) == (cloud.shop.tenant, "Ann", True)
    with cloud.database.writing() as session:
        set_password(session, tenant=ann.tenant, owner=ann.owner, password="walks in the rain")
    assert who(cloud.database, ann.token, NOW) is None
    assert not enters(cloud, "walks in the rain").one_time
    with pytest.raises(NotAllowed):
        enters(cloud, first)


def test_a_new_one_time_password_ends_the_old_and_every_session(cloud: Cloud) -> None:
    first = cloud.owner(email(cloud))
    ann = enters(cloud, first)
    second = cloud.owner(email(cloud))
    assert who(cloud.database, ann.token, NOW) is None
    with pytest.raises(NotAllowed):
        enters(cloud, first)
    assert enters(cloud, second).owner == ann.owner


@pytest.mark.parametrize(
    "password",
    [
        *("short", "password", "aaaaaaaaaaaa", "x" * 257, "ann@shop.example", "Dropshelf", "P@ssw0rd!", "Summer2026!"),
        *("12345678", "20260303", "qwerty123456", "monkeymonkey", "letmein1", "!!Dr4gon!!"),
    ],
)
def test_a_password_that_anyone_would_try_is_refused(password: str) -> None:
    with pytest.raises(BadInput):
        check_new(password, email="ann@shop.example")


def test_the_three_thousand_most_common_passwords_are_refused_however_they_are_written() -> None:
    assert len(common()) == 3_000
    assert min(map(len, common())) == SHORTEST
    for password in common():
        for written in (password, password.upper(), password.title()):
            with pytest.raises(BadInput, match="first that anyone would try"):
                check_new(written, email="ann@shop.example")


@pytest.mark.parametrize(
    "password",
    ["Corner-Shop1", "cornershop", "CornerShopCornerShop", "MARTINEZ99", "annmartinez", "greengrocer.7", "GreenGrocer"],
)
def test_names_of_the_person_the_address_and_the_shop_are_no_passwords(password: str) -> None:
    names = ["Ann Martinez", "Ann", "Martinez", "Corner Shop"]
    with pytest.raises(BadInput, match="first that anyone would try"):
        check_new(password, email="ann@greengrocer.example", names=names)
    check_new(f"{password} after the rain", email="ann@greengrocer.example", names=names)


def test_the_shop_s_name_is_refused_where_a_password_is_chosen(cloud: Cloud) -> None:
    ann = enters(cloud, cloud.owner(email(cloud)))
    with cloud.reading() as session:
        shop = session.exec(select(Shop).where(Shop.tenant == cloud.shop.tenant)).one()
    with cloud.database.writing() as session, pytest.raises(BadInput, match="first that anyone would try"):
        set_password(session, tenant=ann.tenant, owner=ann.owner, password=f"{shop.name}2026")
    with cloud.database.writing() as session:
        code = invite(session, tenant=ann.tenant, name="Bo Lindgren", role="reader", by="Ann", now=NOW)
    for password in (f"{shop.name} 1!", "lindgren99"):
        with pytest.raises(BadInput, match="first that anyone would try"):
            accept(cloud.database, code, email="bo@home.example", password=password, address="1.2.3.4", now=NOW)


@pytest.mark.parametrize("password", ["a crate of oat milk", "walks in the rain", "vk3-Tuz9p", "dragons till the end"])
def test_a_password_that_takes_guessing_is_taken(password: str) -> None:
    check_new(password, email="ann@shop.example")


def test_five_wrong_passwords_close_the_account_for_a_while_also_for_the_right_one(cloud: Cloud) -> None:
    password = cloud.owner(email(cloud))
    for place in range(5):
        with pytest.raises(NotAllowed, match="do not belong together"):
            enters(cloud, "wrong", address=f"1.1.1.{place}")
    with pytest.raises(TooMany) as said:
        enters(cloud, password)
    assert 0 < said.value.wait_s * 1000 <= WINDOW_MS
    assert enters(cloud, password, at=NOW + WINDOW_MS).email == email(cloud)


def test_one_address_cannot_try_many_accounts(cloud: Cloud) -> None:
    for place in range(20):
        with pytest.raises(NotAllowed):
            sign_in(cloud.database, email=f"{place}@x.example", password="wrong", visit=Visit("6.6.6.6"), now=NOW)
    with pytest.raises(TooMany):
        enters(cloud, cloud.owner(email(cloud)), address="6.6.6.6")


def test_an_unknown_account_is_refused_in_the_same_words(cloud: Cloud) -> None:
    cloud.owner(email(cloud))
    with pytest.raises(NotAllowed) as wrong:
        enters(cloud, "wrong")
    with pytest.raises(NotAllowed) as unknown:
        sign_in(cloud.database, email="nobody@x.example", password="wrong", visit=Visit("1.2.3.5"), now=NOW)
    assert wrong.value.message == unknown.value.message


def test_a_session_ends_when_idle_when_old_and_at_sign_out(cloud: Cloud) -> None:
    password = cloud.owner(email(cloud))
    ann = enters(cloud, password)
    assert who(cloud.database, ann.token, NOW + IDLE_MS - 1) == ann
    assert who(cloud.database, ann.token, NOW + 2 * IDLE_MS) is None
    busy = enters(cloud, password)
    for minute in range(10, ABSOLUTE_MS // 60_000, 20):
        assert who(cloud.database, busy.token, NOW + minute * 60_000) is not None
    assert who(cloud.database, busy.token, NOW + ABSOLUTE_MS) is None
    last = enters(cloud, password)
    sign_out(cloud.database, last.token)
    assert who(cloud.database, last.token, NOW) is None


def test_no_secret_is_stored_in_the_clear(cloud: Cloud) -> None:
    password, code = cloud.owner(email(cloud)), cloud.code()
    ann, till = enters(cloud, password), FakeTill(cloud)
    with cloud.reading() as session:
        rows = [
            row.model_dump_json()
            for table in (Owner, OwnerSession, PairCode, Device)
            for row in session.exec(select(table))
        ]
    text = "\n".join(rows)
    for secret in (password, code, ann.token, ann.csrf, till.paired.credential):
        assert secret not in text
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in text
    till.close()


def test_the_cookie_is_bound_to_the_host_and_hidden_from_scripts(cloud: Cloud) -> None:
    asked = {"email": email(cloud), "password": cloud.owner(email(cloud))}
    with httpx.Client(base_url=cloud.url, trust_env=False, verify=TLS) as http:
        cookie = http.post("/v1/owner/sign-in", json=asked).headers["set-cookie"]
    assert cookie.startswith("dropshelf=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    secure = Settings(data=cloud.service.settings.data, public_address="https://shop.example")
    assert cookie_name(secure).startswith("__Host-")


def test_guessing_over_http_is_answered_429_with_a_time(cloud: Cloud) -> None:
    cloud.owner(email(cloud))
    asked = {"email": email(cloud), "password": "wrong"}
    with httpx.Client(base_url=cloud.url, trust_env=False, verify=TLS) as http:
        said = [http.post("/v1/owner/sign-in", json=asked) for _ in range(7)]
    assert [answer.status_code for answer in said] == [401] * 5 + [429] * 2
    assert int(said[-1].headers["retry-after"]) > 0


def test_signed_out_nothing_is_read(cloud: Cloud) -> None:
    with httpx.Client(base_url=cloud.url, trust_env=False, verify=TLS) as http:
        assert http.get("/v1/owner/orders").status_code == 401
        http.cookies.set("dropshelf", "made-up")
        assert http.get("/v1/owner/orders").status_code == 401


def test_an_email_belongs_to_one_tenant(cloud: Cloud) -> None:
    cloud.owner(email(cloud))
    other = cloud.another()
    with pytest.raises(BadInput, match="in use"), other.database.writing() as session:
        add_owner(session, tenant=other.shop.tenant, email=email(cloud), name="", now=NOW)
    for wrong in ("ann", "a b@c.d", "x" * 260 + "@c.d"):
        with pytest.raises(BadInput, match="not an e-mail"), other.database.writing() as session:
            add_owner(session, tenant=other.shop.tenant, email=wrong, name="", now=NOW)


def test_a_code_can_be_read_out_and_typed_carelessly() -> None:
    code = new_code(8)
    assert typed(f" {shown(code).lower()} ") == code
    assert typed("oil0-1l0o") == "01101100"
