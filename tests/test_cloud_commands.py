"""The commands of `cloud-sync`, each as somebody types it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cloud_sync.commands import COMMANDS, main
from cloud_sync.settings import Settings, load_settings
from edge_agent.errors import BadInput
from tests.cloud import TLS
from tests.house import ROOT

Say = Callable[..., str]
SHOP = ("--shop", "Corner Shop", "--zone", "Europe/London", "--currency", "GBP")


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command on a folder of its own; what it printed."""

    def says(*words: str, code: int = 0) -> str:
        assert main([*words, "--data", str(tmp_path / "cloud")]) == code
        out, err = capsys.readouterr()
        return out + err

    return says


def test_from_an_empty_folder_to_a_pairing_code(say: Say, tmp_path: Path) -> None:
    assert "Corner Shop is ready" in say("init", *SHOP)
    said = json.loads(say("owner", "--email", "Ann@Shop.example", "--json"))
    assert said["email"] == "ann@shop.example"
    assert len(said["password"]) == 19
    code = json.loads(say("pair-code", "--json"))
    assert (len(code["code"]), code["shop"]) == (9, "Corner Shop")
    assert "equal their rebuild" in say("verify")
    assert json.loads(say("verify", "--json"))["journals"] == {}
    assert (tmp_path / "cloud" / "cloud.db").exists()


def test_a_second_shop_must_be_named(say: Say) -> None:
    say("init", *SHOP)
    say("init", "--shop", "Other Shop", "--zone", "Europe/Paris", "--currency", "EUR")
    assert "there are: Corner Shop, Other Shop" in say("pair-code", code=1)
    assert "pairs one till with Other Shop" in say("pair-code", "--shop", "Other Shop")
    assert "is there already" in say("init", *SHOP, code=1)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--shop", "S", "--zone", "Mars/Base", "--currency", "GBP"), "--zone"),
        (("--shop", "S", "--zone", "../etc/passwd", "--currency", "GBP"), "--zone"),
        (("--shop", "S", "--zone", "Europe/London", "--currency", "pounds"), "--currency"),
        (("--shop", "\x1b\u202e", "--zone", "Europe/London", "--currency", "GBP"), "--shop"),
    ],
)
def test_a_word_that_is_off_is_named_and_nothing_is_made(
    say: Say, tmp_path: Path, words: tuple[str, ...], names: str
) -> None:
    assert names in say("init", *words, code=1)
    assert not (tmp_path / "cloud").exists()


@pytest.mark.parametrize("command", ["owner --email a@b.c", "pair-code", "verify", "serve"])
def test_without_a_cloud_each_command_says_how_to_make_one(say: Say, command: str) -> None:
    assert "cloud-sync init" in say(*command.split(), code=1)


def test_plain_http_is_not_served_to_other_machines(say: Say) -> None:
    say("init", *SHOP)
    for host in ("0.0.0.0", "192.168.1.2", "::", "shop.example"):
        assert "--cert and --key" in say("serve", "--host", host, code=1)
    assert "go together" in say("serve", "--cert", "x.pem", code=1)
    assert "no file" in say("serve", "--cert", "/nowhere.pem", "--key", "/nowhere.key", code=1)


def test_every_command_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        assert "--data" in capsys.readouterr().out


def test_settings_come_from_the_file_and_the_environment(tmp_path: Path) -> None:
    (tmp_path / "cloud.toml").write_text('public_address = "https://shop.example"\nidle_s = 5\n')
    settings = load_settings(tmp_path, {"DROPSHELF_CLOUD_IDLE_S": "2"})
    assert (settings.public_address, settings.idle_s, settings.secure) == ("https://shop.example", 2, True)
    assert settings.database_url == f"sqlite:///{tmp_path}/cloud.db"
    assert not Settings(data=tmp_path).secure
    (tmp_path / "cloud.toml").write_text("idle = 5\n")
    with pytest.raises(BadInput, match="idle_s"):
        load_settings(tmp_path, {})
    (tmp_path / "cloud.toml").write_text('idle_s = "often"\n')
    with pytest.raises(BadInput, match="often"):
        load_settings(tmp_path, {})


def test_the_service_serves_and_ends_when_it_is_told(say: Say, tmp_path: Path, unused_port: int) -> None:
    say("init", *SHOP)
    data, url = tmp_path / "cloud", f"http://127.0.0.1:{unused_port}"
    line = [sys.executable, "-W", "error", "-m", "cloud_sync", "serve", "--port", str(unused_port), "--data", str(data)]
    service = subprocess.Popen(line, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    try:
        with httpx.Client(base_url=url, trust_env=False, verify=TLS) as http:
            answers = ready(http, service)
            assert answers == {"ready": True}
            assert http.get("/health/live").json() == {"live": True}
            figures = http.get("/metrics").text
            assert "dropshelf_events_received 0" in figures
            assert "dropshelf_tills_inside 0" in figures
            assert "dropshelf_counting_waits_seconds 0" in figures
            assert http.get("/metrics", headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 404
            for path in ("/docs", "/openapi.json", "/redoc"):
                assert http.get(path).status_code == 404
    finally:
        service.terminate()
        _, said = service.communicate(timeout=20)
    assert b"Traceback" not in said, said.decode()


def ready(http: httpx.Client, service: subprocess.Popen[bytes]) -> object:
    deadline = time.monotonic() + 30
    while service.poll() is None and time.monotonic() < deadline:
        try:
            return http.get("/health/ready").json()
        except httpx.TransportError:
            time.sleep(0.05)
    return None


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
