"""Texts by a gateway: signed, each at most once whatever it answers, and looked at anew before each one."""

import csv
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.commands import main
from edge_agent.counter.texting import Told, deliver
from edge_agent.errors import BadInput
from edge_agent.opening import OpenTill
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.texting import Fate, Text
from edge_agent.settings import parse
from edge_agent.sync.gateway import Credentials, Gateway, credentials
from edge_agent.sync.patience import USUAL, Patience
from scripts.hook_ import CUT, LOST_SILENTLY, TAKEN_SILENTLY, Fault, hook
from tests.certificates import own_authority
from tests.screen import SETTINGS, stocked
from tests.shop import TUESDAY_14

PASS, KNOWN = "correct horse battery", Credentials("key-of-the-shop", "secret-of-the-shop")
PHONES = ("07700 900123", "07700 900456", "07700 900789")


@pytest.fixture
def clock(tmp_path: Path) -> FileClock:
    found = FileClock(tmp_path / "clock")
    found.set(TUESDAY_14)
    return found


def opened(folder: Path, clock: FileClock) -> OpenTill:
    return OpenTill(folder / "data", clock, parse(SETTINGS))


@pytest.fixture
def till(tmp_path: Path, clock: FileClock) -> Iterator[OpenTill]:
    """Three people agreed, and their first text is due."""
    stocked(tmp_path)
    made = opened(tmp_path, clock)
    made.samples.make_key(PASS)
    for phone in PHONES:
        made.samples.agree(made.samples.give("milk", 1000).result(), phone).result()
    yield made
    made.close()


class Interrupted(Gateway):
    """Something happens after each text."""

    after: Callable[[], object] = staticmethod(lambda: None)

    def send(self, texts: Sequence[Text]) -> Sequence[tuple[Fate, str]]:
        fates = super().send(texts)
        self.after()
        return fates


def send(till: OpenTill, url: str, *, after: Callable[[], object] = lambda: None, patience: Patience = USUAL) -> Told:
    way = Interrupted(url, KNOWN, till.clock.now, patience=patience)
    way.after = after
    return deliver(till.samples, till.samples.opened(PASS), way)


def counts(told: Told) -> tuple[int, int, int]:
    return len(told.left), len(told.kept), len(told.unknown)


def place(port: int) -> str:
    return f"http://127.0.0.1:{port}/texts"


def test_a_text_is_one_signed_post_and_none_leaves_twice(till: OpenTill) -> None:
    with hook() as box:
        assert counts(send(till, place(box.port))) == (3, 0, 0)
        assert counts(send(till, place(box.port))) == (0, 0, 0)
    assert {said["to"] for said in box.taken} == {"+447700900123", "+447700900456", "+447700900789"}
    assert all(set(said) == {"id", "to", "text"} and said["text"].startswith("Corner Shop") for said in box.taken)
    assert len({said["id"] for said in box.taken}) == 3
    for headers, body in zip(box.headers, box.bodies, strict=True):
        at, mac = headers["Dropshelf-Signature"].removeprefix("t=").split(",v1=")
        assert mac == hmac.new(KNOWN.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        assert int(at) == TUESDAY_14 // 1000
        assert headers["Authorization"] == f"Bearer {KNOWN.key}"
        assert headers["Idempotency-Key"] == json.loads(body)["id"]


@pytest.mark.parametrize(
    ("fault", "became", "asked"),
    [
        (400, (2, 1, 0), 3), (422, (2, 1, 0), 3),
        (401, (0, 1, 0), 1), (404, (0, 1, 0), 1), (429, (0, 1, 0), 1), (302, (0, 1, 0), 1),
        (408, (0, 0, 1), 1), (500, (0, 0, 1), 1), (504, (0, 0, 1), 1),
        (CUT, (0, 0, 1), 1), (TAKEN_SILENTLY, (0, 0, 1), 1), (LOST_SILENTLY, (0, 0, 1), 1),
    ],
)  # fmt: skip
def test_a_sure_no_is_kept_an_unknown_end_is_told_and_neither_is_posted_again(
    till: OpenTill, fault: Fault, became: tuple[int, int, int], asked: int
) -> None:
    with hook(faults=lambda number: None if number else fault) as box:
        told = send(till, place(box.port))
        assert (counts(told), box.asked) == (became, asked)
        assert bool(told.why) == (asked == 1)
        if isinstance(fault, int) and told.why:
            assert told.why == f"it answered {fault}", "a redirect is an answer, and leads nowhere"
        again = send(till, place(box.port))
    first = {text.id for text in (*told.left, *told.kept, *told.unknown)}
    assert counts(again) == (3 - len(first), 0, 0)
    assert first.isdisjoint(text.id for text in again.left)


def test_no_answer_in_time_is_unknown_and_the_next_run_goes_on_with_the_others(till: OpenTill) -> None:
    over = threading.Event()
    with hook(before=lambda _: over.wait(30)) as box:
        try:
            told = send(till, place(box.port), patience=Patience(bytes_s=0.2))
            assert counts(told) == (0, 0, 1)
            assert told.why == "it did not say whether it took it: TimeoutError"
        finally:
            over.set()
    with hook() as box:
        assert counts(send(till, place(box.port))) == (2, 0, 0)
    assert told.unknown[0].phone not in {said["to"] for said in box.taken}


def test_where_nobody_listens_one_text_is_kept_and_the_others_stay_due(till: OpenTill) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        told = send(till, place(bound.getsockname()[1]))
    assert counts(told) == (0, 1, 0)
    assert told.why == "it could not be reached: ConnectionRefusedError"
    assert len(till.samples.send(PASS)) == 2


def test_the_hour_and_every_stop_are_looked_at_anew_before_each_text(till: OpenTill, clock: FileClock) -> None:
    def others_say_stop() -> None:
        for phone in PHONES[1:]:
            till.samples.stop(phone).result()

    with hook() as box:
        assert counts(send(till, place(box.port), after=others_say_stop)) == (1, 0, 0)
        assert [said["to"] for said in box.taken] == ["+447700900123"]
        for _ in range(2):
            till.samples.agree(till.samples.give("milk", 1000).result(), PHONES[0]).result()
        assert counts(send(till, place(box.port), after=lambda: clock.set(TUESDAY_14 + 7 * HOUR_MS))) == (1, 0, 0)
        assert counts(send(till, place(box.port))) == (0, 0, 0), "not at nine in the evening"


def test_a_certificate_is_looked_at_before_anything_is_said(till: OpenTill, tmp_path: Path) -> None:
    ca, context = own_authority(tmp_path)
    with hook(tls=context) as box:
        url = place(box.port).replace("http:", "https:")
        told = deliver(till.samples, till.samples.opened(PASS), Gateway(url, KNOWN, till.clock.now))
        assert (counts(told), told.why) == ((0, 1, 0), "it could not be reached: SSLCertVerificationError")
        assert box.asked == 0
        told = deliver(till.samples, till.samples.opened(PASS), Gateway(url, KNOWN, till.clock.now, ca=str(ca)))
        assert counts(told) == (2, 0, 0)


@pytest.mark.parametrize(
    "url", ["http://sms.example/texts", "ftp://sms.example", "sms.example", "https://sms.example/?to=1", "https://"]
)
def test_only_https_is_an_address_of_a_gateway_beyond_this_machine(url: str) -> None:
    with pytest.raises(BadInput, match=r"gateway in \[samples\]"):
        Gateway(url, KNOWN, lambda: 0)


def test_key_and_secret_come_from_a_file_that_nobody_else_reads_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "texts.gateway"
    for content in (None, "", "key\n", "\nsecret\n"):
        if content is not None:
            file.write_text(content)
            file.chmod(0o600)
        with pytest.raises(BadInput, match="should hold a gateway's key"):
            credentials(file)
    file.write_text("key\nsecret\n")
    assert credentials(file) == Credentials("key", "secret")
    assert "secret" not in repr(credentials(file)).replace("secret=", "")
    file.chmod(0o644)
    with pytest.raises(BadInput, match="others can read"):
        credentials(file)
    monkeypatch.setenv("DROPSHELF_GATEWAY_KEY", "other")
    monkeypatch.setenv("DROPSHELF_GATEWAY_SECRET", "one")
    assert credentials(file) == Credentials("other", "one")
    monkeypatch.setenv("DROPSHELF_GATEWAY_KEY", "two words")
    with pytest.raises(BadInput, match="without blanks"):
        credentials(file)


def test_the_owner_sends_by_the_gateway_of_the_settings_and_gets_what_did_not_leave_in_the_file(
    till: OpenTill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    till.close()
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    monkeypatch.setenv("DROPSHELF_PASSPHRASE", PASS)
    data, file = tmp_path / "data", tmp_path / "texts.csv"
    send = ["samples", "send", str(file), "--data", str(data)]
    with hook(faults={0: 400, 2: 500}.get) as box:
        (data / "settings.toml").write_text(SETTINGS + f'\n[samples]\ngateway = "{place(box.port)}"\n')
        assert main(send) == 1
        assert "should hold a gateway's key" in capsys.readouterr().err
        (data / "keys" / "texts.gateway").write_text("key\nsecret\n")
        (data / "keys" / "texts.gateway").chmod(0o600)
        assert main(send) == 1
    said = capsys.readouterr().out
    assert "1 texts left by the gateway." in said
    assert f"1 surely did not, in {file}" in said
    assert "nobody knows whether it left: it is not sent again." in said
    assert "it answered 500" in said
    with file.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["phone"] not in {said["to"] for said in box.taken}
