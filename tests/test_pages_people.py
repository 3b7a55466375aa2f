"""Invitations, roles and removal, the tills' trust, and the list of who did what, over HTTP against a real cloud."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from cloud_sync.accounts.deeds import WORDS
from cloud_sync.accounts.people import INVITED_MS
from cloud_sync.accounts.rights import ROUTES, is_noted
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.people import Invitation
from edge_agent.counter.approval import Approvals, OwnersCode
from edge_agent.counter.people import People
from edge_agent.errors import BadInput, NotAllowed
from edge_agent.rules.rights import Rights
from edge_agent.wire.envelope import Contract, event_of, line_of
from edge_agent.wire.events import kind_of
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.shift import CashMoved
from edge_agent.wire.events.staff import ActApproved
from edge_agent.wire.messages import FeedEntry, FeedPage
from tests.cloud import EMAIL, error
from tests.owner_shop import GOODS, OWN, TODAY, Scene, at_work, own_password, sale, says
from tests.page_text import form_of, hidden, words
from tests.shop import TUESDAY_14, open_journal, record, scripted_clock, seeded_ids

MAX = {"email": "max@shop.example", "password": OWN, "again": OWN}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("people"), away=False) as scene:
        yield scene


@pytest.fixture
def ann(fresh: Scene) -> Iterator[httpx.Client]:
    with fresh.owner() as browser:
        yield browser


def sends(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    """A form of a page, with the session's token."""
    return browser.post(path, data={"csrf": hidden(browser.get("/"), "csrf"), **form})


def invited(browser: httpx.Client, role: str = "manager", name: str = "Max") -> str:
    """The path of a new link."""
    answer = sends(browser, "/people/invite", name=name, role=role)
    found = re.search(r"<code>\S+(/invitation/[\w-]{32})</code>", answer.text)
    assert found, answer.text
    return found[1]


def person(scene: Scene, email: str) -> str:
    with scene.cloud.reading() as session:
        return session.exec(select(Owner.owner).where(Owner.email == email)).one()


def test_an_invitation_lets_one_person_in_once_with_the_role_that_it_names(fresh: Scene, ann: httpx.Client) -> None:
    link = invited(ann)
    assert "Max manager, by Ann, until" in words(ann.get("/people"))
    assert link not in ann.get("/people").text
    with fresh.browser() as max_:
        assert "Welcome, Max" in words(max_.get(link))
        short = max_.post(link, data={**MAX, "password": "short", "again": "short"})
        assert (short.status_code, "8 to 256" in words(short)) == (422, True)
        assert max_.post(link, data={**MAX, "again": "another"}).status_code == 422
        assert max_.post(link, data=MAX).headers["location"] == "/"
        assert max_.get("/suppliers").status_code == 200
        assert max_.get("/people").status_code == 403
        assert max_.get(link).status_code == max_.post(link, data=MAX).status_code == 404
    assert "Max max@shop.example, password alone manager" in words(ann.get("/people"))


def test_a_link_ends_after_two_days_and_when_it_is_withdrawn(fresh: Scene, ann: httpx.Client) -> None:
    first, second = invited(ann), invited(ann, name="Mia")
    sends(ann, "/people/withdraw", invitation=hidden(ann.get("/people"), "invitation"))
    with fresh.browser() as guest:
        assert sorted(guest.get(link).status_code for link in (first, second)) == [200, 404]
        fresh.cloud.set_clock(TUESDAY_14 + INVITED_MS)
        assert [guest.get(link).status_code for link in (first, second)] == [404, 404]
    with fresh.cloud.reading() as session:
        kept = [row.model_dump_json() for row in session.exec(select(Invitation))]
    assert kept
    assert first.split("/")[-1] not in "".join(kept)


def test_an_email_that_is_in_use_can_not_be_taken_over_by_an_invitation(fresh: Scene, ann: httpx.Client) -> None:
    link = invited(ann)
    with fresh.browser() as thief:
        answer = thief.post(link, data={**MAX, "email": EMAIL})
        assert (answer.status_code, "can't be used here" in words(answer)) == (422, True)
        assert thief.get("/").status_code == 303


def test_another_role_and_removal_hold_at_once(fresh: Scene, ann: httpx.Client) -> None:
    own_password(fresh.cloud, MAX["email"], role="manager")
    with fresh.owner(MAX["email"]) as max_:
        who = person(fresh, MAX["email"])
        assert sends(max_, "/resume").status_code == 303
        sends(ann, "/people/role", person=who, role="reader")
        assert sends(max_, "/resume").status_code == 403
        assert sends(ann, "/people/role", person=who, role="king").status_code == 422
        sends(ann, "/people/remove", person=who)
        assert max_.get("/").status_code == 303
    with fresh.browser() as max_:
        assert max_.post("/sign-in", data={"email": MAX["email"], "password": OWN}).status_code == 401
        assert max_.post(invited(ann, "accountant"), data=MAX).status_code == 303, "he may be invited again"
        assert max_.get("/audit").status_code == 200


def test_nobody_takes_the_last_owner_away(fresh: Scene, ann: httpx.Client) -> None:
    me = person(fresh, EMAIL)
    for path, more in (("/people/role", {"role": "reader"}), ("/people/remove", {})):
        answer = sends(ann, path, person=me, **more)
        assert (answer.status_code, "never loses its last owner" in words(answer)) == (422, True)


def test_a_till_is_retired_held_back_refused_and_trusted_again(fresh: Scene, ann: httpx.Client) -> None:
    till, device = fresh.till, fresh.till.paired.device
    sends(ann, "/devices/state", device=device, state="suspected")
    assert "On hold. Whatever it sends" in words(ann.get("/devices"))
    head = len(till.lines)
    says(till, sale(TODAY, 900, GOODS[0]))
    till.open()
    assert till.push(head + 1, head + 1).status_code == 200
    fresh.cloud.count()
    assert "1 event that it sent is held back" in words(ann.get("/devices"))
    before = words(ann.get("/takings"))
    sends(ann, "/devices/release", device=device)
    assert "held back" not in words(ann.get("/devices"))
    assert words(ann.get("/takings")) != before
    sends(ann, "/devices/state", device=device, state="retired")
    assert till.http.get("/v1/feed", params={"after": 0, "generation": "x"}).status_code == 401
    assert till.open()["ack"] == head + 1
    sends(ann, "/devices/state", device=device, state="banned")
    assert error(till.push(1, 1))[0] == 401
    sends(ann, "/devices/state", device=device, state="active")
    assert till.open()["ack"] == head + 1
    assert sends(ann, "/devices/state", device=device, state="king").status_code == 404


def test_a_pairing_code_of_the_page_pairs_a_till(fresh: Scene, ann: httpx.Client) -> None:
    found = re.search(r">([0-9A-Z]{4}-[0-9A-Z]{4})<", sends(ann, "/devices/code").text)
    assert found
    asked = {"code": found[1], "public_key": "0" * 64, "till": "Till 3"}
    assert fresh.till.http.post("/v1/pair", json=asked).status_code == 200
    assert "Till 3" in words(ann.get("/devices"))


def test_every_change_stands_in_the_list_of_who_did_what(fresh: Scene, ann: httpx.Client) -> None:
    order = f"/orders/{fresh.order('north').order}"
    refused = ann.post(f"{order}/approve", data={**form_of(ann.get(order)), "version": "0.0.x"})
    assert refused.status_code == 409
    ann.post(f"{order}/approve", data=form_of(ann.get(order)))
    sends(ann, "/devices/state", device=fresh.till.paired.device, state="retired")
    ann.get("/stock.csv")
    said = words(ann.get("/audit"))
    listed = said[said.index("The newest first") :]
    for deed in ("Ann took out the stock", "Ann changed a till's trust", "Ann approved an order", "Ann signed in"):
        assert listed.count(deed) == 1, deed
    assert fresh.till.paired.device in listed
    alone = words(ann.get("/audit", params={"what": "GET /stock.csv", "who": person(fresh, EMAIL)}))
    assert alone.count("Ann took out the stock") == 1
    assert "Ann signed in" not in alone
    assert "Nothing of that kind" in words(ann.get("/audit", params={"day": "2026-03-02"}))
    assert ann.get("/audit", params={"day": "soon"}).status_code == 422


def test_what_a_till_recorded_is_read_line_by_line_and_page_by_page(fresh: Scene, ann: httpx.Client) -> None:
    page = ann.get("/audit", params={"till": fresh.till.journal})
    assert words(page).count("the till itself") == 50
    earlier = re.search(r'href="(/audit[^"]*before=\d+)"', page.text)
    assert earlier
    lines = {f"line {seq}" for seq in range(1, len(fresh.till.lines) + 1)}
    seen = set(re.findall(r"line \d+", page.text)) | set(
        re.findall(r"line \d+", ann.get(earlier[1].replace("&amp;", "&")).text)
    )
    assert seen == set(sorted(lines, key=lambda line: -int(line[5:]))[:100])
    sales = ann.get("/audit", params={"till": fresh.till.journal, "what": "sale completed"})
    assert set(re.findall(r"</b> ([a-z ]+)\n", sales.text)) == {"sale completed"}


def test_the_list_as_a_file_runs_nothing(fresh: Scene, ann: httpx.Client) -> None:
    for name in ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", '"=x'):
        assert sends(ann, "/people/invite", name=name, role="reader").status_code == 200
    text = ann.get("/audit.csv", params={"what": "POST /people/invite"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 5
    assert all(row["about"].startswith("reader, ") for row in rows)
    assert not re.search(r'(^|,)"?[=+@\t\r|-]', text, re.MULTILINE)


def test_whatever_is_noted_has_words() -> None:
    noted = {route for route, act in ROUTES.items() if is_noted(route.split()[0], act)}
    assert set(WORDS) - {"sign-in", "invitation"} == noted


ANA, BEN = "a" * 16, "b" * 16


def does(scene: Scene, by: str, *bodies: Contract) -> None:
    """What somebody at the till does, sent and counted."""
    for body in bodies:
        kind, v = kind_of(body)
        seq = scene.till.says(kind, body.model_dump(mode="json"), v=v)
        said = event_of(scene.till.lines[-1]).model_copy(update={"by": by})
        del scene.till.lines[-1], scene.till.hashes[-1]
        assert scene.till.says_raw(line_of(said)) == seq
    scene.till.sends()


def of_feed(scene: Scene) -> list[FeedEntry]:
    """The codes for this till that it takes from its feed."""
    generation = scene.till.open()["generation"]
    asked = {"after": "0", "generation": str(generation), "journal": ""}
    page = FeedPage.model_validate(scene.till.http.get("/v1/feed", params=asked).json())
    return [one for one in page.entries if one.kind == "staff_code"]


def test_each_cashiers_signals_stand_on_the_page_and_what_is_odd_beside_the_others(
    fresh: Scene, ann: httpx.Client
) -> None:
    no_sale = CashMoved(what="no_sale", amount=0, reason="change given", day=TODAY)
    does(fresh, ANA, *(sale(TODAY, 9_000 + number, GOODS[0]) for number in range(20)), no_sale)
    does(fresh, BEN, *(sale(TODAY, 9_020 + number, GOODS[0]) for number in range(10)), *[no_sale] * 6)
    does(fresh, ANA, ActApproved(act="no_sale", how="pin", approved="c" * 16))
    said = words(ann.get("/people"))
    assert "aaaa Till 1 20 1 5.0 0 0 bbbb Till 1 10 ! 6 60.0 0 0 cccc Till 1 0 0 0 0" in said


def test_the_owners_code_gives_a_new_pin_at_the_till_once_and_only_there(
    fresh: Scene, ann: httpx.Client, tmp_path: Path
) -> None:
    device = fresh.till.paired.device
    journal = open_journal(tmp_path / "till", ())
    record(journal, DevicePaired(tenant="t", shop="s", device=device, audience="a", catalogue_to=0))
    people = People(tmp_path / "till", seeded_ids())
    lets = Approvals(people, scripted_clock(tmp_path / "till"), journal, Rights())
    ana, max_ = people.add("Ana", now=TUESDAY_14).id, people.add("Max", now=TUESDAY_14, role="manager").id
    people.set_pin(ana, "1111", TUESDAY_14)
    people.set_pin(max_, "3333", TUESDAY_14)
    does(fresh, max_, CashMoved(what="no_sale", amount=0, reason="change given", day=TODAY))
    answer = sends(ann, "/people/pin", device=device, person=max_)
    found = re.search(r"(\d{4}) (\d{4})</b>", answer.text)
    assert found
    code = found[1] + found[2]
    with pytest.raises(NotAllowed, match="nobody's"):
        lets.sign_on(code)
    (entry,) = of_feed(fresh)
    assert code.encode() not in str(entry.body).encode()
    journal.take_feed("g", [entry]).result()
    with pytest.raises(OwnersCode, match="Max chooses a new PIN"):
        lets.sign_on(code)
    with pytest.raises(BadInput, match="another PIN"):
        lets.choose_pin(code, max_, "1111")
    with pytest.raises(NotAllowed, match="holds no more"):
        lets.choose_pin(code, ana, "5555")
    lets.choose_pin(code, max_, "4444")
    assert (lets.sign_on("4444").id, people.by_pin("3333", TUESDAY_14)) == (max_, None)
    with pytest.raises(NotAllowed, match="nobody's"):
        lets.sign_on(code)
    journal.take_feed("g2", [entry]).result()
    with pytest.raises(NotAllowed):
        lets.choose_pin(code, max_, "6666")
    assert sends(ann, "/people/pin", device="d" * 32, person=max_).status_code == 404
    assert sends(ann, "/people/pin", device=device, person="Max").status_code == 422
    journal.close()


def test_the_owners_code_makes_a_tills_first_manager(fresh: Scene, ann: httpx.Client, tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "till", ())
    record(journal, DevicePaired(tenant="t", shop="s", device=fresh.till.paired.device, audience="a", catalogue_to=0))
    people = People(tmp_path / "till", seeded_ids())
    lets = Approvals(people, scripted_clock(tmp_path / "till"), journal, Rights())
    found = re.search(r"(\d{4}) (\d{4})</b>", sends(ann, "/people/pin", device=fresh.till.paired.device).text)
    assert found
    assert not lets.awaits_first_manager()
    journal.take_feed("g", of_feed(fresh)).result()
    assert (lets.awaits_first_manager(), lets.nobody_may("people")) == (True, True)
    assert not lets.is_first_managers_code("00000000")
    assert lets.is_first_managers_code(found[1] + found[2])
    mia = lets.first_manager("Mia", "7777")
    assert (lets.sign_on("7777").id, lets.awaits_first_manager()) == (mia.id, False)
    journal.close()
