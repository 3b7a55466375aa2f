"""Who is kept out of the owner's pages, and what hostile requests and names can't do there."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.accounts.owners import add_owner, set_password
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.house import Shop, Tenant
from edge_agent.rules.text import clean_name
from tests.cloud import serving
from tests.owner_shop import GOODS, OWN, Good, Scene, at_work, opened, own_password
from tests.page_text import form_of, hidden
from tests.shop import SHOP, TUESDAY_14

EVE = "eve@other.example"
HOUSE_TAGS = {
    *("html", "head", "meta", "title", "link", "script", "body", "header", "nav", "main", "footer", "section"),
    *("h1", "h2", "p", "a", "ul", "ol", "li", "span", "b", "bdi", "small", "div", "details", "summary"),
    *("form", "input", "button", "output", "table", "thead", "tbody", "tr", "th", "td", "svg", "path", "text"),
}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "\x1b]0;title\x07\x1b[31mred\x00",
    "\u202egnp.exe\u202c\u2066inner\u2069",
    "[/] [bold] =cmd|' /C calc'!A0",
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene, and beside it another tenant with a shop and an owner of her own."""
    with at_work(tmp_path_factory.mktemp("walls")) as scene:
        with scene.cloud.database.writing() as session:
            session.add(Tenant(tenant="other", name="Other", made_at=0))
            session.flush()
            session.add(
                Shop(tenant="other", shop="eves", name="Eve's", zone="Europe/London", currency="GBP", made_at=0)
            )
            add_owner(session, tenant="other", email=EVE, name="Eve", now=TUESDAY_14)
            session.flush()
            owner = session.exec(select(Owner.owner).where(Owner.email == EVE)).one()
            set_password(session, tenant="other", owner=owner, password=OWN)
        yield scene


def test_another_tenants_owner_sees_nothing_of_this_shop(scene: Scene) -> None:
    shop, key = scene.cloud.shop.shop, scene.order("north").order
    with scene.owner(EVE) as eve:
        unknown = eve.get(f"/orders/{'0' * 64}")
        for path in ("/", "/orders", "/takings", "/takings.csv", "/stock", "/stock.csv", "/tasks", "/signals"):
            assert eve.get(path, params={"shop": shop}).status_code == 404, path
        theirs = eve.get(f"/orders/{key}")
        assert (theirs.status_code, theirs.content) == (404, unknown.content)
        token = hidden(eve.get("/"), "csrf")
        for command in ("approve", "packs", "reject"):
            form = {"csrf": token, "version": "0.1.aaaaaaaa", "reason": "Too much"}
            answer = eve.post(f"/orders/{key}/{command}", data=form)
            assert answer.status_code == 404, command
        assert "Corner Shop" not in eve.get("/").text


def test_a_till_can_not_open_the_owners_pages(scene: Scene) -> None:
    assert scene.till.http.get("/").status_code == 303
    assert scene.till.http.post(f"/orders/{scene.order('north').order}/approve").status_code in (303, 403)


def test_a_form_from_another_site_or_without_the_token_does_nothing(scene: Scene) -> None:
    key = scene.order("north").order
    with scene.owner() as browser:
        form = form_of(browser.get(f"/orders/{key}"))
        for command in ("approve", "packs", "reject"):
            at = f"/orders/{key}/{command}"
            for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
                assert browser.post(at, data=form, headers=headers).status_code == 403
            assert browser.post(at, data={**form, "csrf": ""}).status_code == 403
            assert browser.post(at, data={**form, "csrf": "0" * 64}).status_code == 403
        for at in ("/sign-in", "/sign-out", "/password", "/resume"):
            answer = browser.post(at, data=form, headers={"Origin": "https://evil.example"})
            assert answer.status_code == 403, at
        assert "to approve" in browser.get("/orders").text.lower()


def test_no_get_changes_anything(scene: Scene) -> None:
    key = scene.order("north").order
    with scene.owner() as browser:
        for command in ("approve", "packs", "reject"):
            assert browser.get(f"/orders/{key}/{command}").status_code in (404, 405)
        assert browser.get("/sign-out").status_code in (404, 405)
        assert browser.get(f"/orders/{key}?done=1").text.count("Approve <span") == 1


def test_every_answer_carries_the_security_headers(scene: Scene) -> None:
    key = scene.order("north").order
    with scene.owner() as browser:
        style = re.search(r'href="(/assets/[^"]+\.css)"', browser.get("/").text)
        assert style
        answers = [browser.get(path) for path in ("/", f"/orders/{key}", style[1], "/nowhere", "/health/live")]
        answers += [browser.post("/sign-in", content=b"x" * 100_000), scene.till.http.get("/v1/feed")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
    assert answers[0].headers["cache-control"] == "no-store"
    assert "immutable" in answers[2].headers["cache-control"]


def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(scene: Scene) -> None:
    with scene.owner() as browser:
        for path in (
            "/",
            "/orders",
            f"/orders/{scene.order('bake').order}",
            "/takings",
            "/stock",
            "/tasks",
            "/signals",
            "/sign-in",
        ):
            text = browser.get(path, follow_redirects=True).text
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script>|javascript:", text), path
            assert not re.search(r'(src|href|action)="(?!/|#)', text), path


def test_the_first_page_loads_in_15_kilobytes(scene: Scene) -> None:
    with scene.owner() as browser:
        sizes = 0
        page = browser.get("/")
        wire = [page, *(browser.get(at) for at in set(re.findall(r'"(/assets/[^"]+)"', page.text)))]
        for answer in wire:
            sizes += int(answer.headers["content-length"])
    assert len(wire) == 5
    assert sizes <= 15_000
    assert sizes > 2_000, "nothing was measured"


def test_a_fault_is_a_page_with_an_id_and_no_inside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serving(tmp_path) as cloud:
        own_password(cloud)
        with Scene(cloud, None, {}).owner() as browser:  # type: ignore[arg-type]
            with cloud.database.writing() as session:
                session.connection().exec_driver_sql("DROP TABLE takings")
            answer = browser.get("/")
    found = re.search(r"<code>([0-9a-f]{8})</code>", answer.text)
    assert answer.status_code == 500
    assert found
    assert "takings" not in answer.text.split("<main")[1]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "a request failed" in caplog.text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene with hostile names on everything that has one."""
    named = [Good(**{**vars(good), "name": clean_or_cut(name)}) for good, name in zip(GOODS, HOSTILE, strict=True)]
    with serving(tmp_path_factory.mktemp("hostile")) as cloud:
        scene = opened(cloud, named, shop=SHOP.model_copy(update={"name": HOSTILE[0]}))
        yield scene
        scene.till.close()


class _Tags(HTMLParser):
    """Collects (tag, names of its attributes)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))


def tags_of(text: str) -> list[tuple[str, list[str]]]:
    parser = _Tags()
    parser.feed(text)
    return parser.found


def clean_or_cut(name: str) -> str:
    """A name as a broken till would send it: not cleaned, only as long as the contract lets it be."""
    assert clean_name(name)
    return name[:80]


def test_hostile_names_are_text_and_nothing_else(hostile: Scene) -> None:
    with hostile.owner() as browser:
        pages = ["/", "/orders", "/stock", *(f"/orders/{hostile.order(one).order}" for one in ("north", "bake"))]
        texts = [browser.get(path).text for path in pages]
    for text in texts:
        assert {tag for tag, _ in tags_of(text)} <= HOUSE_TAGS
        assert [name for _, names in tags_of(text) for name in names if name.startswith("on")] == []
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    assert "{{ 7 * 7 }}" in texts[2]
    assert "&lt;script&gt;" in texts[2]


def test_hostile_names_do_not_run_in_a_spreadsheet(hostile: Scene) -> None:
    with hostile.owner() as browser:
        text = browser.get("/stock.csv").text
    assert not re.search(r'(^|,)"?[=+@\t\r|%]', text, re.MULTILINE)
    assert "\x1b" not in text
