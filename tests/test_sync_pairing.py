"""Pairing, keys and the way out: what is kept, what is refused, and what is said when something is off."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.commands import pair
from edge_agent.errors import BadInput, NotAllowed, Unreachable
from edge_agent.journal.log import Journal
from edge_agent.sync.batch import closed
from edge_agent.sync.http import Door, Refused, checked_address
from edge_agent.sync.keys import load_keys, save_pairing
from edge_agent.wire.messages import SessionRequest
from tests.cloud import Cloud
from tests.paired import a_loop, lines, reopened, until, words
from tests.shop import open_journal, record, scripted_clock, sold
from tests.wire_ import LIES, wire_to


@pytest.fixture
def journal(tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    open_journal(tmp_path / "till").close()
    assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
    journal = reopened(tmp_path)
    yield journal
    journal.close()


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [("device.key", "not hex", "damaged"), ("cloud.json", "{", "damaged"), ("cloud.json", "", "damaged")],
)
def test_damaged_keys_stop_the_sync_and_nothing_else(
    tmp_path: Path, journal: Journal, file: str, text: str, says: str
) -> None:
    (journal.file.parent / "keys" / file).write_text(text)
    loop = a_loop(tmp_path, journal)
    loop.start()
    record(journal, sold(1, "milk"))
    state = loop.state()
    assert (state.paired, state.online, says in state.words) == (True, False, True)
    loop.stop()


def test_an_authority_that_is_gone_is_said(tmp_path: Path, journal: Journal) -> None:
    keys = load_keys(journal.file.parent)
    assert keys is not None
    save_pairing(journal.file.parent, keys.pairing.model_copy(update={"ca": str(tmp_path / "gone.pem")}))
    loop = a_loop(tmp_path, journal)
    loop.start()
    until(lambda: "gone.pem" in loop.state().words, "it says which file")
    loop.stop()


def test_pairing_with_a_wrong_code_says_so_and_changes_nothing(
    tmp_path: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    open_journal(tmp_path / "till").close()
    with pytest.raises(NotAllowed, match="code is wrong"):
        pair.run(words(tmp_path, cloud.url, "0000-0000"))
    with pytest.raises(BadInput, match="no pairing code"):
        pair.run(words(tmp_path, cloud.url, "12"))
    assert load_keys(tmp_path / "till" / "data") is None
    code = cloud.code()
    assert pair.run(words(tmp_path, cloud.url, f"{code[:4]}-{code[4:]}".lower())) == 0
    assert capsys.readouterr().out == "This till is paired with Corner Shop.\n"
    journal = reopened(tmp_path)
    with journal.reading() as memory:
        paired = memory.paired()
        assert paired is not None
        assert paired.catalogue_to == memory.head().seq - 1
    journal.close()


def test_keys_are_readable_by_their_owner_alone_and_say_nothing(journal: Journal) -> None:
    folder = journal.file.parent / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {
        "device.key": 0o600,
        "cloud.json": 0o600,
    }
    credential = json.loads((folder / "cloud.json").read_text())["paired"]["credential"]
    assert credential.encode() not in b"".join(lines(journal))


@pytest.mark.parametrize(
    ("url", "works"),
    [
        ("https://shop.example", True),
        ("https://shop.example:8443/", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://shop.example", False),
        ("http://192.168.1.5:8000", False),
        ("http://127.0.0.1.shop.example", False),
        ("ftp://127.0.0.1", False),
        ("shop.example", False),
        ("https://user:word@shop.example", False),
        ("", False),
    ],
)
def test_plain_http_goes_to_this_machine_alone(url: str, *, works: bool) -> None:
    if works:
        assert checked_address(url) == url.rstrip("/")
    else:
        with pytest.raises(BadInput):
            checked_address(url)


def test_an_answer_without_end_is_cut_off(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIES, "other", (200, "application/json", b" " * 9_000_000, {}))
    asked = SessionRequest(journal="a" * 32, head_seq=0, head_hash="0" * 64, boot="", version="", accept=1)
    with wire_to(cloud.url) as wire, Door(wire.url) as door:
        wire.fate = lambda _path: "other"
        with pytest.raises(Unreachable, match="too long"):
            door.open_session(asked)


def test_a_gateway_that_is_busy_is_waited_for_as_long_as_it_asks(cloud: Cloud) -> None:
    asked = SessionRequest(journal="a" * 32, head_seq=0, head_hash="0" * 64, boot="", version="", accept=1)
    with wire_to(cloud.url) as wire, Door(wire.url) as door:
        wire.fate = lambda _path: "busy"
        with pytest.raises(Refused, match="answers 503") as said:
            door.open_session(asked)
    assert said.value.refusal.error == "BUSY"
    assert said.value.wait_s == 7


def test_a_batch_closes_at_its_bytes_but_never_empty() -> None:
    assert closed([b"x" * 9] * 5, 30) == [b"x" * 9] * 3
    assert closed([b"x" * 90, b"y"], 30) == [b"x" * 90]
    assert closed([], 30) == []
