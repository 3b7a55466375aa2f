"""The public page of a drop: reserve with a code and no name, wait in line, told one at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest
from sqlmodel import Session, select

from cloud_sync import drop_pages, drops
from cloud_sync.drop_pages import Wanted
from cloud_sync.lapsing import Lapsing
from cloud_sync.post.server import MailServer
from cloud_sync.post.ways import ways_of
from cloud_sync.reservations import UNHEARD_MS
from cloud_sync.tables.reservations import Waiting
from edge_agent.errors import BadInput
from edge_agent.rules.reservation import mark_of, number_of
from edge_agent.wire.events.drops import DropPart
from edge_agent.wire.events.quota import QuotaGiven
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.axe_ import axe
from scripts.browser_ import browser, chromium
from scripts.smtp_ import mailbox
from tests.cloud import Cloud, FakeTill
from tests.owner_shop import OWN, own_password, says
from tests.page_text import hidden, words
from tests.post import mail_to
from tests.shop import CAST
from tests.test_drops import HOUR, MUGS, START, a_drop
from tests.test_pages_axe import violations

PIECE = 1000


@dataclass
class Stall:
    """A shop with a drop that is open and a public page of it, and somebody who looks at it."""

    cloud: Cloud
    till: FakeTill
    http: httpx.Client
    slug: str = "spring-mugs"

    @property
    def where(self) -> dict[str, str]:
        return {"tenant": self.cloud.shop.tenant, "shop": self.cloud.shop.shop}

    @property
    def page(self) -> str:
        return f"/d/{self.slug}"

    def ask(self, do: str = "take", sku: str = "mug-s", pieces: str = "1", **more: str) -> httpx.Response:
        return self.http.post(self.page, data={"do": do, "sku": sku, "pieces": pieces, **more})

    def reserved(self, do: str = "take", **more: str) -> str:
        """The path of the visitor's own page."""
        answer = self.ask(do, **more)
        assert answer.status_code == 303, words(answer)
        return answer.headers["location"]

    def round(self, mail: MailServer | None = None) -> None:
        service = self.cloud.service
        ways = replace(ways_of(service.settings), mail=mail, address="https://cloud.example")
        Lapsing(self.cloud.database, service.clock, ways, service.settings).go_round()


@pytest.fixture
def stall(cloud: Cloud) -> Iterator[Stall]:
    till = FakeTill(cloud, journal=cloud.shop.tenant * 2)
    counted = tuple(CountedLine(sku=sku, counted=6 * PIECE, expected=0) for sku in ("mug-s", "mug-m"))
    says(till, *CAST, *MUGS, StockCounted(lines=counted, saw={}))
    till.sends()
    cloud.set_clock(START)
    with httpx.Client(base_url=cloud.url, timeout=20, trust_env=False) as browser:
        made = Stall(cloud, till, browser, f"mugs-{cloud.shop.tenant}")
        parts = tuple(DropPart(sku=sku, qty=6 * PIECE) for sku in ("mug-s", "mug-m"))
        with cloud.database.of(cloud.shop.tenant).writing() as session:
            drops.plan(session, **made.where, drop=a_drop(parts=parts, start=START - HOUR), at=START - 2 * HOUR)
            publish(session, made)
        says(till, *(QuotaGiven(sku=sku, qty=4 * PIECE) for sku in ("mug-s", "mug-m")))
        till.sends()
        yield made
    till.close()


def publish(session: Session, stall: Stall, **changed: object) -> None:
    wanted = replace(Wanted(stall.slug, hold=60, kept=4), **changed)  # type: ignore[arg-type]
    drop_pages.publish_page(session, **stall.where, drop="mugs-1", wanted=wanted, at=START)


def test_whoever_comes_by_sees_what_is_left_and_reserves_without_a_name(stall: Stall) -> None:
    seen = stall.http.get(stall.page)
    assert "Mug s £12.00 4 left Mug m £15.00 4 left" in words(seen)
    assert "Ends Thu 16:00, in 2 d 0 h" in words(seen)
    assert "set-cookie" not in seen.headers
    mine = stall.reserved(pieces="2")
    kept = words(stall.http.get(mine))
    assert "Kept for you Until 17:00 today, for 1 h 0 min." in kept
    assert "To pay: £24.00" in kept
    assert re.search(r"75\d\d \d{4} \d{4} \d{4}", kept)
    assert "Mug s £12.00 2 left" in words(stall.http.get(stall.page))
    (entry,) = [one for one in stall.till.feed() if one["kind"] == "reservation_set"]
    code = mine.rpartition("/")[2]
    assert code not in str(entry), "the code stands nowhere but on the visitor's page"
    assert dict(entry["body"])["reservation"] == mark_of(code)  # type: ignore[call-overload]


def test_it_is_made_once_for_a_crowd_and_anew_after_a_reservation(stall: Stall) -> None:
    first = stall.http.get(stall.page)
    assert first.headers["cache-control"] == "public, max-age=3"
    again = stall.http.get(stall.page, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    stall.reserved()
    anew = stall.http.get(stall.page, headers={"If-None-Match": first.headers["etag"]})
    assert anew.status_code == 200
    assert "3 left" in words(anew)


def test_it_keeps_programs_and_other_sites_out(stall: Stall) -> None:
    seen = stall.http.get(stall.page)
    assert seen.headers["x-robots-tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in seen.text
    policy = seen.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in seen.text
    assert (
        stall.http.post(stall.page, data={"do": "take"}, headers={"Origin": "https://eve.example"}).status_code == 403
    )
    with stall.cloud.database.of(stall.cloud.shop.tenant).writing() as session:
        publish(session, stall, listed=True)
    stall.cloud.set_clock(START + 10_000)
    assert "x-robots-tag" not in stall.http.get(stall.page).headers
    assert stall.http.get("/d/nobody-knows").status_code == 404


def test_one_address_asks_for_a_drop_six_times_in_a_quarter_of_an_hour(stall: Stall) -> None:
    answers = [stall.ask(sku="mug-s" if number < 4 else "mug-m").status_code for number in range(7)]
    assert answers == [303, 303, 303, 303, 303, 303, 429]
    refused = stall.ask(sku="mug-m")
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many attempts" in words(refused)
    stall.cloud.set_clock(START + 16 * 60_000)
    assert stall.ask(sku="mug-m").status_code == 303


def test_codes_are_not_to_be_tried(stall: Stall) -> None:
    tries = [stall.http.get(f"{stall.page}/{number_of(number)}").status_code for number in range(22)]
    assert tries == [404] * 20 + [429] * 2


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"pieces": "3"}, "One to 2 pieces can be reserved."),
        ({"pieces": "0"}, "One to 2 pieces can be reserved."),
        ({"pieces": "two"}, "One to 2 pieces can be reserved."),
        ({"sku": "milk"}, "Choose what you would like."),
        ({"sku": ""}, "Choose what you would like."),
        ({"do": "wait", "email": "nobody"}, "is no e-mail address"),
    ],
)
def test_what_can_not_be_reserved_is_said(stall: Stall, form: dict[str, str], said: str) -> None:
    answer = stall.http.post(stall.page, data={"do": "take", "sku": "mug-s", "pieces": "1", **form})
    assert answer.status_code == 422
    assert said in words(answer)


def test_what_falls_free_goes_to_who_waits_one_at_a_time(stall: Stall) -> None:
    mine, yours = stall.reserved(pieces="2"), stall.reserved(pieces="2")
    gone = stall.ask()
    assert gone.status_code == 409
    assert "Mug s: none left. You can join the waiting list." in words(gone)
    stall.cloud.set_clock(START + 16 * 60_000)
    first, second = stall.reserved("wait", email="ann@home.example"), stall.reserved("wait")
    assert "You are next" in words(stall.http.get(first))
    assert "1 person is before you" in words(stall.http.get(second))
    with stall.cloud.reading() as session:
        rows = session.exec(select(Waiting).where(Waiting.tenant == stall.cloud.shop.tenant)).all()
    assert [b"ann" in row.sealed for row in rows] == [False, False]
    assert stall.http.post(f"{mine}/free").status_code == 303
    assert "Kept no longer" in words(stall.http.get(mine))
    for path in (first, second):
        assert "Kept for you" in words(stall.http.get(path))
    assert "Kept for you" in words(stall.http.get(yours))
    assert "Mug s £12.00 none left" in words(stall.http.get(stall.page))


def test_a_piece_that_is_not_collected_goes_to_the_next_in_line_and_nobody_jumps_it(stall: Stall) -> None:
    stall.reserved(pieces="2")
    stall.reserved(pieces="2")
    waits = stall.reserved("wait")
    stall.cloud.set_clock(START + HOUR + UNHEARD_MS)
    assert stall.ask(pieces="2").status_code == 303
    assert "Kept for you" in words(stall.http.get(waits)), "who waited came first"
    assert "1 left" in words(stall.http.get(stall.page))
    stall.cloud.set_clock(START + 4 * HOUR)
    stall.round()
    assert "Kept no longer" in words(stall.http.get(waits))


def test_at_the_end_nobody_waits_and_no_address_is_kept(stall: Stall) -> None:
    stall.reserved(pieces="2")
    stall.reserved(pieces="2")
    waits = stall.reserved("wait", email="ann@home.example")
    stall.cloud.set_clock(START + 60 * HOUR)
    stall.round()
    with stall.cloud.reading() as session:
        rows = session.exec(select(Waiting).where(Waiting.tenant == stall.cloud.shop.tenant)).all()
    assert [(row.state, row.sealed) for row in rows] == [("over", b"")]
    assert "Kept no longer" in words(stall.http.get(waits))
    assert "This drop is over." in words(stall.http.get(stall.page))
    assert stall.ask().status_code == 422


def test_a_slug_is_the_owners_and_nobody_elses(stall: Stall) -> None:
    with stall.cloud.database.of(stall.cloud.shop.tenant).writing() as session:
        for slug in ("UP", "a b", "-a-", "x" * 41, "../../etc"):
            with pytest.raises(BadInput, match="small letters"):
                publish(session, stall, slug=slug)
    with stall.cloud.database.of(stall.cloud.shop.tenant).writing() as session:
        publish(session, stall, slug=f"new-{stall.cloud.shop.tenant}")
    assert stall.http.get(stall.page).status_code == 404
    assert stall.http.get(f"/d/new-{stall.cloud.shop.tenant}").status_code == 200
    with stall.cloud.database.of(stall.cloud.shop.tenant).writing() as session:
        drop_pages.withdraw(session, **stall.where, drop="mugs-1", at=START)
    assert stall.http.get(f"/d/new-{stall.cloud.shop.tenant}").status_code == 404


def test_who_left_an_address_is_told_once_and_the_address_is_forgotten(stall: Stall) -> None:
    mine = stall.reserved(pieces="2")
    stall.reserved(pieces="2")
    waits = stall.reserved("wait", email="ann@home.example")
    stall.http.post(f"{mine}/free")
    with mailbox() as box:
        for _ in range(2):
            stall.round(mail_to(box))
        (letter,) = box.taken
    assert letter["To"] == "ann@home.example"
    assert f"https://cloud.example{waits}" in letter.get_content()
    assert "kept until 18:00 today" in letter.get_content()
    with stall.cloud.reading() as session:
        rows = session.exec(select(Waiting).where(Waiting.tenant == stall.cloud.shop.tenant)).all()
    assert [(row.state, row.sealed) for row in rows] == [("told", b"")]


def test_the_owner_makes_the_page_sees_what_is_kept_and_who_waits_and_lets_go(stall: Stall) -> None:
    own_password(stall.cloud, email := f"{stall.cloud.shop.tenant}@shop.example")
    stall.reserved(pieces="2")
    stall.reserved(pieces="2")
    stall.reserved("wait")
    with httpx.Client(base_url=stall.cloud.url, timeout=20, trust_env=False) as owner:
        assert owner.post("/sign-in", data={"email": email, "password": OWN}).status_code == 303
        seen = owner.get("/drops/mugs-1")
        assert f"/d/{stall.slug}" in seen.text
        assert "<svg" in seen.text
        assert "Mug s: 0 left there, 1 person waits" in words(seen)
        assert "1: 2 Mug s web; kept until 17:00 today Let go" in words(seen)
        form = {"csrf": hidden(seen, "csrf"), "reservation": hidden(seen, "reservation")}
        assert owner.post("/drops/mugs-1/release", data=form).status_code == 303
        assert "1: 2 Mug s web; kept no longer" in words(owner.get("/drops/mugs-1"))
        wanted = {**form, "do": "publish", "slug": "", "hold": "30", "kept": "2"}
        assert owner.post("/drops/mugs-1/public", data=wanted).status_code == 303
        assert stall.http.get(stall.page).status_code == 404
        unguessable = re.findall(r"/d/([0-9a-f]{16})", owner.get("/drops/mugs-1").text)
        assert stall.http.get(f"/d/{unguessable[0]}").status_code == 200
        assert owner.post("/drops/mugs-1/off", data=form).status_code == 303
        assert stall.http.get(f"/d/{unguessable[0]}").status_code == 404


@pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium")
def test_axe_finds_nothing_against_it_and_it_works_without_script(stall: Stall) -> None:
    judge = axe()
    stall.reserved(sku="mug-m", pieces="2")
    stall.reserved(sku="mug-m", pieces="2")
    with browser() as tab:
        for width, dark in ((320, False), (390, True)):
            tab.screen(width, 844, dark=dark)
            tab.go(stall.cloud.url + stall.page)
            assert violations(tab, judge) == []
        tab.script(on=False)
        tab.go(stall.cloud.url + stall.page)
        tab.tap('[value="take"]')
        tab.settled()
        tab.script(on=True)
        assert tab.says("document.querySelector('h1').textContent") == "Kept for you"
        assert violations(tab, judge) == []
