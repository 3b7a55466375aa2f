"""Orders that leave by e-mail: what the supplier gets, once, and what the cloud knows after every fault."""

import csv
import io
import logging
import random
import re
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cloud_sync.post import mail, outbox
from cloud_sync.post.letter import letter
from cloud_sync.post.outbox import HELD_MS, arrived, held_message, may_be_sent_again, requeue, take
from cloud_sync.post.paper import pdf_of
from cloud_sync.post.server import mail_server
from cloud_sync.post.talk import ended_in_time
from cloud_sync.post.ways import Ways, filer
from cloud_sync.post.worker import Postman
from cloud_sync.sending import claim_next
from cloud_sync.settings import Settings
from edge_agent.errors import BadInput
from scripts.smtp_ import CUT, LOST_SILENTLY, TAKEN_SILENTLY, MailBox, Reply, mailbox
from tests.certificates import own_authority
from tests.cloud import Cloud
from tests.owner_shop import says
from tests.post import Office, mail_to, office
from tests.shop import MILK, NORTH, TUESDAY_14

pytestmark = pytest.mark.both
SECRET = "correct-horse-battery"


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Office]:
    made = office(cloud)
    yield made
    made.clear()


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mailbox() as box:
        yield box


def test_an_approved_order_reaches_the_supplier_once_with_pdf_and_csv(shop: Office, box: MailBox) -> None:
    key = shop.approved()
    for _ in range(3):
        shop.postman(mail_to(box)).go_round()
    (mail,) = box.taken
    assert mail["To"] == "Northside <orders@northside.example>"
    assert mail["Message-ID"] == f"<order.{key[:32]}@shop.example>"
    assert f"<order.{key[:32]}@".encode() in box.raw[0]
    assert "0001-0001" in mail["Subject"]
    pdf, sheet = mail.iter_attachments()
    assert pdf.get_content()[:5] == b"%PDF-"
    assert pdf.get_filename() == "order-0001-0001.pdf"
    rows = list(csv.DictReader(io.StringIO(sheet.get_content())))
    assert [(row["sku"], row["packs"], row["quantity"]) for row in rows] == [("milk", "3", "18"), ("bread", "2", "12")]
    message = shop.message(key)
    assert (message.state, message.tries, message.sent_to) == ("left", 1, "orders@northside.example")
    assert shop.state(key) == "sent"


def test_the_pdf_says_what_a_supplier_must_know(shop: Office) -> None:
    key = shop.approved()
    with shop.cloud.reading() as session:
        order = letter(session, tenant=shop.cloud.shop.tenant, order=key)
    words = text_of(pdf_of(order, TUESDAY_14))
    for wanted in (
        "Order 0001-0001",
        "Northside",
        order.shop,
        *order.address,
        "3 packs of 6",
        "before Tue 3 March 2026",
    ):
        assert wanted in words, wanted


def test_hostile_names_reach_neither_headers_nor_formulas_nor_the_page(shop: Office, box: MailBox) -> None:
    evil = "=HYPERLINK(1)\r\nBcc: eve@other.example\x1b[2J\u202e"
    says(shop.till, NORTH.model_copy(update={"name": evil[:60]}), MILK.model_copy(update={"name": evil[:70]}))
    shop.till.sends()
    shop.approved()
    shop.postman(mail_to(box)).go_round()
    (mail,) = box.taken
    assert mail["Bcc"] is None
    assert b"\x1b" not in box.raw[0]
    sheet = list(mail.iter_attachments())[1].get_content()
    assert "\n=" not in sheet
    assert "'=HYPERLINK" in sheet


@pytest.mark.parametrize("step", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "end"])
def test_a_temporary_refusal_is_tried_again_later_and_leaves_once(shop: Office, box: MailBox, step: str) -> None:
    key = shop.approved()
    box.faults = lambda number: {step: (451, "later")} if number == 0 else {}
    postman = shop.postman(mail_to(box))
    postman.go_round()
    waits = shop.message(key)
    assert (waits.state, box.taken) == ("queued", [])
    assert "451" in waits.problem
    postman.go_round()
    assert box.connections == 1
    shop.later(30_000)
    postman.go_round()
    assert (shop.message(key).state, box.orders()) == ("left", [key])


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "end"])
def test_a_final_refusal_waits_for_the_owner_who_may_send_it_again(shop: Office, box: MailBox, step: str) -> None:
    key = shop.approved()
    box.faults = lambda number: {step: (550, "nobody of that name")} if number == 0 else {}
    postman = shop.postman(mail_to(box))
    postman.go_round()
    shop.later(3_600_000)
    postman.go_round()
    failed = shop.message(key)
    assert (failed.state, box.connections) == ("failed", 1)
    assert "nobody of that name" in failed.problem
    with shop.cloud.database.writing() as session:
        mine = held_message(session, tenant=shop.cloud.shop.tenant, order=key, channel="email")
        may_be_sent_again(mine, missing=False)
        requeue(session, mine, shop.cloud.service.clock.now())
    postman.go_round()
    assert (shop.message(key).state, box.orders()) == ("left", [key])


@pytest.mark.parametrize("step", ["connect", "MAIL", "DATA", "body"])
def test_a_connection_that_is_cut_before_the_last_line_is_no_loss(shop: Office, box: MailBox, step: str) -> None:
    key = shop.approved()
    box.faults = lambda number: {step: CUT} if number == 0 else {}
    shop.postman(mail_to(box)).go_round()
    assert shop.message(key).state in ("queued", "unsure")
    if step != "body":
        assert shop.message(key).state == "queued"
        shop.later(30_000)
        shop.postman(mail_to(box)).go_round()
        assert box.orders() == [key]


@pytest.mark.parametrize("fault", [TAKEN_SILENTLY, LOST_SILENTLY])
def test_without_an_answer_to_the_last_line_it_is_never_sent_again_by_itself(
    shop: Office, box: MailBox, fault: str
) -> None:
    key = shop.approved()
    box.faults = lambda number: {"end": fault} if number == 0 else {}
    postman = shop.postman(mail_to(box))
    for _ in range(5):
        postman.go_round()
        shop.later(600_000)
    assert (shop.message(key).state, box.connections) == ("unsure", 1)
    with shop.cloud.database.writing() as session:
        mine = held_message(session, tenant=shop.cloud.shop.tenant, order=key, channel="email")
        with pytest.raises(BadInput, match="surely"):
            may_be_sent_again(mine, missing=False)
        if fault == TAKEN_SILENTLY:
            arrived(session, mine, by="Ann", now=shop.cloud.service.clock.now())
        else:
            may_be_sent_again(mine, missing=True)
            requeue(session, mine, shop.cloud.service.clock.now())
    postman.go_round()
    assert (shop.message(key).state, box.orders()) == ("left", [key])


def test_what_a_dead_worker_had_not_handed_over_is_sent_by_another(shop: Office, box: MailBox) -> None:
    key = shop.approved()
    shop.postman(mail_to(box), "other")._over.set()
    claims(shop, box)
    assert take(shop.cloud.database, "dead", shop.cloud.service.clock.now(), ("email",)) is not None
    postman = shop.postman(mail_to(box))
    postman.go_round()
    assert box.taken == []
    shop.later(HELD_MS)
    postman.go_round()
    assert (shop.message(key).state, box.orders()) == ("left", [key])


def test_what_a_dead_worker_was_handing_over_is_asked_about(shop: Office, box: MailBox) -> None:
    key = shop.approved()
    claims(shop, box)
    taken = take(shop.cloud.database, "dead", shop.cloud.service.clock.now(), ("email",))
    assert taken
    assert outbox.hand_over(shop.cloud.database, taken, "x@y.example")
    shop.later(HELD_MS)
    shop.postman(mail_to(box)).go_round()
    assert (shop.message(key).state, box.taken) == ("unsure", [])
    assert outbox.note_left(shop.cloud.database, taken, TUESDAY_14)
    assert shop.message(key).state == "left"


def test_a_worker_that_slept_past_its_time_hands_nothing_over(shop: Office, box: MailBox) -> None:
    key = shop.approved()
    claims(shop, box)
    late = take(shop.cloud.database, "late", shop.cloud.service.clock.now(), ("email",))
    assert late
    shop.later(HELD_MS)
    shop.postman(mail_to(box)).go_round()
    assert not outbox.hand_over(shop.cloud.database, late, "x@y.example")
    assert not outbox.note_refused(shop.cloud.database, late, "no", TUESDAY_14, again=True)
    assert (shop.message(key).state, box.orders()) == ("left", [key])


def test_what_could_not_leave_until_two_hours_after_the_cut_off_waits_for_the_owner(shop: Office) -> None:
    key = shop.approved()
    with mailbox() as gone:
        server = mail_to(gone)
    for _ in range(40):
        shop.postman(server).go_round()
        shop.later(600_000)
    assert shop.message(key).state == "failed"
    assert shop.message(key).tries < 20


def test_an_order_that_can_not_leave_is_not_claimed_and_says_why(shop: Office, box: MailBox) -> None:
    key = shop.approved()
    shop.postman(None).go_round()
    assert shop.state(key) == "approved"
    unknown = shop.approved(supplier="nobody")
    shop.postman(mail_to(box)).go_round()
    assert (shop.state(key), shop.state(unknown), box.orders()) == ("sent", "approved", [key])


def test_an_address_that_is_none_is_refused_for_good(shop: Office, box: MailBox) -> None:
    says(shop.till, NORTH.model_copy(update={"email": "a@b.example, c@d.example"}))
    shop.till.sends()
    key = shop.approved()
    shop.postman(mail_to(box)).go_round()
    assert (shop.message(key).state, box.connections) == ("failed", 0)
    assert "no e-mail address" in shop.message(key).problem


def waits(quiet: threading.Event | None) -> None:
    if quiet is not None:
        quiet.wait(20)


def claims(shop: Office, box: MailBox) -> None:
    """Claim what is approved, and hand nothing over."""
    now = shop.cloud.service.clock.now()
    assert claim_next(shop.cloud.database, "w", now, filer(Ways(mail_to(box), shop.web), now))


def text_of(pdf: bytes) -> str:
    """The words of a PDF of ours."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    plain = [zlib.decompress(one) for one in streams if one[:1] == b"x"]
    said = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", b" ".join(plain))
    return " ".join(one.decode("cp1252") for one in said)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_server_is_spoken_to_when_its_certificate_is_good(
    shop: Office, tmp_path: Path, security: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = shop.approved()
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    ca, own = own_authority(tmp_path)
    good: dict[str, object] = {"security": security, "user": "shop"}
    with mailbox(tls=own, at_once=security == "tls", secret=SECRET) as box:
        server = mail_to(box, **good, ca_file=ca, secret_file=tmp_path / "secret")
        with caplog.at_level(logging.DEBUG):
            shop.postman(server).go_round()
        assert (shop.message(key).state, box.orders()) == ("left", [key])
    assert SECRET not in caplog.text
    assert "northside" not in caplog.text


@pytest.mark.parametrize("wrong", ["unknown", "host", "expired"])
def test_a_bad_certificate_is_refused_and_the_secret_is_not_said(shop: Office, tmp_path: Path, wrong: str) -> None:
    key = shop.approved()
    (tmp_path / "secret").write_text(SECRET)
    host, days = ("10.0.0.1" if wrong == "host" else "127.0.0.1"), ((-9, -1) if wrong == "expired" else (-1, 9))
    ca, own = own_authority(tmp_path, days=days, host=host)
    heard: list[str] = []
    with mailbox(tls=own, secret=SECRET, before=heard.append) as box:
        known = {"security": "starttls", "user": "shop", "secret_file": tmp_path / "secret"}
        shop.postman(mail_to(box, **known, ca_file=None if wrong == "unknown" else ca)).go_round()
    assert "AUTH" not in heard
    assert (shop.message(key).state, box.taken) == ("queued", [])
    assert "certificate" in shop.message(key).problem


def test_a_mail_server_without_encryption_is_refused_unless_it_is_this_machine(shop: Office, box: MailBox) -> None:
    key = shop.approved()
    shop.postman(mail_to(box, security="starttls")).go_round()
    assert (shop.message(key).state, box.taken) == ("queued", [])
    with pytest.raises(BadInput, match="this machine"):
        mail_server(Settings(data=Path(), mail_host="mail.example", mail_security="none", mail_from="a@b.example"))
    wrongs: tuple[dict[str, str], ...] = ({"mail_security": "ssl"}, {"mail_from": ""}, {"mail_user": "u"})
    right = Settings(data=Path(), mail_host="mail.example", mail_from="a@b.example")
    for wrong in wrongs:
        with pytest.raises(BadInput):
            mail_server(replace(right, **wrong))  # type: ignore[arg-type]
    assert mail_server(Settings(data=Path())) is None


@pytest.mark.parametrize(("step", "state"), [("connect", "queued"), ("DATA", "queued"), ("end", "unsure")])
def test_a_server_that_says_nothing_is_left_in_time(
    shop: Office, box: MailBox, monkeypatch: pytest.MonkeyPatch, step: str, state: str
) -> None:
    key = shop.approved()
    quiet = threading.Event()
    box.before = lambda said: waits(quiet if said == step else None)
    monkeypatch.setattr(mail, "STEP_S", 0.3)
    shop.postman(mail_to(box)).go_round()
    quiet.set()
    assert shop.message(key).state == state


def test_a_talk_that_drips_ends_in_time(shop: Office, box: MailBox, monkeypatch: pytest.MonkeyPatch) -> None:
    key = shop.approved()
    quiet = threading.Event()
    box.before = lambda said: waits(quiet if said == "RCPT" else None)
    monkeypatch.setattr(mail, "ended_in_time", partial(ended_in_time, seconds=0.3))
    shop.postman(mail_to(box)).go_round()
    quiet.set()
    assert shop.message(key).state == "queued"


@pytest.mark.parametrize("seed", range(3))
def test_of_workers_side_by_side_each_order_is_sent_by_one(shop: Office, box: MailBox, seed: int) -> None:
    chance = random.Random(seed)
    known: list[dict[str, Reply | str]] = [{}, {"MAIL": (451, "later")}, {"end": (451, "later")}, {"RCPT": CUT}]
    faults = [chance.choice(known) for _ in range(9)]
    box.faults = lambda number: faults[number] if number < len(faults) else {}
    keys = [shop.approved() for _ in range(4)]
    postmen = [shop.postman(mail_to(box), name) for name in ("one", "two", "three")]
    for _ in range(9):
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(Postman.go_round, postmen))
        shop.later(10 * 60_000)
    assert sorted(box.orders()) == keys
    assert [shop.message(key).state for key in keys] == ["left"] * 4


def test_what_had_not_left_in_a_backup_that_is_put_back_is_asked_about(shop: Office, box: MailBox) -> None:
    key = shop.approved()
    claims(shop, box)
    with shop.cloud.database.writing() as session:
        outbox.doubt_all(session)
    shop.postman(mail_to(box)).go_round()
    assert (shop.message(key).state, box.taken) == ("unsure", [])
    assert "backup" in shop.message(key).problem
